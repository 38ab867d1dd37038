"""`make train` on the local AWS with a short script: start, follow, hand over, resume, fail."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import accounts
import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from roles import make_role
from trainers import handed_over, jobs, with_hyperparameters

from scones import cli, handover
from scones.commands.train import Trainer
from scones.errors import UserError
from scones.handover import Metrics
from scones.images.manifest import Manifest
from scones.training import registry
from scones.training.follow import follow
from scones.training.request import BUILTIN, SCRIPT
from scones.training.screen import Screen


def interrupt_once_started(trainer: Trainer, count: int = 1) -> None:
    """Press Ctrl-C soon after the trainer's job, the `count`th of its test, has started."""

    def press() -> None:
        while len(jobs(trainer)) < count:
            time.sleep(0.1)
        time.sleep(1)  # following begins meanwhile
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


def test_a_job_is_followed_and_its_model_handed_over(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trainer.train(SCRIPT, retrain=False) == 0
    (job,) = jobs(trainer)
    seen = capsys.readouterr()
    assert seen.out.startswith(
        f"Trained {job}: test accuracy 0.94 (50 images), "
        "accepted 0.77 of them at ≥ 0.93 with 0.99 right; "
    )
    assert seen.out.endswith("The images are a drawn sample, not photographs.\n")
    assert "Training: 2 epochs, train loss 0.5, validation accuracy 0.9\n" in seen.err
    assert "test_accuracy=0.9400" in seen.err
    assert seen.err.index("Training:") < seen.err.index("1/2 epochs") < seen.err.index("Completed:")
    assert seen.err.endswith("Next: make apply\n")

    model, s3 = handed_over(trainer), trainer.account.client("s3")
    assert model.data_url == f"s3://{trainer.outputs.data_bucket}/models/{job}/output/model.tar.gz"
    content = s3.get_object(
        Bucket=trainer.outputs.data_bucket, Key=f"models/{job}/output/model.tar.gz"
    )["Body"].read()
    assert model.artifact_sha256 == hashlib.sha256(content).hexdigest()
    assert model.name == f"{job}-{model.artifact_sha256[:8]}"
    assert model.metrics == Metrics(0.94, 0.94, 0.02, 0.77, 0.99, 50, 0.91, 0.97, 0.71, 1.5, 2.1)
    assert model.probes["test/d.png"] == pytest.approx([0.07, 0.93])
    assert (model.algorithm, model.image_uri) == (SCRIPT, trainer.outputs.serving.image_uri)
    assert (model.classes, model.threshold, model.drawn) == (("bicycle", "motorcycle"), 0.93, True)
    assert (model.data.source, model.data.sha256) == ("sample", "aa" * 32)


def test_a_source_with_any_characters_is_registered_and_handed_over(trainer: Trainer) -> None:
    s3, bucket = trainer.account.client("s3"), trainer.outputs.data_bucket
    staged = s3.get_object(Bucket=bucket, Key="manifest.json")["Body"].read()
    manifest = Manifest.parse(staged)
    source = "~/50% of (my), images & more.zip"
    origin = replace(manifest.origin, name=source)
    s3.put_object(
        Bucket=bucket, Key="manifest.json", Body=replace(manifest, origin=origin).as_json()
    )
    try:
        assert trainer.train(SCRIPT, retrain=False) == 0
    finally:
        s3.put_object(Bucket=bucket, Key="manifest.json", Body=staged)
    model = handed_over(trainer)
    assert model.data.source == source
    sagemaker = trainer.account.client("sagemaker")
    package = registry.find(model.name, trainer.outputs.model_package_group, sagemaker)
    assert package is not None
    assert package.facts["data_source"] == "_/50_ of _my__ images _ more.zip"


def test_a_model_that_cannot_be_registered_is_handed_over_with_a_warning(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = replace(trainer.outputs, model_package_group="elsewhere")
    assert replace(trainer, outputs=elsewhere).train(SCRIPT, retrain=False) == 0
    model = handed_over(trainer)
    warning = " ".join(capsys.readouterr().err.split())
    assert f"Warning: {model.name} is not in the model registry: There is no model" in warning
    assert f'"make train JOB={model.training_job}" adds it.' in warning


def test_nothing_changed_means_no_new_job(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer.train(SCRIPT, retrain=False)
    before = trainer.target.handover.stat().st_mtime_ns
    capsys.readouterr()
    assert trainer.train(SCRIPT, retrain=False) == 0
    (job,) = jobs(trainer)
    assert capsys.readouterr().out.startswith(
        f"Nothing changed since job {job}: test accuracy 0.94 (50 images)"
    )
    assert trainer.target.handover.stat().st_mtime_ns == before


@pytest.mark.parametrize("content", [None, "{"], ids=["lost", "broken"])
def test_a_missing_hand_over_is_written_again_from_the_job(
    trainer: Trainer, content: str | None
) -> None:
    trainer.train(SCRIPT, retrain=False)
    model = handed_over(trainer)
    trainer.target.handover.unlink()
    if content:
        trainer.target.handover.write_text(content)
    trainer.train(SCRIPT, retrain=False)
    assert handed_over(trainer) == model
    assert len(jobs(trainer)) == 1


def test_a_hand_over_without_its_artifact_does_not_count(trainer: Trainer) -> None:
    trainer.train(SCRIPT, retrain=False)
    (first,) = jobs(trainer)
    key = f"models/{first}/output/model.tar.gz"
    trainer.account.client("s3").delete_object(Bucket=trainer.outputs.data_bucket, Key=key)
    time.sleep(1)  # a job's name counts seconds
    trainer.train(SCRIPT, retrain=False)
    assert len(jobs(trainer)) == 2
    assert handed_over(trainer).training_job != first


def test_another_serving_image_reaches_the_hand_over_without_training(trainer: Trainer) -> None:
    trainer.train(SCRIPT, retrain=False)
    serving = replace(trainer.outputs.serving, image_uri="another")
    changed = replace(trainer, outputs=replace(trainer.outputs, serving=serving))
    changed.train(SCRIPT, retrain=False)
    assert handed_over(trainer).image_uri == "another"
    assert len(jobs(trainer)) == 1


def test_retrain_starts_another_job(trainer: Trainer) -> None:
    trainer.train(SCRIPT, retrain=False)
    first = handed_over(trainer)
    time.sleep(1)  # a job's name counts seconds
    assert trainer.train(SCRIPT, retrain=True) == 0
    assert len(jobs(trainer)) == 2
    assert handed_over(trainer).training_job != first.training_job
    assert handed_over(trainer).fingerprint == first.fingerprint


def test_an_earlier_job_can_be_handed_over_by_its_name(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer.train(SCRIPT, retrain=False)
    model = handed_over(trainer)
    trainer.target.handover.unlink()
    assert trainer.resume(model.training_job) == 0
    assert handed_over(trainer) == model
    assert capsys.readouterr().out.count(f"Trained {model.training_job}: ") == 2


def test_a_script_that_raises_ends_with_its_own_message_and_does_not_count_as_trained(
    trainer: Trainer,
) -> None:
    failing = with_hyperparameters(trainer, failure="The loss is not a number.")
    for attempt in (1, 2):
        with pytest.raises(
            UserError, match=r'AlgorithmError: The loss is not a number.*run "make train" again'
        ):
            failing.train(SCRIPT, retrain=False)
        assert len(jobs(trainer)) == attempt
        time.sleep(1)  # a job's name counts seconds
    assert handover.read(trainer.target.handover) is None


def test_ctrl_c_stops_following_and_the_same_command_resumes_it(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = with_hyperparameters(trainer, seconds="4")
    interrupt_once_started(slow)
    assert slow.train(SCRIPT, retrain=False) == cli.INTERRUPTED
    (job,) = jobs(slow)
    assert (
        f'Stopped following; the job continues. "make train JOB={job}" follows it again.'
        in capsys.readouterr().err
    )
    assert handover.read(trainer.target.handover) is None
    assert slow.train(SCRIPT, retrain=False) == 0
    assert jobs(slow) == [job]
    assert handed_over(trainer).training_job == job


def test_an_interrupted_retraining_is_resumed_rather_than_the_earlier_job(
    trainer: Trainer,
) -> None:
    slow = with_hyperparameters(trainer, seconds="3")
    slow.train(SCRIPT, retrain=False)
    first = handed_over(trainer).training_job
    interrupt_once_started(slow, count=2)
    assert slow.train(SCRIPT, retrain=True) == cli.INTERRUPTED
    assert slow.train(SCRIPT, retrain=False) == 0
    (second,) = set(jobs(slow)) - {first}
    assert handed_over(trainer).training_job == second


def test_a_stopped_job_leaves_no_model(trainer: Trainer) -> None:
    slow = with_hyperparameters(trainer, seconds="30")
    interrupt_once_started(slow)
    slow.train(SCRIPT, retrain=False)
    (job,) = jobs(slow)
    trainer.account.client("sagemaker").stop_training_job(TrainingJobName=job)
    with pytest.raises(UserError, match="was stopped before its end"):
        slow.resume(job)


def test_a_job_over_its_limit_names_the_setting(trainer: Trainer) -> None:
    slow = with_hyperparameters(trainer, seconds="30")
    training = replace(slow.outputs.training, max_run_seconds=1)
    hasty = replace(slow, outputs=replace(slow.outputs, training=training))
    with pytest.raises(
        UserError, match=r"Raise training\.max_run_seconds in terraform/targets/local\.tfvars"
    ):
        hasty.train(SCRIPT, retrain=False)


def test_an_unknown_job_is_one_sentence(trainer: Trainer) -> None:
    with pytest.raises(UserError, match="There is no training job never-started in account"):
        trainer.resume("never-started")


def test_the_built_in_algorithm_is_asked_for_and_exists_on_aws_only(trainer: Trainer) -> None:
    with pytest.raises(UserError, match="on AWS only") as error:
        trainer.train(BUILTIN, retrain=False)
    assert str(error.value).count(". ") == 0, "one sentence"
    assert handover.read(trainer.target.handover) is None


def test_an_account_that_is_killed_ends_following_at_once(tmp_path: Path) -> None:
    started = json.loads(
        accounts.localaws("start", "--state", str(tmp_path / "state"), check=True).stdout
    )
    client = accounts.Account(started["url"]).client
    client("s3").create_bucket(Bucket="models")
    client("sagemaker").create_training_job(
        TrainingJobName="long",
        RoleArn=make_role(client("iam"), "training"),
        AlgorithmSpecification={
            "TrainingImage": "image",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-c", "import time; time.sleep(60)"],
        },
        OutputDataConfig={"S3OutputPath": "s3://models"},
        ResourceConfig={"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    threading.Timer(1, os.kill, (started["pid"], signal.SIGKILL)).start()
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        follow("long", client("sagemaker"), client("logs"), Screen())
