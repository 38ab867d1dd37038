"""Whether the local AWS kept up with the images."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scones.simulation.images import SimulatedImage
from scones.simulation.machine_limit import managed_rate
from scones.simulation.tally import Sent, Tally
from scones.workflow.outcomes import Outcome

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def add(tally: Tally, due: float, end: float, status: str = "accepted", late: float = 0.0) -> None:
    number = len(tally.sent)
    image = SimulatedImage(number, due, "bicycle", "test/a.png", "none")
    sent = Sent(image, "test/a.png", f"arn:{number}", AT, due + late)
    milliseconds = round((end - due - late) * 1000)
    tally.add(sent)
    tally.add(
        Outcome(status, "bucket", sent.key, None, None, None, None, None, sent.arn, milliseconds)
    )


def queued(rate: float, limit: float, count: int, startup: float = 0.0) -> Tally:
    """`count` images at `rate`, answered one after the other, `limit` a second at most."""
    tally = Tally()
    end = startup
    for number in range(count):
        due = number / rate
        end = max(end, due) + 1 / limit
        add(tally, due, end)
    return tally


@pytest.mark.parametrize(("rate", "limit"), [(10, 8), (20, 12.3), (100, 5)])
def test_answers_that_come_ever_later_show_the_limit(rate: float, limit: float) -> None:
    assert managed_rate(queued(rate, limit, count=400)) == pytest.approx(limit, rel=0.001)


def test_images_that_are_sent_late_show_it_too() -> None:
    tally = Tally()
    for number in range(100):
        sent = number / 8
        add(tally, number / 10, sent + 0.1, late=sent - number / 10)
    assert managed_rate(tally) == pytest.approx(8)


def test_a_machine_that_keeps_up_has_no_limit() -> None:
    assert managed_rate(queued(10, 100, count=300)) is None


def test_answers_that_are_late_but_not_ever_later_show_no_limit() -> None:
    tally = Tally()
    for number in range(300):
        add(tally, number / 10, number / 10 + 30)
    assert managed_rate(tally) is None


def test_a_slow_start_is_no_limit() -> None:
    assert managed_rate(queued(10, 40, count=300, startup=4)) is None


def test_a_few_answers_after_retries_are_no_limit() -> None:
    tally = queued(10, 100, count=300)
    for number in range(10):
        add(tally, 29 + number / 10, 50)
    assert managed_rate(tally) is None


def test_failed_executions_and_few_answers_show_nothing() -> None:
    tally = Tally()
    for number in range(100):
        add(tally, number / 10, number, status="failed")
    assert managed_rate(tally) is None
    assert managed_rate(queued(10, 1, count=19)) is None
    assert managed_rate(Tally()) is None
