"""How often a verb looks while it waits, and for how long."""

from __future__ import annotations

import pytest
from clocks import Clock

from scones.waits import Wait


def test_the_first_look_comes_at_once(clock: Clock) -> None:
    next(Wait(10.0, 1.0, 2.0).looks())
    assert clock.slept == []


def test_pauses_grow_and_the_last_look_comes_when_the_time_is_up(clock: Clock) -> None:
    looks = list(Wait(6.0, 1.0, 1.5).looks())
    assert clock.slept == [1.0, 1.3, 1.5, 1.5, 0.7]
    assert len(looks) == 6
    assert clock.now == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1800.0, "30 minutes"), (300.0, "5 minutes"), (75.0, "75 seconds"), (0.5, "0.5 seconds")],
)
def test_a_message_names_the_time_in_words(seconds: float, text: str) -> None:
    assert str(Wait(seconds, 1.0, 1.0)) == text
