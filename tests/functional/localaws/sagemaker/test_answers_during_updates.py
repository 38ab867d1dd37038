"""Images that are sent while the endpoint changes get the class that the answering model meant."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from accounts import Account
from deployed_workflow import StubModel, Workflow

PERIOD = 0.1  # seconds between two images
AFTERWARDS = 10  # images that are sent after the update

# Each model answers at a confidence of its own, so that an answer shows which one gave it.
BICYCLES = StubModel("bicycles", ("bicycle", "motorcycle"), 0.97)
BUSES = StubModel("buses", ("bus", "motorcycle"), 0.98, seconds=2)
BUILT_IN = StubModel("built-in", ("van", "motorcycle"), 0.99, seconds=2, attributed=False)
MEANT = {model.confidence: model.classes[0] for model in (BICYCLES, BUSES, BUILT_IN)}


@pytest.fixture(scope="module")
def workflow(account: Account) -> Iterator[Workflow]:
    workflow = Workflow(account, BICYCLES)
    yield workflow
    workflow.endpoints.delete_all()


@pytest.mark.parametrize(
    ("model", "last"),
    [
        (replace(BUSES, broken=True), "bicycle"),
        (BUSES, "bus"),
        (BUILT_IN, "van"),
        (BICYCLES, "bicycle"),
    ],
    ids=["rolled back", "other classes", "to the built-in algorithm", "back from it"],
)
def test_no_image_gets_a_class_that_its_model_did_not_mean(
    workflow: Workflow, model: StubModel, last: str
) -> None:
    workflow.begin_update(model)
    executions = [workflow.start()]
    while not workflow.is_updated():
        executions.append(workflow.start())
        time.sleep(PERIOD)
    for number in range(AFTERWARDS):
        if number == AFTERWARDS // 2 and last == model.classes[0]:
            workflow.end_update(model)
        executions.append(workflow.start())
        time.sleep(PERIOD)
    answers = [workflow.answer(arn) for arn in executions]
    assert [
        (confidence, label) for confidence, label in answers if MEANT[confidence] != label
    ] == []
    assert answers[-1][1] == last
