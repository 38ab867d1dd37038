"""A departure of the local AWS from stock moto, as a probe to put to both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts import Account
from botocore.exceptions import BotoCoreError, ClientError

Probe = Callable[[Account], Any]


@dataclass(frozen=True)
class Departure:
    """`patches` are the methods that it changes or adds, as Class.method.

    `answer` is what the probe returns on the local AWS, and on stock moto does not.
    A probe that `spoils_stock` moto for the others is put to it after them.
    """

    probe: Probe
    answer: Any
    patches: tuple[str, ...]
    spoils_stock: bool = False

    @property
    def service(self) -> str:
        """Named after the module of the probe."""
        return self.probe.__module__.rpartition(".")[2].replace("_", " ")

    def __str__(self) -> str:
        return f"{self.service}: {self.probe.__name__}"


DEPARTURES: list[Departure] = []


def departure(*patches: str, answer: Any, spoils_stock: bool = False) -> Callable[[Probe], Probe]:
    """Add the decorated probe to DEPARTURES."""

    def decorate(probe: Probe) -> Probe:
        DEPARTURES.append(Departure(probe, answer, patches, spoils_stock))
        return probe

    return decorate


def outcome(probe: Probe, account: Account) -> Any:
    """What the probe returns, or the code of its error."""
    try:
        return probe(account)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError as error:
        return type(error).__name__
