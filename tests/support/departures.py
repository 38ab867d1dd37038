"""What the local AWS does otherwise than moto, as questions to put to both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts import Account
from botocore.exceptions import BotoCoreError, ClientError

Probe = Callable[[Account], Any]


@dataclass(frozen=True)
class Departure:
    """`patches` are the methods that it takes, as Class.method; `answer` is what the probe gets from the local AWS."""

    probe: Probe
    answer: Any
    patches: tuple[str, ...]

    def __str__(self) -> str:
        return self.probe.__name__


class Departures(list[Departure]):
    def note(self, *patches: str, answer: Any) -> Callable[[Probe], Probe]:
        def decorate(probe: Probe) -> Probe:
            self.append(Departure(probe, answer, patches))
            return probe

        return decorate

    def patches(self) -> set[str]:
        return {patch for departure in self for patch in departure.patches}


def outcome(probe: Probe, account: Account) -> Any:
    """The answer, or the code of the error."""
    try:
        return probe(account)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError as error:
        return type(error).__name__
