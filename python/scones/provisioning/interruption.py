"""What a killed terraform leaves behind: a lock on the state that no process holds any more.

While terraform runs, a marker file under build/ is locked. If the marker exists without a lock, the
last run was killed. Only then may the next one release the state's lock, or take over resources
that the killed run created without recording them.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from scones import waits
from scones.cli import say
from scones.errors import UserError

CLOCK_SKEW_SECONDS = 60.0


class AccountLost(UserError):
    """The account stopped to answer while terraform ran, so that its lock may be left."""


@dataclass(frozen=True)
class Marker:
    """A file that holds the start time of a terraform that runs, was killed or lost its account."""

    path: Path

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the marker; it stays behind after an AccountLost, or if this process is killed.

        Raises:
            UserError: another process holds it.
        """
        with self.path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    "Another make is at work on this target. "
                    "Run the same command again when it has ended."
                ) from None
            file.truncate(0)
            file.write(str(time.time()))
            file.flush()
            try:
                yield
            except AccountLost:
                raise
            except Exception:
                self.path.unlink(missing_ok=True)
                raise
            self.path.unlink(missing_ok=True)

    def killed_at(self) -> float | None:
        """Return when the killed terraform had started, in epoch seconds; None if none was."""
        try:
            with self.path.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return float(file.read() or 0.0)
        except (FileNotFoundError, BlockingIOError):
            return None


def is_left_behind(lock: Mapping[str, str], killed_at: float) -> bool:
    """Whether the killed terraform took the lock, not one that ran before it."""
    created = datetime.fromisoformat(lock["Created"])
    return created.timestamp() >= killed_at - CLOCK_SKEW_SECONDS


def wait_for_survivor(*paths: Path) -> None:
    """Wait for a terraform that outlived its verb, recognised by `paths` among its arguments.

    Raises:
        UserError: it takes too long.
    """
    process = _find_terraform(paths)
    if process is None:
        return
    say(f"A terraform of an interrupted run is still at work (process {process}); waiting for it.")
    for _ in waits.SURVIVOR_ENDS.looks():
        process = _find_terraform(paths)
        if process is None:
            return
    raise UserError(
        f"Process {process} of an interrupted run is still at work. "
        "Run the command again when it has ended."
    )


def _find_terraform(paths: tuple[Path, ...]) -> int | None:
    """Return the process id of a running terraform that has one of the paths as an argument."""
    for process in psutil.process_iter(["name", "cmdline"]):
        arguments = " ".join(process.info["cmdline"] or ())
        if process.info["name"] == "terraform" and any(str(path) in arguments for path in paths):
            return process.pid
    return None
