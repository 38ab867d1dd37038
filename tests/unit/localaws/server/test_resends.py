"""Requests that are sent again under the same invocation id."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localaws.server.resends import KEPT, KEPT_BYTES, Resends


class Application:
    """Counts what it carries out, and answers with the number."""

    def __init__(self, *statuses: str, padding: int = 0) -> None:
        self.count = 0
        self._statuses = statuses or ("201 CREATED",)
        self._padding = b" " * padding

    def __call__(self, _environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status = self._statuses[min(self.count, len(self._statuses) - 1)]
        self.count += 1
        start(status, [("X-Number", str(self.count))])
        yield f"number {self.count}".encode()
        yield self._padding


def send(application: Resends, invocation: str | None, method: str = "POST") -> tuple[str, bytes]:
    """Status and body of the answer; the headers must be those of the same answer."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/functions"}
    if invocation:
        environ["HTTP_AMZ_SDK_INVOCATION_ID"] = invocation
    started: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(application(environ, lambda *answer: started.append(answer)))
    ((status, headers),) = started
    assert body.strip() == f"number {dict(headers)['X-Number']}".encode()
    return status, body.strip()


def test_an_invocation_that_is_sent_again_is_carried_out_once() -> None:
    application = Application()
    resends = Resends(application)
    first = send(resends, "a")
    assert send(resends, "a") == send(resends, "a") == first == ("201 CREATED", b"number 1")
    assert application.count == 1


def test_other_invocations_and_those_without_an_id_are_carried_out() -> None:
    resends = Resends(Application())
    bodies = [send(resends, invocation)[1] for invocation in ("a", "b", None, None)]
    assert bodies == [b"number 1", b"number 2", b"number 3", b"number 4"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_is_carried_out_again(method: str) -> None:
    resends = Resends(Application())
    assert send(resends, "a", method) != send(resends, "a", method)


@pytest.mark.parametrize("status", ["500 ERROR", "429 TOO MANY REQUESTS", "400 BAD REQUEST"])
def test_a_refused_request_is_tried_again(status: str) -> None:
    resends = Resends(Application(status, "201 CREATED"))
    assert [send(resends, "a")[0] for _ in range(3)] == [status, "201 CREATED", "201 CREATED"]


def test_an_attempt_waits_for_the_former_one() -> None:
    running, released = threading.Event(), threading.Event()
    slow = Application()

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        running.set()
        assert released.wait(60)
        return slow(environ, start)

    resends = Resends(application)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(send, resends, "a")
        assert running.wait(60)
        second = threads.submit(send, resends, "a")
        released.set()
        assert first.result() == second.result()
    assert slow.count == 1


def test_after_an_application_that_raises_the_next_attempt_is_carried_out() -> None:
    application = Application()

    def broken_at_first(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not application.count:
            application.count = 1
            raise ValueError("broken")
        return application(environ, start)

    resends = Resends(broken_at_first)
    with pytest.raises(ValueError, match="broken"):
        send(resends, "a")
    assert send(resends, "a") == ("201 CREATED", b"number 2")


def test_few_and_small_answers_are_kept() -> None:
    resends = Resends(Application())
    send(resends, "old")
    for number in range(KEPT):
        send(resends, str(number))
    assert send(resends, "old")[1] == f"number {KEPT + 2}".encode()

    large = Resends(Application(padding=KEPT_BYTES))
    assert send(large, "a") != send(large, "a")
