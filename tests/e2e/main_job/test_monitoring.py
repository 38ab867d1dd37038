"""What an operator sees and does: traffic, report, drift, notifications, review."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from browser import console, needs_browser, overflow, window
from checkouts import Checkout, kill
from eventually import eventually
from PIL import Image

MIN_IMAGES = 30  # drift is not measured with fewer


@pytest.fixture(scope="module")
def served(checkout: Checkout, main_job: str) -> dict[str, Any]:
    """Terraform's outputs."""
    return checkout.outputs()


@pytest.fixture(scope="module")
def notifications(checkout: Checkout, served: dict[str, Any]) -> Iterator[Callable[[], list[str]]]:
    """Returns what was sent to the operators since its last call."""
    sqs, sns = checkout.client("sqs"), checkout.client("sns")
    url = sqs.create_queue(QueueName="operators")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    subscription = sns.subscribe(
        TopicArn=served["monitoring"]["topic_arn"],
        Protocol="sqs",
        Endpoint=attributes["QueueArn"],
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    yield lambda: [json.loads(body)["Message"] for body in receive_all(sqs, url)]
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def receive_all(sqs: Any, url: str) -> Iterator[str]:
    """The messages in a queue, each deleted."""
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]


def simulate(checkout: Checkout, *words: str) -> list[dict[str, Any]]:
    """The images that were sent; a machine that is too slow for the rate misses some."""
    checkout.make("simulate", "RATE=4", "FOR=10", *words)
    images = list(checkout.built("simulation.json")["images"])
    assert MIN_IMAGES <= len(images) <= 40
    return images


def captured(checkout: Checkout, bucket: str) -> list[str]:
    """The inference id of every captured record."""
    s3 = checkout.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="data-capture/")
    lines = [
        line
        for key in pages.search("Contents[].Key")
        for line in s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()
    ]
    return [json.loads(line)["eventMetadata"].get("inferenceId") for line in lines]


def alarm(checkout: Checkout) -> str:
    """The state of the drift alarm."""
    cloudwatch = checkout.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=["scones-local-drift"])["MetricAlarms"]
    return str(alarms[0]["StateValue"])


def now() -> str:
    """The next whole second, once it has come: captures have the time of their second."""
    second = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    eventually(lambda: datetime.now(UTC) >= second)
    return second.isoformat()


def drifted(checkout: Checkout, since: str) -> bool:
    """Whether `make drift` finds drift in what was captured since then."""
    checkout.make("drift", f"SINCE={since}")
    return bool(checkout.built("drift.json")["drifted"])


def test_every_image_that_is_sent_is_in_the_report_once(
    checkout: Checkout, served: dict[str, Any]
) -> None:
    before = set(captured(checkout, served["data_bucket"]))
    since = now()
    sent = simulate(checkout, "SEED=1")
    inference_ids = [image["inference_id"] for image in sent]

    def new() -> list[str]:
        return [name for name in captured(checkout, served["data_bucket"]) if name not in before]

    assert sorted(eventually(lambda: len(found := new()) >= len(sent) and found)) == sorted(
        inference_ids
    )
    checkout.make("report", f"SINCE={since}")
    report = checkout.built("report.json")
    assert report["records"] == len(sent)
    assert report["truth"]["images"] == len(sent)
    assert report["skipped"] == 0
    assert not drifted(checkout, since)
    eventually(lambda: alarm(checkout) == "OK")


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_fits_every_screen_and_logs_no_error(
    chromium: Any, checkout: Checkout, served: dict[str, Any], width: int
) -> None:
    with window(chromium, width) as driver:
        driver.get((checkout.folder / "build" / "local" / "report.html").as_uri())
        assert overflow(driver) == 0
        assert console(driver) == []


def test_images_that_drift_raise_the_alarm(checkout: Checkout, served: dict[str, Any]) -> None:
    since = now()
    simulate(checkout, "DRIFT=dark", "SEED=2")
    assert drifted(checkout, since)
    eventually(lambda: alarm(checkout) == "ALARM")


def test_a_failed_execution_is_notified_once_and_redriven_once(
    checkout: Checkout,
    served: dict[str, Any],
    notifications: Callable[[], list[str]],
) -> None:
    notifications()
    bucket, key = served["data_bucket"], "uploads/broken.png"
    checkout.client("s3").put_object(Bucket=bucket, Key=key, Body=b"This is a text.")
    url = f"s3://{bucket}/{key}"
    answer = json.loads(checkout.make("-s", "classify", f"IMAGE={url}", expect=1).stdout)
    received: list[str] = []

    def failures() -> list[str]:
        received.extend(notifications())
        return [text for text in received if text.startswith("An execution of the workflow failed")]

    eventually(failures)
    words = ("redrive", f"EXECUTION={answer['execution_arn']}")
    first = failures()[0]
    assert "NotAnImage" in first
    assert answer["s3_key"] in first
    assert answer["cause"] in first
    assert f"make {' '.join(words)}" in first
    assert "Redriven" in checkout.make(*words).stdout
    assert "had been redriven before" in checkout.make(*words).stdout
    # The redriven one fails and is notified, too. Unsure images are not.
    eventually(lambda: len(failures()) == 2)
    assert "-again-1" in failures()[1]


def test_the_next_training_uses_the_labels_of_human_review(
    checkout: Checkout, served: dict[str, Any]
) -> None:
    s3, sqs, bucket = checkout.client("s3"), checkout.client("sqs"), served["data_bucket"]
    queue, classes = served["queues"]["review"], served["classes"]
    sqs.purge_queue(QueueUrl=queue)
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(review_request(s3, served)))
    review = checkout.start("-s", "review")
    try:
        lines = iter(review.stdout or [])
        url = next(line.strip() for line in lines if line.startswith("http://127.0.0.1"))
        label_first_card(url, classes[1])
    finally:
        kill(review)
    reviewed = s3.list_objects_v2(Bucket=bucket, Prefix="reviewed/")["Contents"]
    [key] = [entry["Key"] for entry in reviewed if entry["Key"].endswith(".json")]
    assert read_json(s3, bucket, key)["label"] == classes[1]
    before = checkout.handover()
    checkout.make("train")
    after = checkout.handover()
    assert after["training_job"] != before["training_job"]
    assert after["data"]["fingerprint"] != before["data"]["fingerprint"]
    images = read_json(s3, bucket, "manifest.json")["images"]
    assert [image["label"] for image in images if "reviewed" in image["key"]] == [1]


def read_json(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    return dict(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))


def review_request(s3: Any, served: dict[str, Any]) -> dict[str, Any]:
    """Upload an image, and return a message of the review queue about it."""
    bucket, key = served["data_bucket"], "uploads/unsure.png"
    image = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(image, "PNG")
    s3.put_object(Bucket=bucket, Key=key, Body=image.getvalue())
    machine = served["state_machine_arn"].replace(":stateMachine:", ":execution:")
    return {
        "s3_bucket": bucket,
        "s3_key": key,
        "inferences": [0.6, 0.4],
        "execution": f"{machine}:unsure",
        "label": served["classes"][0],
        "confidence": 0.6,
        "message": "Unsure.",
    }


def label_first_card(url: str, label: str) -> None:
    """Label the first image of the review page, with the requests that the page sends."""
    origin = {"Origin": url.rpartition("/")[0].rpartition("/")[0]}
    card = requests.get(f"{url}state", timeout=120).json()["card"]
    body = {"id": card["id"], "label": label}
    answer = requests.post(f"{url}label", json=body, headers=origin, timeout=120)
    assert answer.json()["tally"]["labelled"] == 1
