"""The images that reviewers labelled, as further training images.

    s3://<bucket>/reviewed/<sha256>.png   the image as it arrived, whatever its format
    s3://<bucket>/reviewed/<sha256>.json  {"label", "sha256", "s3_key", "also": [{"s3_key", …}, …],
                                           "reviewed_at", …}

Nothing that was made from a validation or test image is trained on: those would then measure
memory. Simulated traffic is made from test images.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from botocore.exceptions import ClientError

from scones.aws import CONNECTIONS, error_code
from scones.clients import S3Client
from scones.images.dataset import SIDE, Dataset, Image, Pixels
from scones.images.staging import explain_errors
from scones.progress import Progress, in_parallel

FOLDER = "reviewed"
NONE = "none"  # the label of what belongs to no class
HELD_OUT = ("test/", "validation/", "simulated/")

# Reasons to leave an image out
NO_CLASS = "without one of the classes"
MEASURING = "made from test or validation images"
STAGED = "staged already"
DUPLICATE = "with the same pixels as another"
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Label:
    """What an image shows, as a reviewer labelled it.

    Attributes:
        keys: all keys under which the image arrived.
        at: when it was labelled, an ISO 8601 time.
    """

    sha256: str
    name: str
    keys: tuple[str, ...]
    at: str

    @classmethod
    def parse(cls, text: bytes) -> Label:
        """Raises ValueError, KeyError or TypeError if `text` is not such a record."""
        raw = json.loads(text)
        if not re.fullmatch(r"[0-9a-f]{64}", raw["sha256"]):
            raise ValueError(f"{raw['sha256']} is not a SHA-256.")
        requests = (raw, *raw.get("also", ()))
        keys = tuple(str(request["s3_key"]) for request in requests)
        return cls(raw["sha256"], str(raw["label"]), keys, str(raw["reviewed_at"]))

    def exclusion_reason(self, classes: Collection[str]) -> str | None:
        """Why not to train on the image, as far as its record reveals it."""
        if self.name not in classes:
            return NO_CLASS
        return MEASURING if any(key.startswith(HELD_OUT) for key in self.keys) else None


@dataclass(frozen=True)
class ReviewedImages:
    """The images to train on, and the number of images left out by reason."""

    images: tuple[Image, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    def added_to(self, dataset: Dataset) -> Dataset:
        train = (*dataset.splits["train"], *self.images)
        return replace(dataset, splits={**dataset.splits, "train": train})

    @property
    def summary(self) -> str:
        """One sentence; empty if there are no labels."""
        if not self.images and not self.left_out:
            return ""
        summary = f"Reviewed images to train on: {len(self.images):,}"
        if self.left_out:
            reasons = [f"{count:,} {reason}" for reason, count in sorted(self.left_out.items())]
            summary += f"; left out: {', '.join(reasons)}"
        return f"{summary}."


def record_key(sha256: str) -> str:
    return f"{FOLDER}/{sha256}.json"


def image_key(sha256: str) -> str:
    return f"{FOLDER}/{sha256}.png"


def read(
    s3: S3Client, bucket: str, classes: Sequence[str], staged: Collection[str]
) -> ReviewedImages:
    """The reviewed images to train on; `staged` are the SHA-256 of all other staged PNGs.

    Of images with the same pixels, the one labelled last counts.

    Raises:
        UserError: the bucket does not exist, or AWS denies access to it.
    """
    labels, left_out = _read_all(s3, bucket, classes)
    images: dict[str, Image] = {}
    for label, pixels in labels:
        name = f"reviewed-{label.sha256[:16]}.png"
        image = Image(name, classes.index(label.name), pixels)
        digest = hashlib.sha256(image.png()).hexdigest()
        if digest in staged:
            left_out[STAGED] += 1
        elif digest in images:
            left_out[DUPLICATE] += 1
        else:
            images[digest] = image
    by_name = sorted(images.values(), key=lambda image: image.name)
    return ReviewedImages(tuple(by_name), dict(left_out))


LabelledPixels = tuple[Label, Pixels]


def _read_all(
    s3: S3Client, bucket: str, classes: Collection[str]
) -> tuple[list[LabelledPixels], Counter[str]]:
    """All labels to train on, the latest first, and the numbers of the others by reason."""

    def read_label(key: str) -> LabelledPixels | str:
        """A label with its image's pixels, or the reason to leave it out."""
        try:
            label = Label.parse(_read_object(s3, bucket, key))
            reason = label.exclusion_reason(classes)
            if reason:
                return reason
            image = _read_object(s3, bucket, image_key(label.sha256))
            return label, _resize(image)
        except (ValueError, KeyError, TypeError, AttributeError):
            return UNREADABLE
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return UNREADABLE
            raise

    labels: list[LabelledPixels] = []
    left_out = Counter[str]()
    with explain_errors(bucket):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{FOLDER}/")
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        records = [key for key in keys if key.endswith(".json")]
        if not records:
            return labels, left_out
        with Progress("Reading", len(records), "reviewed images") as bar:
            for result in bar.each(in_parallel(read_label, records, CONNECTIONS)):
                if isinstance(result, str):
                    left_out[result] += 1
                else:
                    labels.append(result)
    labels.sort(key=lambda labelled: (labelled[0].at, labelled[0].sha256), reverse=True)
    return labels, left_out


def _resize(body: bytes) -> Pixels:
    """The image's pixels at the staged size, resized by the same code as on the endpoint.

    Raises:
        ValueError: it is not an image.
    """
    from container.serving.images import pixels  # late: torch takes a second to load

    planes = pixels(body, SIDE)  # [3, height, width]
    return planes.permute(1, 2, 0).contiguous().numpy()


def _read_object(s3: S3Client, bucket: str, key: str) -> bytes:
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
