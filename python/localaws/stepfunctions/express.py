"""EXPRESS state machines: their executions are not kept, and can be waited for.

Source: the API reference of StartSyncExecution. moto runs them as STANDARD ones.
"""

from __future__ import annotations

import copy
import json
import math
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import Execution, SyncExecution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.json_object import JsonObject
from localaws.server.patching import change, fill
from localaws.stepfunctions.api_errors import api_error, invalid_input

BILLED_STEP = 100  # milliseconds
BILLED_MEMORY = 64  # MB, the least


@change(StepFunctionsParserBackend)
def start_execution(
    moto: Any,
    self: Any,
    state_machine_arn: str,
    name: str,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> Any:
    machine = self.describe_state_machine(state_machine_arn)
    if machine.type != "EXPRESS":
        return moto(self, state_machine_arn, name, execution_input, trace_header)
    execution = _new(Execution, self, machine, name, execution_input)
    execution.start()
    return execution


@fill(StepFunctionResponse)
def start_sync_execution(self: Any) -> ActionResult:
    backend = self.stepfunction_backend
    machine = backend.describe_state_machine(self._get_param("stateMachineArn"))
    if machine.type != "EXPRESS":
        message = "This operation is not supported by this type of state machine"
        raise api_error("StateMachineTypeNotSupported", message)
    name = self._get_param("name") or str(uuid.uuid4())
    backend._validate_name(name)
    execution = _new(SyncExecution, backend, machine, name, self._get_param("input"))
    execution.start()  # and runs to its end
    return ActionResult(_describe(execution))


def _new(kind: Any, backend: Any, machine: Any, name: str, execution_input: str | None) -> Any:
    content = "{}" if execution_input is None else execution_input
    try:
        json.loads(content)
    except ValueError as error:
        raise invalid_input(error) from error
    prefix = machine.arn.replace(":stateMachine:", ":express:", 1)
    return kind(
        name=name,
        sm_type="EXPRESS",
        role_arn=machine.roleArn,
        exec_arn=f"{prefix}:{name}:{uuid.uuid4()}",
        account_id=backend.account_id,
        region_name=backend.region_name,
        state_machine=copy.copy(machine),  # as it is now
        start_date=datetime.now(UTC),
        cloud_watch_logging_session=None,
        activity_store={},
        input_data=content,
    )


def _describe(execution: Any) -> JsonObject:
    seconds = (execution.stop_date - execution.start_date).total_seconds()
    billed = math.ceil(seconds * 1000 / BILLED_STEP) * BILLED_STEP
    description: JsonObject = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "startDate": execution.start_date,
        "stopDate": execution.stop_date,
        "status": execution.sync_execution_status.value,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "error": execution.error,
        "cause": execution.cause,
        "billingDetails": {
            "billedMemoryUsedInMB": BILLED_MEMORY,
            "billedDurationInMilliseconds": billed,
        },
    }
    if execution.status == "SUCCEEDED":
        output = to_json_str(execution.output)
        description |= {"output": output, "outputDetails": {"included": True}}
    return description
