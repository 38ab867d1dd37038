"""Endpoints to create and invoke in tests; their model is a JSON file."""

from __future__ import annotations

import io
import json
import tarfile
import textwrap
import uuid
from collections.abc import Mapping
from typing import Any

from accounts import Account
from eventually import eventually
from roles import make_role

BUCKET = "serving"


IMAGE = "example/pytorch-inference:2"
RAY_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/ray:serve-ml-sagemaker-cpu-v1.4"

IN_PROGRESS = {"Creating", "Deleting", "RollingBack", "Updating"}


# The "model" is a JSON file; its answer is its name and the text that it was sent.
INFERENCE = """
import json, os, pathlib, time

class Refused(ValueError):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status

def model_fn(model_dir):
    return json.loads((pathlib.Path(model_dir) / "model.json").read_text())

def input_fn(body, content_type):
    if content_type != "text/plain":
        raise Refused(415, f"{content_type} is not text")
    return body.decode()

def predict_fn(text, model):
    if text == "break":
        raise RuntimeError("broken inside")
    if text.startswith("sleep"):
        time.sleep(float(text.split()[1]))
    if text.startswith("wait"):
        folder = pathlib.Path(text.split()[1])
        (folder / "started").touch()
        while not (folder / "released").exists():
            time.sleep(0.05)
    return {
        "model": model["name"],
        "text": text,
        "threads": os.environ["OMP_NUM_THREADS"],
        "pid": os.getpid(),
    }

def output_fn(prediction, accept):
    return json.dumps(prediction), accept
"""


class Endpoints:
    """Creates endpoints with their models and configurations, and deletes them."""

    def __init__(self, account: Account) -> None:
        self.sagemaker = account.client("sagemaker")
        self.runtime = account.client("sagemaker-runtime")
        self.s3 = account.client("s3")
        self.logs = account.client("logs")
        self.s3.create_bucket(Bucket=BUCKET)
        make_role(account.client("iam"), "serving")
        self.made: list[str] = []

    def config(
        self,
        name: str,
        archive: bytes | None,
        capture: Any = None,
        environment: dict[str, str] | None = None,
        image: str = IMAGE,
        **variant: Any,
    ) -> str:
        """An endpoint configuration with a model, both of the same unique name."""
        name = f"{name}-{uuid.uuid4().hex[:8]}"
        if archive is not None:
            self.s3.put_object(Bucket=BUCKET, Key=f"{name}/model.tar.gz", Body=archive)
        self.sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={
                "Image": image,
                "ModelDataUrl": f"s3://{BUCKET}/{name}/model.tar.gz",
                "Environment": environment or {},
            },
            ExecutionRoleArn="arn:aws:iam::123456789012:role/serving",
        )
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "AllTraffic",
                    "ModelName": name,
                    "InstanceType": "ml.m5.large",
                    "InitialInstanceCount": 1,
                    "InitialVariantWeight": 1.0,
                    **variant,
                }
            ],
            **({"DataCaptureConfig": capture} if capture else {}),
        )
        return name

    def create(self, config: str, name: str = "", **tags: str) -> str:
        name = name or f"endpoint-{uuid.uuid4().hex[:8]}"
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=pairs)
        self.made.append(name)
        return name

    def serving(self, name: str = "first", **settings: Any) -> str:
        endpoint = self.create(self.config(name, archive(name), **settings))
        assert self.settled(endpoint)["EndpointStatus"] == "InService"
        return endpoint

    def describe(self, name: str) -> dict[str, Any]:
        return dict(self.sagemaker.describe_endpoint(EndpointName=name))

    def settled(self, name: str) -> dict[str, Any]:
        """The description of an endpoint whose status lasts."""

        def look() -> dict[str, Any] | None:
            endpoint = self.describe(name)
            return None if endpoint["EndpointStatus"] in IN_PROGRESS else endpoint

        endpoint: dict[str, Any] = eventually(look)
        return endpoint

    def ask(self, name: str, text: str = "hello", **options: Any) -> dict[str, Any]:
        answer = self.runtime.invoke_endpoint(
            EndpointName=name, Body=text, ContentType="text/plain", **options
        )
        return dict(json.load(answer["Body"]))

    def last_line(self, name: str) -> str:
        """What the newest container of an endpoint printed last; "" before it is in the log."""
        group = f"/aws/sagemaker/Endpoints/{name}"
        streams = self.logs.describe_log_streams(logGroupName=group)["logStreams"]
        newest = max(streams, key=lambda stream: stream["creationTime"])["logStreamName"]
        page = self.logs.get_log_events(logGroupName=group, logStreamName=newest)
        lines = [event["message"] for event in page["events"]]
        return lines[-1] if lines else ""

    def captures(self, prefix: str, count: int = 1) -> dict[str, bytes]:
        """The first `count` files below a prefix, when they have arrived."""

        def list_keys() -> list[str]:
            listing = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
            return [item["Key"] for item in listing]

        keys = eventually(lambda: len(found := list_keys()) >= count and found)
        return {key: self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    def delete(self, name: str) -> None:
        """Delete an endpoint, and wait until it is gone."""
        self.sagemaker.delete_endpoint(EndpointName=name)
        eventually(lambda: name not in self.names())

    def names(self) -> list[str]:
        pages = self.sagemaker.get_paginator("list_endpoints").paginate()
        return [endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"]]

    def delete_all(self) -> None:
        for name in set(self.made) & set(self.names()):
            if self.settled(name)["EndpointStatus"]:
                self.sagemaker.delete_endpoint(EndpointName=name)


def archive(name: str, inference: str | None = INFERENCE) -> bytes:
    files = {"model.json": json.dumps({"name": name})}
    if inference is not None:
        files["code/inference.py"] = textwrap.dedent(inference)
    return packed(files)


def packed(files: Mapping[str, str]) -> bytes:
    """A model.tar.gz with these texts."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()
