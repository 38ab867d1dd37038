"""What takes AWS a while: seen here too, refusing what AWS refuses, and outlasting a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import serving_endpoints
import training_jobs
from accounts import localaws
from botocore.exceptions import ClientError
from deployed_functions import Functions
from eventually import eventually
from restarts import Restarted
from serving_endpoints import INFERENCE, Endpoints, archive
from training_jobs import Jobs, steps

# What ends by time alone lasts as long as the tests; the rest waits for a file.
HELD = (
    "fast,endpoint_rollback=600,endpoint_deletion=600,job_start=600,record_deletion=600,"
    "package_creation=600,function_update=600,bucket_name=600,capture=600"
)
BROKEN = INFERENCE.replace("return json.loads", "raise RuntimeError('no weights'); json.loads")
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": f"s3://{serving_endpoints.BUCKET}/captured",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
}
EXPECTED = {
    "creating": "Creating",
    "deleting": "Deleting",
    "failed": "Failed",
    "rolling": "RollingBack",
    "updating": "Updating",
}


@dataclass
class Held:
    """An endpoint in each status that ends by itself, by what it is doing.

    `job` has failed, and its record is being deleted; `package` is pending.
    """

    server: Restarted
    names: dict[str, str]
    release: Path
    job: str
    package: str

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self.server.account)

    def statuses(self) -> dict[str, str]:
        listed = self.server.account.client("sagemaker").list_endpoints(MaxResults=100)
        by_name = {entry["EndpointName"]: entry["EndpointStatus"] for entry in listed["Endpoints"]}
        return {doing: by_name.get(name, "gone") for doing, name in self.names.items()}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    folder = tmp_path_factory.mktemp("held")
    server = Restarted.start(folder / "aws", LOCALAWS_PACE=HELD)
    endpoints = Endpoints(server.account)
    waiting = INFERENCE.replace(
        "return json.loads",
        f"while not os.path.exists('{folder}/release'): time.sleep(0.05)\n    return json.loads",
    )
    names = {
        doing: endpoints.serving("first", capture=CAPTURE)
        for doing in ("deleting", "rolling", "updating")
    }
    names["creating"] = endpoints.create(endpoints.config("slow", archive("slow", waiting)))
    names["failed"] = endpoints.create(endpoints.config("absent", b"no archive"))
    for doing, name, inference in (
        ("updating", "second", waiting),
        ("rolling", "broken", BROKEN),
    ):
        config = endpoints.config(name, archive(name, inference))
        endpoints.sagemaker.update_endpoint(EndpointName=names[doing], EndpointConfigName=config)
    endpoints.sagemaker.delete_endpoint(EndpointName=names["deleting"])
    job = deleted_job(Jobs(server.account))
    endpoints.sagemaker.create_model_package_group(ModelPackageGroupName="held")
    package = endpoints.sagemaker.create_model_package(ModelPackageGroupName="held")
    held = Held(server, names, folder / "release", job, package["ModelPackageArn"])
    eventually(lambda: held.statuses() == EXPECTED)
    yield held
    localaws("stop", "--state", str(folder / "aws"), check=True)


def deleted_job(jobs: Jobs) -> str:
    """A job that fails before it starts, since it asks for two hosts, and is deleted."""
    jobs.s3.create_bucket(Bucket=training_jobs.BUCKET)
    hosts = {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30}
    name = jobs.start("", ResourceConfig=hosts)
    jobs.ended(name)
    jobs.sagemaker.delete_training_job(TrainingJobName=name)
    return name


def refusal(request: Any, **parameters: str) -> str:
    with pytest.raises(ClientError) as refused:
        request(**parameters)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.parametrize("doing", EXPECTED)
def test_every_status_is_described(held: Held, doing: str) -> None:
    assert held.endpoints.describe(held.names[doing])["EndpointStatus"] == EXPECTED[doing]


@pytest.mark.parametrize("doing", EXPECTED)
def test_a_name_is_taken_in_every_status(held: Held, doing: str) -> None:
    config = held.endpoints.describe(held.names[doing])["EndpointConfigName"]
    message = refusal(
        held.endpoints.sagemaker.create_endpoint,
        EndpointName=held.names[doing],
        EndpointConfigName=config,
    )
    assert message.startswith("Cannot create already existing endpoint")


@pytest.mark.parametrize("doing", [doing for doing in EXPECTED if doing != "failed"])
def test_an_endpoint_in_progress_is_neither_updated_nor_deleted(held: Held, doing: str) -> None:
    name = held.names[doing]
    sagemaker = held.endpoints.sagemaker
    config = held.endpoints.describe(name)["EndpointConfigName"]
    messages = {
        refusal(sagemaker.delete_endpoint, EndpointName=name),
        refusal(sagemaker.update_endpoint, EndpointName=name, EndpointConfigName=config),
    }
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}"
    assert messages == {f'Cannot update in-progress endpoint "{arn}".'}


@pytest.mark.parametrize("doing", ["rolling", "updating"])
def test_the_former_fleet_serves_during_an_update_and_its_rollback(held: Held, doing: str) -> None:
    assert held.endpoints.ask(held.names[doing])["model"] == "first"


@pytest.mark.parametrize("doing", ["creating", "deleting", "failed"])
def test_nothing_serves_in_the_other_statuses(held: Held, doing: str) -> None:
    with pytest.raises(ClientError, match="not found"):
        held.endpoints.ask(held.names[doing])


def test_a_deployment_under_way_names_its_configuration(held: Held) -> None:
    creating = held.endpoints.describe(held.names["creating"])
    updating = held.endpoints.describe(held.names["updating"])
    pending = updating["PendingDeploymentSummary"]["EndpointConfigName"]
    assert pending.startswith("second-")
    assert updating["EndpointConfigName"].startswith("first-")
    assert (
        creating["PendingDeploymentSummary"]["EndpointConfigName"] == creating["EndpointConfigName"]
    )
    for doing in ("rolling", "deleting", "failed"):
        assert "PendingDeploymentSummary" not in held.endpoints.describe(held.names[doing])


def test_a_job_that_is_deleted_exists_until_it_is_gone(held: Held) -> None:
    jobs = Jobs(held.server.account)
    assert jobs.describe(held.job)["TrainingJobStatus"] == "Deleting"
    with pytest.raises(ClientError, match="already exists"):
        jobs.start("", TrainingJobName=held.job)
    with pytest.raises(ClientError, match="is Deleting"):
        jobs.sagemaker.delete_training_job(TrainingJobName=held.job)
    with pytest.raises(ClientError, match="in status Deleting"):
        jobs.sagemaker.stop_training_job(TrainingJobName=held.job)


def test_a_job_can_be_stopped_before_its_instances_run(held: Held) -> None:
    jobs = Jobs(held.server.account)
    name = jobs.start("raise SystemExit('never started')")
    assert jobs.describe(name)["SecondaryStatus"] == "Starting"
    jobs.sagemaker.stop_training_job(TrainingJobName=name)
    job = jobs.ended(name)
    assert steps(job) == ["Starting", "Stopping", "Stopped"]
    assert "TrainingStartTime" not in job


def test_a_registered_model_is_pending_at_first(held: Held) -> None:
    sagemaker = held.server.account.client("sagemaker")
    package = sagemaker.describe_model_package(ModelPackageName=held.package)
    assert package["ModelPackageStatus"] == "Pending"


def test_a_function_that_is_being_updated_serves_but_refuses_another_update(held: Held) -> None:
    functions = Functions(held.server.account)
    name = functions.deploy("def handler(event, context): return 'served'")
    change = {"FunctionName": name, "Description": "changed"}
    updated = functions.client.update_function_configuration(**change)
    assert updated["LastUpdateStatus"] == "InProgress"
    with pytest.raises(ClientError, match="An update is in progress") as refused:
        functions.client.update_function_configuration(**change)
    assert refused.value.response["Error"]["Code"] == "ResourceConflictException"
    assert functions.call(name) == "served"


def test_the_name_of_a_deleted_bucket_is_not_free_at_once(held: Held) -> None:
    s3 = held.server.account.client("s3")
    s3.create_bucket(Bucket="once")
    s3.delete_bucket(Bucket="once")
    with pytest.raises(ClientError) as refused:
        s3.create_bucket(Bucket="once")
    assert refused.value.response["Error"]["Code"] == "OperationAborted"


def test_a_restart_goes_on_with_what_was_under_way(held: Held) -> None:
    held.server.kill()
    held.server = Restarted.start(held.server.state, LOCALAWS_PACE=HELD)
    rolled_back = {**EXPECTED, "rolling": "InService"}
    eventually(lambda: held.statuses() == rolled_back)
    assert held.endpoints.ask(held.names["updating"])["model"] == "first"
    assert "ping health check" in held.endpoints.describe(held.names["rolling"])["FailureReason"]
    sagemaker = held.endpoints.sagemaker
    package = sagemaker.describe_model_package(ModelPackageName=held.package)
    assert package["ModelPackageStatus"] == "Completed"
    sagemaker.delete_model_package(ModelPackageName=held.package)
    package = sagemaker.describe_model_package(ModelPackageName=held.package)
    assert package["ModelPackageStatus"] == "Deleting"
    with pytest.raises(ClientError, match="while it has model packages"):
        sagemaker.delete_model_package_group(ModelPackageGroupName="held")
    assert Jobs(held.server.account).describe(held.job)["TrainingJobStatus"] == "Deleting"
    # The kill has lost the captures that were on their way; a stop brings those of now.
    captured = {"Bucket": serving_endpoints.BUCKET, "Prefix": "captured/"}
    assert held.server.account.client("s3").list_objects_v2(**captured)["KeyCount"] == 0

    localaws("stop", "--state", str(held.server.state), check=True)
    held.release.touch()
    held.server = Restarted.start(held.server.state)
    assert held.server.account.client("s3").list_objects_v2(**captured)["KeyCount"] == 1
    settled = {**rolled_back, "creating": "InService", "deleting": "gone", "updating": "InService"}
    eventually(lambda: held.statuses() == settled)
    sagemaker = held.endpoints.sagemaker
    eventually(
        lambda: not sagemaker.list_training_jobs(NameContains=held.job)["TrainingJobSummaries"]
    )
    eventually(lambda: not sagemaker.list_model_packages()["ModelPackageSummaryList"])
    models = {
        doing: held.endpoints.ask(held.names[doing])["model"]
        for doing in ("creating", "rolling", "updating")
    }
    assert models == {"creating": "slow", "rolling": "first", "updating": "second"}
