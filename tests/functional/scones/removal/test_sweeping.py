import functools
import time
from collections.abc import Callable, Iterator
from typing import Any

import accounts
import pytest
from botocore.exceptions import ClientError
from eventually import eventually
from roles import make_role

from scones.removal import leftovers, sweeping
from scones.waits import Wait

PREFIX = "scones-sweep-"
BUCKET = "scones-sweep-data"
ROLE = "arn:aws:iam::123456789012:role/any"

Client = Callable[[str], Any]

QUICK = Wait(60.0, 0.05, 0.05)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with accounts.local(tmp_path_factory.mktemp("account")) as account:
        clients = functools.cache(account.client)
        clients("s3").create_bucket(Bucket=BUCKET)
        make_role(clients("iam"), "any")
        yield clients


def start_job(client: Client, name: str, script: str) -> str:
    client("sagemaker").create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={
            "TrainingImage": "any",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-c", script],
        },
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 120},
    )
    return name


def status(client: Client, name: str) -> str:
    return str(client("sagemaker").describe_training_job(TrainingJobName=name)["TrainingJobStatus"])


def ended(client: Client, name: str) -> str:
    deadline = time.monotonic() + 30
    while status(client, name) == "InProgress" and time.monotonic() < deadline:
        time.sleep(0.05)
    return name


def streams(client: Client) -> list[str]:
    return [
        s["logStreamName"]
        for s in client("logs").describe_log_streams(logGroupName=leftovers.TRAINING_LOGS)[
            "logStreams"
        ]
    ]


def test_our_running_jobs_are_stopped_and_waited_for(client: Client) -> None:
    ours = start_job(client, "scones-sweep-running", "import time; time.sleep(100)")
    other = start_job(client, "another-scones-sweep-running", "import time; time.sleep(100)")
    assert sweeping.stop_jobs(client("sagemaker"), PREFIX, QUICK) == [ours]
    assert status(client, ours) == "Stopped"
    assert status(client, other) == "InProgress"
    client("sagemaker").stop_training_job(TrainingJobName=other)
    ended(client, other)


def test_without_a_running_job_there_is_nothing_to_stop(client: Client) -> None:
    assert sweeping.stop_jobs(client("sagemaker"), "scones-unknown-") == []


def test_a_jobs_log_streams_are_deleted_and_the_groups_other_streams_stay(client: Client) -> None:
    ended(client, start_job(client, "scones-sweep-logged", "print('a line')"))
    ours = [stream for stream in streams(client) if stream.startswith(PREFIX)]
    client("logs").create_log_stream(
        logGroupName=leftovers.TRAINING_LOGS, logStreamName="another-projects/algo-1"
    )
    assert ours
    assert sweeping.delete_log_streams(client("logs"), leftovers.TRAINING_LOGS, ours) is False
    assert "another-projects/algo-1" in streams(client)
    assert not [stream for stream in streams(client) if stream.startswith(PREFIX)]


def test_a_group_is_deleted_with_its_last_stream(client: Client) -> None:
    client("logs").create_log_group(logGroupName="/aws/sagemaker/Shared")
    client("logs").create_log_stream(
        logGroupName="/aws/sagemaker/Shared", logStreamName="scones-sweep-1/algo-1"
    )
    gone = {"scones-sweep-1/algo-1", "scones-sweep-deleted-before/algo-1"}
    assert sweeping.delete_log_streams(client("logs"), "/aws/sagemaker/Shared", gone) is True
    assert sweeping.delete_log_streams(client("logs"), "/aws/sagemaker/Shared", gone) is False
    assert (
        client("logs").describe_log_groups(logGroupNamePrefix="/aws/sagemaker/Shared")["logGroups"]
        == []
    )


def test_an_empty_group_with_a_configured_retention_stays(client: Client) -> None:
    client("logs").create_log_group(logGroupName="/aws/sagemaker/Kept")
    client("logs").put_retention_policy(logGroupName="/aws/sagemaker/Kept", retentionInDays=7)
    assert sweeping.delete_log_streams(client("logs"), "/aws/sagemaker/Kept", []) is False


def test_log_groups_are_deleted_even_if_one_is_gone_already(client: Client) -> None:
    client("logs").create_log_group(logGroupName="/aws/lambda/scones-sweep-a")
    sweeping.delete_log_groups(
        client("logs"), ["/aws/lambda/scones-sweep-gone", "/aws/lambda/scones-sweep-a"]
    )
    assert (
        client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/scones-sweep")[
            "logGroups"
        ]
        == []
    )


def test_records_of_jobs_are_deleted(client: Client) -> None:
    name = ended(client, start_job(client, "scones-sweep-done", "pass"))
    assert (
        sweeping.delete_job_records(
            client("sagemaker"), sweeping.TRAINING, [name, "scones-sweep-unknown"]
        )
        == {}
    )

    def is_gone() -> bool:
        try:
            status(client, name)
        except ClientError as error:
            return "Could not find training job" in str(error)
        return False

    assert eventually(is_gone)


def test_the_record_of_a_job_that_still_runs_is_no_record_that_aws_keeps(client: Client) -> None:
    name = start_job(client, "scones-sweep-busy", "import time; time.sleep(100)")
    assert sweeping.delete_job_records(client("sagemaker"), sweeping.TRAINING, [name]) == {}
    assert status(client, name) == "InProgress"
    sweeping.stop_jobs(client("sagemaker"), PREFIX, QUICK)
