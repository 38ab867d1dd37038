"""Descendants and ends of processes, from Linux's /proc or, on other systems, from ps."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def descendants(pid: int) -> set[int]:
    """Every running process below `pid`, without itself."""
    parents = _parents()
    below: set[int] = set()
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level} - below
        below |= level
    return below


def wait_for_end(pids: Iterable[int], seconds: float) -> set[int]:
    """Wait until none of `pids` runs; returns those that still run after `seconds`."""
    deadline = time.monotonic() + seconds
    running = _parents().keys() & set(pids)
    while running and time.monotonic() < deadline:
        time.sleep(0.05)
        running &= _parents().keys()
    return running


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _parents() -> dict[int, int]:
    """Parent of each running process. Zombies have ended and only wait for a parent to notice."""
    rows = _proc_rows() if (PROC / "self" / "stat").exists() else _ps_rows()
    return {pid: parent for pid, parent, state in rows if not state.startswith("Z")}


def _proc_rows() -> Iterator[tuple[int, int, str]]:
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            text = stat.read_text(errors="replace")
        except OSError:  # the process ended after it was listed
            continue
        fields = text.rpartition(")")[2].split()  # its name, in parentheses, may hold anything
        state, parent, *_ = fields
        yield int(stat.parent.name), int(parent), state


def _ps_rows() -> Iterator[tuple[int, int, str]]:
    ps = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    listing = subprocess.run(ps, capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        pid, parent, state = line.split(None, 2)
        yield int(pid), int(parent), state
