"""The artifact behind the handler of AWS's PyTorch inference toolkit."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import pytest
from artifacts import ENDPOINT, REFUSED, Trained, run, together

from container.serving.attribution import HEADER, parse

pytest.importorskip(
    "sagemaker_pytorch_serving_container", reason='not installed: "make conformance" installs it'
)

# What the model server gives the toolkit's handler, as far as the handler looks at it.
SERVE = """
import base64, json, sys
from sagemaker_pytorch_serving_container.handler_service import HandlerService

class Request:
    def __init__(self, content_type):
        self.content_type = content_type
    def get_request_properties(self):
        return {"Content-Type": self.content_type, "Accept": "*/*"}

class Context:
    def __init__(self, folder, content_type):
        self.system_properties = {"model_dir": folder, "gpu_id": None}
        self.request_processor = [Request(content_type)]
        self.status = 200
        self.headers = {}
    def set_response_header(self, index, name, value):
        self.headers[name] = value
    def set_response_status(self, code, phrase):
        self.status = code
    def set_response_content_type(self, index, content_type):
        self.content_type = content_type

folder, service, answers = sys.argv[1], HandlerService(), []
context = Context(folder, "image/png")  # TorchServe has one, and gives it each request's headers
service.initialize(context)
for content_type, body in json.loads(sys.stdin.read()):
    context.__init__(folder, content_type)
    (answer,) = service.handle([{"body": bytearray(base64.b64decode(body))}], context)
    answers.append([context.status, answer, context.headers])
print(json.dumps(answers))
"""


def answered(trained: Trained, *requests: tuple[str, bytes]) -> list[list[Any]]:
    """Status, body and headers for each content type and body."""
    given = json.dumps([[kind, base64.b64encode(body).decode()] for kind, body in requests])
    command = (sys.executable, "-P", "-c", SERVE, str(trained.model))
    printed = run(*command, given=given, PYTHONPATH=trained.path, **ENDPOINT)
    return list(json.loads(printed.splitlines()[-1]))


def test_every_image_gets_the_answer_that_plain_python_gives(trained: Trained) -> None:
    answers = answered(
        trained, *(("application/x-image", image) for image in trained.images.values())
    )
    for (status, body, headers), expected in zip(answers, trained.answers.values(), strict=True):
        assert status == 200
        assert json.loads(body) == pytest.approx(expected, abs=1e-4)
        attribution = parse(headers[HEADER])
        assert attribution
        assert (attribution.model, len(attribution.classes)) == ("scones-1", len(expected))


def test_several_images_in_a_request_are_answered_together(trained: Trained) -> None:
    ((status, body, _),) = answered(
        trained, ("application/json", together(trained.images.values()))
    )
    assert status == 200
    for answer, expected in zip(
        json.loads(body)["predictions"], trained.answers.values(), strict=True
    ):
        assert answer == pytest.approx(expected, abs=1e-4)


def test_a_wrong_request_is_the_callers_fault(trained: Trained) -> None:
    answers = answered(trained, *((refused.content_type, refused.body) for refused in REFUSED))
    for (status, body, _), expected in zip(answers, REFUSED, strict=True):
        assert (status, body[: len(expected.sentence)]) == (expected.status, expected.sentence)
