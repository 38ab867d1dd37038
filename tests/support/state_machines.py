"""State machines of one state, each for one way in which an execution ends."""

from __future__ import annotations

import json
from typing import Any

from eventually import eventually

ROLE = "arn:aws:iam::123456789012:role/any"
PICTURE = {"s3_bucket": "pictures", "s3_key": "uploads/bike.png"}
CAUSE = json.dumps({"errorMessage": "The picture is empty.", "errorType": "EmptyImage"})
BREAKS = {"Type": "Fail", "Error": "EmptyImage", "Cause": CAUSE}
DOUBTS = {
    "Type": "Fail",
    "Error": "LowConfidence",
    "Cause": json.dumps({"message": "0.6 is below 0.93."}),
}
ACCEPTS = {"Type": "Pass", "End": True}
SLEEPS = {"Type": "Wait", "Seconds": 60, "End": True}


def create(states: Any, only: dict[str, Any], name: str = "scones-local-classify") -> str:
    definition = json.dumps({"StartAt": "Only", "States": {"Only": only}})
    made = states.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    return str(made["stateMachineArn"])


def become(states: Any, machine: str, only: dict[str, Any]) -> None:
    """Have later executions end otherwise."""
    states.update_state_machine(
        stateMachineArn=machine,
        definition=json.dumps({"StartAt": "Only", "States": {"Only": only}}),
    )


def run(states: Any, machine: str, name: str, given: object = PICTURE) -> str:
    """ARN of an execution that has ended."""
    arn = states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))[
        "executionArn"
    ]
    eventually(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
    return str(arn)
