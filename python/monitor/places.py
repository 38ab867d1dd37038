"""Where capture files lie, in a local folder or in S3, by the hour:

<anything>/<endpoint>/<variant>/yyyy/mm/dd/hh/<minute-second-…>.jsonl

A file begins with a record of the moment that names it and may go on into the next hour. Only the hours of a window are
looked through.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from monitor.window import Window

# A file may hold records of the hour after the one that it lies under, and clocks differ a little.
SLACK = timedelta(hours=1)
# Where SageMaker is told to put its captures; no endpoint's name.
DESTINATIONS = {"data-capture", "datacapture"}
SPAN = re.compile(r"(?:^|/)(20\d\d(?:/\d\d){0,3})/?$")
LAYOUT = re.compile(r"^(?:(?P<above>.*)/)?(?P<hour>20\d\d/\d\d/\d\d/\d\d)/[^/]+$")


class Absent(Exception):
    """The file cannot be read, or not any more; says why in a sentence."""


@dataclass(frozen=True)
class File:
    """A file by its path or key, with its size in bytes."""

    name: str
    size: int

    @property
    def source(self) -> tuple[str | None, str | None]:
        """Endpoint and variant, as far as the file's place tells them."""
        found = LAYOUT.match(self.name)
        above = ["", *(found["above"] or "").split("/")] if found else ["", ""]
        endpoint, variant = above[-2:]
        return None if endpoint in DESTINATIONS else endpoint or None, variant or None

    @property
    def order(self) -> tuple[str, str]:
        """What files are read in the order of: the time that each begins at, as far as its place tells."""
        found = LAYOUT.match(self.name)
        return (self.name[found.start("hour") :] if found else "", self.name)


class Place(Protocol):
    """A place that holds capture files; `readers` may read at a time.

    `closed` names what could not be looked into, and why, once the files have been listed.
    """

    readers: int
    closed: list[tuple[str, str]]

    def files(self, window: Window) -> Iterator[File]:
        """Every file of the window's hours, and those that do not lie under an hour."""

    def read(self, file: File) -> bytes:
        """The file's content. Raises Absent."""

    def shown(self, file: File) -> str:
        """The file's place as a user would name it."""


class Folder:
    """A folder of this machine, or a single file."""

    readers = 1

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self.closed: list[tuple[str, str]] = []

    def files(self, window: Window) -> Iterator[File]:
        if self._path.is_file():
            yield File(self._path.as_posix(), self._path.stat().st_size)
            return
        since, until = hours(window)
        for where, folders, names in os.walk(self._path, onerror=self._close):
            folders[:] = [name for name in folders if within(f"{where}/{name}", since, until)]
            for path in (Path(where, name) for name in names):
                try:
                    yield File(path.as_posix(), path.stat().st_size)
                except OSError as error:
                    self._close(error)

    def read(self, file: File) -> bytes:
        try:
            return Path(file.name).read_bytes()
        except OSError as error:
            raise Absent(f"It cannot be read: {error.strerror}.") from error

    def shown(self, file: File) -> str:
        return os.path.relpath(file.name, self._path if self._path.is_dir() else self._path.parent)

    def _close(self, error: OSError) -> None:
        self.closed.append((str(error.filename), f"It cannot be looked into: {error.strerror}."))


class Prefix:
    """Everything in a bucket below a prefix that ends where a folder's name does, or a single object."""

    readers = 4

    def __init__(self, s3: Any, bucket: str, prefix: str) -> None:
        self._s3, self._bucket = s3, bucket
        self._prefix = (
            prefix if prefix.endswith(".jsonl") or not prefix else f"{prefix.rstrip('/')}/"
        )
        self.closed: list[tuple[str, str]] = []

    def files(self, window: Window) -> Iterator[File]:
        since, until = hours(window)
        waiting = [self._prefix]
        while waiting:
            folder = waiting.pop()
            if found := SPAN.search(folder):
                yield from self._dated(folder, folder[: found.start(1)], since, until)
                continue
            below, inside = self._look_into(folder)
            if any(SPAN.search(name) for name in below):
                yield from self._dated(folder, folder, since, until)
            else:
                waiting += below
                yield from inside

    def read(self, file: File) -> bytes:
        missing = self._s3.exceptions
        try:
            content: bytes = self._s3.get_object(Bucket=self._bucket, Key=file.name)["Body"].read()
        except (missing.NoSuchKey, missing.InvalidObjectState) as error:
            raise Absent("It is gone, or archived.") from error
        return content

    def shown(self, file: File) -> str:
        return f"s3://{self._bucket}/{file.name}"

    def _look_into(self, folder: str) -> tuple[list[str], list[File]]:
        """The folders and the files directly inside one."""
        below: list[str] = []
        inside: list[File] = []
        for page in self._pages(Prefix=folder, Delimiter="/"):
            below += [common["Prefix"] for common in page.get("CommonPrefixes", ())]
            inside += [
                _object(found)
                for found in page.get("Contents", ())
                if not found["Key"].endswith("/")
            ]
        return below, inside

    def _dated(self, folder: str, above: str, since: str, until: str) -> Iterator[File]:
        """The files below a folder whose years begin below `above`; keys come in the order of time."""
        after = {"StartAfter": f"{above}{since}/"} if since else {}
        for page in self._pages(Prefix=folder, **after):
            for found in page.get("Contents", ()):
                if not within(found["Key"].rpartition("/")[0], since, until):
                    return
                if not found["Key"].endswith("/"):
                    yield _object(found)

    def _pages(self, **request: str) -> Iterator[dict[str, Any]]:
        yield from self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, **request
        )


def hours(window: Window) -> tuple[str, str]:
    """The first and the last hour of files that can hold records of a window, as folders; "" where it is open."""
    return _hour(window.since, -SLACK), _hour(window.until, SLACK)


def within(folder: str, since: str, until: str) -> bool:
    """Whether a folder can hold or lead to files of these hours; one that is not named for a year or less can."""
    found = SPAN.search(folder)
    span = found[1] if found else ""
    return since[: len(span)] <= span and (not until or span <= until[: len(span)])


def _hour(moment: datetime | None, slack: timedelta) -> str:
    if moment is None:
        return ""
    try:
        return f"{moment.astimezone(UTC) + slack:%Y/%m/%d/%H}"
    except OverflowError:
        return ""


def _object(found: dict[str, Any]) -> File:
    return File(found["Key"], found["Size"])
