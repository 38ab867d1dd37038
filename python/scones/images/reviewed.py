"""The pictures that people labelled in review, as further training images.

    s3://<bucket>/reviewed/<sha256>.png   the picture as it came, whatever its format
    s3://<bucket>/reviewed/<sha256>.json  {"label", "sha256", "s3_key", "also": [{"s3_key", …}, …], "reviewed_at", …}

Nothing that stems from a validation or test image is trained on: what those would measure then is memory. Traffic that
is simulated is made from test images.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from botocore.exceptions import ClientError

from scones.images.dataset import SIDE, Dataset, Image
from scones.images.staging import explained, in_parallel
from scones.progress import Progress

FOLDER = "reviewed"
NONE = "none"  # the label of what belongs to no class
HELD_OUT = ("test/", "validation/", "simulated/")

CLASSLESS, MEASURING, STAGED, ALIKE, UNREADABLE = (
    "without one of the classes",
    "made from test or validation images",
    "staged already",
    "with the same pixels as another",
    "unreadable",
)


@dataclass(frozen=True)
class Label:
    """What a person said that a picture shows; `keys` are all under which it came, `at` is an ISO 8601 time."""

    sha256: str
    name: str
    keys: tuple[str, ...]
    at: str

    @classmethod
    def parse(cls, text: bytes) -> Label:
        """Raises ValueError, KeyError or TypeError where `text` is no such record."""
        raw = json.loads(text)
        if not re.fullmatch(r"[0-9a-f]{64}", raw["sha256"]):
            raise ValueError(f"{raw['sha256']} is no SHA-256.")
        keys = tuple(str(one["s3_key"]) for one in (raw, *raw.get("also", ())))
        return cls(raw["sha256"], str(raw["label"]), keys, str(raw["reviewed_at"]))

    def reason_against(self, classes: Collection[str]) -> str | None:
        """Why nobody shall learn from it, as far as that can be said without the picture."""
        if self.name not in classes:
            return CLASSLESS
        return MEASURING if any(key.startswith(HELD_OUT) for key in self.keys) else None


@dataclass(frozen=True)
class Taken:
    """The images to learn from, and how many pictures were left out for which reason."""

    images: tuple[Image, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)

    def added_to(self, dataset: Dataset) -> Dataset:
        return replace(
            dataset, splits={**dataset.splits, "train": (*dataset.splits["train"], *self.images)}
        )

    @property
    def sentence(self) -> str:
        """What became of the labels; empty where there are none."""
        if not self.images and not self.left_out:
            return ""
        reasons = ", ".join(
            f"{count:,} {reason}" for reason, count in sorted(self.left_out.items())
        )
        return f"Reviewed pictures to learn from: {len(self.images):,}" + (
            f"; left out: {reasons}." if reasons else "."
        )


def record_key(sha256: str) -> str:
    return f"{FOLDER}/{sha256}.json"


def picture_key(sha256: str) -> str:
    return f"{FOLDER}/{sha256}.png"


def read(s3: Any, bucket: str, classes: Sequence[str], staged: Collection[str]) -> Taken:
    """The reviewed pictures that belong among the training images; `staged` are the SHA-256 of all other PNGs there.

    Of pictures with the same pixels, the one labelled last counts.

    Raises:
        UserError: the bucket is missing or closed to us.
    """
    with explained(bucket):
        records = list(_record_keys(s3, bucket))
        if not records:
            return Taken()
        with Progress("Reading", len(records), "reviewed pictures") as bar:
            threads = s3.meta.config.max_pool_connections
            found = list(
                bar.each(
                    in_parallel(lambda key: _judged(s3, bucket, key, classes), records, threads)
                )
            )
    left_out = Counter(one for one in found if isinstance(one, str))
    usable = [one for one in found if not isinstance(one, str)]
    images: dict[str, Image] = {}
    for label, pixels in sorted(usable, key=lambda one: (one[0].at, one[0].sha256), reverse=True):
        image = Image(f"reviewed-{label.sha256[:16]}.png", classes.index(label.name), pixels)
        digest = hashlib.sha256(image.png()).hexdigest()
        if digest in staged or digest in images:
            left_out[STAGED if digest in staged else ALIKE] += 1
        else:
            images[digest] = image
    return Taken(tuple(sorted(images.values(), key=lambda image: image.name)), dict(left_out))


def squeezed(picture: bytes) -> npt.NDArray[np.uint8]:
    """The picture's pixels at the staged size, by the very code that the endpoint squeezes pictures with.

    Raises:
        ValueError: it is no picture.
    """
    from container.serving.images import pixels  # late: torch takes a second to load

    return pixels(picture, SIDE).permute(1, 2, 0).contiguous().numpy()


def _record_keys(s3: Any, bucket: str) -> Iterator[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{FOLDER}/")
    keys = (entry["Key"] for page in pages for entry in page.get("Contents", ()))
    return (key for key in keys if key.endswith(".json"))


def _judged(
    s3: Any, bucket: str, key: str, classes: Collection[str]
) -> tuple[Label, npt.NDArray[np.uint8]] | str:
    """A label with its picture's pixels, or the reason to leave it out."""
    try:
        label = Label.parse(_content(s3, bucket, key))
        return label.reason_against(classes) or (
            label,
            squeezed(_content(s3, bucket, picture_key(label.sha256))),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return UNREADABLE
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return UNREADABLE


def _content(s3: Any, bucket: str, key: str) -> bytes:
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
