"""Counts the images that were sent and missed, and how their executions ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from scones.simulation.images import SimulatedImage
from scones.workflow.evaluation import percentile
from scones.workflow.outcomes import Outcome

Fate = Literal["right", "wrong", "unsure", "failed", "open"]
# The live line shows the pace of the last executions; to sort all of them would take ever longer.
RECENT = 500


@dataclass(frozen=True)
class Sent:
    """An image that was sent.

    Attributes:
        key: the image's S3 key.
        arn: its execution.
        at: when it was sent.
        after: seconds from the start of the simulation to that moment.
    """

    image: SimulatedImage
    key: str
    arn: str
    at: datetime
    after: float

    @property
    def inference_id(self) -> str:
        """The execution's name, which identifies the image in the endpoint's captured traffic."""
        return self.arn.rpartition(":")[2]

    @property
    def late(self) -> float:
        return self.after - self.image.due


@dataclass(frozen=True)
class Missed:
    """An image that could not be sent in time."""

    image: SimulatedImage
    why: str


@dataclass
class Tally:
    """What was sent, missed and ended; accepts the events in any order."""

    sent: dict[str, Sent] = field(default_factory=dict)
    missed: list[Missed] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    latencies: list[int] = field(default_factory=list)

    def add(self, event: Sent | Missed | Outcome) -> None:
        match event:
            case Sent():
                self.sent[event.arn] = event
            case Missed():
                self.missed.append(event)
            case Outcome():
                self.outcomes[event.execution_arn] = event
                self.counts[event.status] += 1
                if event.status != "failed":
                    self.latencies.append(event.milliseconds)

    @property
    def seconds(self) -> float:
        """When the last image was sent."""
        return max((sent.after for sent in self.sent.values()), default=0.0)

    @property
    def open(self) -> int:
        """The number of executions whose end is unknown."""
        return len(self.sent) - len(self.outcomes)

    def fate(self, sent: Sent) -> Fate:
        outcome = self.outcomes.get(sent.arn)
        if outcome is None:
            return "open"
        if outcome.status != "accepted":
            return outcome.status
        return "right" if outcome.label == sent.image.truth else "wrong"

    def figures(self) -> list[str]:
        """What the row of progress says beside the number of images, the most important first."""
        figures = [
            f"{self.counts['accepted']} routed",
            f"{self.counts['unsure']} unsure",
            f"{self.counts['failed']} failed",
        ]
        recent = self.latencies[-RECENT:]
        if recent:
            figures.append(f"p50/p95 {percentile(recent, 50)}/{percentile(recent, 95)} ms")
        return figures
