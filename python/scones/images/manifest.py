"""`manifest.json` and the `.lst` files: what was staged, from where, and by which code."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from scones.errors import UserError
from scones.images.dataset import Dataset

VERSION = 1
KEY = "manifest.json"
REVIEWED = re.compile(r"train/reviewed-[0-9a-f]{16}\.png")


@dataclass(frozen=True)
class Origin:
    """Where the images come from: the source's name, the archive's SHA-256, and whether they are drawn."""

    name: str
    sha256: str
    drawn: bool


@dataclass(frozen=True)
class Entry:
    """A staged image: its S3 key, the index of its class, and the SHA-256 of the PNG."""

    key: str
    label: int
    sha256: str

    @property
    def reviewed(self) -> bool:
        """Whether people labelled it in review."""
        return REVIEWED.fullmatch(self.key) is not None


@dataclass(frozen=True)
class Others:
    """The file with the images of other classes to pretrain on: its S3 key, its SHA-256, and what is in it."""

    key: str
    sha256: str
    images: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """Everything that training and its reviewers need to know about the staged images."""

    classes: tuple[str, ...]
    origin: Origin
    code_version: str
    seed: int
    counts: Mapping[str, Mapping[str, int]]
    images: tuple[Entry, ...]
    pretraining: Others | None = None

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        pngs: Mapping[str, bytes],
        origin: Origin,
        code_version: str,
        seed: int,
    ) -> Manifest:
        """The manifest of `dataset`, whose images are `pngs` by key."""
        labels = {
            f"{split}/{image.name}": image.label
            for split, images in dataset.splits.items()
            for image in images
        }
        images = tuple(
            Entry(key, labels[key], hashlib.sha256(png).hexdigest())
            for key, png in sorted(pngs.items())
        )
        return cls(dataset.classes, origin, code_version, seed, dataset.counts(), images)

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """What `as_json` wrote.

        Raises:
            UserError: `text` is something else, or another version's.
        """
        try:
            raw = json.loads(text)
            if raw["version"] != VERSION:
                raise UserError(
                    f"{KEY} has version {raw['version']}, not {VERSION}. Stage the data again."
                )
            return cls(
                classes=tuple(raw["classes"]),
                origin=Origin(raw["source"]["name"], raw["source"]["sha256"], raw["drawn"]),
                code_version=raw["code_version"],
                seed=raw["seed"],
                counts=raw["counts"],
                images=tuple(Entry(**image) for image in raw["images"]),
                pretraining=_others(raw.get("pretraining")),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{KEY} is not a manifest: {error!r}. Stage the data again.") from error

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the classes and every image's key, label and content: equal data have equal fingerprints."""
        content: list[Any] = [
            self.classes,
            [[image.key, image.label, image.sha256] for image in self.images],
        ]
        if self.pretraining:
            content.append(self.pretraining.sha256)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def reviewed(self) -> int:
        """How many of the training images people labelled in review."""
        return sum(image.reviewed for image in self.images)

    @property
    def digests(self) -> frozenset[str]:
        """SHA-256 of every image but the reviewed ones."""
        return frozenset(image.sha256 for image in self.images if not image.reviewed)

    def with_reviewed(self, labels: Mapping[str, int], pngs: Mapping[str, bytes]) -> Manifest:
        """The manifest with exactly these reviewed images: classes' indices and PNGs by key."""
        new = (
            Entry(key, label, hashlib.sha256(pngs[key]).hexdigest())
            for key, label in labels.items()
        )
        others = (image for image in self.images if not image.reviewed)
        images = tuple(sorted((*others, *new), key=lambda image: image.key))
        if set(images) == set(self.images):
            return self
        found = Counter(image.label for image in images if self._in("train", image))
        train = {name: found[label] for label, name in enumerate(self.classes)}
        return replace(self, images=images, counts={**self.counts, "train": train})

    def as_json(self) -> bytes:
        fields: dict[str, Any] = {
            "version": VERSION,
            "classes": self.classes,
            "drawn": self.origin.drawn,
            "source": {"name": self.origin.name, "sha256": self.origin.sha256},
            "code_version": self.code_version,
            "seed": self.seed,
            "fingerprint": self.fingerprint,
            "counts": self.counts,
            "reviewed": self.reviewed,
            "images": [asdict(image) for image in self.images],
            "pretraining": asdict(self.pretraining) if self.pretraining else None,
        }
        return json.dumps(fields, indent=1).encode() + b"\n"

    def lst(self, split: str) -> bytes:
        """The split's list as the built-in algorithm reads it: index, label, path within the split's folder."""
        keys = (
            (image.key.removeprefix(f"{split}/"), image.label)
            for image in self.images
            if self._in(split, image)
        )
        return "".join(
            f"{index}\t{label}\t{name}\n" for index, (name, label) in enumerate(keys)
        ).encode()

    def _in(self, split: str, image: Entry) -> bool:
        return image.key.startswith(f"{split}/")


def _others(raw: Mapping[str, Any] | None) -> Others | None:
    return Others(**{**raw, "classes": tuple(raw["classes"])}) if raw else None
