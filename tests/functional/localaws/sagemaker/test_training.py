"""Training jobs on the local AWS: the entry point runs in a folder laid out like /opt/ml."""

from __future__ import annotations

import json
import os
import uuid
from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from eventually import eventually
from training_jobs import BUCKET, FOLDER, Jobs, steps


@pytest.fixture
def jobs(account: Account) -> Jobs:
    account.client("s3").create_bucket(Bucket=BUCKET)
    return Jobs(account)


def test_a_job_runs_its_entry_point_and_leaves_the_model_in_s3(jobs: Jobs) -> None:
    job = jobs.run(FOLDER + "(opt / 'model' / 'weights.json').write_text('[1, 2]')")
    url = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert url == f"s3://{BUCKET}/models/{job['TrainingJobName']}/output/model.tar.gz"
    assert jobs.archive(url) == {"weights.json": b"[1, 2]"}
    assert steps(job) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert job["SecondaryStatusTransitions"][-1]["StatusMessage"] == "Training job completed"
    assert job["SecondaryStatus"] == "Completed"
    assert job["TrainingStartTime"] < job["TrainingEndTime"]
    assert job["TrainingTimeInSeconds"] == job["BillableTimeInSeconds"] >= 1


def test_stock_moto_would_call_the_job_completed_without_a_model(stock_account: Account) -> None:
    jobs = Jobs(stock_account)
    jobs.s3.create_bucket(Bucket=BUCKET)
    name = jobs.start("raise SystemExit(1)")
    assert jobs.describe(name)["TrainingJobStatus"] == "Completed"
    with pytest.raises(ClientError, match="NoSuchKey"):
        jobs.object(f"s3://{BUCKET}/models/{name}/output/model.tar.gz")
    with pytest.raises(ClientError) as lacking:
        jobs.sagemaker.stop_training_job(TrainingJobName=name)
    assert lacking.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500


def test_the_folder_is_laid_out_as_on_aws(jobs: Jobs) -> None:
    jobs.put("data/train/a.png", b"a")
    jobs.put("data/train/deep/b.png", b"b")
    manifest = jobs.put("data/manifest.json", b"{}")
    job = jobs.run(
        FOLDER
        + "files = [*opt.rglob('*.png'), *opt.rglob('*.json')]\n"
        + "files_seen = {str(path.relative_to(opt)): path.read_text() for path in files}\n"
        + "(opt / 'output' / 'data' / 'found.json').write_text(json.dumps(files_seen))",
        channels={"train": f"s3://{BUCKET}/data/train", "manifest": manifest},
        HyperParameters={"epochs": "3"},
    )
    output = jobs.archive(
        job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz")
    )
    files_seen = json.loads(output["found.json"])
    assert files_seen["input/data/train/a.png"] == "a"
    assert files_seen["input/data/train/deep/b.png"] == "b"
    assert files_seen["input/data/manifest/manifest.json"] == "{}"
    assert json.loads(files_seen["input/config/hyperparameters.json"]) == {"epochs": "3"}
    resources = json.loads(files_seen["input/config/resourceconfig.json"])
    assert (resources["current_host"], resources["hosts"]) == ("algo-1", ["algo-1"])
    assert resources["current_instance_type"] == "local", "none that a script could rely on"
    channels = json.loads(files_seen["input/config/inputdataconfig.json"])
    assert sorted(channels) == ["code", "manifest", "train"]
    assert channels["train"]["TrainingInputMode"] == "File"


def test_opt_ml_in_arguments_and_environment_is_the_jobs_folder(
    jobs: Jobs, account: Account
) -> None:
    job = jobs.run(
        FOLDER
        + "import sys\nseen = [str(opt), sys.argv[1:], dict(os.environ)]\n"
        + "(opt / 'model' / 'seen.json').write_text(json.dumps(seen))",
        AlgorithmSpecification={
            "ContainerEntrypoint": ["python3", "-m", "work"],
            "ContainerArguments": ["/opt/ml/model", "--out=/opt/ml/output", "/opt/mlx", "plain"],
        },
        Environment={"PYTHONPATH": "/elsewhere:/opt/ml/input/data/code", "MODE": "test"},
    )
    files = jobs.archive(job["ModelArtifacts"]["S3ModelArtifacts"])
    base, arguments, environment = json.loads(files["seen.json"])
    assert arguments == [f"{base}/model", f"--out={base}/output", "/opt/mlx", "plain"]
    assert environment["PYTHONPATH"] == f"/elsewhere:{base}/input/data/code"
    assert environment["MODE"] == "test"
    assert environment["OMP_NUM_THREADS"] == os.environ["OMP_NUM_THREADS"]
    assert environment["TRAINING_JOB_NAME"] == job["TrainingJobName"]
    assert environment["TRAINING_JOB_ARN"] == job["TrainingJobArn"]
    assert environment["AWS_ENDPOINT_URL"] == account.url
    assert job["Environment"]["MODE"] == "test"


