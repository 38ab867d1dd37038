"""A file over HTTP: streamed to disk, taken up again where it broke off, kept only when its sum is right."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scones.cli import say
from scones.errors import UserError
from scones.images import cache, transfer
from scones.images.transfer import BrokenError, RefusedError


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to try again without getting any further."""

    connect: float = 10
    read: float = 30
    pause: float = 1
    attempts: int = 4


def download(
    urls: Sequence[str], path: Path, sha256: str | None = None, patience: Patience | None = None
) -> Path:
    """The file at `path`, downloaded from the first of `urls` that delivers it unless it already lies there, whole.

    What arrived before an interruption is kept beside it, and the next call goes on from there.

    Raises:
        UserError: no URL delivers the file, what they deliver has another SHA-256, or the disk cannot take it.
    """
    with cache.locked(path), cache.explained(path):
        if cache.is_whole(path) and sha256 in (None, cache.sha256(path)):
            say(f"Using {path}, downloaded earlier.")
            return path
        failures = []
        for url in urls:
            try:
                draft = _fetch_right(url, path, sha256, patience or Patience())
            except RefusedError as failure:
                failures.append(f"{_host(url)}: {failure}")
                say(f"Not from {failures[-1]}.")
            else:
                cache.keep(draft, path)
                return path
    raise UserError(
        f"Cannot download {path.name} ({'; '.join(failures)}). Run the same command again to go on, "
        "or get the file some other way and give its path as SOURCE."
    )


def _fetch_right(url: str, path: Path, sha256: str | None, patience: Patience) -> Path:
    """Fetch and check. A wrong sum after resuming may be the fault of what another run or mirror began: begin anew."""
    part = transfer.Part(path.with_name(f"{path.name}.part"))
    while True:
        resumed = part.size > 0
        _fetch(url, part, sha256 is not None, patience)
        found = cache.sha256(part.path)
        if sha256 in (None, found):
            return part.path
        part.discard()
        if not resumed:
            raise RefusedError(
                f"its SHA-256 is {found}, not {sha256} as it should be, so it was removed"
            )


def _fetch(url: str, part: transfer.Part, sum_known: bool, patience: Patience) -> None:
    failures, furthest = 0, part.size
    while True:
        try:
            return transfer.fetch(url, part, sum_known, (patience.connect, patience.read))
        except BrokenError as error:
            failures = 0 if part.size > furthest else failures + 1
            furthest = max(furthest, part.size)
            if failures == patience.attempts:
                raise RefusedError(str(error)) from error
            pause = patience.pause * 2**failures
            say(
                f"{_host(url)}: {error}. Trying again in {pause:.0f} s, from {part.size / 1e6:.1f} MB on."
            )
            time.sleep(pause)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
