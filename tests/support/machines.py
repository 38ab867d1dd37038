"""State machines to create and run in tests."""

from __future__ import annotations

import json
import uuid
from typing import Any

from accounts import Account
from eventually import eventually
from roles import make_role

ROLE = "arn:aws:iam::123456789012:role/states"


class Machines:
    def __init__(self, account: Account) -> None:
        self.states = account.client("stepfunctions")
        make_role(account.client("iam"), "states")

    def make(self, definition: dict[str, Any] | str, **settings: Any) -> str:
        text = definition if isinstance(definition, str) else json.dumps(definition)
        name = f"machine-{uuid.uuid4().hex[:8]}"
        created = self.states.create_state_machine(
            name=name, definition=text, roleArn=ROLE, **settings
        )
        return str(created["stateMachineArn"])

    def start(
        self,
        definition: dict[str, Any] | str,
        execution_input: Any = None,
        spelled: str | None = None,
    ) -> str:
        """Start an execution of a new state machine and return its ARN.

        `spelled` is sent as the input in place of the JSON text of `execution_input`.
        """
        text = json.dumps({} if execution_input is None else execution_input)
        started = self.states.start_execution(
            stateMachineArn=self.make(definition),
            name=uuid.uuid4().hex,
            input=text if spelled is None else spelled,
        )
        return str(started["executionArn"])

    def run(self, definition: dict[str, Any] | str, execution_input: Any = None) -> dict[str, Any]:
        """Run an execution and return its description after its end."""
        return self.wait_for_end(self.start(definition, execution_input))

    def events(self, arn: str) -> list[dict[str, Any]]:
        return list(self.states.get_execution_history(executionArn=arn)["events"])

    def wait_for_event(self, arn: str, event_type: str) -> None:
        eventually(lambda: event_type in [event["type"] for event in self.events(arn)])

    def history(
        self, definition: dict[str, Any] | str, execution_input: Any = None
    ) -> list[dict[str, Any]]:
        """Run an execution and return its events."""
        return self.events(self.run(definition, execution_input)["executionArn"])

    def wait_for_end(self, arn: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            execution: dict[str, Any] = self.states.describe_execution(executionArn=arn)
            return execution if execution["status"] != "RUNNING" else None

        execution: dict[str, Any] = eventually(look)
        return execution


def task(action: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A task that calls another service, such as "sqs:sendMessage"."""
    resource = f"arn:aws:states:::{action}"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, **more}


def distributed(processor: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A state machine of one distributed Map, named "Map"."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {**processor, "ProcessorConfig": config}
    return machine(Map={"Type": "Map", "ItemProcessor": processor, **more})


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """States in order: each leads to the next one, unless it is an end or has its own "Next"."""
    names = list(states)
    for name, following in zip(names, [*names[1:], None], strict=True):
        if states[name]["Type"] not in {"Choice", "Fail", "Succeed"} and "Next" not in states[name]:
            transition = {"Next": following} if following else {"End": True}
            states[name] = states[name] | transition
    return {"StartAt": names[0], "States": states}


# A processor of numbers for Map states.
FAIL_ABOVE_2 = machine(
    Big={
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericGreaterThan": 2, "Next": "Fail"}],
        "Default": "Done",
    },
    Fail={"Type": "Fail", "Error": "TooBig", "Cause": "above 2"},
    Done={"Type": "Succeed"},
)
