"""Downloads a file over HTTP, resuming after interruptions, and checks its SHA-256."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scones.cli import say
from scones.errors import UserError
from scones.images import cache, transfer
from scones.images.transfer import BrokenError, PartialFile, RefusedError


@dataclass(frozen=True)
class RetryPolicy:
    """Timeouts and pauses in seconds; `attempts` counts failures in a row without any progress."""

    connect: float = 10
    read: float = 30
    pause: float = 1
    attempts: int = 4


DEFAULT_RETRIES = RetryPolicy()


def download(
    urls: Sequence[str],
    path: Path,
    sha256: str | None = None,
    retries: RetryPolicy = DEFAULT_RETRIES,
) -> str:
    """Have the file at `path`, from the first of `urls` that delivers it; returns its SHA-256.

    A file that was downloaded earlier is checked and used. What arrived before an interruption is
    kept beside it, and the next call resumes from there.

    Raises:
        UserError: no URL delivers the file, its SHA-256 is another one, or the disk is full.
    """
    with cache.lock(path):
        stored = cache.stored_sha256(path)
        if stored and sha256 in (None, stored):
            say(f"Using {path}, downloaded earlier.")
            return stored
        part = PartialFile(path.with_name(f"{path.name}.part"))
        failures = []
        for url in urls:
            try:
                digest = _fetch_verified(url, part, sha256, retries)
            except RefusedError as error:
                failure = f"{_host(url)}: {error}"
                failures.append(failure)
                say(f"Not from {failure}.")
            else:
                cache.store(part.path, path, digest)
                return digest
    raise UserError(
        f"Cannot download {path.name} ({'; '.join(failures)}). Run the same command again to "
        "resume, or get the file some other way and give its path as SOURCE."
    )


def _fetch_verified(url: str, part: PartialFile, sha256: str | None, retries: RetryPolicy) -> str:
    """Fetch the file into `part` and return its SHA-256, which must be `sha256` if that is given.

    After a resumption, the fault may lie in what another run or mirror began: fetch all again.
    """
    while True:
        resumed = part.size > 0
        _fetch_with_retries(url, part, sha256 is not None, retries)
        digest = cache.sha256(part.path)
        if sha256 in (None, digest):
            return digest
        part.discard()
        if not resumed:
            raise RefusedError(f"its SHA-256 is {digest}, not the expected {sha256}")


def _fetch_with_retries(
    url: str, part: PartialFile, has_sha256: bool, retries: RetryPolicy
) -> None:
    failures = 0
    furthest = part.size
    while True:
        try:
            return transfer.fetch(url, part, has_sha256, (retries.connect, retries.read))
        except BrokenError as error:
            failures = 0 if part.size > furthest else failures + 1
            furthest = max(furthest, part.size)
            if failures == retries.attempts:
                raise RefusedError(str(error)) from error
            pause = retries.pause * 2**failures
            megabytes = part.size / 1e6
            say(f"{_host(url)}: {error}. Resuming at {megabytes:.1f} MB in {pause:.0f} s.")
            time.sleep(pause)


def _host(url: str) -> str:
    """The host and port, without a user name or password."""
    return urlsplit(url).netloc.rpartition("@")[2]
