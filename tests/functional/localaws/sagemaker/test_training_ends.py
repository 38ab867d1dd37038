"""How training jobs on the local AWS end: failed, stopped, too long, or with the account."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from accounts import Account, local
from botocore.exceptions import ClientError
from eventually import eventually
from moto.core.utils import utcnow
from roles import make_role
from training_jobs import BUCKET, FOLDER, ROLE, Jobs, channel, steps

from localaws.sagemaker import execution_role, training_job
from localaws.sagemaker.training_record import JobRecord
from localaws.server import patching, processes


@pytest.fixture
def jobs(account: Account) -> Jobs:
    account.client("s3").create_bucket(Bucket=BUCKET)
    return Jobs(account)


def test_a_failing_job_reports_the_content_of_output_failure(jobs: Jobs) -> None:
    job = jobs.ended(
        jobs.start(
            FOLDER + "(opt / 'output/failure').write_text('No images. ' * 200)\nraise SystemExit(1)"
        )
    )
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == f"AlgorithmError: {('No images. ' * 200)[:1024]}, exit code: 1"
    assert steps(job) == ["Starting", "Downloading", "Training", "Failed"]
    with pytest.raises(ClientError, match="NoSuchKey"):
        jobs.object(job["ModelArtifacts"]["S3ModelArtifacts"])


def test_a_killed_entry_point_and_one_that_is_not_there_have_an_exit_code(jobs: Jobs) -> None:
    killed = jobs.ended(jobs.start("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    assert killed["FailureReason"] == "AlgorithmError: , exit code: 137"
    lacking = jobs.ended(
        jobs.start("", AlgorithmSpecification={"ContainerEntrypoint": ["not-there"]})
    )
    assert lacking["FailureReason"] == "AlgorithmError: , exit code: 127"
    assert jobs.log(lacking["TrainingJobName"]) == ["not-there: No such file or directory"]


def test_a_channel_without_objects_fails_the_job(jobs: Jobs) -> None:
    for url in (f"s3://{BUCKET}/nothing-here/", "s3://no-such-bucket/train/"):
        job = jobs.ended(jobs.start("", channels={"train": url}))
        expected = f'ClientError: Data download failed: No S3 objects found under S3 URL "{url}"'
        assert job["FailureReason"].startswith(expected)
        assert steps(job) == ["Starting", "Downloading", "Failed"]


def test_a_container_image_with_its_own_entry_point_runs_on_aws_only(jobs: Jobs) -> None:
    job = jobs.ended(jobs.start("", AlgorithmSpecification={"ContainerEntrypoint": None}))
    reason = "ClientError: example/pytorch:2 has no local container; it runs on AWS only."
    assert job["FailureReason"] == reason


def test_a_job_on_several_hosts_is_refused(jobs: Jobs) -> None:
    instances = {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30}
    job = jobs.ended(jobs.start("", ResourceConfig=instances))
    reason = "ClientError: the local AWS trains on one host, not on 2; set InstanceCount to 1."
    assert job["FailureReason"] == reason


def test_stopping_lets_the_script_save_its_model(jobs: Jobs) -> None:
    name = jobs.start(
        FOLDER
        + "import signal, sys\n"
        + "def end(*_):\n    (opt / 'model' / 'half').write_text('done')\n    sys.exit(0)\n"
        + "signal.signal(signal.SIGTERM, end)\nprint('ready')\nwhile True: time.sleep(1)"
    )
    eventually(lambda: jobs.streams(name) and jobs.log(name) == ["ready"])
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    assert jobs.describe(name)["TrainingJobStatus"] in {"Stopping", "Stopped"}
    job = jobs.ended(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert steps(job) == ["Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"]
    assert jobs.archive(job["ModelArtifacts"]["S3ModelArtifacts"]) == {"half": b"done"}
    with pytest.raises(ClientError, match="in status Stopped"):
        jobs.sagemaker.stop_training_job(TrainingJobName=name)


def test_a_job_that_is_not_there_cannot_be_stopped(jobs: Jobs) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        jobs.sagemaker.stop_training_job(TrainingJobName="not-there")


def test_a_job_ends_at_its_maximum_runtime(jobs: Jobs) -> None:
    name = jobs.start("import time; time.sleep(60)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    job = jobs.ended(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert 1 <= job["TrainingTimeInSeconds"] <= 5


def test_the_work_folder_is_removed(jobs: Jobs, shared_state: Path) -> None:
    name = jobs.start(FOLDER + "time.sleep(3)")

    def has_folder() -> bool:
        # Path.rglob would fail on a folder that is removed meanwhile.
        return any(name in folders for _, folders, _ in os.walk(shared_state))

    eventually(has_folder)
    jobs.ended(name)
    eventually(lambda: not has_folder())


def test_everything_a_job_started_ends_when_the_account_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}}\\n{{child.pid}}\\n')\ntime.sleep(60)"
    )
    with local(tmp_path / "state") as account:
        jobs = Jobs(account)
        jobs.s3.create_bucket(Bucket=BUCKET)
        jobs.start(code)
        eventually(lambda: pids.exists() and len(pids.read_text().splitlines()) == 2)
        started = [int(line) for line in pids.read_text().splitlines()]
        assert processes.wait_for_end(started, seconds=0) == set(started)
        os.kill(json.loads((tmp_path / "state" / "server.json").read_text())["pid"], signal.SIGKILL)
        assert processes.wait_for_end(started, seconds=60) == set()


@pytest.fixture
def in_process(aws: boto3.session.Session) -> Any:
    """A bucket of moto's in this very process, for what would take too long to wait for."""
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET)
    make_role(aws.client("iam"), "training")
    return client


