"""Where executions leave their traces: in the log group of the state machine, and not in the server's own log."""

from __future__ import annotations

import logging
import time
from typing import Any

from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.eval.event.logging import (
    CloudWatchLoggingConfiguration,
    CloudWatchLoggingSession,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import Execution

from localaws.server.patching import change

log = logging.getLogger(__name__)


@change(Execution, "__init__")
def keep_logging(moto: Any, self: Any, **facts: Any) -> None:
    machine = facts["state_machine"]
    settings = machine.loggingConfiguration and {
        "includeExecutionData": False,
        **machine.loggingConfiguration,
    }
    wanted = CloudWatchLoggingConfiguration.from_logging_configuration(machine.arn, settings)
    session = CloudWatchLoggingSession(facts["exec_arn"], wanted) if wanted else None
    moto(self, **{**facts, "cloud_watch_logging_session": session})


@change(CloudWatchLoggingSession)
def publish_history_log(_moto: Any, self: Any, history_log: dict[str, Any]) -> None:
    """moto hands the event on in a form that its own log backend does not take."""
    logs, group, stream = (
        self._logs_client,
        self.configuration.log_group_name,
        self.configuration.log_stream_name,
    )
    if group not in logs.groups:
        return  # as on AWS, a group that was deleted takes the lines with it
    if stream not in logs.groups[group].streams:
        logs.create_log_stream(group, stream)
    milliseconds = int(time.time() * 1000)
    record = {**history_log, "event_timestamp": str(milliseconds)}
    logs.put_log_events(
        group, stream, [{"timestamp": milliseconds, "message": to_json_str(record)}]
    )


@change(EvalComponent)
def _log_failure_event_exception(_moto: Any, _self: Any, failure_event_exception: Any) -> None:
    """A state that fails is an answer, told in the history. moto logs the whole program for each."""
    log.debug("A state failed: %s", failure_event_exception.failure_event.error_name)


@change(EvalComponent)
def _log_exception(_moto: Any, _self: Any, exception: Exception) -> None:
    log.debug("A state failed: %r", exception)
