"""The history of an execution in pages, from either end."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.patching import change


@change(StepFunctionResponse)
def get_execution_history(_moto: Any, self: Any) -> Any:
    events = list(
        self.stepfunction_backend.get_execution_history(self._get_param("executionArn"))["events"]
    )
    if self._get_param("reverseOrder"):
        events.reverse()
    first = int(self._get_param("nextToken") or 0)
    last = first + int(self._get_param("maxResults") or 1000)
    return ActionResult(
        {"events": events[first:last], "nextToken": str(last) if last < len(events) else None}
    )