def run_in_process(state: Path, code: str, stop: bool = False, **changes: Any) -> SimpleNamespace:
    request = {
        "TrainingJobName": "inside",
        "AlgorithmSpecification": {"ContainerEntrypoint": ["python3", "-u", "-c", code]},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large"},
        **changes,
    }
    described = SimpleNamespace(arn="arn", algorithm_specification={}, creation_time=utcnow())
    JobRecord.start(described, [])
    account = patching.Account(state, "http://127.0.0.1:1")
    session = execution_role.assume_role("123456789012", ROLE)
    job = training_job.TrainingJob(account, session, "us-east-1", request, described)
    job.start()
    if stop:
        eventually(lambda: described.secondary_status == "Training")
        job.stop()
    job.join(20)
    return described


@pytest.mark.usefixtures("in_process")
def test_an_entry_point_that_does_not_end_when_asked_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_job, "GRACE_SECONDS", 0.2)
    deaf = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)"
    job = run_in_process(tmp_path, deaf, stop=True)
    assert (job.training_job_status, job.secondary_status) == ("Stopped", "Stopped")


@pytest.mark.usefixtures("in_process")
def test_a_spot_job_ends_at_its_maximum_wait(tmp_path: Path) -> None:
    limits = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 0}
    job = run_in_process(tmp_path, "", EnableManagedSpotTraining=True, StoppingCondition=limits)
    assert (job.training_job_status, job.secondary_status) == ("Stopped", "MaxWaitTimeExceeded")


def test_a_key_that_leads_outside_its_channel_fails_the_job(
    in_process: Any, tmp_path: Path
) -> None:
    in_process.put_object(Bucket=BUCKET, Key="odd/../../../../outside", Body=b"")
    job = run_in_process(tmp_path, "", InputDataConfig=[channel("train", f"s3://{BUCKET}/odd/")])
    assert "leads outside its channel" in job.failure_reason
    assert not list(tmp_path.rglob("outside"))


def test_a_running_training_job_is_not_deleted(jobs: Jobs) -> None:
    name = jobs.start("import time; time.sleep(60)")
    try:
        with pytest.raises(ClientError) as refused:
            jobs.sagemaker.delete_training_job(TrainingJobName=name)
        assert refused.value.response["Error"]["Code"] == "ResourceInUse"
    finally:
        jobs.sagemaker.stop_training_job(TrainingJobName=name)
        jobs.ended(name)
