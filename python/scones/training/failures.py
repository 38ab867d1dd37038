"""What a refused or failed training job means, in one sentence with its remedy."""

from __future__ import annotations

import re

from scones.json_object import JsonObject
from scones.outputs import Training

# Cheapest first: one T4, one A10G, one L4.
GPU_INSTANCES = ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge")
# AWS names every allowed value, such as hundreds of instance types.
LONG_LIST = re.compile(r": \[[^]]{200,}\]")
# The setting behind each limit at which SageMaker stops a job.
LIMITS = {"MaxRuntimeExceeded": "max_run_seconds", "MaxWaitTimeExceeded": "max_wait_seconds"}


def refusal(error: JsonObject, training: Training, settings: str) -> str | None:
    """Why CreateTrainingJob was refused; None when `error` (Code, Message) is not the user's.

    `settings` is the path of the target's settings file, as a user would type it.
    """
    code = error["Code"]
    message = error["Message"].rstrip(".") + "."
    instance_type = training.instance_type
    if code == "ResourceLimitExceeded":
        spot = "spot " if training.spot else ""
        quota = f"{instance_type} for {spot}training job usage"
        return (
            f"AWS grants this account no {instance_type} for training yet: {message} "
            f'Request a higher quota for "{quota}" in Service Quotas, '
            f"or {_other_instance(instance_type, settings)}"
        )
    if "CapacityError" in (code, message.partition(":")[0]):
        return _no_capacity(message, instance_type, settings)
    if code.startswith("AccessDenied"):
        permission = "sagemaker:CreateTrainingJob"
        if "iam:PassRole" in message:
            permission = f"iam:PassRole on {training.role_arn}"
        return (
            f"AWS does not let you start a training job: {message} "
            f"Ask for the permission {permission}."
        )
    if "could not assume role" in message.lower():
        return (
            f"SageMaker cannot use the training role: {message} "
            f"Check that {training.role_arn} trusts sagemaker.amazonaws.com; "
            "apply provisions it again."
        )
    if code == "ValidationException":
        short = LONG_LIST.sub("", message)
        return f"AWS does not accept the training job: {short} Correct {settings}."
    return None


def failure(job: JsonObject, command: str, settings: str) -> str | None:
    """Why an ended job left no model; None for a completed one. `command` starts another."""
    status, name = job["TrainingJobStatus"], job["TrainingJobName"]
    if status == "Completed":
        return None
    if status == "Failed":
        reason = job.get("FailureReason") or "SageMaker gives no reason."
        kind = reason.partition(":")[0]
        if kind == "CapacityError":
            instance_type = job["ResourceConfig"]["InstanceType"]
            explanation = _no_capacity(reason, instance_type, settings)
            return f"Training job {name} failed. {explanation}"
        sentence = f"Training job {name} failed: {reason.rstrip('.')}."
        if kind == "AlgorithmError":
            sentence += f' Fix the cause and run "{command}" again.'
        return sentence
    setting = LIMITS.get(job.get("SecondaryStatus", ""))
    if setting:
        return (
            f"Training job {name} was stopped at its limit. "
            f'Raise training.{setting} in {settings}, then run "{command}".'
        )
    return f'Training job {name} was stopped before its end. Run "{command}" to start another.'


def _no_capacity(message: str, instance_type: str, settings: str) -> str:
    return (
        f"AWS has no {instance_type} free at the moment ({message.rstrip('.')}). "
        f"Try again later, or {_other_instance(instance_type, settings)}"
    )


def _other_instance(instance_type: str, settings: str) -> str:
    """Suggest the instance type after `instance_type`; the first one after the last."""
    position = 0
    if instance_type in GPU_INSTANCES:
        position = GPU_INSTANCES.index(instance_type) + 1
    other = GPU_INSTANCES[position % len(GPU_INSTANCES)]
    return f'set training.instance_type = "{other}" in {settings}.'
