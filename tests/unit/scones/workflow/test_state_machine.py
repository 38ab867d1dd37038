"""The state machine's definition agrees with its functions and with Terraform."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

import hcl2
import pytest
from paths import ROOT

TEXT = (ROOT / "states" / "classify.asl.json").read_text()
STATES: dict[str, Any] = json.loads(TEXT)["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
CALLS = {
    name: state["Resource"].strip("${}")
    for name, state in TASKS.items()
    if state["Resource"].startswith("$")
}
UNUSABLE = {
    "MissingKeys",
    "NoSuchBucket",
    "NoSuchObject",
    "EmptyImage",
    "NotAnImage",
    "ImageTooLarge",
}
LAMBDA_FAULTS = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}


def defined_errors(function: str) -> set[str]:
    """Return the exception classes that lambdas/<function>.py defines."""
    tree = ast.parse((ROOT / "lambdas" / f"{function}.py").read_text())
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def caught_errors(state: dict[str, Any]) -> dict[str, str]:
    """Return the next state of each caught error."""
    next_states = {}
    for catch in state.get("Catch", []):
        next_states |= dict.fromkeys(catch["ErrorEquals"], catch["Next"])
    return next_states


def successors(state: dict[str, Any]) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    yield from (catch["Next"] for catch in state.get("Catch", []))


def function_timeouts() -> dict[str, int]:
    """Return the timeout of each function in seconds, from Terraform."""
    modules = hcl2.loads((ROOT / "terraform" / "functions.tf").read_text())["module"]
    return {
        name.strip('"'): block["timeout"] for module in modules for name, block in module.items()
    }


def test_each_function_is_one_step() -> None:
    assert CALLS == {
        "Serialize image": "serialize_image",
        "Classify image": "classify_image",
        "Filter confidence": "filter_confidence",
    }


def test_captured_traffic_carries_the_executions_name() -> None:
    fields = {f"{field}.$": f"$.{field}" for field in ("s3_bucket", "s3_key", "image_data")}
    assert STATES["Classify image"]["Parameters"] == {
        **fields,
        "inference_id.$": "$$.Execution.Name",
    }


def test_every_state_exists_and_is_reachable() -> None:
    reached, waiting = set(), [json.loads(TEXT)["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(successors(STATES[name]))
    assert reached == set(STATES)


def test_terraform_fills_in_every_placeholder() -> None:
    workflow = (ROOT / "terraform" / "workflow.tf").read_text()
    block = re.search(r"templatefile\([^,]+, \{(.*?)\}\)", workflow, re.DOTALL)
    assert set(re.findall(r"\$\{(\w+)\}", TEXT)) == set(
        re.findall(r"^\s+(\w+)\s+=", block[1], re.MULTILINE)
    )


@pytest.mark.parametrize("name", TASKS)
def test_every_task_times_out_before_the_execution_and_retries_with_jitter(name: str) -> None:
    state = TASKS[name]
    assert state["TimeoutSeconds"] < json.loads(TEXT)["TimeoutSeconds"]
    assert state["Retry"]
    for retry in state["Retry"]:
        assert retry["JitterStrategy"] == "FULL"
        assert retry["MaxDelaySeconds"] <= 20


@pytest.mark.parametrize("name", CALLS)
def test_a_function_times_out_before_its_task(name: str) -> None:
    assert function_timeouts()[CALLS[name]] < TASKS[name]["TimeoutSeconds"]


@pytest.mark.parametrize("name", CALLS)
def test_a_service_fault_of_lambda_is_retried(name: str) -> None:
    assert LAMBDA_FAULTS in [set(retry["ErrorEquals"]) for retry in TASKS[name]["Retry"]]


def test_of_our_own_errors_only_those_that_pass_are_retried() -> None:
    retried = {
        error
        for state in TASKS.values()
        for retry in state["Retry"]
        for error in retry["ErrorEquals"]
    }
    passing = {"Classify image": "EndpointError", "Filter confidence": "UnattributedAnswer"}
    assert retried - LAMBDA_FAULTS == {*passing.values(), "States.TaskFailed"}
    for state, error in passing.items():
        assert [error] in [retry["ErrorEquals"] for retry in STATES[state]["Retry"]]
        assert error in defined_errors(CALLS[state])


@pytest.mark.parametrize("name", CALLS)
def test_only_errors_that_the_function_raises_are_caught(name: str) -> None:
    assert set(caught_errors(TASKS[name])) <= defined_errors(CALLS[name])


@pytest.mark.parametrize("name", ["Serialize image", "Classify image"])
def test_each_error_of_an_unusable_image_is_caught(name: str) -> None:
    assert caught_errors(TASKS[name]) == dict.fromkeys(
        defined_errors(CALLS[name]) & UNUSABLE, "Unusable image"
    )


def test_low_confidence_goes_to_human_review_and_ends_under_its_own_name() -> None:
    assert caught_errors(STATES["Filter confidence"]) == {
        "LowConfidence": "Describe low confidence"
    }
    assert STATES["Describe low confidence"]["Next"] == "Queue for review"
    assert STATES["Queue for review"]["Next"] == "Unsure"
    assert STATES["Unsure"]["Error"] == "LowConfidence"


def test_an_unusable_image_fails_under_the_functions_error() -> None:
    assert (STATES["Unusable image"]["ErrorPath"], STATES["Unusable image"]["CausePath"]) == (
        "$.Error",
        "$.Cause",
    )


def test_the_vehicle_event_carries_what_a_route_needs() -> None:
    (entry,) = STATES["Route driver"]["Parameters"]["Entries"]
    assert (entry["Source"], entry["DetailType"]) == ("scones.workflow", "Vehicle classified")
    fields = {"s3_bucket", "s3_key", "label", "confidence", "inferences"}
    assert entry["Detail"] == {
        **{f"{field}.$": f"$.{field}" for field in fields},
        "model.$": "$.attribution.model",
    }
