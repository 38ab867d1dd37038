"""What training hands over to Terraform: one model with all that a reviewer needs.

Training and `make promote` write model.tfvars.json. Terraform itself reads
planned-model.tfvars.json, which scones/provisioning writes for each plan: this model, the live one
or none.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scones.files import write_atomically
from scones.json_object import JsonObject


@dataclass(frozen=True)
class Data:
    """The images a model learned from: their source, its SHA-256, the manifest's fingerprint."""

    source: str
    sha256: str
    fingerprint: str


@dataclass(frozen=True)
class Inputs:
    """What a training job was started with.

    It is stored beside the job's artifact, as the settings and the bucket change later.
    `threshold` is that of the settings, None if they leave it to the model.
    """

    algorithm: str
    classes: tuple[str, ...]
    threshold: float | None
    drawn: bool
    data: Data
    code_version: str
    fingerprint: str

    @classmethod
    def parse(cls, raw: JsonObject) -> Inputs:
        """Parse what `dataclasses.asdict` makes; TypeError or KeyError for anything else."""
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
    test_accuracy_low: float | None = None
    test_accuracy_high: float | None = None
    own_threshold: float | None = None
    milliseconds: float | None = None
    megabytes: float | None = None

    @classmethod
    def parse(cls, raw: JsonObject) -> Metrics:
        """Parse what `dataclasses.asdict` makes; figures of another version are left out."""
        names = [field.name for field in dataclasses.fields(cls)]
        return cls(**{name: raw[name] for name in names if name in raw})


@dataclass(frozen=True)
class Gate:
    """The result of the quality gate; `forced` if the model was handed over although it missed."""

    passed: bool
    forced: bool = False
    missed: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: JsonObject) -> Gate:
        return cls(**{**raw, "missed": tuple(raw["missed"])})


@dataclass(frozen=True)
class Comparison:
    """A new model beside the live one, on the test images that both have answered.

    Attributes:
        live: the live model's name.
        p_value: of McNemar's exact test that both are equally often right.
        difference: the new model's accuracy less the live one's, with its 95 % `interval`.
        changed: keys of the images that the two answer differently.
    """

    live: str
    images: int
    both_right: int
    only_new_right: int
    only_live_right: int
    both_wrong: int
    p_value: float
    difference: float
    interval: tuple[float, float]
    changed: tuple[str, ...]

    @classmethod
    def parse(cls, raw: JsonObject) -> Comparison:
        low, high = raw["interval"]
        return cls(**{**raw, "interval": (low, high), "changed": tuple(raw["changed"])})


@dataclass(frozen=True)
class Model:
    """The object of Terraform's `model` variable.

    A probe is a test image's key with its recorded probabilities.

    `gate` is None before a verdict, `comparison` if there was no other model to compare with.
    """

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
    gate: Gate | None = None
    comparison: Comparison | None = None

    @classmethod
    def parse(cls, raw: JsonObject) -> Model:
        """Parse what `dataclasses.asdict` makes; TypeError or KeyError for anything else."""
        nested = {
            "classes": tuple(raw["classes"]),
            "data": Data(**raw["data"]),
            "metrics": Metrics.parse(raw["metrics"]),
            "gate": Gate.parse(raw["gate"]) if raw.get("gate") else None,
            "comparison": Comparison.parse(raw["comparison"]) if raw.get("comparison") else None,
        }
        return cls(**{**raw, **nested})


def model_name(job: str, artifact_sha256: str) -> str:
    """Name a model by its job and content, so that another artifact never has a known name."""
    return f"{job}-{artifact_sha256[:8]}"


def as_json(model: Model | None) -> str:
    """Return the content of model.tfvars.json; without a model, Terraform creates no endpoint."""
    value = dataclasses.asdict(model) if model else None
    return json.dumps({"model": value}, indent=2) + "\n"


def write(path: Path, model: Model | None) -> None:
    write_atomically(path, as_json(model))


def read(path: Path) -> Model | None:
    """The model in the file; None if the file is missing or not a valid hand-over."""
    try:
        return Model.parse(json.loads(path.read_text())["model"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
