"""What a user is told when a job is refused or fails."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from paths import EXAMPLE_OUTPUTS

from scones.outputs import Outputs, Training
from scones.training.failures import failure, refusal

TRAINING = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text())).training
SETTINGS = "terraform/targets/dev.tfvars"
AGAIN = "make train TARGET=dev"


def refused(code: str, message: str, training: Training = TRAINING) -> str:
    return refusal({"Code": code, "Message": message}, training, SETTINGS) or ""


def failed(**facts: Any) -> str:
    job = {
        "TrainingJobName": "j",
        "TrainingJobStatus": "Failed",
        "ResourceConfig": {"InstanceType": "ml.g5.xlarge"},
    }
    return failure({**job, **facts}, AGAIN, SETTINGS) or ""


def test_a_quota_of_zero_names_the_quota_and_the_next_instance_type() -> None:
    sentence = refused("ResourceLimitExceeded", "The account-level service limit is 0 Instances")
    assert '"ml.g4dn.xlarge for spot training job usage" in Service Quotas' in sentence
    assert sentence.endswith(f'or set training.instance_type = "ml.g5.xlarge" in {SETTINGS}.')


def test_the_quota_of_an_on_demand_job_is_another() -> None:
    sentence = refused("ResourceLimitExceeded", "limit is 0", replace(TRAINING, spot=False))
    assert '"ml.g4dn.xlarge for training job usage"' in sentence


@pytest.mark.parametrize(
    ("taken", "offered"),
    [
        ("ml.g4dn.xlarge", "ml.g5.xlarge"),
        ("ml.g5.xlarge", "ml.g6.xlarge"),
        ("ml.g6.xlarge", "ml.g4dn.xlarge"),
        ("ml.p5.48xlarge", "ml.g4dn.xlarge"),
    ],
)
def test_the_next_instance_type_is_never_the_same(taken: str, offered: str) -> None:
    sentence = refused(
        "ResourceLimitExceeded", "limit is 0", replace(TRAINING, instance_type=taken)
    )
    assert f'training.instance_type = "{offered}"' in sentence


def test_missing_capacity_is_told_at_the_start_and_at_the_end_alike() -> None:
    message = "CapacityError: Unable to provision requested ML compute capacity"
    for sentence in (refused("CapacityError", message), failed(FailureReason=message)):
        assert "free at the moment" in sentence
        assert "Try again later, or set training.instance_type" in sentence
    assert '"ml.g6.xlarge"' in failed(FailureReason=message)


def test_a_missing_right_is_named() -> None:
    message = (
        "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: …"
    )
    assert f"Ask for the right to iam:PassRole on {TRAINING.role_arn}." in refused(
        "AccessDeniedException", message
    )
    assert "sagemaker:CreateTrainingJob" in refused("AccessDeniedException", "not authorized")


def test_a_setting_that_aws_does_not_accept_is_passed_on() -> None:
    sentence = refused("ValidationException", "Could not assume role")
    assert (
        sentence == f"AWS does not accept the training job: Could not assume role. Mend {SETTINGS}."
    )


def test_an_unknown_refusal_is_nobodys_to_mend() -> None:
    assert refusal({"Code": "InternalFailure", "Message": "?"}, TRAINING, SETTINGS) is None


def test_a_completed_job_has_not_failed() -> None:
    assert (
        failure({"TrainingJobName": "j", "TrainingJobStatus": "Completed"}, AGAIN, SETTINGS) is None
    )


def test_a_failing_script_is_quoted_with_the_command_to_repeat() -> None:
    sentence = failed(FailureReason="AlgorithmError: The loss is not a number., exit code: 1")
    assert sentence == (
        "Training job j failed: AlgorithmError: The loss is not a number., exit code: 1. "
        f'Mend it and run "{AGAIN}" again.'
    )


def test_what_cannot_be_mended_is_only_quoted() -> None:
    reason = "ClientError: The built-in algorithm image-classification exists on AWS only."
    assert failed(FailureReason=reason) == f"Training job j failed: {reason}"
    assert failed() == "Training job j failed: SageMaker gives no reason."


def test_a_limit_names_its_setting() -> None:
    sentence = failed(TrainingJobStatus="Stopped", SecondaryStatus="MaxRuntimeExceeded")
    assert f"Raise training.max_run_seconds in {SETTINGS}" in sentence
    assert "training.max_wait_seconds" in failed(
        TrainingJobStatus="Stopped", SecondaryStatus="MaxWaitTimeExceeded"
    )


def test_a_stopped_job_says_how_to_start_another() -> None:
    sentence = failed(TrainingJobStatus="Stopped", SecondaryStatus="Stopped")
    assert sentence == f'Training job j was stopped before its end. Run "{AGAIN}" to start another.'
