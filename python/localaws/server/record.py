"""What the folder of a local AWS records about its server: a lock that it holds, and its facts.

The system releases the lock when the process ends, in whatever way, and no other process that got
the same number can hold it. So `server.json` without a lock comes from a server that was killed.
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

from localaws import pace
from localaws.errors import LocalAwsError

FACTS = "server.json"
LOCK = "server.lock"
IDENTITY_PATH = "/localaws"  # where the server answers with its identity


@dataclass(frozen=True)
class Facts:
    """A server that answers requests.

    Attributes:
        since: in seconds of the epoch.
        restored: what the account held when the server started; "" where it was empty.
        dropped: whether it held services that another version of moto had saved.
        pace: the setting of LOCALAWS_PACE that it was started with.
    """

    pid: int
    port: int
    url: str
    identity: str
    since: float
    restored: str = ""
    dropped: bool = False
    pace: str = pace.DEFAULT


@contextmanager
def turn(state: Path) -> Iterator[None]:
    """Run one start, stop or status at a time in one folder; the others wait."""
    with (state / "turn.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def hold(state: Path) -> None:
    """Hold the folder until this process ends.

    Raises LocalAwsError when another one holds it.
    """
    descriptor = os.open(state / LOCK, os.O_RDWR | os.O_CREAT)  # closed by the process's end
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise LocalAwsError(f"A local AWS already runs in {state}.") from error
    os.truncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())


def is_held(state: Path) -> bool:
    try:
        with (state / LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def holder(state: Path) -> int:
    """Process number of the server that holds the folder."""
    return int((state / LOCK).read_text())


def wait_until_free(state: Path, seconds: float) -> bool:
    """Whether the server's process ended within `seconds`."""
    deadline = time.monotonic() + seconds
    while is_held(state):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def published(state: Path, facts: Facts) -> Iterator[None]:
    """Publish the facts while the server answers; only a killed server leaves them behind."""
    new = state / f"{FACTS}.new"
    new.write_text(json.dumps(asdict(facts)))
    new.replace(state / FACTS)
    try:
        yield
    finally:
        forget(state)


def read(state: Path) -> Facts | None:
    try:
        return Facts(**json.loads((state / FACTS).read_text()))
    except FileNotFoundError:
        return None


def forget(state: Path) -> None:
    (state / FACTS).unlink(missing_ok=True)


def fresh_folder(state: Path, identity: str) -> Path:
    """Create an empty folder for a new account, and delete those of former accounts."""
    for folder in state.glob("account-*"):
        # A last child may still write there; the next start tries again.
        shutil.rmtree(folder, ignore_errors=True)
    folder = state / f"account-{identity[:8]}"
    folder.mkdir()
    return folder
