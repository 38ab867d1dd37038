"""The models that training jobs have left: found again, and described for the hand-over."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scones import handover
from scones.errors import UserError
from scones.handover import Inputs, Metrics, Model
from scones.outputs import Outputs
from scones.progress import Progress
from scones.training import artifact, jobs
from scones.training.artifact import Artifact
from scones.training.inputs import read_inputs
from scones.training.request import SCRIPT


@dataclass(frozen=True)
class Candidate:
    """A trained model that nobody has judged yet, as a hand-over, and what its artifact tells about it."""

    model: Model
    artifact: Artifact


def known(
    inputs: Inputs, file: Path, name_start: str, outputs: Outputs, s3: Any, sagemaker: Any
) -> Candidate | None:
    """The model of the same inputs whose artifact is still there: the one in `file`, or else that of the newest job.

    The names of the jobs with these inputs begin with `name_start`.
    """
    model = handover.read(file)
    if model and model.fingerprint == inputs.fingerprint and artifact.exists(s3, model.data_url):
        content = _read(s3, model.data_url, inputs)
        return Candidate(
            dataclasses.replace(model, image_uri=serving_image(inputs.algorithm, outputs)), content
        )
    for job in jobs.named(sagemaker, name_start, "Completed"):
        description = jobs.describe(sagemaker, job)
        if description and artifact.exists(s3, _artifact_url(description)):
            return of_job(description, read_inputs(s3, outputs.data_bucket, job), outputs, s3)
    return None


def of_job(description: Mapping[str, Any], inputs: Inputs, outputs: Outputs, s3: Any) -> Candidate:
    """The model of a job that is Completed.

    Raises:
        UserError: its artifact is gone, or is not what our training script writes.
    """
    job, url = description["TrainingJobName"], _artifact_url(description)
    content = _read(s3, url, inputs)
    threshold = inputs.threshold if content.threshold is None else content.threshold
    if threshold is None:
        raise UserError(
            f"{job} was started without a threshold. Set confidence_threshold in the settings, and train anew."
        )
    model = Model(
        name=handover.name_of(job, content.sha256),
        data_url=url,
        image_uri=serving_image(inputs.algorithm, outputs),
        algorithm=inputs.algorithm,
        training_job=job,
        artifact_sha256=content.sha256,
        classes=inputs.classes,
        threshold=threshold,
        drawn=inputs.drawn,
        data=inputs.data,
        code_version=inputs.code_version,
        fingerprint=inputs.fingerprint,
        metrics=content.metrics or _metrics(description),
        probes=content.probes,
    )
    return Candidate(model, content)


def _read(s3: Any, url: str, inputs: Inputs) -> Artifact:
    with Progress("Reading the model", total=None, unit="B") as bar:
        return artifact.read(s3, url, inputs.algorithm == SCRIPT, bar.add)


def _artifact_url(description: Mapping[str, Any]) -> str:
    return str(description["ModelArtifacts"]["S3ModelArtifacts"])


def serving_image(algorithm: str, outputs: Outputs) -> str:
    """The image that serves what an algorithm trains."""
    return outputs.serving.image_uri if algorithm == SCRIPT else outputs.serving.builtin_image_uri


def _metrics(description: Mapping[str, Any]) -> Metrics:
    """What SageMaker itself read off the built-in algorithm's log."""
    final = {
        metric["MetricName"]: metric["Value"]
        for metric in description.get("FinalMetricDataList", [])
    }
    return Metrics(validation_accuracy=final.get("validation:accuracy"))
