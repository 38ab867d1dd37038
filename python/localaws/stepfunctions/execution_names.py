"""Executions of a state machine by their name: moto looks through all of them, twice for each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.models import StateMachine, StateMachineInstance, StepFunctionBackend

from localaws.server.patching import change


class Executions(list[Any]):
    """The list of moto, which also finds an execution by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.by_name: dict[str, Any] = {}

    def append(self, execution: Any) -> None:
        super().append(execution)
        self.by_name[execution.name] = execution


@change(StateMachineInstance, "__init__")
def index_executions(moto: Any, self: Any, *args: Any, **settings: Any) -> None:
    moto(self, *args, **settings)
    self.executions = Executions()


@change(StateMachine)
def _handle_name_input_idempotency(
    moto: Any,
    self: Any,
    name: str,
    execution_input: str,
) -> Any:
    namesake = self.executions.by_name.get(name)
    candidates = [] if namesake is None else [namesake]
    return moto(SimpleNamespace(executions=candidates), name, execution_input)


@change(StepFunctionBackend)
def describe_execution(moto: Any, self: Any, execution_arn: str) -> Any:
    self._validate_execution_arn(execution_arn)
    machine = self._get_state_machine_for_execution(execution_arn)
    name = execution_arn.rpartition(":")[2]
    return machine.executions.by_name.get(name) or moto(self, execution_arn)
