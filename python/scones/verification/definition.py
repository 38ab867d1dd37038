"""Whether Step Functions accepts the definition, and takes each state where it should go.

`states:TestState` runs one state with a mock of the service's answer, so nothing is called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scones.aws import Account
from scones.json_object import JsonObject
from scones.verification.finding import Finding, ask, ok, problem

CHECK = "state machine"
REMEDY = "Correct states/classify.asl.json."
# What the input of every state has together, so that each path of each state leads somewhere.
ANSWER = {"label": "bicycle", "confidence": 0.97, "inferences": [0.97, 0.03]}
REASON = json.dumps({"label": "bicycle", "confidence": 0.6, "threshold": 0.93})
INPUT: JsonObject = {
    **ANSWER,
    "s3_bucket": "bucket",
    "s3_key": "test/bicycle.png",
    "image_data": "",
    "attribution": {"model": "model", "classes": ["bicycle", "motorcycle"], "threshold": 0.93},
    "image": {"s3_bucket": "bucket", "s3_key": "test/bicycle.png"},
    "error": {"Cause": json.dumps({"errorMessage": REASON}), "errorMessage": REASON},
    "Error": "NotAnImage",
    "Cause": "It is not an image.",
}
CONTEXT = {
    "Execution": {
        "Id": "arn:aws:states:us-east-1:123456789012:execution:name:verify",
        "Name": "verify",
    }
}


@dataclass(frozen=True)
class Case:
    """One way out of a state.

    Attributes:
        mock: the answer or the error of the service that a task calls; None for other states.
        expected: Step Functions' status of the test, and the next state, "" at an end.
    """

    state: str
    way: str
    mock: JsonObject | None
    expected: tuple[str, str]


def check(file: Path, account: Account) -> list[Finding]:
    definition = render(file.read_text(), account)
    return [
        *ask(CHECK, "states:ValidateStateMachineDefinition", lambda: _valid(definition, account)),
        *ask(CHECK, "states:TestState", lambda: _ways(definition, account)),
    ]


def render(template: str, account: Account) -> str:
    """The definition with ARNs of the account in the place of Terraform's."""
    arn = f"arn:{account.partition}"

    def value(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        if name == "partition":
            return account.partition
        if name.endswith("_url"):
            return f"https://sqs.{account.region}.amazonaws.com/{account.id}/{name}"
        if name == "event_bus":
            return name
        return f"{arn}:lambda:{account.region}:{account.id}:function:{name}"

    return re.sub(r"\$\{(\w+)\}", value, template)


def cases(definition: JsonObject) -> Iterator[Case]:
    """Every way out of every state: its success, its retriers and its catchers.

    TestState knows the context object only where a task's answer is mocked: another state that
    reads it is left out.
    """
    for name, state in definition["States"].items():
        if state["Type"] != "Task" and "$$." in json.dumps(state):
            continue
        if state["Type"] == "Fail":
            yield Case(name, "end", None, ("FAILED", ""))
            continue
        mock = {"result": json.dumps(ANSWER)} if state["Type"] == "Task" else None
        yield Case(name, "success", mock, ("SUCCEEDED", state.get("Next", "")))
        for retrier in state.get("Retry", ()):
            error = retrier["ErrorEquals"][0]
            yield Case(name, error, _error(error), ("RETRIABLE", ""))
        for catcher in state.get("Catch", ()):
            for error in catcher["ErrorEquals"]:
                yield Case(name, error, _error(error), ("CAUGHT_ERROR", catcher["Next"]))


def _error(name: str) -> JsonObject:
    return {"errorOutput": {"error": name, "cause": INPUT["error"]["Cause"]}}


def _valid(definition: str, account: Account) -> Iterator[Finding]:
    states = account.client("stepfunctions")
    answer = states.validate_state_machine_definition(definition=definition, type="STANDARD")
    faults = [
        f"{fault.get('location', '')} {fault['message']}".strip()
        for fault in answer["diagnostics"]
        if fault["severity"] == "ERROR"
    ]
    for fault in faults:
        yield problem(CHECK, fault, REMEDY)
    if not faults:
        yield ok(CHECK, "the definition is accepted")


def _ways(definition: str, account: Account) -> Iterator[Finding]:
    ways = list(cases(json.loads(definition)))
    wrong = 0
    for case in ways:
        actual = _take(case, definition, account)
        if actual != case.expected:
            wrong += 1
            text = (
                f"{case.state}, {case.way}: expected {_words(case.expected)}, got {_words(actual)}"
            )
            yield problem(CHECK, text, REMEDY)
    yield ok(CHECK, f"{len(ways) - wrong} of {len(ways)} ways out of its states are right")


def _take(case: Case, definition: str, account: Account) -> tuple[str, str]:
    request: dict[str, object] = {
        "definition": definition,
        "stateName": case.state,
        "input": json.dumps(INPUT),
    }
    if case.mock:
        request["mock"] = {**case.mock, "fieldValidationMode": "NONE"}
        request["context"] = json.dumps(CONTEXT)
    answer = account.client("stepfunctions").test_state(**request)
    return answer["status"], answer.get("nextState", "")


def _words(outcome: tuple[str, str]) -> str:
    status, following = outcome
    return f"{status}, next {following}" if following else status
