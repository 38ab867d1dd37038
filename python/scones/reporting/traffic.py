"""Captured traffic in little room: a few numbers for each picture, however many records and however large they are.

A picture is what one inference id names; the record of a second try of the same one adds nothing.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import nan

from monitor.records import Record
from scones.reporting.captured_pictures import NAMED, Lost, Lowest, Undecodable, check, is_declared

NONE = -1


@dataclass(frozen=True)
class Source:
    """The endpoint and the variant that captured, as far as known."""

    endpoint: str | None
    variant: str | None
    captured: bool = True


UNCAPTURED = Source(None, None, captured=False)


class Traffic:
    """Columns of numbers, a row for each picture.

    Attributes:
        at: seconds since 1970.
        confidence: the highest probability; NaN without an answer.
        label, width: the place of that probability among how many; NONE and 0 without an answer.
        source: index into `sources`.
        records: how many were read; `repeated` of them told of a picture that was known already.
        remarks: why there is no answer, and how often.
        below, above: the pictures of lowest confidence on either side of the threshold.
        lost: those that cannot be decoded, of `lost_count`.
    """

    def __init__(self, threshold: float) -> None:
        self.at, self.confidence = array("d"), array("d")
        self.label, self.width, self.source = array("i"), array("i"), array("i")
        self.sources: list[Source] = []
        self.records = self.repeated = self.lost_count = 0
        self.remarks: Counter[str] = Counter()
        self.below, self.above = Lowest(), Lowest()
        self.lost: list[Lost] = []
        self._threshold = threshold
        self._rows: list[dict[str, int]] = []  # by name, of each source

    @classmethod
    def of(cls, records: Iterable[Record], threshold: float) -> Traffic:
        traffic = cls(threshold)
        for record in records:
            traffic.add(record)
        return traffic

    def __len__(self) -> int:
        return len(self.at)

    def add(self, record: Record) -> None:
        """Take a record in."""
        self.records += 1
        source = self._source(Source(record.endpoint, record.variant))
        name = record.inference_id or record.event_id
        row = self._rows[source].get(name)
        if row is None:
            row = self._new(name, record.at, source)
        else:
            self.repeated += 1
            if self.label[row] != NONE or record.answer is None:
                return
        if record.answer:
            self.confidence[row] = confidence = max(record.answer)
            self.label[row], self.width[row] = record.answer.index(confidence), len(record.answer)
        elif record.remark:
            self.remarks[record.remark.partition(":")[0].rstrip(".")] += 1
        if record.body is not None and is_declared(record):
            self._look_at(record.body, row, name)

    def add_uncaptured(self, name: str, at: datetime) -> int:
        """Take a picture in of which nothing was captured; returns its row."""
        return self._new(name, at, self._source(UNCAPTURED))

    def rows(self, name: str) -> list[int]:
        """Where the pictures of that inference id are: one row for each source that saw it."""
        return [rows[name] for rows in self._rows if name in rows]

    def _source(self, source: Source) -> int:
        if source not in self.sources:
            self.sources.append(source)
            self._rows.append({})
        return self.sources.index(source)

    def _new(self, name: str, at: datetime, source: int) -> int:
        row = self._rows[source][name] = len(self)
        self.at.append(at.timestamp())
        self.confidence.append(nan)
        self.label.append(NONE)
        self.width.append(0)
        self.source.append(source)
        return row

    def _look_at(self, body: bytes, row: int, name: str) -> None:
        try:
            check(body)
            if self.label[row] != NONE:
                confidence = self.confidence[row]
                (self.above if confidence >= self._threshold else self.below).offer(
                    confidence, row, name, body
                )
        except Undecodable as error:
            self.lost_count += 1
            if len(self.lost) < NAMED:
                self.lost.append(Lost(row, name, str(error)))
