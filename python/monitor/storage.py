"""Where capture files are stored, in a local folder or in S3, by the hour:

<anything>/<endpoint>/<variant>/yyyy/mm/dd/hh/<minute-second-…>.jsonl

A file is named after the time of its first record and may go on into the next hour. Only the hours
of a window are listed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.window import Window

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A file may hold records of the hour after the one that it lies under, and clocks differ a little.
SLACK = timedelta(hours=1)
# Common names of the folder that holds the captures of all endpoints.
CAPTURE_ROOTS = {"data-capture", "datacapture"}
DATED_FOLDER = re.compile(r"(?:^|/)(20\d\d(?:/\d\d){0,3})/?$")
FILE_LAYOUT = re.compile(r"^(?:(?P<above>.*)/)?(?P<hour>20\d\d/\d\d/\d\d/\d\d)/[^/]+$")


class FileUnavailable(Exception):
    """The file cannot be read; the message says why."""


@dataclass(frozen=True)
class CaptureFile:
    """A file by its path or key, with its size in bytes."""

    name: str
    size: int

    @property
    def source(self) -> tuple[str | None, str | None]:
        """Endpoint and variant; None where the path does not follow SageMaker's layout."""
        layout = FILE_LAYOUT.match(self.name)
        above = (layout["above"] or "") if layout else ""
        endpoint, variant = ["", *above.split("/")][-2:]
        if endpoint in CAPTURE_ROOTS:
            endpoint = ""
        return endpoint or None, variant or None

    @property
    def sort_key(self) -> tuple[str, str]:
        """Sorts files by the time of their first record, as far as the path contains it."""
        layout = FILE_LAYOUT.match(self.name)
        dated_name = self.name[layout.start("hour") :] if layout else ""
        return dated_name, self.name


class FolderStorage:
    """A local folder, or a single file.

    Attributes:
        readers: number of files that may be read at a time.
        unreadable: folders that could not be listed, with the reason; filled by `files`.
    """

    readers = 1

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()
        self.unreadable: list[tuple[str, str]] = []

    def files(self, window: Window) -> Iterator[CaptureFile]:
        """List the files of the window's hours, and those that do not lie under an hour."""
        if self._path.is_file():
            yield CaptureFile(self._path.as_posix(), self._path.stat().st_size)
            return
        since, until = hour_range(window)
        for folder, subfolders, names in os.walk(self._path, onerror=self._note_unreadable):
            # Changing the list in place keeps os.walk out of other hours.
            subfolders[:] = [
                name
                for name in subfolders
                if may_hold(
                    f"{folder}/{name}",
                    since,
                    until,
                )
            ]
            for name in names:
                path = Path(folder, name)
                try:
                    yield CaptureFile(path.as_posix(), path.stat().st_size)
                except OSError as error:
                    self._note_unreadable(error)

    def read(self, file: CaptureFile) -> bytes:
        """Return the file's content. Raises FileUnavailable."""
        try:
            return Path(file.name).read_bytes()
        except OSError as error:
            raise FileUnavailable(f"It cannot be read: {error.strerror}.") from error

    def display_name(self, file: CaptureFile) -> str:
        """The file's place as a user would name it."""
        folder = self._path if self._path.is_dir() else self._path.parent
        return os.path.relpath(file.name, folder)

    def _note_unreadable(self, error: OSError) -> None:
        self.unreadable.append((str(error.filename), f"It cannot be listed: {error.strerror}."))


class S3Storage:
    """Everything in a bucket below a prefix that names a folder, or a single object.

    Has the same methods and attributes as FolderStorage.
    """

    readers = 4

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        prefix: str,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        paginator = s3.get_paginator("list_objects_v2")
        self._list_pages = partial(paginator.paginate, Bucket=bucket)
        is_folder = prefix and not prefix.endswith(".jsonl")
        self._prefix = f"{prefix.rstrip('/')}/" if is_folder else prefix
        self.unreadable: list[tuple[str, str]] = []

    def files(self, window: Window) -> Iterator[CaptureFile]:
        since, until = hour_range(window)
        pending = [self._prefix]
        while pending:
            folder = pending.pop()
            if dated := DATED_FOLDER.search(folder):
                variant_folder = folder[: dated.start(1)]
                yield from self._list_hours(
                    folder,
                    variant_folder,
                    since,
                    until,
                )
                continue
            subfolders, files = self._list_folder(folder)
            if any(DATED_FOLDER.search(subfolder) for subfolder in subfolders):
                yield from self._list_hours(
                    folder,
                    folder,
                    since,
                    until,
                )
            else:
                pending += subfolders
                yield from files

    def read(self, file: CaptureFile) -> bytes:
        exceptions = self._s3.exceptions
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=file.name)["Body"].read()
        except (exceptions.NoSuchKey, exceptions.InvalidObjectState) as error:
            raise FileUnavailable("It was deleted or archived.") from error

    def display_name(self, file: CaptureFile) -> str:
        return f"s3://{self._bucket}/{file.name}"

    def _list_folder(self, folder: str) -> tuple[list[str], list[CaptureFile]]:
        """The subfolders and the files directly inside a folder."""
        subfolders: list[str] = []
        files: list[CaptureFile] = []
        for page in self._list_pages(Prefix=folder, Delimiter="/"):
            subfolders += [common["Prefix"] for common in page.get("CommonPrefixes", ())]
            files += _files_of_page(page)
        return subfolders, files

    def _list_hours(
        self,
        folder: str,
        variant_folder: str,
        since: str,
        until: str,
    ) -> Iterator[CaptureFile]:
        """The files of those hours below `folder`; the years begin below `variant_folder`."""
        start: dict[str, Any] = {"StartAfter": f"{variant_folder}{since}/"} if since else {}
        for page in self._list_pages(Prefix=folder, **start):
            for file in _files_of_page(page):
                hour_folder = file.name.rpartition("/")[0]
                if not may_hold(hour_folder, since, until):
                    return  # keys are in order of time, so that all others are too late as well
                yield file


Storage = FolderStorage | S3Storage


def hour_range(window: Window) -> tuple[str, str]:
    """The folders of the first and the last hour whose files may hold records of a window.

    Either is "" where the window is open.
    """
    return _hour(window.since, -SLACK), _hour(window.until, SLACK)


def may_hold(folder: str, since: str, until: str) -> bool:
    """Whether a folder may hold files of these hours; one whose name is not a date may."""
    dated = DATED_FOLDER.search(folder)
    span = dated[1] if dated else ""
    if span < since[: len(span)]:
        return False
    return not until or span <= until[: len(span)]


def _hour(time: datetime | None, slack: timedelta) -> str:
    if time is None:
        return ""
    try:
        return f"{time.astimezone(UTC) + slack:%Y/%m/%d/%H}"
    except OverflowError:
        return ""


def _files_of_page(page: Any) -> list[CaptureFile]:
    """The objects of a listing, without the empty ones that stand for folders."""
    objects = page.get("Contents", ())
    return [
        CaptureFile(entry["Key"], entry["Size"])
        for entry in objects
        if not entry["Key"].endswith("/")
    ]
