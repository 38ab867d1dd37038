"""What training hands over to Terraform: one model with all that a reviewer needs, in model.tfvars.json."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scones.files import write_atomically


@dataclass(frozen=True)
class Data:
    """Which images a model learned from: their source, its SHA-256, and the manifest's fingerprint."""

    source: str
    sha256: str
    fingerprint: str


@dataclass(frozen=True)
class Inputs:
    """What a training job was started with; kept beside its artifact, as the settings and the bucket move on."""

    algorithm: str
    classes: tuple[str, ...]
    threshold: float
    drawn: bool
    data: Data
    code_version: str
    fingerprint: str

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Inputs:
        """From the JSON object that `dataclasses.asdict` makes. Raises TypeError or KeyError where it is another."""
        return cls(**{**raw, "classes": tuple(raw["classes"]), "data": Data(**raw["data"])})


@dataclass(frozen=True)
class Metrics:
    """Figures on images that training never saw; None where the algorithm does not measure them."""

    validation_accuracy: float | None
    test_accuracy: float | None = None
    test_ece: float | None = None
    test_accepted: float | None = None
    test_accepted_accuracy: float | None = None
    test_images: int | None = None


@dataclass(frozen=True)
class Model:
    """The object of Terraform's `model` variable. A probe is a test image's key with its recorded probabilities."""

    name: str
    data_url: str
    image_uri: str
    algorithm: str
    training_job: str
    artifact_sha256: str
    classes: tuple[str, ...]
    threshold: float
    drawn: bool
    data: Data
    code_version: str
    fingerprint: str
    metrics: Metrics
    probes: Mapping[str, Sequence[float]]

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Model:
        """From the JSON object that `dataclasses.asdict` makes. Raises TypeError or KeyError where it is another."""
        nested = {"classes": tuple(raw["classes"]), "data": Data(**raw["data"]), "metrics": Metrics(**raw["metrics"])}
        return cls(**{**raw, **nested})


def name_of(job: str, artifact_sha256: str) -> str:
    """A model's name follows its job and its content, so that another artifact never hides behind a known name."""
    return f"{job}-{artifact_sha256[:8]}"


def write(path: Path, model: Model) -> None:
    write_atomically(path, json.dumps({"model": dataclasses.asdict(model)}, indent=2) + "\n")


def read(path: Path) -> Model | None:
    """The model in the file; None where there is no file, or one that is no hand-over and needs writing again."""
    try:
        return Model.parse(json.loads(path.read_text())["model"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
