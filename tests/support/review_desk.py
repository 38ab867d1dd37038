"""A review queue and a data bucket with images of low confidence."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from moto import mock_aws
from PIL import Image

from monitor import ground_truth
from monitor.window import Window
from scones.reviewing.labels import LabelStore
from scones.reviewing.review_queue import ReviewQueue
from scones.reviewing.session import Card, Session

BUCKET = "scones-local-data-123456789012"
CLASSES = ("bicycle", "motorcycle")
MACHINE = "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify"


def image_bytes(number: int, kind: str = "PNG", size: tuple[int, int] = (48, 36)) -> bytes:
    """An image that differs for each number."""
    noise = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def shown_card(session: Session) -> Card:
    """The card shown; there must be one."""
    card = session.show()
    assert card is not None
    return card


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Desk:
    s3: Any
    sqs: Any
    url: str
    bucket: str = BUCKET
    messages: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, s3: Any, sqs: Any) -> Desk:
        s3.create_bucket(Bucket=BUCKET)
        return cls(s3, sqs, sqs.create_queue(QueueName="scones-local-review")["QueueUrl"])

    def add(self, name: str, body: bytes | None, key: str = "", confidence: float = 0.61) -> str:
        """Put an image into the bucket, unless it is to be missing, and a request into the queue.

        Returns its SHA-256.
        """
        key = key or f"uploads/{name}.png"
        if body is not None:
            self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        request = {
            "s3_bucket": BUCKET,
            "s3_key": key,
            "inferences": [confidence, 1 - confidence],
            "execution": f"{MACHINE}:{name}",
            "label": "bicycle",
            "confidence": confidence,
            "attribution": {"model": "scones-1", "threshold": 0.93, "classes": list(CLASSES)},
            "message": f"Most likely bicycle, but {confidence:.4g} is below the threshold, 0.93.",
        }
        self.send(json.dumps(request))
        return sha256(body or b"")

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def session(
        self, reviewer: str = "arn:aws:iam::123456789012:user/ada", hidden_seconds: int = 300
    ) -> Session:
        queue, labels = (
            ReviewQueue(self.sqs, self.url, hidden_seconds, wait_seconds=0),
            LabelStore(self.s3, BUCKET, reviewer),
        )
        return Session(queue, labels, self.s3, CLASSES, self.messages.append)

    def in_queue(self) -> tuple[int, int]:
        """How many messages can be seen, and how many are hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def keys(self, prefix: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in listed]

    def content(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def record(self, sha256: str) -> dict[str, Any]:
        return dict(json.loads(self.content(f"reviewed/{sha256}.json")))

    def truth(self) -> dict[str, str]:
        return ground_truth.read(self.s3, BUCKET, Window())

    def truth_lines(self) -> list[str]:
        """The inference id of every line of ground truth."""
        lines = [
            line for key in self.keys("ground-truth/") for line in self.content(key).splitlines()
        ]
        return [json.loads(line)["eventMetadata"]["eventId"] for line in lines]


@contextmanager
def in_memory() -> Iterator[Desk]:
    """A desk in this process."""
    import boto3  # within moto's reach

    with mock_aws():
        session = boto3.session.Session("none", "none", region_name="us-east-1")
        yield Desk.create(session.client("s3"), session.client("sqs"))
