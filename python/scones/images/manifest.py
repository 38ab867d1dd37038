"""`manifest.json` and the `.lst` files: what was staged, from where, and by which code."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from scones.errors import UserError

if TYPE_CHECKING:  # numpy and PIL would double the imports of a verb that only reads a manifest
    from scones.images.dataset import Dataset

VERSION = 1
KEY = "manifest.json"
REVIEWED = re.compile(r"train/reviewed-[0-9a-f]{16}\.png")


@dataclass(frozen=True)
class Origin:
    """Where the images come from: the source's name, the archive's SHA-256, and if it is drawn."""

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
        """Whether a reviewer labelled it."""
        return REVIEWED.fullmatch(self.key) is not None


@dataclass(frozen=True)
class PretrainingFile:
    """The file with images of other classes to pretrain on: S3 key, SHA-256, and its content."""

    key: str
    sha256: str
    images: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """What training and its reviewers need to know about the staged images."""

    classes: tuple[str, ...]
    origin: Origin
    code_version: str
    seed: int
    counts: Mapping[str, Mapping[str, int]]
    images: tuple[Entry, ...]
    pretraining: PretrainingFile | None = None

    @property
    def test_images(self) -> list[Entry]:
        return [image for image in self.images if image.key.startswith("test/")]

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        pngs: Mapping[str, bytes],
        origin: Origin,
        code_version: str,
        seed: int,
        pretraining: PretrainingFile | None = None,
    ) -> Manifest:
        """The manifest of `dataset`, whose images are `pngs` by key."""
        labels = {
            f"{split}/{image.name}": image.label
            for split, images in dataset.splits.items()
            for image in images
        }
        return cls(
            dataset.classes,
            origin,
            code_version,
            seed,
            dataset.counts(),
            _sort_by_key(_entries(labels, pngs)),
            pretraining,
        )

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Read what `as_json` wrote.

        Raises:
            UserError: `text` is something else, or of another version.
        """
        try:
            raw = json.loads(text)
            version = raw["version"]
            if version != VERSION:
                raise UserError(
                    f"{KEY} has version {version}, not {VERSION}. Stage the data again."
                )
            pretraining = raw.get("pretraining")
            if pretraining:
                classes = tuple(pretraining["classes"])
                pretraining = PretrainingFile(**{**pretraining, "classes": classes})
            return cls(
                classes=tuple(raw["classes"]),
                origin=Origin(**raw["source"], drawn=raw["drawn"]),
                code_version=raw["code_version"],
                seed=raw["seed"],
                counts=raw["counts"],
                images=tuple(Entry(**image) for image in raw["images"]),
                pretraining=pretraining,
            )
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{KEY} is not a manifest: {error!r}. Stage the data again.") from error

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the classes and every image's key, label and content.

        Equal data have equal fingerprints.
        """
        images = [[image.key, image.label, image.sha256] for image in self.images]
        content: list[Any] = [self.classes, images]
        if self.pretraining:
            content.append(self.pretraining.sha256)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def reviewed(self) -> int:
        """The number of training images that a reviewer labelled."""
        return sum(image.reviewed for image in self.images)

    @property
    def digests(self) -> frozenset[str]:
        """SHA-256 of every image but the reviewed ones."""
        return frozenset(image.sha256 for image in self.images if not image.reviewed)

    def with_reviewed(self, labels: Mapping[str, int], pngs: Mapping[str, bytes]) -> Manifest:
        """The manifest with exactly these reviewed images: class indices and PNGs by key."""
        entries = [image for image in self.images if not image.reviewed]
        entries += _entries(labels, pngs)
        images = _sort_by_key(entries)
        if set(images) == set(self.images):
            return self
        by_label = Counter(image.label for image in images if _is_in("train", image))
        train = {name: by_label[label] for label, name in enumerate(self.classes)}
        return replace(
            self,
            images=images,
            counts={**self.counts, "train": train},
        )

    def as_json(self) -> bytes:
        source = asdict(self.origin)
        fields: dict[str, Any] = {
            "version": VERSION,
            "classes": self.classes,
            "drawn": source.pop("drawn"),
            "source": source,
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
        """The split's list for the built-in algorithm: index, label, path in the split's folder."""
        images = [image for image in self.images if _is_in(split, image)]
        lines = [
            f"{index}\t{image.label}\t{image.key.removeprefix(f'{split}/')}\n"
            for index, image in enumerate(images)
        ]
        return "".join(lines).encode()


def _entries(labels: Mapping[str, int], pngs: Mapping[str, bytes]) -> list[Entry]:
    entries = []
    for key, png in pngs.items():
        digest = hashlib.sha256(png).hexdigest()
        entries.append(Entry(key, labels[key], digest))
    return entries


def _sort_by_key(images: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(images, key=lambda image: image.key))


def _is_in(split: str, image: Entry) -> bool:
    return image.key.startswith(f"{split}/")
