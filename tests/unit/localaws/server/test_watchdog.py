"""Requests that take too long, and what the log says about them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localaws.server.watchdog import SECONDS, Watchdog

REQUEST = {"REQUEST_METHOD": "POST", "PATH_INFO": "/functions"}


def test_a_request_without_an_answer_is_reported_once_with_its_stack(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    running, released = threading.Event(), threading.Event()

    def stands_still(_environ: Any, _start: Callable[..., Any]) -> Iterable[bytes]:
        running.set()
        assert released.wait(60)
        return [b"at last"]

    watchdog = Watchdog(stands_still)
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(watchdog, REQUEST, lambda *_: None)
        assert running.wait(60)
        watchdog.report(time.monotonic())
        assert caplog.messages == []
        for _ in range(2):
            watchdog.report(time.monotonic() + SECONDS)
        released.set()
        assert answer.result() == [b"at last"]
    (message,) = caplog.messages
    assert message.startswith("POST /functions has no answer after 120 s, in thread 0x")
    thread = message.split("thread ")[1].split(".")[0]
    stacks = capfd.readouterr().err
    assert stacks.count("in stands_still") == 1
    assert thread in stacks

    watchdog.report(time.monotonic() + SECONDS)
    assert len(caplog.messages) == 1
