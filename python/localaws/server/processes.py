"""Descendants and ends of processes. A zombie has ended and only waits for its parent to notice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil


def descendants(pid: int) -> set[int]:
    """Every running process below `pid`, without itself."""
    try:
        children = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return set()
    return {child.pid for child in children if _runs(child.pid)}


def wait_for_end(pids: Iterable[int], seconds: float) -> set[int]:
    """Wait until none of `pids` runs; returns those that still run after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        running = {pid for pid in pids if _runs(pid)}
        if not running or time.monotonic() > deadline:
            return running
        time.sleep(0.05)


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
