"""What the folder of a local AWS says about its server: the lock that lives as long as the process, and its facts.

The lock is the truth about life and death: the system drops it with the process, however that ends, and no other
process that got the same number can hold it. `server.json` without a lock therefore tells of a server that was killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from localaws.errors import LocalAwsError

IDENTITY_PATH = "/localaws"  # where the server answers with its identity


@dataclass(frozen=True)
class Facts:
    """A server that answers requests. `identity` is what it says about itself; `since` is in seconds of the epoch."""

    pid: int
    port: int
    url: str
    identity: str
    since: float


@contextmanager
def turn(state: Path) -> Iterator[None]:
    """One start, stop or status at a time for one folder; the others wait."""
    with (state / "turn.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def hold(state: Path, pid: int) -> None:
    """Hold the folder for the server `pid` to the end of this process. Raises LocalAwsError when another one does."""
    descriptor = os.open(
        _lock_file(state), os.O_RDWR | os.O_CREAT
    )  # never closed: only the process's end frees it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise LocalAwsError(f"A local AWS already runs in {state}.") from error
    os.truncate(descriptor, 0)
    os.write(descriptor, str(pid).encode())


def is_held(state: Path) -> bool:
    if not _lock_file(state).exists():
        return False
    with _lock_file(state).open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def holder(state: Path) -> int:
    """Process number of the server that holds the folder."""
    return int(_lock_file(state).read_text())


def wait_until_free(state: Path, seconds: float) -> bool:
    """Whether the server's process ended within `seconds`."""
    deadline = time.monotonic() + seconds
    while is_held(state):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def written(state: Path, facts: Facts) -> Iterator[None]:
    """Publish the facts while the server answers; only a server that is killed leaves them behind."""
    new = state / "server.json.new"
    new.write_text(json.dumps(asdict(facts)))
    new.replace(_facts_file(state))
    try:
        yield
    finally:
        _facts_file(state).unlink(missing_ok=True)


def read(state: Path) -> Facts | None:
    try:
        return Facts(**json.loads(_facts_file(state).read_text()))
    except FileNotFoundError:
        return None


def forget(state: Path) -> None:
    _facts_file(state).unlink(missing_ok=True)


def fresh_folder(state: Path, identity: str) -> Path:
    """An empty folder for a new account; those of former accounts go, as their memory did."""
    for old in state.glob("account-*"):
        shutil.rmtree(
            old, ignore_errors=True
        )  # a last child may still be writing there; the next start tries again
    folder = state / f"account-{identity[:8]}"
    folder.mkdir()
    return folder


def _lock_file(state: Path) -> Path:
    return state / "server.lock"


def _facts_file(state: Path) -> Path:
    return state / "server.json"
