"""The workflow's own functions and state machine, with models that answer as a test needs it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import captured
from accounts import Account
from deployed_functions import Functions
from machines import Machines
from paths import PYTHON, ROOT
from serving_endpoints import BUCKET, Endpoints, packed

STEPS = ("serialize_image", "classify_image", "filter_confidence")

# Answers every image alike; takes its time to load, and may fail at it.
INFERENCE = """
import json, pathlib, time
from container.serving.attribution import answer_headers

def model_fn(model_dir):
    model = json.loads((pathlib.Path(model_dir) / "model.json").read_text())
    time.sleep(model["seconds"])
    if model["broken"]:
        raise RuntimeError("these weights fit no network")
    return model

def input_fn(body, content_type):
    return body

def predict_fn(body, model, context):
    for name, value in answer_headers(model["classes"], None).items():
        context.set_response_header(0, name, value)
    return [model["confidence"], 1 - model["confidence"]]

def output_fn(prediction, accept):
    return json.dumps(prediction), "application/json"
"""


@dataclass(frozen=True)
class StubModel:
    """A model that answers each image with its first class, at a confidence of its own.

    `attributed` is False for the built-in algorithm, which says nothing about itself.
    """

    name: str
    classes: tuple[str, str]
    confidence: float
    seconds: float = 0.0
    broken: bool = False
    attributed: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """As Terraform sets it in the SageMaker model."""
        if not self.attributed:
            return {}
        return {"SCONES_MODEL": self.name, "SCONES_THRESHOLD": "0.9"}

    @property
    def fallback(self) -> dict[str, str]:
        """As Terraform sets it in filter_confidence, after the endpoint has changed."""
        if self.attributed:
            return {}
        known = {"model": self.name, "threshold": 0.9, "classes": self.classes}
        return {"FALLBACK": json.dumps(known)}

    def archive(self) -> bytes:
        serving = PYTHON / "container" / "serving"
        fields = {"seconds": self.seconds, "broken": self.broken}
        content = {**fields, "classes": self.classes, "confidence": self.confidence}
        return packed(
            {
                "model.json": json.dumps(content),
                "code/inference.py": INFERENCE,
                "code/container/__init__.py": "",
                "code/container/serving/__init__.py": "",
                "code/container/serving/attribution.py": (serving / "attribution.py").read_text(),
            }
        )


class Workflow:
    """The workflow in an account, which classifies one image again and again."""

    def __init__(self, account: Account, model: StubModel) -> None:
        self.endpoints = Endpoints(account)
        self.functions = Functions(account)
        self.machines = Machines(account)
        self.endpoint = self.endpoints.create(self._config(model))
        assert self.endpoints.settled(self.endpoint)["EndpointStatus"] == "InService"
        environment = {"ENDPOINT_NAME": self.endpoint, **model.fallback}
        names = {
            step: self.functions.deploy(
                (ROOT / "lambdas" / f"{step}.py").read_text(),
                Handler="app.lambda_handler",
                Environment={"Variables": environment},
            )
            for step in STEPS
        }
        self._filter = names["filter_confidence"]
        values = {step: self._arn(name) for step, name in names.items()}
        values["partition"] = "aws"
        bus = f"bus-{self.endpoint}"
        account.client("events").create_event_bus(Name=bus)
        values["event_bus"] = bus
        sqs = account.client("sqs")
        values["review_queue_url"] = sqs.create_queue(QueueName=self.endpoint)["QueueUrl"]
        definition = (ROOT / "states" / "classify.asl.json").read_text()
        self._machine = self.machines.make(
            re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], definition)
        )
        self._image = {"s3_bucket": BUCKET, "s3_key": f"{self.endpoint}.png"}
        self.endpoints.s3.put_object(Bucket=BUCKET, Key=self._image["s3_key"], Body=captured.png())

    def begin_update(self, model: StubModel) -> None:
        self.endpoints.sagemaker.update_endpoint(
            EndpointName=self.endpoint, EndpointConfigName=self._config(model)
        )

    def end_update(self, model: StubModel) -> None:
        """What Terraform changes after the endpoint."""
        environment = {"ENDPOINT_NAME": self.endpoint, **model.fallback}
        self.functions.client.update_function_configuration(
            FunctionName=self._filter, Environment={"Variables": environment}
        )

    def is_updated(self) -> bool:
        status = self.endpoints.describe(self.endpoint)["EndpointStatus"]
        return bool(status not in {"Updating", "RollingBack"})

    def start(self) -> str:
        """Start an execution for the image; returns its ARN."""
        started = self.machines.states.start_execution(
            stateMachineArn=self._machine, input=json.dumps(self._image)
        )
        return str(started["executionArn"])

    def answer(self, arn: str) -> tuple[float, str]:
        """The confidence and the label of an execution, which must be accepted."""
        ended: dict[str, Any] = self.machines.wait_for_end(arn)
        assert ended["status"] == "SUCCEEDED", ended.get("cause")
        output = json.loads(ended["output"])
        return output["confidence"], output["label"]

    def _config(self, model: StubModel) -> str:
        return self.endpoints.config(model.name, model.archive(), environment=model.environment)

    def _arn(self, function: str) -> str:
        described = self.functions.client.get_function(FunctionName=function)
        return str(described["Configuration"]["FunctionArn"])
