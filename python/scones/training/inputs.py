"""What a training job learns from: the reviewed images, and the record models/<job>/inputs.json."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress

from scones.aws import call_or_none
from scones.clients import S3Client
from scones.errors import UserError
from scones.handover import Inputs
from scones.images import reviewed, staging
from scones.images.manifest import Manifest
from scones.outputs import Outputs


def update_reviewed(s3: S3Client, outputs: Outputs, staged: Manifest) -> tuple[Manifest, str]:
    """Stage the labels that reviewers have given since, or remove them if the settings say so.

    Returns the new manifest, and a sentence about the reviewed images, empty without any.
    """
    bucket = outputs.data_bucket
    if outputs.training.use_reviewed:
        reviews = reviewed.read(s3, bucket, staged.classes, staged.digests)
        return staging.replace_reviewed(staged, reviews.images, s3, bucket), reviews.summary
    sentence = ""
    if staged.reviewed:
        sentence = (
            f"Reviewed images removed, as training.use_reviewed is false: {staged.reviewed:,}."
        )
    return staging.replace_reviewed(staged, (), s3, bucket), sentence


def record_inputs(s3: S3Client, bucket: str, job: str, inputs: Inputs) -> None:
    """Record what `job` starts with, before it starts."""
    body = json.dumps(dataclasses.asdict(inputs), indent=2).encode()
    s3.put_object(Bucket=bucket, Key=_key(job), Body=body, ContentType="application/json")


def read_inputs(s3: S3Client, bucket: str, job: str) -> Inputs:
    """What `job` was started with.

    Raises:
        UserError: there is no valid record, so `make train` did not start the job.
    """
    response = call_or_none(lambda: s3.get_object(Bucket=bucket, Key=_key(job)))
    if response:
        # An invalid record is as good as none.
        with suppress(ValueError, KeyError, TypeError):
            return Inputs.parse(json.loads(response["Body"].read()))
    raise UserError(
        f"s3://{bucket}/{_key(job)} does not say what the training job {job} was started with. "
        'Name a job that "make train" started for this target.'
    )


def _key(job: str) -> str:
    return f"models/{job}/inputs.json"
