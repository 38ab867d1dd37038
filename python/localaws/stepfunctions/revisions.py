"""Revisions of a state machine: their identifier, and the one that an execution runs."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change

# What the first revision lacks: its identifier is null.
REVISED_BY = ("definition", "roleArn")


@change(StateMachine)
def update(moto: Any, self: Any, **changes: Any) -> None:
    before = [getattr(self, name) for name in REVISED_BY]
    moto(self, **changes)
    if before != [getattr(self, name) for name in REVISED_BY]:
        self.revision_id = str(uuid.uuid4())


@change(StepFunctionResponse)
def update_state_machine(moto: Any, self: Any) -> ActionResult:
    return _with_revision(self, moto(self), self._get_param("stateMachineArn"))


@change(StepFunctionResponse)
def describe_state_machine(moto: Any, self: Any) -> ActionResult:
    return _with_revision(self, moto(self), self._get_param("stateMachineArn"))


def _with_revision(response: Any, answer: Any, arn: str) -> ActionResult:
    machine = response.stepfunction_backend.describe_state_machine(arn)
    answer.result["revisionId"] = getattr(machine, "revision_id", None)
    return ActionResult(answer.result)


@change(StepFunctionResponse)
def describe_state_machine_for_execution(_moto: Any, self: Any) -> ActionResult:
    """The state machine as it was when the execution started; moto describes the present one."""
    arn = self._get_param("executionArn")
    execution = self.stepfunction_backend.describe_execution(arn)
    machine = execution.state_machine
    description: JsonObject = {
        "stateMachineArn": execution.state_machine_arn,
        "name": machine.name,
        "definition": machine.definition,
        "roleArn": machine.roleArn,
        "updateDate": machine.update_date,
        "loggingConfiguration": machine.loggingConfiguration,
        "tracingConfiguration": machine.tracingConfiguration,
        "encryptionConfiguration": machine.encryptionConfiguration,
        "revisionId": getattr(machine, "revision_id", None),
    }
    return ActionResult(description)
