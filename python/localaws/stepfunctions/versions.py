"""Versions and aliases of a state machine: published, listed, deleted, and started.

Terraform lists the versions on every refresh.
"""

from __future__ import annotations

import copy
import random
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.models import StateMachine, StateMachineVersion
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.server.patching import change, fill
from localaws.stepfunctions.api_errors import api_error


@fill(StepFunctionResponse)
def publish_state_machine_version(self: Any) -> ActionResult:
    arn = self._get_param("stateMachineArn")
    revision = self._get_param("revisionId")
    machine = self.stepfunction_backend.describe_state_machine(arn)
    current = getattr(machine, "revision_id", None)
    if revision and revision != current:
        message = (
            f"Failed to publish the State Machine version for revision {revision}. "
            f"The current State Machine revision is {current}."
        )
        raise api_error("ConflictException", message)
    machine.publish(self._get_param("description"))
    version = machine.latest_version
    return ActionResult(
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
    )


@change(StateMachine)
def publish(moto: Any, self: Any, description: str | None) -> None:
    """A revision has one version; moto makes another one for each request."""
    latest = self.latest_version
    is_published = latest is not None and latest.version in self.versions
    if is_published and (latest.definition, latest.roleArn) == (self.definition, self.roleArn):
        return
    moto(self, description)


@fill(StepFunctionResponse)
def list_state_machine_versions(self: Any) -> ActionResult:
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
def delete_state_machine_version(self: Any) -> EmptyResult:
    arn, _, number = self._get_param("stateMachineVersionArn").rpartition(":")
    self.stepfunction_backend.describe_state_machine(arn).versions.pop(int(number), None)
    return EmptyResult()


@change(StepFunctionsParserBackend, "start_execution")
def start_version(moto: Any, self: Any, state_machine_arn: str, *args: Any, **request: Any) -> Any:
    """An execution of a version, or of the version that an alias leads to."""
    alias = _alias(self, state_machine_arn)
    version_arn = _routed(alias) if alias else state_machine_arn
    machine = self.describe_state_machine(version_arn)
    if not isinstance(machine, StateMachineVersion):
        return moto(self, state_machine_arn, *args, **request)
    runner: Any = copy.copy(machine)
    runner.alias_arn = alias.arn if alias else None
    runner.backend = self
    runner.executions = self.describe_state_machine(machine.source_arn).executions
    return moto(BackendOfVersion(self, runner), version_arn, *args, **request)


class BackendOfVersion:
    """The backend, in which every ARN leads to one version."""

    def __init__(self, backend: Any, version: Any) -> None:
        self._backend = backend
        self._version = version

    def describe_state_machine(self, _arn: str) -> Any:
        return self._version

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def _alias(backend: Any, arn: str) -> Any:
    """The alias whose ARN this is, if there is one."""
    machine_arn, _, name = arn.rpartition(":")
    for machine in backend.state_machines:
        if machine.arn == machine_arn:
            return machine.aliases.get(name)
    return None


def _routed(alias: Any) -> str:
    """The ARN of a version, by the weights of the alias."""
    routes = alias.routing_configuration
    (route,) = random.choices(routes, weights=[route["weight"] for route in routes])
    return str(route["stateMachineVersionArn"])


@fill(StateMachineVersion)
def _handle_name_input_idempotency(self: Any, name: str, execution_input: str) -> Any:
    return StateMachine._handle_name_input_idempotency(self, name, execution_input)


@change(Execution, "__init__")
def keep_version(moto: Any, self: Any, **settings: Any) -> None:
    moto(self, **settings)
    machine = settings["state_machine"]
    source = getattr(machine, "source_arn", None)
    self.alias_arn = getattr(machine, "alias_arn", None)
    self.version_arn = machine.arn if source else None
    self.state_machine_arn = source or machine.arn
