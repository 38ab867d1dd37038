"""Choice states: no rule that matches, a variable that is missing, and wildcards of strings."""

from __future__ import annotations

import re
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import (
    ComparisonVariable,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.factory import (
    OperatorFactory,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations import (  # noqa: E501
    string_operators,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localaws.server.patching import change
from localaws.stepfunctions.failures import failure, runtime_failure
from localaws.stepfunctions.json_path_results import find

NO_MATCH = "Failed to transition out of the state. The state does not point to a next state."


@change(StateChoice)
def _eval_state(moto: Any, self: Any, env: Any) -> None:
    try:
        moto(self, env)
    except RuntimeError:  # moto's, where no rule matches and there is no default
        raise failure(env, "States.NoChoiceMatched", NO_MATCH) from None


@change(ComparisonVariable)
def _eval_body(_moto: Any, self: Any, env: Any) -> None:
    """A missing variable fails the state: only IsPresent asks for it. Other types do not match."""
    self.variable.eval(env)
    function = self.comparison_function
    if isinstance(env.stack[-1], NoSuchVariable) and function.operator_type.name != "IsPresent":
        sampler = self.variable.string_sampler
        raise _invalid_path(env, getattr(sampler, "context_object_path", sampler.literal_value))
    depth = len(env.stack)
    try:
        if str(function.value).startswith("$$") and function.operator_type.name.endswith("Path"):
            context = env.states.context_object.context_object_data
            value = find(function.value[1:], context)
            operator: Any = OperatorFactory.get(function.operator_type)
            env.stack[-1] = operator._compare(env.stack[-1], value)
        else:
            function.eval(env)
    except NoSuchJsonPathError as error:
        raise _invalid_path(env, error.json_path) from None
    except TypeError:
        env.stack[depth - 1 :] = [False]


@change(string_operators.StringMatches)
def _compare(_moto: Any, variable: Any, comparison_value: str) -> bool:
    """Only * is a wildcard, and \\* is an asterisk. moto also gives ? and [ a meaning."""
    if not isinstance(variable, str):
        return False
    pattern = ""
    for escaped, character in re.findall(r"\\(.)|(.)", comparison_value, re.DOTALL):
        pattern += ".*" if character == "*" else re.escape(escaped or character)
    return re.fullmatch(pattern, variable, re.DOTALL) is not None


def _invalid_path(env: Any, path: str) -> FailureEventException:
    cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
    return runtime_failure(env, cause)
