"""The models of training jobs: found again by their inputs, and described for the hand-over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from scones import handover
from scones.clients import S3Client, SageMakerClient
from scones.errors import UserError
from scones.handover import Inputs, Metrics, Model
from scones.json_object import JsonObject
from scones.outputs import Outputs
from scones.progress import Progress
from scones.training import artifact, jobs
from scones.training.artifact import Artifact
from scones.training.inputs import read_inputs
from scones.training.request import SCRIPT


@dataclass(frozen=True)
class Candidate:
    """A trained model without a gate's judgement yet, and its artifact."""

    model: Model
    artifact: Artifact


def find_model(
    inputs: Inputs,
    file: Path,
    job_prefix: str,
    outputs: Outputs,
    s3: S3Client,
    sagemaker: SageMakerClient,
) -> Candidate | None:
    """The model of the same inputs whose artifact still exists; None without one.

    It is the one handed over in `file`, otherwise that of the newest completed job: the names of
    the jobs with these inputs begin with `job_prefix`.
    """
    model = handover.read(file)
    if model and model.fingerprint == inputs.fingerprint and artifact.exists(s3, model.data_url):
        current = replace(model, image_uri=serving_image(inputs.algorithm, outputs))
        return Candidate(current, _read(s3, model.data_url, inputs))
    for job in jobs.find_names(sagemaker, job_prefix, "Completed"):
        description = jobs.describe(sagemaker, job)
        if description and artifact.exists(s3, _artifact_url(description)):
            job_inputs = read_inputs(s3, outputs.data_bucket, job)
            return model_of_job(description, job_inputs, outputs, s3)
    return None


def model_of_job(
    description: JsonObject,
    inputs: Inputs,
    outputs: Outputs,
    s3: S3Client,
) -> Candidate:
    """The model of a completed job.

    Raises:
        UserError: its artifact is gone, or is not what our training script writes.
    """
    job, url = description["TrainingJobName"], _artifact_url(description)
    content = _read(s3, url, inputs)
    threshold = inputs.threshold if content.threshold is None else content.threshold
    if threshold is None:
        raise UserError(
            f"{job} was started without a threshold. "
            "Set confidence_threshold in the settings, and train again."
        )
    model = Model(
        name=handover.model_name(job, content.sha256),
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
        metrics=content.metrics or _builtin_metrics(description),
        probes=content.probes,
    )
    return Candidate(model, content)


def serving_image(algorithm: str, outputs: Outputs) -> str:
    """The container image that serves the models of an algorithm."""
    serving = outputs.serving
    return serving.image_uri if algorithm == SCRIPT else serving.builtin_image_uri


def summary(model: Model) -> str:
    """How good the model is, in a line.

    Such as "test accuracy 0.94 (100 images), accepted 0.77 of them at ≥ 0.93 with 0.99 right".
    """
    metrics = model.metrics
    if metrics.test_accuracy is None:
        if metrics.validation_accuracy is None:
            return "no accuracy measured"
        return f"validation accuracy {metrics.validation_accuracy:.2f}"
    accepted = f"accepted {metrics.test_accepted or 0:.2f} of them at ≥ {model.threshold:g}"
    if metrics.test_accepted_accuracy is not None:
        accepted += f" with {metrics.test_accepted_accuracy:.2f} right"
    return f"test accuracy {metrics.test_accuracy:.2f} ({metrics.test_images} images), {accepted}"


def caveats(model: Model) -> str:
    """Sentences to append to the summary: drawn images, a missed quality gate; often empty."""
    sentences = ""
    if model.drawn:
        sentences += " The images are a drawn sample, not photographs."
    if model.gate and model.gate.forced:
        missed = "; ".join(model.gate.missed)
        sentences += f" It misses the quality gate and is handed over by force: {missed}."
    return sentences


def _read(s3: S3Client, url: str, inputs: Inputs) -> Artifact:
    with Progress("Reading the model", total=None, unit="B") as bar:
        return artifact.read(s3, url, inputs.algorithm == SCRIPT, bar.add)


def _artifact_url(description: JsonObject) -> str:
    return str(description["ModelArtifacts"]["S3ModelArtifacts"])


def _builtin_metrics(description: JsonObject) -> Metrics:
    """The metrics that SageMaker extracts from the built-in algorithm's log."""
    values = {
        metric["MetricName"]: metric["Value"]
        for metric in description.get("FinalMetricDataList", [])
    }
    return Metrics(validation_accuracy=values.get("validation:accuracy"))
