"""What the system knows about processes: who descends from whom, and who still runs. Linux's /proc, elsewhere ps."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc/self/stat")


def descendants(pid: int) -> set[int]:
    """Every running process below `pid`, itself left out."""
    parents = _parents()
    found: set[int] = set()
    level = {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level} - found
        found |= level
    return found


def wait_for_end(pids: Iterable[int], seconds: float) -> set[int]:
    """Wait until none of `pids` runs any more; returns those that still do after `seconds`."""
    deadline = time.monotonic() + seconds
    left = set(pids)
    while left := left & _parents().keys():
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return left


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _parents() -> dict[int, int]:
    """Parent of each running process. A zombie has ended: it only waits for a parent to notice."""
    rows = _proc_rows() if PROC.exists() else _ps_rows()
    return {pid: parent for pid, parent, state in rows if not state.startswith("Z")}


def _proc_rows() -> list[tuple[int, int, str]]:
    rows = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(errors="replace")
        except OSError:  # it ended since we listed it
            continue
        state, parent = text.rpartition(")")[2].split()[
            :2
        ]  # the name in parentheses may hold anything
        rows.append((int(stat.parent.name), int(parent), state))
    return rows


def _ps_rows() -> list[tuple[int, int, str]]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    return [(int(pid), int(parent), state) for pid, parent, state in rows]
