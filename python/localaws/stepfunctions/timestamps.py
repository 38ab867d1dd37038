"""Timestamps in Choice and Wait states: any offset and fractions of a second, as in RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.is_operator import (  # noqa: E501
    IsTimestamp,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localaws.server.patching import change
from localaws.stepfunctions.failures import runtime_failure

PATTERN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@change(IsTimestamp)
def string_to_timestamp(_moto: Any, string: Any) -> datetime | None:
    return parse(string)


@change(Timestamp)
def _from_timestamp_string(_moto: Any, timestamp: Any) -> datetime | None:
    return parse(timestamp)


@change(Timestamp)
def _get_wait_seconds(_moto: Any, self: Any, env: Any) -> float:
    try:
        self.string.eval(env=env)
    except NoSuchJsonPathError as error:
        cause = f"The TimestampPath parameter does not reference an input value: {error.json_path}"
        raise runtime_failure(env, cause) from None
    text = env.stack.pop()
    end = parse(text)
    if end is None:
        raise FailureEventException(self._create_failure_event(env, text))
    return (end - datetime.now(UTC)).total_seconds()


def parse(text: Any) -> datetime | None:
    if not isinstance(text, str) or not PATTERN.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # such as a month 13
        return None
