"""How executions end: at once at their timeout or when they are stopped, and with one event.

moto waits for what runs: a retrier's pause, a function, another service.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from moto.stepfunctions.parser.api import (
    ExecutionAbortedEventDetails,
    ExecutionTimedOutEventDetails,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import (
    MaxAttemptsOutcome,
)
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from localaws.server.patching import change

GLANCE = 0.05  # seconds between looks at whether an execution was stopped
GRACE = 0.5  # seconds in which what can be interrupted ends, and says so
ENDINGS = {
    HistoryEventType.ExecutionAborted,
    HistoryEventType.ExecutionFailed,
    HistoryEventType.ExecutionSucceeded,
    HistoryEventType.ExecutionTimedOut,
}


@change(EventManager, "__init__")
def open_history(moto: Any, self: Any, *args: Any, **settings: Any) -> None:
    moto(self, *args, **settings)
    self.gate = threading.RLock()
    self.has_ended = False
    self.input_text = None


@change(ExecutionWorker)
def _get_evaluation_environment(moto: Any, self: Any) -> Any:
    env = moto(self)
    env.event_manager.input_text = self._execution_communication.execution.execution_input
    return env


@change(EventManager)
def add_event(moto: Any, self: Any, context: Any, event_type: Any, **settings: Any) -> int:
    """Nothing follows the end, where a task still runs. The start has the input as spelled."""
    with self.gate:
        if self.has_ended or getattr(context, "is_closed", False):
            return 0
        self.has_ended = event_type in ENDINGS
        if event_type == HistoryEventType.ExecutionStarted and self.input_text is not None:
            details = settings["event_details"]["executionStartedEventDetails"]
            details["input"] = self.input_text
        return int(moto(self, context=context, event_type=event_type, **settings))


@change(Program)
def eval(moto: Any, self: Any, env: Any) -> None:  # noqa: A001  moto's name
    if env.is_frame():
        moto(self, env)
        return
    env.next_state_name = self.start_at.start_at_name
    seconds = self.timeout_seconds.timeout_seconds if self.timeout_seconds else None
    deadline = time.monotonic() + seconds if seconds else None
    worker = threading.Thread(target=EvalComponent.eval, args=(self, env), daemon=True)
    worker.start()
    while worker.is_alive():
        worker.join(GLANCE)
        state = env._program_state
        if isinstance(state, ProgramStopped):
            worker.join(GRACE)
            _abort(env, state)
            return
        if deadline and time.monotonic() >= deadline and env.is_running():
            env.set_timed_out()
            worker.join(GRACE)
            _time_out(env)
            return


@change(Environment)
def set_error(moto: Any, self: Any, error: Any) -> None:
    """A task that fails after the end of its execution does not change how it ended."""
    if not isinstance(self._program_state, ProgramStopped | ProgramTimedOut):
        moto(self, error=error)


def _abort(env: Any, state: ProgramStopped) -> None:
    env.event_history_context.source_event_id = 0
    details = ExecutionAbortedEventDetails(error=state.error, cause=state.cause)
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.ExecutionAborted,
        event_details=EventDetails(executionAbortedEventDetails=details),
    )


def _time_out(env: Any) -> None:
    details = ExecutionTimedOutEventDetails()
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.ExecutionTimedOut,
        event_details=EventDetails(executionTimedOutEventDetails=details),
    )


@change(WaitFunction)
def _wait_interval(_moto: Any, _self: Any, env: Any, wait_seconds: float) -> None:
    """moto counts whole seconds, and may wait one more."""
    _pause(env, wait_seconds)


@change(RetrierDecl)
def _eval_body(_moto: Any, self: Any, env: Any) -> None:
    """moto sleeps until the next attempt, also where the execution has ended meanwhile."""
    self.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    self.max_attempts.eval(env=env)
    if env.stack.pop() == MaxAttemptsOutcome.EXHAUSTED:
        env.stack.append(RetrierOutcome.Failed)
        return
    parts = (self.interval_seconds, self.backoff_rate, self.max_delay_seconds, self.jitter_strategy)
    for part in parts:
        part.eval(env=env)
    _pause(env, env.stack.pop())
    env.stack.append(RetrierOutcome.Executed)


def _pause(env: Any, seconds: float) -> None:
    """Wait, unless the execution ends meanwhile."""
    deadline = time.monotonic() + seconds
    while env.is_running() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, GLANCE))
