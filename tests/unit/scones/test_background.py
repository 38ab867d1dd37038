"""Work in a thread of its own."""

from __future__ import annotations

import threading

import pytest

from scones.background import Background
from scones.errors import UserError


def test_it_begins_once_and_before_its_result_is_asked_for() -> None:
    begun = threading.Event()
    calls = []

    def work() -> int:
        calls.append(threading.current_thread().name)
        begun.set()
        return 1

    background = Background(work)
    background.start()
    assert begun.wait(60)
    background.start()
    assert (background.result(), background.result()) == (1, 1)
    assert len(calls) == 1
    assert calls[0] != threading.current_thread().name


def test_without_a_start_it_begins_when_its_result_is_asked_for() -> None:
    assert Background(lambda: 1).result() == 1


def test_its_error_is_raised_where_the_result_is_asked_for() -> None:
    def fail() -> None:
        raise UserError("It is not an archive.")

    background = Background(fail)
    background.start()
    with pytest.raises(UserError, match="It is not an archive"):
        background.result()
