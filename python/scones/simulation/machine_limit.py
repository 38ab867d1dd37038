"""Whether the local AWS kept up with the images: on one machine, executions wait for the processor.

AWS has no such limit, so this is asked for TARGET=local only.
"""

from __future__ import annotations

from collections.abc import Sequence

from scones.simulation.tally import Tally

# The pace is measured between these shares of the answers: the first ones start the functions'
# sandboxes, and a few last ones may have been retried.
FIRST_SHARE = 0.25
LAST_SHARE = 0.95
FEWEST = 20  # answers
# Seconds by which the answers fall behind the images in that time. A machine that keeps up answers
# late, perhaps, but not ever later.
LAG = 1.0


def managed_rate(tally: Tally) -> float | None:
    """The images per second that the machine managed; None where it kept up.

    Failed executions do not count: they may have waited for a retry.
    """
    due = []
    answered = []
    for sent in tally.sent.values():
        outcome = tally.outcomes.get(sent.arn)
        if outcome and outcome.status != "failed":
            due.append(sent.image.due)
            answered.append(sent.after + outcome.milliseconds / 1000)
    if len(answered) < FEWEST:
        return None
    count, seconds = _middle(sorted(answered))
    _, seconds_due = _middle(sorted(due))
    return count / seconds if seconds - seconds_due > LAG else None


def _middle(times: Sequence[float]) -> tuple[int, float]:
    """The number of times between the two shares, and the seconds that they cover."""
    first = int(FIRST_SHARE * (len(times) - 1))
    last = int(LAST_SHARE * (len(times) - 1))
    return last - first, times[last] - times[first]
