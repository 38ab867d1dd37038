"""What a killed terraform leaves behind: a lock on the state that nobody holds any more.

While terraform works, a marker under build/ is held. A marker that nobody holds tells the next verb that the one before
was killed; only then may it take back a lock, or take over resources that the killed one could not write down.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scones.cli import say
from scones.errors import UserError

PATIENCE_SECONDS = 120.0
CLOCK_SKEW_SECONDS = 60.0


@dataclass(frozen=True)
class Marker:
    """A file that is there while terraform works, and stays when it is killed; it holds the time of the start."""

    path: Path

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the marker; it stays behind when this process is killed or interrupted.

        Raises:
            UserError: another process holds it.
        """
        with self.path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    "Another make is at work on this target. Run the same command again when it has ended."
                ) from None
            file.truncate(0)
            file.write(str(time.time()))
            file.flush()
            try:
                yield
            except Exception:
                self.path.unlink(missing_ok=True)
                raise
            self.path.unlink(missing_ok=True)

    def killed_at(self) -> float | None:
        """When the killed terraform had been started, in seconds since the epoch; None when none was killed."""
        try:
            with self.path.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return float(file.read() or 0.0)
        except (FileNotFoundError, BlockingIOError):
            return None


def left_behind(lock: dict[str, str], killed_at: float) -> bool:
    """Whether the lock was taken by the terraform that was killed: by nobody who came before it."""
    return datetime.fromisoformat(lock["Created"]).timestamp() >= killed_at - CLOCK_SKEW_SECONDS


def wait_for_survivor(*paths: Path) -> None:
    """Let a terraform finish whose verb was killed: it is known by the `paths` among its arguments.

    Raises:
        UserError: it takes too long.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    said = False
    while pids := _terraforms(paths):
        if not said:
            say(
                f"A terraform of an interrupted run is still at work (process {pids[0]}); waiting for it."
            )
            said = True
        if time.monotonic() > deadline:
            raise UserError(
                f"Process {pids[0]} of an interrupted run is still at work. Run the command again when it has ended."
            )
        time.sleep(0.5)


def _terraforms(paths: tuple[Path, ...]) -> list[int]:
    if shutil.which("ps") is None:
        return []
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=False
    ).stdout
    rows = [line.split(maxsplit=1) for line in listing.splitlines()]
    return [
        int(row[0])
        for row in rows
        if len(row) == 2
        and row[1].split()[0].endswith("terraform")
        and any(str(path) in row[1] for path in paths)
    ]
