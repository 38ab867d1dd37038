"""What Terraform's outputs tell Python: the facts about what stands, and the settings that it was built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Training:
    """How a training job runs; `metric_definitions` maps a metric's name to the regular expression that finds it."""

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
        given = self.hyperparameters.get("threshold")
        return None if given is None else float(given)


@dataclass(frozen=True)
class Builtin:
    """SageMaker's built-in image-classification algorithm."""

    image_uri: str
    hyperparameters: Mapping[str, str]


@dataclass(frozen=True)
class Serving:
    """The images that serve our own artifact and the built-in algorithm's."""

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
    """How many captured pictures are compared, at which false-alarm rate, and how often without being asked to."""

    images: int
    alpha: float
    schedule: str | None


@dataclass(frozen=True)
class Monitoring:
    """Where metrics, notices and alarms are; `alarms` holds each alarm's name by its key, such as "drift"."""

    namespace: str
    topic_arn: str
    dashboard: str
    alarms: Mapping[str, str]
    drift: DriftMonitor

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Monitoring:
        return cls(**{**raw, "drift": DriftMonitor(**raw["drift"])})


@dataclass(frozen=True)
class Outputs:
    """Terraform's outputs, one attribute each.

    `confidence_threshold` is what the workflow goes by: the settings' one, otherwise the model's; None without either.
    """

    settings_sha256: str
    environment: str
    account_id: str
    region: str
    data_bucket: str
    classes: tuple[str, ...]
    confidence_threshold: float | None
    target_precision: float
    quality_gate: Mapping[str, float]
    training: Training
    builtin: Builtin
    serving: Serving
    functions: Mapping[str, str]
    state_machine_arn: str
    endpoint: Endpoint
    event_bus: str
    queues: Mapping[str, str]
    model: Mapping[str, Any] | None
    model_package_group: str
    monitoring: Monitoring
    tags: Mapping[str, str]

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Outputs:
        """From output names and plain values.

        Raises:
            TypeError, KeyError: `raw` comes from an older configuration.
        """
        return cls(
            settings_sha256=raw["settings_sha256"],
            environment=raw["environment"],
            account_id=raw["account_id"],
            region=raw["region"],
            data_bucket=raw["data_bucket"],
            classes=tuple(raw["classes"]),
            confidence_threshold=raw.get("confidence_threshold"),
            target_precision=raw["target_precision"],
            quality_gate=raw["quality_gate"],
            training=Training(**raw["training"]),
            builtin=Builtin(**raw["builtin"]),
            serving=Serving(**raw["serving"]),
            functions=raw["functions"],
            state_machine_arn=raw["state_machine_arn"],
            endpoint=Endpoint(**raw["endpoint"]),
            event_bus=raw["event_bus"],
            queues=raw["queues"],
            model=raw.get("model"),
            model_package_group=raw["model_package_group"],
            monitoring=Monitoring.parse(raw["monitoring"]),
            tags=raw["tags"],
        )
