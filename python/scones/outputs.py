"""Terraform's outputs: what is provisioned, and the settings that it was provisioned from."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from scones.handover import Model
from scones.json_object import JsonObject


@dataclass(frozen=True)
class Training:
    """How a training job runs.

    `metric_definitions` maps a metric's name to the regular expression that matches it in the log.
    """

    role_arn: str
    image_uri: str
    instance_type: str
    instance_count: int
    volume_gb: int
    spot: bool
    max_run_seconds: int
    max_wait_seconds: int
    validation_share: float
    pretraining: bool | None
    use_reviewed: bool
    seed: int
    hyperparameters: Mapping[str, str]
    metric_definitions: Mapping[str, str]
    tags: Mapping[str, str]

    @property
    def threshold(self) -> float | None:
        """The confidence threshold of the settings; None where they leave it to the model."""
        threshold = self.hyperparameters.get("threshold")
        return None if threshold is None else float(threshold)


@dataclass(frozen=True)
class Builtin:
    """SageMaker's built-in image-classification algorithm."""

    image_uri: str
    hyperparameters: Mapping[str, str]


@dataclass(frozen=True)
class Serving:
    """The container images that serve our own artifact and the built-in algorithm's."""

    image_uri: str
    builtin_image_uri: str
    instance_type: str


@dataclass(frozen=True)
class Endpoint:
    """The endpoint's names; `config_name` is None while no model is served."""

    name: str
    config_name: str | None
    variant: str
    log_group: str


@dataclass(frozen=True)
class DriftMonitor:
    """How many captured images are compared, at which false-alarm rate; `schedule` may be None."""

    images: int
    alpha: float
    schedule: str | None


@dataclass(frozen=True)
class Monitoring:
    """The names of metrics, topic, dashboard and alarms; an alarm's key is such as "drift"."""

    namespace: str
    topic_arn: str
    dashboard: str
    alarms: Mapping[str, str]
    drift: DriftMonitor

    @classmethod
    def parse(cls, raw: JsonObject) -> Monitoring:
        return cls(**{**raw, "drift": DriftMonitor(**raw["drift"])})


@dataclass(frozen=True)
class Outputs:
    """The outputs that the verbs read, one attribute each.

    `confidence_threshold` is the one that the workflow uses: the settings' one, otherwise the
    model's; None without either.
    """

    settings_sha256: str
    environment: str
    data_bucket: str
    classes: tuple[str, ...]
    confidence_threshold: float | None
    quality_gate: Mapping[str, float]
    training: Training
    builtin: Builtin
    serving: Serving
    state_machine_arn: str
    endpoint: Endpoint
    queues: Mapping[str, str]
    model: Model | None
    model_package_group: str
    monitoring: Monitoring
    tags: Mapping[str, str]

    @classmethod
    def parse(cls, raw: JsonObject) -> Outputs:
        """Return the outputs from names and plain values.

        Raises:
            TypeError, KeyError: `raw` is empty or comes from another version's configuration.
        """
        # Terraform leaves out an output that is null.
        values = {"confidence_threshold": None, "model": None, **raw}
        parsed = {
            "classes": tuple(values["classes"]),
            "training": Training(**values["training"]),
            "builtin": Builtin(**values["builtin"]),
            "serving": Serving(**values["serving"]),
            "endpoint": Endpoint(**values["endpoint"]),
            "model": Model.parse(values["model"]) if values["model"] else None,
            "monitoring": Monitoring.parse(values["monitoring"]),
        }
        plain = {field.name: values[field.name] for field in dataclasses.fields(cls)}
        return cls(**{**plain, **parsed})
