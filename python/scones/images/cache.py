"""The folder that keeps downloads and drawn samples between runs."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scones.cli import say
from scones.errors import UserError
from scones.settings import ROOT


def folder(variables: Mapping[str, str] = os.environ) -> Path:
    """SCONES_CACHE, or the project's folder in the user's cache; without one, build/cache."""
    override = variables.get("SCONES_CACHE")
    if override:
        return Path(override).expanduser()
    user_cache = variables.get("XDG_CACHE_HOME")
    if user_cache:
        return Path(user_cache).expanduser() / "scones-workflow"
    home = variables.get("HOME", "")
    if not home.strip("/"):  # unset, empty, or the root folder of a container
        return ROOT / "build" / "cache"
    return Path(home) / ".cache" / "scones-workflow"


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"Cannot read {path}: {error.strerror}. Use another file.") from error


def stored_sha256(path: Path) -> str | None:
    """The SHA-256 of a stored file; None if it is missing or differs from what was stored."""
    record = _sha256_record(path)
    if not (path.is_file() and record.is_file()):
        return None
    digest = sha256(path)
    return digest if record.read_text() == digest else None


def store(draft: Path, path: Path, digest: str) -> None:
    """Move a finished draft to `path` and record its SHA-256 beside it."""
    _sha256_record(path).write_text(digest)
    draft.replace(path)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Keep other processes from writing `path`; its folder is created if missing.

    The lock ends with the process, even if it is killed.

    Raises:
        UserError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f"{path.name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"Another process is writing {path.name}; waiting for it.")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise UserError(
            f"Cannot write {path.parent}: {error.strerror}. Free some space there, or set "
            "SCONES_CACHE to another folder, and run the same command again."
        ) from error


def _sha256_record(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")
