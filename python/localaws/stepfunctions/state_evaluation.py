"""How a state is entered, evaluated and left: inputs as spelled, and errors that nothing catches.

A state fails with States.Runtime when it cannot process its data. As on AWS, such an error is not
an event of the state's task, is not retried, and is caught only where a catcher names it.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import (
    HistoryEventExecutionDataDetails,
    HistoryEventType,
    StateEnteredEventDetails,
    StateExitedEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.path.result_path import ResultPath
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import (
    StateParallel,
)
from moto.stepfunctions.parser.asl.component.state.fail.cause_decl import CausePath
from moto.stepfunctions.parser.asl.component.state.fail.error_decl import ErrorPath
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.states import StateData
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localaws.server.patching import change
from localaws.stepfunctions.error_names import RUNTIME
from localaws.stepfunctions.failures import (
    RESULT_PATH,
    entered_event_id,
    failure,
    input_text,
    located_cause,
    runtime_failure,
)
from localaws.stepfunctions.json_path_results import SIMPLE, steps
from localaws.stepfunctions.json_paths import missing_in_template
from localaws.stepfunctions.json_text import iso_date

FAILED_EVENTS = {
    StateMap: HistoryEventType.MapStateFailed,
    StateParallel: HistoryEventType.ParallelStateFailed,
}
WHOLE = HistoryEventExecutionDataDetails(truncated=False)


class RuntimeFailure(BaseException):
    """No Exception, so that it passes the retriers and catchers of moto's states."""

    def __init__(self, failed: FailureEventException) -> None:
        super().__init__()
        self.failed = failed


@change(CommonStateField)
def _eval_body(_moto: Any, self: Any, env: Any) -> None:
    _enter(self, env)
    try:
        self._eval_state_input(env=env)
        self._eval_state(env)
        if not env.is_running():
            return
        self._eval_state_output(env=env)
    except NoSuchJsonPathError as error:
        raise runtime_failure(env, missing_in_template(env, error)) from None
    except RuntimeFailure as error:
        raise error.failed from None
    self._verify_size_quota(env=env, value=env.states.get_input())
    self._set_next(env)
    if self.state_exited_event_type is not None:
        output = to_json_str(env.states.get_input())
        details = StateExitedEventDetails(name=self.name, output=output, outputDetails=WHOLE)
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=self.state_exited_event_type,
            event_details=EventDetails(stateExitedEventDetails=details),
        )


def _enter(state: Any, env: Any) -> None:
    details = StateEnteredEventDetails(name=state.name, inputDetails=WHOLE)
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=state.state_entered_event_type,
        event_details=EventDetails(stateEnteredEventDetails=details),
    )
    context = env.states.context_object.context_object_data
    context["State"] = StateData(EnteredTime=iso_date(datetime.now(UTC)), Name=state.name)
    details["input"] = input_text(env, env.states.get_input())


@change(ExecutionState)
def _evaluate_with_timeout(moto: Any, self: Any, env: Any) -> None:
    try:
        moto(self, env)
    except NoSuchJsonPathError as error:
        failed = runtime_failure(env, missing_in_template(env, error))
        _fail(self, env, failed)
    except FailureEventException as error:
        error_name = error.failure_event.error_name
        if error_name is None or error_name.error_name not in (RUNTIME, RESULT_PATH):
            raise
        _fail(self, env, error)


def _fail(state: Any, env: Any, failed: FailureEventException) -> None:
    """Catch the failure, or else raise it past moto's retriers and catchers."""
    event = failed.failure_event
    failed_event = FAILED_EVENTS.get(type(state))
    ends_at_once = event.event_type == HistoryEventType.ExecutionFailed  # a limit from a path
    if failed_event and not ends_at_once and _has_started(env, state.name):
        env.event_manager.add_event(context=env.event_history_context, event_type=failed_event)
    error, cause = failed.extract_error_cause_pair() or (None, None)
    output = {"Error": error or "", "Cause": located_cause(event, error, cause or "")}
    env.states.set_error_output(output)
    if state.catch:
        state._handle_catch(env=env, failure_event=event)
        if env.stack[-1] == CatchOutcome.Caught:
            return
    raise RuntimeFailure(failed)


def _has_started(env: Any, name: str) -> bool:
    """Whether anything happened in the state since it was entered."""
    return entered_event_id(env, name) != len(env.event_manager._history_event_list)


@change(ResultPath, "_eval_body")
def result_path(moto: Any, self: Any, env: Any) -> None:
    path = self.result_path_src or "$"
    names = steps(path)
    value: Any = env.states.get_input()
    for step in names:
        container: Any = dict if isinstance(step, str) else list
        if not isinstance(value, container):
            cause = f'Unable to apply step "{step}" to input {to_json_str(value)}'
            raise failure(env, RESULT_PATH, cause)
        try:
            value = value[step]
        except LookupError:  # what is missing is made
            break
    if names and SIMPLE.fullmatch(path) and all(isinstance(name, str) for name in names):
        env.stack.append(_with_result(env.states.get_input(), names, env.stack.pop()))
    else:
        moto(self, env)


def _with_result(value: Any, names: list[Any], result: Any) -> Any:
    owner = value
    for name in names[:-1]:
        owner = owner.setdefault(name, {})
    owner[names[-1]] = copy.deepcopy(result)
    return value


@change(ErrorPath, "_eval_body")
def error_path(moto: Any, self: Any, env: Any) -> None:
    moto(self, env)
    _expect_string(self, env, "ErrorPath")


@change(CausePath, "_eval_body")
def cause_path(moto: Any, self: Any, env: Any) -> None:
    moto(self, env)
    _expect_string(self, env, "CausePath")


def _expect_string(component: Any, env: Any, field: str) -> None:
    value = env.stack[-1]
    if not isinstance(value, str):
        path = component.string_expression.literal_value
        cause = f"The {field} parameter does not reference a string: {path} == {to_json_str(value)}"
        raise runtime_failure(env, cause)
