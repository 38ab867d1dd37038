"""The records that an endpoint captured in a window of time, wherever they lie."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from monitor.places import Absent, File, Folder, Place, Prefix
from monitor.records import Record, Unreadable, parse
from monitor.window import Window

ENDING = ".jsonl"
NAMED = 100  # of what was skipped; the rest is counted


class Captures(Iterable[Record]):
    """Iterating yields the records of a window, file after file in the order of time, with one file or a few in memory.

    Attributes:
        files: how many files there are.
        bytes: how large they are together.
        skipped: place and reason of the first NAMED things that are no captured records, once they have been met.
        skipped_count: how many were met.
        progress: is told the bytes of every file that has been read.
    """

    def __init__(self, place: Place, window: Window) -> None:
        self._place, self._window = place, window
        found = sorted(place.files(window), key=lambda file: file.order)
        self._files = [file for file in found if file.name.endswith(ENDING)]
        foreign = [
            (place.shown(file), f"It is no {ENDING} file.")
            for file in found
            if not file.name.endswith(ENDING)
        ]
        self._unseen = [*place.closed, *foreign]
        self.files = len(self._files)
        self.bytes = sum(file.size for file in self._files)
        self.skipped = self._unseen[:NAMED]
        self.skipped_count = len(self._unseen)
        self.progress: Callable[[int], None] | None = None

    @classmethod
    def local(cls, folder: Path, window: Window) -> Captures:
        """What lies in a folder, which may stand above or below that of an endpoint."""
        return cls(Folder(folder), window)

    @classmethod
    def in_s3(cls, s3: Any, bucket: str, prefix: str, window: Window) -> Captures:
        """What lies below a prefix, which may stand above or below that of an endpoint."""
        return cls(Prefix(s3, bucket, prefix), window)

    def __iter__(self) -> Iterator[Record]:
        self.skipped, self.skipped_count = self._unseen[:NAMED], len(self._unseen)
        for file, content in self._contents():
            yield from self._records(file, content)
            if self.progress:
                self.progress(file.size)

    def _contents(self) -> Iterator[tuple[File, bytes]]:
        """Every file that can be read, in order; as many are read ahead as there are readers."""
        waiting: deque[tuple[File, Future[bytes]]] = deque()
        with ThreadPoolExecutor(self._place.readers) as pool:
            try:
                for file in self._files:
                    waiting.append((file, pool.submit(self._place.read, file)))
                    if len(waiting) > self._place.readers:
                        yield from self._awaited(*waiting.popleft())
                while waiting:
                    yield from self._awaited(*waiting.popleft())
            finally:
                pool.shutdown(cancel_futures=True)

    def _awaited(self, file: File, content: Future[bytes]) -> Iterator[tuple[File, bytes]]:
        try:
            yield file, content.result()
        except Absent as error:
            self._skip(self._place.shown(file), str(error))

    def _records(self, file: File, content: bytes) -> Iterator[Record]:
        endpoint, variant = file.source
        for number, line in enumerate(io.BytesIO(content), 1):
            if not line.strip():
                continue
            try:
                record = parse(line, endpoint, variant)
            except Unreadable as error:
                half = "" if line.endswith(b"\n") else "The file ends in the middle of this line. "
                self._skip(f"{self._place.shown(file)}, line {number}", f"{half}{error}")
                continue
            if record.at in self._window:
                yield record

    def _skip(self, place: str, reason: str) -> None:
        self.skipped_count += 1
        if len(self.skipped) < NAMED:
            self.skipped.append((place, reason))
