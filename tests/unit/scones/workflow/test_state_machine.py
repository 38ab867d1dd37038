"""The state machine's definition, held against the functions that it calls and the Terraform that fills it in."""

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


def errors(function: str) -> set[str]:
    """The exception classes that lambdas/<function>.py defines."""
    tree = ast.parse((ROOT / "lambdas" / f"{function}.py").read_text())
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def caught(state: dict[str, Any]) -> dict[str, str]:
    return {
        error: catch["Next"] for catch in state.get("Catch", []) for error in catch["ErrorEquals"]
    }


def successors(state: dict[str, Any]) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    yield from (catch["Next"] for catch in state.get("Catch", []))


def function_timeouts() -> dict[str, int]:
    """Seconds after which Terraform lets Lambda stop each function."""
    modules = hcl2.loads((ROOT / "terraform" / "functions.tf").read_text())["module"]
    return {
        name.strip('"'): block["timeout"] for module in modules for name, block in module.items()
    }


def test_the_definition_fits_one_step_per_function() -> None:
    assert CALLS == {
        "Serialize image": "serialize_image",
        "Classify image": "classify_image",
        "Filter confidence": "filter_confidence",
    }


def test_captured_traffic_bears_the_executions_name() -> None:
    fields = {f"{field}.$": f"$.{field}" for field in ("s3_bucket", "s3_key", "image_data")}
    assert STATES["Classify image"]["Parameters"] == {
        **fields,
        "inference_id.$": "$$.Execution.Name",
    }


def test_every_state_is_reached_and_exists() -> None:
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
def test_every_task_ends_in_time_and_tries_again_with_jitter(name: str) -> None:
    state = TASKS[name]
    assert state["TimeoutSeconds"] < json.loads(TEXT)["TimeoutSeconds"]
    assert state["Retry"]
    for retry in state["Retry"]:
        assert retry["JitterStrategy"] == "FULL"
        assert retry["MaxDelaySeconds"] <= 20


@pytest.mark.parametrize("name", CALLS)
def test_a_function_stops_by_itself_before_its_task_gives_up(name: str) -> None:
    assert function_timeouts()[CALLS[name]] < TASKS[name]["TimeoutSeconds"]


@pytest.mark.parametrize("name", CALLS)
def test_a_service_fault_of_lambda_is_tried_again(name: str) -> None:
    assert LAMBDA_FAULTS in [set(retry["ErrorEquals"]) for retry in TASKS[name]["Retry"]]


def test_an_endpoint_error_is_tried_again_and_nothing_else_of_ours() -> None:
    retried = {
        error
        for state in TASKS.values()
        for retry in state["Retry"]
        for error in retry["ErrorEquals"]
    }
    assert retried - LAMBDA_FAULTS == {"EndpointError", "States.TaskFailed"}
    assert {"EndpointError"} in [
        set(retry["ErrorEquals"]) for retry in STATES["Classify image"]["Retry"]
    ]


@pytest.mark.parametrize("name", CALLS)
def test_only_errors_that_the_function_raises_are_caught(name: str) -> None:
    assert set(caught(TASKS[name])) <= errors(CALLS[name])


@pytest.mark.parametrize("name", ["Serialize image", "Classify image"])
def test_each_error_that_makes_a_picture_unusable_is_told_as_such(name: str) -> None:
    assert caught(TASKS[name]) == dict.fromkeys(errors(CALLS[name]) & UNUSABLE, "Unusable image")


def test_low_confidence_goes_to_people_and_ends_under_its_own_name() -> None:
    assert caught(STATES["Filter confidence"]) == {"LowConfidence": "Describe low confidence"}
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
    assert entry["Detail"] == {f"{field}.$": f"$.{field}" for field in fields}
