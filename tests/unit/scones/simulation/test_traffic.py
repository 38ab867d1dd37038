"""Traffic keeps its pace, and the ends of executions are found with few requests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scones.aws import TooBusy
from scones.errors import UserError
from scones.simulation import sending, traffic
from scones.simulation.images import SimulatedImage
from scones.simulation.interrupts import Interrupts
from scones.simulation.sending import SENDERS
from scones.simulation.tally import Sent, Tally
from scones.simulation.traffic import Traffic
from scones.simulation.watching import Watcher

BEGAN = datetime(2026, 11, 20, tzinfo=UTC)
NOTHING = Interrupts()
PERIOD = 0.02


def planned(count: int, every: float = 0.01) -> list[SimulatedImage]:
    return [
        SimulatedImage(n, n * every, "bicycle", f"test/{n}.png", "none")
        for n in range(1, count + 1)
    ]


def send(image: SimulatedImage, begun: float) -> Sent:
    return Sent(
        image, str(image.staged_key), f"arn:{image.number}", BEGAN, time.monotonic() - begun
    )


class Executions:
    """Step Functions, whose executions end some time after they were first listed or described."""

    def __init__(self, lasts: float = 0.05) -> None:
        self.lasts, self.described, self.listed = lasts, Counter[str](), 0
        self.begun: dict[str, float] = {}

    def send(self, image: SimulatedImage, begun: float) -> Sent:
        sent = send(image, begun)
        self.begun[sent.arn] = time.monotonic()
        return sent

    def list_executions(self, **request: Any) -> dict[str, Any]:
        assert request["statusFilter"] == "RUNNING"
        self.listed += 1
        now = time.monotonic()
        return {
            "executions": [
                {"executionArn": arn}
                for arn, at in list(self.begun.items())
                if now - at < self.lasts
            ]
        }

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        self.described[executionArn] += 1
        running = time.monotonic() - self.begun[executionArn] < self.lasts
        return {
            "executionArn": executionArn,
            "status": "RUNNING" if running else "SUCCEEDED",
            "startDate": BEGAN,
            "stopDate": BEGAN + timedelta(milliseconds=40),
            "output": '{"label": "bicycle", "confidence": 0.99, "inferences": [0.99, 0.01]}',
        }


def run(
    images: list[SimulatedImage],
    states: Any,
    send: Callable[[SimulatedImage, float], Sent] | None = None,
    interrupts: Interrupts = NOTHING,
    on_tick: Callable[[Tally, float, bool], None] = lambda *_: None,
    **settings: float,
) -> Traffic:
    def watch(events: SimpleQueue[Any]) -> Watcher:
        return Watcher(states, "machine", "bucket", events, period=PERIOD)

    return traffic.send_traffic(images, send or states.send, watch, interrupts, on_tick, **settings)


def test_every_image_is_sent_once_and_its_end_is_found() -> None:
    states = Executions()
    done = run(planned(100), states)
    assert [
        sent.image.number
        for sent in sorted(done.tally.sent.values(), key=lambda sent: sent.image.due)
    ] == [*range(1, 101)]
    assert done.tally.outcomes.keys() == done.tally.sent.keys()
    assert {outcome.status for outcome in done.tally.outcomes.values()} == {"accepted"}
    assert done.error is None
    assert done.tally.open == 0


def test_an_execution_is_described_once_however_long_it_takes() -> None:
    states, begun = Executions(lasts=0.5), time.monotonic()
    run(planned(50), states)
    periods = (time.monotonic() - begun) / PERIOD
    assert set(states.described.values()) == {1}
    assert 1 < states.listed <= periods + 10


def test_images_are_sent_when_they_are_due() -> None:
    done = run(planned(50, every=0.02), Executions())
    assert all(-0.001 <= sent.late < 2 for sent in done.tally.sent.values())
    assert 1 <= done.seconds < 5


def test_a_slow_system_does_not_slow_the_arrivals_down() -> None:
    states = Executions()

    def slowly(image: SimulatedImage, begun: float) -> Sent:
        sent = states.send(image, begun)
        time.sleep(0.3)  # one after another, they would take seven seconds
        return sent

    done = run(planned(SENDERS, every=0.01), states, slowly)
    assert max(sent.late for sent in done.tally.sent.values()) < 3


def test_what_cannot_be_sent_in_time_is_not_sent_and_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 2.0)
    states = Executions()

    def slowly(image: SimulatedImage, begun: float) -> Sent:
        time.sleep(3)
        return states.send(image, begun)

    done = run(planned(SENDERS + 10, every=0.001), states, slowly)
    assert len(done.tally.sent) == SENDERS
    assert {missed.image.number for missed in done.tally.missed} == set(
        range(SENDERS + 1, SENDERS + 11)
    )
    assert f"All {SENDERS} senders were still busy" in done.tally.missed[0].why


def test_an_image_refused_by_a_busy_step_functions_is_missed_and_the_others_are_sent() -> None:
    states = Executions()

    def refused(image: SimulatedImage, begun: float) -> Sent:
        if image.number == 3:
            raise TooBusy("AWS is too busy.")
        return states.send(image, begun)

    done = run(planned(10), states, refused)
    assert [missed.image.number for missed in done.tally.missed] == [3]
    assert len(done.tally.sent) == 9


def test_an_error_ends_the_sending_and_what_was_sent_still_counts() -> None:
    states = Executions()
    all_sent = threading.Event()

    def gone(image: SimulatedImage, begun: float) -> Sent:
        # The senders work side by side: the error must not overtake an earlier image.
        if image.number > 20:
            all_sent.wait()
            raise UserError("The state machine does not exist.")
        sent = states.send(image, begun)
        if len(states.begun) == 20:
            all_sent.set()
        return sent

    images = planned(1000)
    done = run(images, states, gone)
    assert isinstance(done.error, UserError)
    assert len(done.tally.outcomes) == len(done.tally.sent) == 20
    assert done.seconds < images[-1].due


def test_executions_that_no_longer_exist_have_failed() -> None:
    class Gone(Executions):
        def describe_execution(self, **_request: Any) -> dict[str, Any]:
            raise ClientError(
                {"Error": {"Code": "ExecutionDoesNotExist", "Message": "no"}}, "DescribeExecution"
            )

        def list_executions(self, **_request: Any) -> dict[str, Any]:
            raise ClientError(
                {"Error": {"Code": "StateMachineDoesNotExist", "Message": "no"}}, "ListExecutions"
            )

    done = run(planned(3), Gone())
    assert [outcome.error for outcome in done.tally.outcomes.values()] == [
        "ExecutionDoesNotExist"
    ] * 3


def test_the_wait_for_an_execution_that_does_not_end_is_limited() -> None:
    done = run(planned(3), Executions(lasts=60), patience=0.3)
    assert done.tally.open == 3
    assert {done.tally.fate(sent) for sent in done.tally.sent.values()} == {"open"}


def test_a_list_that_lags_does_not_cause_a_wrong_outcome() -> None:
    class Lagging(Executions):
        def list_executions(self, **request: Any) -> dict[str, Any]:
            super().list_executions(**request)
            return {"executions": []}

    states = Lagging(lasts=0.2)
    done = run(planned(5), states)
    assert len(done.tally.outcomes) == 5
    assert max(states.described.values()) < 30


def test_after_the_first_interruption_nothing_is_sent_and_running_executions_end() -> None:
    interrupts = Interrupts()
    states = Executions(lasts=0.3)

    def interrupted(image: SimulatedImage, begun: float) -> Sent:
        if image.number == 20:
            interrupts.count = 1
        return states.send(image, begun)

    images = planned(1000)
    done = run(images, states, interrupted, interrupts=interrupts)
    assert 0 < len(done.tally.sent) < 1000
    assert done.tally.open == 0
    assert done.seconds < images[-1].due


def test_after_an_interruption_the_wait_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "GRACE", 0.3)
    interrupts = Interrupts()
    interrupts.count = 1
    started = time.monotonic()
    run(planned(100, every=0), Executions(lasts=60), interrupts=interrupts)
    assert time.monotonic() - started < 30


def test_the_second_interruption_ends_at_once() -> None:
    interrupts = Interrupts()
    interrupts.count = 2
    started = time.monotonic()
    run(planned(100, every=0.5), Executions(lasts=60), interrupts=interrupts)
    assert time.monotonic() - started < 30


def test_the_ticks_see_everything_and_the_last_one_is_marked() -> None:
    seen: list[tuple[int, int, bool]] = []
    run(
        planned(30),
        Executions(),
        on_tick=lambda tally, _s, last: seen.append((len(tally.sent), tally.open, last)),
    )
    assert seen[-1] == (30, 0, True)
    assert [last for _, _, last in seen].count(True) == 1
    assert [count for count, _, _ in seen] == sorted(count for count, _, _ in seen)


def test_images_that_arrive_early_still_count_as_spread_over_the_whole_time() -> None:
    assert run(planned(3), Executions(), seconds=30).seconds == 30
