"""A model as training hands it over."""

from __future__ import annotations

from scones import handover
from scones.handover import Comparison, Data, Gate, Metrics, Model

JOB = "scones-local-0a1b2c3d-20261121-101500"
SHA256 = "deadbeef" + "0" * 56


MODEL = Model(
    name=handover.model_name(JOB, SHA256),
    data_url=f"s3://scones-local-data-123456789012/models/{JOB}/output/model.tar.gz",
    image_uri="serving",
    algorithm="scones",
    training_job=JOB,
    artifact_sha256=SHA256,
    classes=("bicycle", "motorcycle"),
    threshold=0.93,
    drawn=True,
    data=Data("sample", "ab" * 32, "cd" * 32),
    code_version="1.0",
    fingerprint="0a1b2c3d" + "f" * 56,
    metrics=Metrics(0.92, 0.94, 0.02, 0.77, 0.99, 100, 0.88, 0.97, 0.71, 1.5, 2.1),
    probes={"test/bike_s_000001.png": [0.98, 0.02]},
    gate=Gate(passed=False, forced=True, missed=("test accuracy 0.87 is too low",)),
    comparison=Comparison(
        "live", 100, 90, 5, 3, 2, 0.73, 0.02, (-0.04, 0.08), ("test/bike_s_000001.png",)
    ),
)
