"""Requests to AWS: retried while it is busy."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from scones.aws import TooBusy, call_or_none, call_with_retries


class Busy:
    """A service that is too busy for the first requests."""

    def __init__(self, refusals: int, code: str = "ThrottlingException") -> None:
        self.refusals, self.code, self.asked = refusals, code, 0

    def __call__(self) -> str:
        self.asked += 1
        if self.asked <= self.refusals:
            raise ClientError(
                {"Error": {"Code": self.code, "Message": "Rate exceeded"}}, "StartExecution"
            )
        return "done"


@pytest.mark.parametrize("code", ["ThrottlingException", "ExecutionLimitExceeded"])
def test_a_busy_service_is_asked_again(code: str) -> None:
    busy = Busy(refusals=3, code=code)
    assert call_with_retries(busy, pause=0.001) == "done"
    assert busy.asked == 4


def test_a_service_that_stays_busy_ends_in_a_sentence() -> None:
    with pytest.raises(TooBusy, match="too busy"):
        call_with_retries(Busy(refusals=99), pause=0.0001)


def test_another_refusal_is_not_tried_again() -> None:
    denied = Busy(refusals=99, code="AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        call_with_retries(denied, pause=0.001)
    assert denied.asked == 1


def test_an_error_code_that_means_absence_returns_none() -> None:
    def refuse(code: str) -> None:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "HeadObject")

    assert call_or_none(lambda: "content") == "content"
    assert call_or_none(lambda: refuse("404")) is None
    assert call_or_none(lambda: refuse("Gone"), {"Gone"}) is None
    with pytest.raises(ClientError, match="AccessDenied"):
        call_or_none(lambda: refuse("AccessDenied"))
