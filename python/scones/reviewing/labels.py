"""People's labels in the data bucket, one for each picture's content, and the ground truth that follows from them.

    reviewed/<sha256>.png   the picture as it came
    reviewed/<sha256>.json  {"label", "sha256", "s3_bucket", "s3_key", "execution_arn", "inference_id", "inferences",
                             "predicted", "confidence", "reviewed_at", "reviewer",
                             "also": [{"s3_bucket", "s3_key", "execution_arn", "inference_id", "at"}, …]}

`also` are further messages about the same content, and when their ground truth was given. Whatever is written follows
from the record, so that writing it again after an interruption changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from monitor import ground_truth
from scones.images import reviewed
from scones.reviewing.doubts import Doubt
from scones.reviewing.photos import Photo


@dataclass(frozen=True)
class Asked:
    """Another message about a picture; `at` is when its ground truth was given, an ISO 8601 time."""

    s3_bucket: str
    s3_key: str
    execution_arn: str
    inference_id: str
    at: str


@dataclass(frozen=True)
class Review:
    """What a person said of a picture."""

    label: str
    sha256: str
    s3_bucket: str
    s3_key: str
    execution_arn: str
    inference_id: str
    inferences: tuple[float, ...]
    predicted: str
    confidence: float
    reviewed_at: str
    reviewer: str
    also: tuple[Asked, ...] = ()

    @classmethod
    def parse(cls, text: bytes) -> Review:
        """Raises ValueError, KeyError or TypeError where `text` is no such record."""
        raw = json.loads(text)
        also = tuple(Asked(**one) for one in raw["also"])
        review = cls(**{**raw, "inferences": tuple(raw["inferences"]), "also": also})
        for _, at in review.given():
            datetime.fromisoformat(at)
        return review

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode() + b"\n"

    def given(self) -> Iterator[tuple[str, str]]:
        """Every inference that it is the truth of, and since when."""
        yield self.inference_id, self.reviewed_at
        yield from ((one.inference_id, one.at) for one in self.also)

    def covers(self, doubt: Doubt) -> bool:
        return any(inference_id == doubt.inference_id for inference_id, _ in self.given())


@dataclass(frozen=True)
class Labels:
    """The labels in one bucket; `reviewer` signs those that are given."""

    s3: Any
    bucket: str
    reviewer: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def known(self, sha256: str) -> Review | None:
        """The label of this content; None without one, or where somebody has spoilt the record."""
        try:
            text = self.s3.get_object(Bucket=self.bucket, Key=reviewed.record_key(sha256))[
                "Body"
            ].read()
            return Review.parse(text)
        except (ValueError, KeyError, TypeError):
            return None
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None

    def give(self, doubt: Doubt, photo: Photo, label: str) -> Review:
        """Store a label, in place of any that there is: the picture, the record, then the ground truth."""
        now = self._now()
        former = self.known(photo.sha256)
        review = Review(
            label=label,
            sha256=photo.sha256,
            s3_bucket=doubt.s3_bucket,
            s3_key=doubt.s3_key,
            execution_arn=doubt.execution_arn,
            inference_id=doubt.inference_id,
            inferences=doubt.inferences,
            predicted=doubt.label,
            confidence=doubt.confidence,
            reviewed_at=now,
            reviewer=self.reviewer,
        )
        if former is None:
            self._put(reviewed.image_key(photo.sha256), photo.body, f"image/{photo.kind.lower()}")
        else:
            first = Asked(
                former.s3_bucket, former.s3_key, former.execution_arn, former.inference_id, now
            )
            others = (replace(one, at=now) for one in (first, *former.also))
            review = replace(
                review, also=tuple(one for one in others if one.inference_id != doubt.inference_id)
            )
        self._store(review, dict(review.given()))
        return review

    def extend(self, review: Review, doubt: Doubt) -> None:
        """Have a label that there is be the truth of another doubt about the same content, too."""
        if not review.covers(doubt):
            one = Asked(
                doubt.s3_bucket, doubt.s3_key, doubt.execution_arn, doubt.inference_id, self._now()
            )
            review = replace(review, also=(*review.also, one))
        self._store(review, {doubt.inference_id: dict(review.given())[doubt.inference_id]})

    def _store(self, review: Review, since: Mapping[str, str]) -> None:
        """Write the record, then the ground truth of these inferences."""
        self._put(reviewed.record_key(review.sha256), review.as_json(), "application/json")
        for inference_id, at in since.items():
            key = ground_truth.key(datetime.fromisoformat(at), f"review-{inference_id}")
            self._put(
                key,
                ground_truth.lines({inference_id: review.label}).encode(),
                "application/jsonlines",
            )

    def _put(self, key: str, body: bytes, kind: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=kind)

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="milliseconds")
