"""What a refused or failed training job means, in one sentence with its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scones.outputs import Training

# Cheapest first: one T4, one A10G, one L4.
GPU_INSTANCES = ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge")


def refusal(error: Mapping[str, Any], training: Training, settings: str) -> str | None:
    """Why CreateTrainingJob was refused; None when `error` (Code, Message) is no user's to mend.

    `settings` is the path of the target's settings file, as a user would type it.
    """
    code, message, instance_type = (
        error["Code"],
        error["Message"].rstrip(".") + ".",
        training.instance_type,
    )
    if code == "ResourceLimitExceeded":
        quota = f"{instance_type} for {'spot ' if training.spot else ''}training job usage"
        return (
            f"AWS grants this account no {instance_type} for training yet: {message} "
            f'Ask for more of "{quota}" in Service Quotas, or {_other_instance(instance_type, settings)}'
        )
    if "CapacityError" in (code, message.partition(":")[0]):
        return _capacity(message, instance_type, settings)
    if code.startswith("AccessDenied"):
        need = (
            f"iam:PassRole on {training.role_arn}"
            if "iam:PassRole" in message
            else "sagemaker:CreateTrainingJob"
        )
        return f"AWS does not let you start a training job: {message} Ask for the right to {need}."
    if code == "ValidationException":
        return f"AWS does not accept the training job: {message} Mend {settings}."
    return None


def failure(job: Mapping[str, Any], again: str, settings: str) -> str | None:
    """Why a job that has ended left no model; None for one that is Completed. `again` starts another."""
    status, name = job["TrainingJobStatus"], job["TrainingJobName"]
    if status == "Completed":
        return None
    if status == "Failed":
        reason = job.get("FailureReason") or "SageMaker gives no reason."
        kind = reason.partition(":")[0]
        if kind == "CapacityError":
            return f"Training job {name} failed. {_capacity(reason, job['ResourceConfig']['InstanceType'], settings)}"
        remedy = f' Mend it and run "{again}" again.' if kind == "AlgorithmError" else ""
        return f"Training job {name} failed: {reason.rstrip('.')}.{remedy}"
    limit = {"MaxRuntimeExceeded": "max_run_seconds", "MaxWaitTimeExceeded": "max_wait_seconds"}
    if setting := limit.get(job.get("SecondaryStatus", "")):
        return f'Training job {name} was stopped at its limit. Raise training.{setting} in {settings}, then run "{again}".'
    return f'Training job {name} was stopped before its end. Run "{again}" to start another.'


def _capacity(message: str, instance_type: str, settings: str) -> str:
    return (
        f"AWS has no {instance_type} free at the moment ({message.rstrip('.')}). "
        f"Try again later, or {_other_instance(instance_type, settings)}"
    )


def _other_instance(instance_type: str, settings: str) -> str:
    """The next one of the list after `instance_type`, and after the last the first."""
    position = GPU_INSTANCES.index(instance_type) + 1 if instance_type in GPU_INSTANCES else 0
    other = GPU_INSTANCES[position % len(GPU_INSTANCES)]
    return f'set training.instance_type = "{other}" in {settings}.'
