"""State machines of one state, one for each way that an execution can end."""

from __future__ import annotations

import json
from typing import Any

from eventually import eventually

ROLE = "arn:aws:iam::123456789012:role/any"
IMAGE = {"s3_bucket": "images", "s3_key": "uploads/bike.png"}
CAUSE = json.dumps({"errorMessage": "The image is empty.", "errorType": "EmptyImage"})
FAILS = {"Type": "Fail", "Error": "EmptyImage", "Cause": CAUSE}
UNSURE = {
    "Type": "Fail",
    "Error": "LowConfidence",
    "Cause": json.dumps({"message": "0.6 is below 0.93."}),
}
ACCEPTS = {"Type": "Pass", "End": True}
WAITS = {"Type": "Wait", "Seconds": 60, "End": True}


def create(states: Any, state: dict[str, Any], name: str = "scones-local-classify") -> str:
    definition = json.dumps({"StartAt": "Only", "States": {"Only": state}})
    response = states.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    return str(response["stateMachineArn"])


def replace_state(states: Any, machine: str, state: dict[str, Any]) -> None:
    """Make later executions of the state machine run `state`."""
    states.update_state_machine(
        stateMachineArn=machine,
        definition=json.dumps({"StartAt": "Only", "States": {"Only": state}}),
    )


def run(states: Any, machine: str, name: str, event: object = IMAGE) -> str:
    """Start an execution and return its ARN once it has ended."""
    arn = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(event))[
        "executionArn"
    ]
    eventually(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
    return str(arn)
