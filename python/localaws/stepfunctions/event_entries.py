"""events:putEvents: the cause of a failed entry is the service's answer as JSON."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_events import (  # noqa: E501
    SfnFailedEntryCountException,
    StateTaskServiceEvents,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localaws.server.patching import change


@change(StateTaskServiceEvents)
def _from_error(moto: Any, self: Any, env: Any, ex: Exception) -> Any:
    failure = moto(self, env, ex)
    if isinstance(ex, SfnFailedEntryCountException):
        answer: Any = dict(sorted((ex.cause or {}).items()))
        failure.event_details["taskFailedEventDetails"]["cause"] = to_json_str(answer)
    return failure
