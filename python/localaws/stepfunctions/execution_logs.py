"""The logs of executions: in the log group of the state machine, not in the server's own log."""

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

from localaws.json_object import JsonObject
from localaws.server.patching import change

log = logging.getLogger(__name__)


@change(Execution, "__init__")
def keep_logging(moto: Any, self: Any, **settings: Any) -> None:
    machine = settings["state_machine"]
    logging_settings = machine.loggingConfiguration
    if logging_settings:
        logging_settings = {"includeExecutionData": False, **logging_settings}
    configuration = CloudWatchLoggingConfiguration.from_logging_configuration(
        machine.arn, logging_settings
    )
    session = None
    if configuration:
        session = CloudWatchLoggingSession(settings["exec_arn"], configuration)
    moto(self, **{**settings, "cloud_watch_logging_session": session})


@change(CloudWatchLoggingSession)
def publish_history_log(_moto: Any, self: Any, history_log: JsonObject) -> None:
    """moto passes the event on in a form that its own log backend refuses."""
    logs = self._logs_client
    group = self.configuration.log_group_name
    stream = self.configuration.log_stream_name
    if group not in logs.groups:
        return  # as on AWS, the lines for a deleted group are lost
    if stream not in logs.groups[group].streams:
        logs.create_log_stream(group, stream)
    milliseconds = int(time.time() * 1000)
    redrives = str(getattr(self, "redrive_count", 0))
    line = {**history_log, "event_timestamp": str(milliseconds), "redrive_count": redrives}
    message = to_json_str(line)
    logs.put_log_events(group, stream, [{"timestamp": milliseconds, "message": message}])


@change(EvalComponent)
def _log_failure_event_exception(_moto: Any, _self: Any, failure_event_exception: Any) -> None:
    """The history reports a state that fails. moto also logs the whole program for each."""
    log.debug("A state failed: %s", failure_event_exception.failure_event.error_name)


@change(EvalComponent)
def _log_exception(_moto: Any, _self: Any, exception: Exception) -> None:
    log.debug("A state failed: %r", exception)
