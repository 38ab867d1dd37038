"""Reviewers' labels in the data bucket, one per image content, and the ground truth from them.

    reviewed/<sha256>.png   the image as stored, whatever its format
    reviewed/<sha256>.json  {"label", "sha256", "s3_bucket", "s3_key", "execution_arn",
                             "inference_id", "inferences", "predicted", "confidence",
                             "reviewed_at", "reviewer",
                             "also": [{"s3_bucket", "s3_key", "execution_arn", "inference_id",
                                       "at"}, …]}

`also` lists further requests with the same content, and when their ground truth was written.
Everything written follows from the record, so writing again after an interruption changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from monitor import ground_truth
from scones.aws import call_or_none
from scones.clients import S3Client
from scones.images import reviewed
from scones.reviewing.loaded_image import LoadedImage
from scones.reviewing.review_request import ReviewRequest


@dataclass(frozen=True)
class FurtherRequest:
    """Another request with the same content; `at` is the time of its ground truth, ISO 8601."""

    s3_bucket: str
    s3_key: str
    execution_arn: str
    inference_id: str
    at: str


@dataclass(frozen=True)
class Review:
    """A reviewer's label, with the request that it answers."""

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
    also: tuple[FurtherRequest, ...] = ()

    @classmethod
    def parse(cls, text: bytes) -> Review:
        """Raises ValueError, KeyError or TypeError if `text` is not such a record."""
        raw = json.loads(text)
        raw["also"] = tuple(FurtherRequest(**fields) for fields in raw["also"])
        raw["inferences"] = tuple(raw["inferences"])
        review = cls(**raw)
        for at in review.times().values():
            datetime.fromisoformat(at)
        return review

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode() + b"\n"

    def times(self) -> dict[str, str]:
        """When the ground truth of each inference was written."""
        further = {request.inference_id: request.at for request in self.also}
        return {self.inference_id: self.reviewed_at, **further}


@dataclass(frozen=True)
class LabelStore:
    """The labels in one bucket; `reviewer` signs new ones."""

    s3: S3Client
    bucket: str
    reviewer: str

    def find(self, sha256: str) -> Review | None:
        """The label of this content; None if it is missing or its record is damaged."""
        key = reviewed.record_key(sha256)
        response = call_or_none(
            lambda: self.s3.get_object(Bucket=self.bucket, Key=key), {"NoSuchKey"}
        )
        if response is None:
            return None
        try:
            return Review.parse(response["Body"].read())
        except (ValueError, KeyError, TypeError):
            return None

    def store(self, request: ReviewRequest, image: LoadedImage, label: str) -> Review:
        """Write the image, the record and the ground truth; replaces an earlier label."""
        review = Review(
            label=label,
            sha256=image.sha256,
            s3_bucket=request.s3_bucket,
            s3_key=request.s3_key,
            execution_arn=request.execution_arn,
            inference_id=request.inference_id,
            inferences=request.inferences,
            predicted=request.label,
            confidence=request.confidence,
            reviewed_at=_now(),
            reviewer=self.reviewer,
        )
        former = self.find(image.sha256)
        if former is None:
            key = reviewed.image_key(image.sha256)
            self._put(key, image.body, f"image/{image.kind.lower()}")
        else:
            requests = (_further(former, review.reviewed_at), *former.also)
            also = [
                replace(further, at=review.reviewed_at)
                for further in requests
                if further.inference_id != review.inference_id
            ]
            review = replace(review, also=tuple(also))
        self._write(review, *review.times())
        return review

    def extend(self, review: Review, request: ReviewRequest) -> None:
        """Use an existing label as the ground truth of another request with the same content."""
        if request.inference_id not in review.times():
            further = _further(request, _now())
            review = replace(review, also=(*review.also, further))
        self._write(review, request.inference_id)

    def _write(self, review: Review, *inference_ids: str) -> None:
        """Write the record, then the ground truth of these inferences."""
        self._put(reviewed.record_key(review.sha256), review.as_json(), "application/json")
        times = review.times()
        for inference_id in inference_ids:
            at = datetime.fromisoformat(times[inference_id])
            key = ground_truth.key(at, f"review-{inference_id}")
            lines = ground_truth.lines({inference_id: review.label})
            self._put(key, lines.encode(), "application/jsonlines")

    def _put(self, key: str, body: bytes, kind: str) -> None:
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=body,
            ContentType=kind,
        )


def _further(request: ReviewRequest | Review, at: str) -> FurtherRequest:
    return FurtherRequest(
        request.s3_bucket,
        request.s3_key,
        request.execution_arn,
        request.inference_id,
        at,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
