"""The time that a training has left: steady, and honest."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from scones.training.pace import Pace

LOGGED = 1_700_000_000.0  # when the first epoch was logged, in seconds since 1970


def shown(lengths: list[float], poll: float = 8.0) -> Iterator[tuple[float, float]]:
    """Seconds that are shown and that are true, once a second; lines are read every `poll`."""
    pace = Pace(len(lengths))
    ends = list(itertools.accumulate(lengths))
    seen = 0
    for second in range(int(ends[-1])):
        if second % poll == 0:
            while seen < len(ends) and ends[seen] <= second:
                pace.add(seen + 1, LOGGED + ends[seen], lengths[seen], float(second))
                seen += 1
        if seen:
            yield pace.seconds_left(float(second)), ends[-1] - second


def test_with_even_epochs_it_counts_down_and_never_up() -> None:
    estimates = [estimate for estimate, _ in shown([1.2] * 150)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(estimates))


def test_it_is_right_to_a_tenth_after_a_tenth_of_the_epochs() -> None:
    pairs = list(shown([4.0, *[1.2] * 149]))[15:]
    assert all(abs(estimate - true) <= 0.1 * true + 8 for estimate, true in pairs)


def test_uneven_epochs_do_not_make_it_jump() -> None:
    lengths = [1.0 + 0.8 * (number % 3) for number in range(150)]
    estimates = [estimate for estimate, _ in shown(lengths)][10:]
    rises = [later - earlier for earlier, later in itertools.pairwise(estimates)]
    assert max(rises) <= 0


def test_a_machine_that_becomes_half_as_fast_is_not_concealed() -> None:
    estimate, true = list(shown([1.0] * 50 + [2.0] * 100))[200]
    assert 0.7 * true < estimate < 1.3 * true


def test_a_resumed_job_counts_only_the_epochs_that_were_seen() -> None:
    pace = Pace(100)
    pace.add(60, LOGGED, 9.0, 0.0)
    pace.add(61, LOGGED + 2, 2.0, 2.0)
    assert pace.seconds_left(2.0) == 78


def test_it_is_written_in_seconds_near_the_end_and_in_whole_minutes_before() -> None:
    pace = Pace(101)
    assert pace.text(0.0) == "", "nothing is known before the first epoch"
    pace.add(1, LOGGED, 2.5, 0.0)
    assert pace.text(0.0) == "5 min left"
    assert pace.text(200.0) == "50 s left"
    assert pace.text(1000.0) == "0 s left"
