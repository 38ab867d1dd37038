"""Versions of a state machine: listed and deleted. Terraform lists them on every refresh."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.server.patching import fill


@fill(StepFunctionResponse)
def list_state_machine_versions(self: Any) -> Any:
    arn = self._get_param("stateMachineArn")
    versions = self.stepfunction_backend.describe_state_machine(arn).versions
    summaries = []
    for number in sorted(versions, reverse=True):  # the newest first
        version = versions[number]
        summaries.append(
            {
                "stateMachineVersionArn": version.arn,
                "creationDate": version.creation_date,
            }
        )
    return ActionResult({"stateMachineVersions": summaries})


@fill(StepFunctionResponse)
def delete_state_machine_version(self: Any) -> Any:
    arn, _, number = self._get_param("stateMachineVersionArn").rpartition(":")
    self.stepfunction_backend.describe_state_machine(arn).versions.pop(int(number), None)
    return EmptyResult()
