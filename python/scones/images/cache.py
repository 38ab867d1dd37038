"""Where downloads and drawn samples are kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scones.cli import say
from scones.errors import UserError


def folder(variables: Mapping[str, str] = os.environ) -> Path:
    """SCONES_CACHE, or the project's folder in the user's cache."""
    if own := variables.get("SCONES_CACHE"):
        return Path(own).expanduser()
    return Path(variables.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "scones-workflow"


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}. Give another file.") from error


def is_whole(path: Path) -> bool:
    """Whether the file is there and still is what `keep` put there."""
    recorded = _record(path)
    return path.is_file() and recorded.is_file() and recorded.read_text() == sha256(path)


def keep(draft: Path, path: Path) -> None:
    """Move a finished draft to its place, its sum recorded beside it."""
    _record(path).write_text(sha256(draft))
    draft.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` for this process alone; its folder is made. The lock goes with the process, however that ends.

    Raises:
        UserError: the folder cannot be written.
    """
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _beside(path, ".lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another process is making {path.name}; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Tell errors of the file system as a sentence about the cache."""
    try:
        yield
    except OSError as error:
        remedy = (
            "Make room there, or set SCONES_CACHE to another folder, and run the same command again"
        )
        raise UserError(f"Cannot write {path.parent}: {error.strerror}. {remedy}.") from error


def _record(path: Path) -> Path:
    return _beside(path, ".sha256")


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
