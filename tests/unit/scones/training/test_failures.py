"""The messages about a job that is refused or fails."""

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


def refusal_sentence(code: str, message: str, training: Training = TRAINING) -> str:
    return refusal({"Code": code, "Message": message}, training, SETTINGS) or ""


def failure_sentence(**facts: Any) -> str:
    job = {
        "TrainingJobName": "j",
        "TrainingJobStatus": "Failed",
        "ResourceConfig": {"InstanceType": "ml.g5.xlarge"},
    }
    return failure({**job, **facts}, AGAIN, SETTINGS) or ""


def test_a_quota_of_zero_names_the_quota_and_the_next_instance_type() -> None:
    sentence = refusal_sentence(
        "ResourceLimitExceeded", "The account-level service limit is 0 Instances"
    )
    assert '"ml.g4dn.xlarge for spot training job usage" in Service Quotas' in sentence
    assert sentence.endswith(f'or set training.instance_type = "ml.g5.xlarge" in {SETTINGS}.')


def test_the_quota_of_an_on_demand_job_is_another() -> None:
    sentence = refusal_sentence(
        "ResourceLimitExceeded", "limit is 0", replace(TRAINING, spot=False)
    )
    assert '"ml.g4dn.xlarge for training job usage"' in sentence


def test_a_role_that_cannot_be_assumed_is_named_with_whom_it_must_trust() -> None:
    sentence = refusal_sentence("ValidationException", "Could not assume role r.")
    assert f"Check that {TRAINING.role_arn} trusts sagemaker.amazonaws.com" in sentence


@pytest.mark.parametrize(
    ("instance_type", "suggested"),
    [
        ("ml.g4dn.xlarge", "ml.g5.xlarge"),
        ("ml.g5.xlarge", "ml.g6.xlarge"),
        ("ml.g6.xlarge", "ml.g4dn.xlarge"),
        ("ml.p5.48xlarge", "ml.g4dn.xlarge"),
    ],
)
def test_the_next_instance_type_is_never_the_same(instance_type: str, suggested: str) -> None:
    sentence = refusal_sentence(
        "ResourceLimitExceeded", "limit is 0", replace(TRAINING, instance_type=instance_type)
    )
    assert f'training.instance_type = "{suggested}"' in sentence


def test_missing_capacity_is_reported_alike_at_the_start_and_at_the_end() -> None:
    message = "CapacityError: Unable to provision requested ML compute capacity"
    for sentence in (
        refusal_sentence("CapacityError", message),
        failure_sentence(FailureReason=message),
    ):
        assert "free at the moment" in sentence
        assert "Try again later, or set training.instance_type" in sentence
    assert '"ml.g6.xlarge"' in failure_sentence(FailureReason=message)


def test_a_missing_permission_is_named() -> None:
    message = (
        "User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: …"
    )
    assert f"Ask for the permission iam:PassRole on {TRAINING.role_arn}." in refusal_sentence(
        "AccessDeniedException", message
    )
    assert "sagemaker:CreateTrainingJob" in refusal_sentence(
        "AccessDeniedException", "not authorized"
    )


def test_the_long_list_of_what_aws_accepts_is_left_out() -> None:
    types = ", ".join(f"ml.m{number}.large" for number in range(100))
    sentence = refusal_sentence(
        "ValidationException",
        "1 validation error detected: Value 'ml.huge' at 'resourceConfig.instanceType' failed to "
        f"satisfy constraint: Member must satisfy enum value set: [{types}]",
    )
    assert "'ml.huge' at 'resourceConfig.instanceType'" in sentence
    assert sentence.endswith(f"Member must satisfy enum value set. Correct {SETTINGS}.")


def test_a_setting_that_aws_does_not_accept_is_passed_on() -> None:
    sentence = refusal_sentence("ValidationException", "VolumeSizeInGB must be 1")
    assert (
        sentence
        == f"AWS does not accept the training job: VolumeSizeInGB must be 1. Correct {SETTINGS}."
    )


def test_an_unknown_refusal_has_no_sentence() -> None:
    assert refusal({"Code": "InternalFailure", "Message": "?"}, TRAINING, SETTINGS) is None


def test_a_completed_job_has_not_failed() -> None:
    assert (
        failure({"TrainingJobName": "j", "TrainingJobStatus": "Completed"}, AGAIN, SETTINGS) is None
    )


def test_a_failing_script_is_quoted_with_the_command_to_repeat() -> None:
    sentence = failure_sentence(
        FailureReason="AlgorithmError: The loss is not a number., exit code: 1"
    )
    assert sentence == (
        "Training job j failed: AlgorithmError: The loss is not a number., exit code: 1. "
        f'Fix the cause and run "{AGAIN}" again.'
    )


def test_what_a_user_cannot_fix_is_only_quoted() -> None:
    reason = "ClientError: The built-in algorithm image-classification exists on AWS only."
    assert failure_sentence(FailureReason=reason) == f"Training job j failed: {reason}"
    assert failure_sentence() == "Training job j failed: SageMaker gives no reason."


def test_a_limit_names_its_setting() -> None:
    sentence = failure_sentence(TrainingJobStatus="Stopped", SecondaryStatus="MaxRuntimeExceeded")
    assert f"Raise training.max_run_seconds in {SETTINGS}" in sentence
    assert "training.max_wait_seconds" in failure_sentence(
        TrainingJobStatus="Stopped", SecondaryStatus="MaxWaitTimeExceeded"
    )


def test_a_stopped_job_says_how_to_start_another() -> None:
    sentence = failure_sentence(TrainingJobStatus="Stopped", SecondaryStatus="Stopped")
    assert sentence == f'Training job j was stopped before its end. Run "{AGAIN}" to start another.'
