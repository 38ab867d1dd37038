"""What came out when a window of captured pictures was compared with a model's baseline."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from monitor.drift import Finding


@dataclass(frozen=True)
class Drift:
    """A window of captured pictures compared with the baseline.

    Attributes:
        drifted: None where there were too few pictures to tell, which `sentences` says.
        images: distinct pictures; `repeated` ones came before, `unreadable` ones are none.
        since, until: when the first and the last of the records came; None without any.
        sentences: what was found, in plain words.
    """

    drifted: bool | None
    alpha: float
    images: int
    baseline_images: int
    records: int
    repeated: int
    unreadable: int
    since: datetime | None
    until: datetime | None
    endpoint: str | None
    model: str
    sentences: tuple[str, ...]
    tests: tuple[Finding, ...] = ()

    @property
    def p_value(self) -> float | None:
        """The smallest adjusted one: below alpha, something drifted."""
        return min((test.adjusted for test in self.tests), default=None)

    def as_json(self) -> dict[str, Any]:
        """Plain values, with times in ISO 8601."""
        times = {"since": moment(self.since), "until": moment(self.until)}
        return {**asdict(self), **times, "p_value": self.p_value}


def moment(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
