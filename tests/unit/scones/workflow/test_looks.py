"""How often running executions are looked at, of which AWS allows about ten looks per second."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clocks import Clock

from monitor.window import Window
from scones.waits import EXECUTION_ENDS
from scones.workflow import executions, redrive

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:any"
STARTED = datetime(2026, 11, 21, 12, tzinfo=UTC)
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "ListExecutions")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("scones.waits", "scones.workflow.executions"):
        monkeypatch.setattr(f"{module}.time", clock)
    return clock


class States:
    """Executions that take `seconds`, one after another; the service is busy `busy` times."""

    def __init__(self, clock: Clock, seconds: float = 1.0, busy: int = 0) -> None:
        self.clock, self.seconds, self.busy = clock, seconds, busy
        self.looks = 0
        self.began = 0.0

    def start_execution(self, **_: str) -> dict[str, Any]:
        self.began = self.clock.now
        return {"executionArn": "arn"}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        assert executionArn == "arn"
        self.looks += 1
        if self.clock.now < self.began + self.seconds:
            return {"status": "RUNNING"}
        start = datetime.fromtimestamp(self.began, UTC)
        stop = datetime.fromtimestamp(self.began + self.seconds, UTC)
        return {
            "executionArn": "arn",
            "status": "ABORTED",
            "startDate": start,
            "stopDate": stop,
        }

    def list_executions(self, **request: Any) -> dict[str, Any]:
        if self.busy:
            self.busy -= 1
            raise THROTTLED
        assert request["maxResults"] == 1000
        return {"executions": [{"executionArn": "arn", "startDate": STARTED}]}


def classify(states: States, durations: executions.Durations) -> int:
    """Return how often an execution was looked at until it had ended."""
    before = states.looks
    outcome = executions.classify(states, MACHINE, "bucket", "key", EXECUTION_ENDS, durations)
    assert outcome.error == "Aborted"
    return states.looks - before


@pytest.mark.parametrize("seconds", [0.1, 1.0, 8.0])
def test_the_first_look_comes_when_earlier_executions_had_ended(
    clock: Clock, seconds: float
) -> None:
    states, durations = States(clock, seconds), executions.Durations()
    first = classify(states, durations)
    later = [classify(states, durations) for _ in range(5)]
    assert first > 1
    assert later == [1] * 5


def test_an_execution_that_takes_longer_than_others_is_looked_at_again(clock: Clock) -> None:
    durations = executions.Durations()
    durations.add(0.1)
    states = States(clock, 1.0)
    assert 1 < classify(states, durations) < 10
    assert clock.now < 1.5


def test_a_listing_outlasts_a_busy_service(clock: Clock) -> None:
    states = States(clock, busy=1)
    assert list(redrive._list_arns(states, MACHINE, "FAILED", Window())) == ["arn"]
