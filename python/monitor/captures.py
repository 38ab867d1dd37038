"""The records that an endpoint captured in a window of time, from a local folder or from S3."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.records import Record, UnreadableRecord, parse
from monitor.storage import CaptureFile, FileUnavailable, FolderStorage, S3Storage, Storage
from monitor.window import Window

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SUFFIX = ".jsonl"
MOST_NAMED = 100  # of the skipped files and lines; the others are only counted


class Captures(Iterable[Record]):
    """Iterating yields the records of a window, file by file in order of time.

    Only a few files are in memory at a time.

    Attributes:
        files: number of files.
        bytes: total size of the files.
        skipped: place and reason of the first MOST_NAMED files and lines that are not captured
            records; lines are known once the captures have been iterated.
        skipped_count: number of all skipped files and lines.
        progress: called with the size of every file that has been read.
    """

    def __init__(self, storage: Storage, window: Window) -> None:
        self._storage = storage
        self._window = window
        self._files: list[CaptureFile] = []
        self._skipped_files: list[tuple[str, str]] = []
        for file in sorted(storage.files(window), key=lambda file: file.sort_key):
            if file.name.endswith(SUFFIX):
                self._files.append(file)
            else:
                place = storage.display_name(file)
                self._skipped_files.append((place, f"It is not a {SUFFIX} file."))
        self._skipped_files[:0] = storage.unreadable
        self.files = len(self._files)
        self.bytes = sum(file.size for file in self._files)
        self.progress: Callable[[int], None] | None = None
        self._reset_skipped()

    @classmethod
    def local(cls, folder: Path, window: Window) -> Captures:
        """The captures in a folder, which may lie above or below an endpoint's folder."""
        return cls(FolderStorage(folder), window)

    @classmethod
    def in_s3(
        cls,
        s3: S3Client,
        bucket: str,
        prefix: str,
        window: Window,
    ) -> Captures:
        """The captures below a prefix, which may lie above or below an endpoint's prefix."""
        return cls(S3Storage(s3, bucket, prefix), window)

    def __iter__(self) -> Iterator[Record]:
        self._reset_skipped()
        for file, content in self._read_files():
            yield from self._parse_file(file, content)
            if self.progress:
                self.progress(file.size)

    def _read_files(self) -> Iterator[tuple[CaptureFile, bytes]]:
        """Yield every readable file in order, while as many more are read as there are readers."""
        pending: deque[tuple[CaptureFile, Future[bytes]]] = deque()
        with ThreadPoolExecutor(self._storage.readers) as pool:
            try:
                for file in self._files:
                    pending.append((file, pool.submit(self._storage.read, file)))
                    if len(pending) > self._storage.readers:
                        yield from self._wait_for(*pending.popleft())
                while pending:
                    yield from self._wait_for(*pending.popleft())
            finally:
                pool.shutdown(cancel_futures=True)

    def _wait_for(
        self,
        file: CaptureFile,
        content: Future[bytes],
    ) -> Iterator[tuple[CaptureFile, bytes]]:
        try:
            yield file, content.result()
        except FileUnavailable as error:
            self._skip(self._storage.display_name(file), str(error))

    def _parse_file(self, file: CaptureFile, content: bytes) -> Iterator[Record]:
        endpoint, variant = file.source
        for number, line in enumerate(io.BytesIO(content), 1):
            if not line.strip():
                continue
            try:
                record = parse(line, endpoint, variant)
            except UnreadableRecord as error:
                reason = str(error)
                if not line.endswith(b"\n"):
                    reason = f"The file ends in the middle of this line. {reason}"
                self._skip(f"{self._storage.display_name(file)}, line {number}", reason)
                continue
            if record.at in self._window:
                yield record

    def _reset_skipped(self) -> None:
        self.skipped = self._skipped_files[:MOST_NAMED]
        self.skipped_count = len(self._skipped_files)

    def _skip(self, place: str, reason: str) -> None:
        self.skipped_count += 1
        if len(self.skipped) < MOST_NAMED:
            self.skipped.append((place, reason))
