"""Training jobs to start and look at in tests."""

from __future__ import annotations

import io
import tarfile
import textwrap
import uuid
from typing import Any

from accounts import Account
from eventually import eventually
from roles import make_role

BUCKET = "training"


ROLE = "arn:aws:iam::123456789012:role/training"


LOG_GROUP = "/aws/sagemaker/TrainingJobs"


FOLDER = "import json, os, pathlib, time\nopt = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"


class Jobs:
    """Starts jobs whose source is a `code` channel, as the real ones do."""

    def __init__(self, account: Account) -> None:
        self.sagemaker = account.client("sagemaker")
        self.s3 = account.client("s3")
        self.logs = account.client("logs")
        make_role(account.client("iam"), "training")

    def start(self, code: str, channels: dict[str, str] | None = None, **changes: Any) -> str:
        """Start a job; `changes` are merged into its request, and None removes a part."""
        request = self.request(code, channels, **changes)
        self.sagemaker.create_training_job(**request)
        return str(request["TrainingJobName"])

    def request(
        self, code: str, channels: dict[str, str] | None = None, **changes: Any
    ) -> dict[str, Any]:
        """The request that starts a job, whose code is put into the bucket."""
        name = changes.pop("TrainingJobName", None) or f"job-{uuid.uuid4().hex[:8]}"
        self.s3.put_object(
            Bucket=BUCKET, Key=f"code/{name}/work.py", Body=textwrap.dedent(code).encode()
        )
        specification = {
            "TrainingImage": "example/pytorch:2",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-m", "work"],
            **changes.pop("AlgorithmSpecification", {}),
        }
        algorithm = {key: value for key, value in specification.items() if value is not None}
        sources = {"code": f"s3://{BUCKET}/code/{name}/", **(channels or {})}
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": algorithm,
            "RoleArn": ROLE,
            "InputDataConfig": [channel(name, url) for name, url in sources.items()],
            "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models"},
            "ResourceConfig": {
                "InstanceType": "ml.g4dn.xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "Environment": {"PYTHONPATH": "/opt/ml/input/data/code"},
            **changes,
        }

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.sagemaker.describe_training_job(TrainingJobName=name))

    def ended(self, name: str) -> dict[str, Any]:
        ends = {"Completed", "Failed", "Stopped"}

        def ended_job() -> dict[str, Any] | None:
            job = self.describe(name)
            return job if job["TrainingJobStatus"] in ends else None

        return dict(eventually(ended_job))

    def run(self, code: str, **changes: Any) -> dict[str, Any]:
        job = self.ended(self.start(code, **changes))
        assert job["TrainingJobStatus"] == "Completed", self.log(job["TrainingJobName"])
        return job

    def log(self, name: str) -> list[str]:
        """The lines so far; the first ones arrive late."""
        [stream] = eventually(lambda: self.streams(name))
        events = self.logs.get_log_events(
            logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True
        )["events"]
        return [event["message"] for event in events]

    def streams(self, name: str) -> list[str]:
        streams = self.logs.describe_log_streams(
            logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/"
        )["logStreams"]
        return [stream["logStreamName"] for stream in streams]

    def object(self, url: str) -> bytes:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def archive(self, url: str) -> dict[str, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self.object(url))) as archive:
            files = {member.name: archive.extractfile(member) for member in archive}
            return {name: file.read() for name, file in files.items() if file}

    def put(self, key: str, body: bytes = b"") -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"


def channel(name: str, url: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": url, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "InputMode": "File"}


def steps(job: dict[str, Any]) -> list[str]:
    return [step["Status"] for step in job["SecondaryStatusTransitions"]]
