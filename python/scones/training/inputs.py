"""What is staged to train on, and the record of what each job was started with: models/<job>/inputs.json."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.handover import Inputs
from scones.images import manifest, reviewed, staging
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.training.artifact import GONE


def read_staged(s3: Any, outputs: Outputs, stage: str) -> Manifest:
    """The manifest in the data bucket. `stage` is the command that stages.

    Raises:
        UserError: nothing is staged, or other classes than the settings name.
    """
    content = _read(s3, outputs.data_bucket, manifest.KEY)
    if content is None:
        raise UserError(f'Nothing is staged in s3://{outputs.data_bucket}. Run "{stage}" first.')
    there = Manifest.parse(content)
    if there.classes != outputs.classes:
        raise UserError(
            f"The images staged in s3://{outputs.data_bucket} show {', '.join(there.classes)}, "
            f'but the settings name {", ".join(outputs.classes)}. Run "{stage}" again.'
        )
    return there


def update_reviewed(s3: Any, outputs: Outputs, there: Manifest) -> tuple[Manifest, str]:
    """Have what is staged hold the labels that people have given since, or none where the settings say so.

    Returns the manifest that is in force then, and a sentence about the reviewed pictures, empty without any.
    """
    bucket = outputs.data_bucket
    if outputs.training.use_reviewed:
        taken = reviewed.read(s3, bucket, there.classes, there.digests)
        return staging.replace_reviewed(there, taken.images, s3, bucket), taken.summary
    without = f"Reviewed images removed, as training.use_reviewed is false: {there.reviewed:,}."
    return staging.replace_reviewed(there, (), s3, bucket), without if there.reviewed else ""


def record_inputs(s3: Any, bucket: str, job: str, inputs: Inputs) -> None:
    """Record what `job` starts with, before it starts."""
    body = json.dumps(dataclasses.asdict(inputs), indent=2).encode()
    s3.put_object(Bucket=bucket, Key=_key(job), Body=body, ContentType="application/json")


def read_inputs(s3: Any, bucket: str, job: str) -> Inputs:
    """What `job` was started with.

    Raises:
        UserError: there is no such record, so the job is not one of ours.
    """
    content = _read(s3, bucket, _key(job))
    try:
        if content is not None:
            return Inputs.parse(json.loads(content))
    except (ValueError, KeyError, TypeError):
        pass  # as good as no record
    raise UserError(
        f"s3://{bucket}/{_key(job)} does not say what the training job {job} was started with. "
        'Name a job that "make train" started for this target.'
    )


def _key(job: str) -> str:
    return f"models/{job}/inputs.json"


def _read(s3: Any, bucket: str, key: str) -> bytes | None:
    try:
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return None
