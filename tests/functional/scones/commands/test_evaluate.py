import dataclasses
import json
import threading
import time
from typing import Any

import boto3
import pytest
from paths import EXAMPLE_OUTPUTS

from scones.commands import evaluate
from scones.errors import UserError
from scones.images.manifest import Entry, Manifest, Origin
from scones.outputs import Outputs
from scones.settings import Target
from scones.workflow.outcomes import Outcome
from scones.workflow.preconditions import require_model, require_staged_images

DEV = Target("dev", "us-east-1")
OUTPUTS = Outputs.parse(json.loads((EXAMPLE_OUTPUTS).read_text()))
SERVED = dataclasses.replace(
    OUTPUTS, classes=("bicycle", "motorcycle"), data_bucket="scones-dev-data-123456789012"
)
IMAGES = [Entry(f"test/{n:02}.png", n % 2, "") for n in range(40)]


def manifest(*classes: str) -> bytes:
    images = tuple(
        Entry(f"{split}/{n}.png", n % 2, "0" * 64) for split in ("test", "train") for n in range(4)
    )
    return Manifest(classes, Origin("image", "0" * 64, True), "1", 0, {}, images).as_json()


@pytest.fixture
def s3(aws: boto3.session.Session) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket=SERVED.data_bucket)
    return client


def answer(image: Entry) -> Outcome:
    return Outcome("accepted", "b", image.key, "bicycle", 0.99, (0.99, 0.01), None, None, "arn", 5)


def test_only_test_images_are_evaluated(s3: Any) -> None:
    s3.put_object(
        Bucket=SERVED.data_bucket, Key="manifest.json", Body=manifest("bicycle", "motorcycle")
    )
    images = require_staged_images(s3, SERVED, DEV).test_images
    assert [(image.key, image.label) for image in images] == [
        (f"test/{n}.png", n % 2) for n in range(4)
    ]


def test_nothing_staged_is_a_sentence(s3: Any) -> None:
    with pytest.raises(
        UserError, match=r'Nothing is staged in .*\. Run "make stage TARGET=dev" first\.'
    ):
        require_staged_images(s3, SERVED, DEV)
    with pytest.raises(UserError, match="Nothing is staged"):
        require_staged_images(s3, dataclasses.replace(SERVED, data_bucket="scones-dev-gone"), DEV)


def test_images_of_other_classes_than_the_models_are_a_sentence(s3: Any) -> None:
    s3.put_object(Bucket=SERVED.data_bucket, Key="manifest.json", Body=manifest("bus", "train"))
    with pytest.raises(
        UserError, match="show bus, train, but the settings name bicycle, motorcycle"
    ):
        require_staged_images(s3, SERVED, DEV)


def test_without_a_stack_or_a_model_the_sentence_names_the_command() -> None:
    unserved = dataclasses.replace(
        SERVED, endpoint=dataclasses.replace(SERVED.endpoint, config_name=None)
    )
    with pytest.raises(
        UserError, match=r'No model is served\. Run "make train apply TARGET=dev" first\.'
    ):
        require_model(unserved, DEV)
    with pytest.raises(
        UserError, match=r'Nothing is provisioned for dev\. Run "make stage train apply TARGET=dev"'
    ):
        require_model(None, DEV)


def test_results_come_in_the_order_of_the_samples() -> None:
    def slowest_first(image: Entry) -> Outcome:
        time.sleep(0.02 if image is IMAGES[0] else 0)
        return answer(image)

    assert [result.outcome.s3_key for result in evaluate.run(IMAGES, slowest_first)] == [
        image.key for image in IMAGES
    ]


def test_executions_run_in_parallel_but_not_all_at_once() -> None:
    running, peak, lock = 0, 0, threading.Lock()

    def counted(image: Entry) -> Outcome:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return answer(image)

    evaluate.run(IMAGES, counted)
    assert 1 < peak <= evaluate.IN_FLIGHT


def test_an_error_ends_the_run_early() -> None:
    asked: list[Entry] = []

    def gone(image: Entry) -> Outcome:
        asked.append(image)
        time.sleep(0.01)
        raise UserError("The state machine does not exist.")

    with pytest.raises(UserError, match="does not exist"):
        evaluate.run(IMAGES, gone)
    assert len(asked) < len(IMAGES)


def test_the_progress_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.run(IMAGES, answer)
    assert "Classifying: 40 images" in capsys.readouterr().err


def test_a_limit_is_a_number_from_one() -> None:
    for text in ("0", "-3", "1.5", "ten", "", " "):
        with pytest.raises(UserError, match="LIMIT must be a whole number from 1"):
            evaluate.main([f"--limit={text}"])
