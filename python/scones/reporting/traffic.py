"""Captured traffic in little memory: a few numbers per image, however many and large records are.

An image is identified by its inference id; further records of the same id are only counted.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, compress
from math import nan

from container.serving.attribution import Attribution
from monitor.records import Record
from scones.reporting.sample_images import (
    MOST_NAMED,
    LeastConfident,
    UndecodableError,
    UndecodableImage,
    is_declared_image,
    verify_image,
)

NONE = -1
NOTHING_ACCEPTED = 1.0  # the threshold if neither settings nor model set one, as in Terraform


@dataclass(frozen=True)
class Source:
    """The endpoint and the variant that captured, as far as known."""

    endpoint: str | None
    variant: str | None
    captured: bool = True


UNCAPTURED = Source(None, None, captured=False)


class Traffic:
    """Columns of numbers with a row per image.

    Attributes:
        at: seconds since 1970.
        confidence: the highest probability; NaN without an answer.
        label, class_count: index of that probability and the number of probabilities; NONE and 0
            without an answer.
        source: index into `sources`.
        model: index into `models`, of those that say in their answers who they are; otherwise NONE.
        records: number of records, of which `repeated` are of known images.
        workflow: the endpoint that the workflow calls, always with an inference id; None if
            unknown. Other requests to it are not images of the workflow: they are left out.
        direct: number of requests that were left out.
        remarks: reasons for missing answers, and how often each came up.
        below, above: the images of lowest confidence on either side of the threshold.
        undecodable: the first images that cannot be decoded, of `undecodable_count`.
    """

    def __init__(self, threshold: float | None, workflow: str | None = None) -> None:
        self.threshold = NOTHING_ACCEPTED if threshold is None else threshold
        self.workflow = workflow
        self.at = array("d")
        self.confidence = array("d")
        self.label = array("i")
        self.class_count = array("i")
        self.source = array("i")
        self.model = array("i")
        self.sources: list[Source] = []
        self.models: list[Attribution] = []
        self.records = self.repeated = self.direct = self.undecodable_count = 0
        self.remarks: Counter[str] = Counter()
        self.below = LeastConfident()
        self.above = LeastConfident()
        self.undecodable: list[UndecodableImage] = []
        self._rows: list[dict[str, int]] = []  # by inference id, for each source

    @classmethod
    def of(
        cls,
        records: Iterable[Record],
        threshold: float | None,
        workflow: str | None = None,
    ) -> Traffic:
        traffic = cls(threshold, workflow)
        for record in records:
            traffic.add(record)
        return traffic

    def __len__(self) -> int:
        return len(self.at)

    def add(self, record: Record) -> None:
        """Add a record; without an inference id, its event id identifies the image."""
        self.records += 1
        if self.workflow and record.endpoint == self.workflow and not record.inference_id:
            self.direct += 1
            return
        source = self._source_index(Source(record.endpoint, record.variant))
        name = record.inference_id or record.event_id
        row = self._rows[source].get(name)
        if row is None:
            row = self._add_row(name, record.at, source)
        else:
            self.repeated += 1
            if self.label[row] != NONE or record.answer is None:
                return
        if record.answer:
            confidence = max(record.answer)
            self.confidence[row] = confidence
            self.label[row] = record.answer.index(confidence)
            self.class_count[row] = len(record.answer)
            if record.attribution:
                self.model[row] = self._model_index(record.attribution)
        elif record.remark:
            reason = record.remark.partition(":")[0].rstrip(".")
            self.remarks[reason] += 1
        if record.body is not None and is_declared_image(record):
            self._sample(record.body, row, name)

    def add_uncaptured(self, name: str, at: datetime) -> int:
        """Add an image without a captured record; returns its row."""
        return self._add_row(name, at, self._source_index(UNCAPTURED))

    def rows(self, name: str) -> list[int]:
        """The rows of that inference id: one for each source that captured it."""
        return [rows[name] for rows in self._rows if name in rows]

    def leave_out(self, rows: Collection[int]) -> None:
        """Remove images, which then count as direct requests; the others get new rows."""
        if not rows:
            return
        self.direct += len(rows)
        kept = bytearray(b"\1") * len(self)
        for row in rows:
            kept[row] = 0
        new_rows = list(accumulate(kept, initial=0))
        for name in ("at", "confidence", "label", "class_count", "source", "model"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, compress(column, kept)))
        self._rows = [
            {name: new_rows[row] for name, row in names.items() if kept[row]}
            for names in self._rows
        ]
        for samples in (self.below, self.above):
            samples.samples = [
                replace(sample, row=new_rows[sample.row])
                for sample in samples.samples
                if kept[sample.row]
            ]
        undecodable = [
            replace(image, row=new_rows[image.row]) for image in self.undecodable if kept[image.row]
        ]
        self.undecodable_count -= len(self.undecodable) - len(undecodable)
        self.undecodable = undecodable

    def unlisted(self, names: Collection[str], since: float, until: float) -> list[int]:
        """The rows of the workflow's endpoint from that time whose inference id is not in `names`.

        `since` and `until` are in seconds since 1970.
        """
        if not self.workflow:
            return []
        return [
            row
            for source, rows in zip(self.sources, self._rows, strict=True)
            if source.endpoint == self.workflow
            for name, row in rows.items()
            if name not in names and since <= self.at[row] < until
        ]

    def _source_index(self, source: Source) -> int:
        if source not in self.sources:
            self.sources.append(source)
            self._rows.append({})
        return self.sources.index(source)

    def _model_index(self, model: Attribution) -> int:
        if model not in self.models:
            self.models.append(model)
        return self.models.index(model)

    def threshold_of(self, row: int) -> float:
        """The threshold of the model that answered, otherwise that of the workflow."""
        model = self.model[row]
        return self.threshold if model == NONE else self.models[model].threshold

    def _add_row(self, name: str, at: datetime, source: int) -> int:
        row = len(self)
        self._rows[source][name] = row
        self.at.append(at.timestamp())
        self.confidence.append(nan)
        self.label.append(NONE)
        self.class_count.append(0)
        self.source.append(source)
        self.model.append(NONE)
        return row

    def _sample(self, body: bytes, row: int, name: str) -> None:
        try:
            verify_image(body)
            if self.label[row] == NONE:
                return
            confidence = self.confidence[row]
            samples = self.above if confidence >= self.threshold_of(row) else self.below
            samples.offer(confidence, row, name, body)
        except UndecodableError as error:
            self.undecodable_count += 1
            if len(self.undecodable) < MOST_NAMED:
                self.undecodable.append(UndecodableImage(row, name, str(error)))
