"""What became of the pictures so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from scones.simulation.pictures import Picture
from scones.workflow.evaluation import percentile
from scones.workflow.outcomes import Outcome

Fate = Literal["right", "wrong", "unsure", "failed", "open"]
# The live line tells of these alone: old ones say nothing of now, and sorting all of them takes ever longer.
RECENT = 500


@dataclass(frozen=True)
class Sent:
    """A picture on its way, in the execution `arn`; it was sent `at` that moment, `after` so many seconds."""

    picture: Picture
    key: str
    arn: str
    at: datetime
    after: float

    @property
    def inference_id(self) -> str:
        """The execution's name, under which the endpoint's captured traffic has the picture."""
        return self.arn.rpartition(":")[2]

    @property
    def late(self) -> float:
        return self.after - self.picture.due


@dataclass(frozen=True)
class Missed:
    """A picture that could not be sent while it was due."""

    picture: Picture
    why: str


@dataclass(frozen=True)
class Ended:
    """An execution's end."""

    arn: str
    outcome: Outcome


@dataclass
class Tally:
    """Counts what is sent, missed and ended, in whatever order the news come."""

    sent: dict[str, Sent] = field(default_factory=dict)
    missed: list[Missed] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    latencies: list[int] = field(default_factory=list)

    def take(self, news: Sent | Missed | Ended) -> None:
        if isinstance(news, Sent):
            self.sent[news.arn] = news
        elif isinstance(news, Missed):
            self.missed.append(news)
        else:
            self.outcomes[news.arn] = news.outcome
            self.counts[news.outcome.status] += 1
            if news.outcome.status != "failed":
                self.latencies.append(news.outcome.milliseconds)

    @property
    def seconds(self) -> float:
        """When the last picture was sent."""
        return max((sent.after for sent in self.sent.values()), default=0.0)

    @property
    def open(self) -> int:
        """How many executions have not been seen to end."""
        return len(self.sent) - len(self.outcomes)

    def fate(self, sent: Sent) -> Fate:
        outcome = self.outcomes.get(sent.arn)
        if outcome is None:
            return "open"
        if outcome.status != "accepted":
            return outcome.status
        return "right" if outcome.label == sent.picture.truth else "wrong"

    def line(self, total: int, seconds: float) -> str:
        """All of it in less than the 80 characters of a terminal."""
        recent = self.latencies[-RECENT:]
        pace = f", p50/p95 {percentile(recent, 50)}/{percentile(recent, 95)} ms" if recent else ""
        return (
            f"{len(self.sent)}/{total} sent in {seconds:.0f} s, {self.counts['accepted']} routed, "
            f"{self.counts['unsure']} unsure, {self.counts['failed']} failed{pace}"
        )