def test_lines_are_in_the_log_while_the_job_runs(jobs: Jobs) -> None:
    name = jobs.start(FOLDER + "print('epoch=1')\nwhile True: time.sleep(1)")
    eventually(lambda: jobs.streams(name) and "epoch=1" in jobs.log(name))
    assert jobs.describe(name)["SecondaryStatus"] == "Training"
    assert jobs.streams(name)[0].startswith(f"{name}/algo-1-")
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    jobs.ended(name)


def test_metrics_are_the_last_values_that_their_patterns_find(jobs: Jobs) -> None:
    definitions = [
        {"Name": "train:loss", "Regex": "train_loss=([0-9.eE+-]+)"},
        {"Name": "validation:accuracy", "Regex": "validation_accuracy=(\\S+)"},
        {"Name": "never", "Regex": "never=(\\S+)"},
    ]
    job = jobs.run(
        """
        print("epoch=1/2 train_loss=0.5 validation_accuracy=0.7")
        print("epoch=2/2 train_loss=2.5e-1 validation_accuracy=0.9")
        print("validation_accuracy=nan")
        """,
        AlgorithmSpecification={"MetricDefinitions": definitions},
    )
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics == {"train:loss": 0.25, "validation:accuracy": pytest.approx(0.9)}
    assert job["AlgorithmSpecification"]["MetricDefinitions"] == definitions


def test_spot_training_needs_a_maximum_wait(jobs: Jobs) -> None:
    with pytest.raises(ClientError, match="Invalid MaxWaitTimeInSeconds"):
        jobs.start(
            "", EnableManagedSpotTraining=True, StoppingCondition={"MaxRuntimeInSeconds": 600}
        )
    limits = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 1200}
    assert jobs.run("", EnableManagedSpotTraining=True, StoppingCondition=limits)[
        "EnableManagedSpotTraining"
    ]


def test_checkpoints_are_downloaded_and_uploaded_while_the_job_runs(jobs: Jobs) -> None:
    jobs.put("checkpoints/one/epoch-1", b"first")
    code = FOLDER + (
        "folder = opt / 'checkpoints'\nassert (folder / 'epoch-1').read_text() == 'first'\n"
        "(folder / 'epoch-2').write_text('second')\nwhile True: time.sleep(1)"
    )
    name = jobs.start(code, CheckpointConfig={"S3Uri": f"s3://{BUCKET}/checkpoints/one"})
    eventually(
        lambda: (
            "Contents" in jobs.s3.list_objects_v2(Bucket=BUCKET, Prefix="checkpoints/one/epoch-2")
        )
    )
    assert jobs.describe(name)["TrainingJobStatus"] == "InProgress"
    assert jobs.object(f"s3://{BUCKET}/checkpoints/one/epoch-2") == b"second"
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    jobs.ended(name)


def test_the_last_checkpoint_is_uploaded_at_the_end(jobs: Jobs) -> None:
    code = FOLDER + "(opt / 'checkpoints' / 'last').write_text('final')"
    jobs.run(
        code,
        CheckpointConfig={
            "S3Uri": f"s3://{BUCKET}/checkpoints/two/",
            "LocalPath": "/opt/ml/checkpoints",
        },
    )
    assert jobs.object(f"s3://{BUCKET}/checkpoints/two/last") == b"final"


def test_a_name_is_used_once(jobs: Jobs) -> None:
    job = jobs.run("")
    with pytest.raises(ClientError) as refused:
        jobs.start("", TrainingJobName=job["TrainingJobName"])
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"


def test_tags_are_kept(jobs: Jobs) -> None:
    tags = [{"Key": "project", "Value": "scones"}]
    job = jobs.run("", Tags=tags)
    assert jobs.sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"] == tags


def test_jobs_are_listed_by_name_status_and_order(jobs: Jobs) -> None:
    prefix = f"list-{uuid.uuid4().hex[:6]}"
    for name, code in (("b", ""), ("c", "raise SystemExit(1)"), ("a", "")):
        jobs.ended(jobs.start(code, TrainingJobName=f"{prefix}-{name}"))

    def listed(**parameters: Any) -> list[str]:
        pages = jobs.sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains=prefix, **parameters
        )
        return [
            job["TrainingJobName"][-1] for page in pages for job in page["TrainingJobSummaries"]
        ]

    assert listed() == ["b", "c", "a"]
    assert listed(SortBy="Name") == ["a", "b", "c"]
    assert listed(SortBy="CreationTime", SortOrder="Descending") == ["a", "c", "b"]
    assert listed(StatusEquals="Failed") == ["c"]
    assert listed(SortBy="Name", PaginationConfig={"PageSize": 2}) == ["a", "b", "c"]
