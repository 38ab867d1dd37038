"""What an operator sees and does: traffic, report, drift, notifications, review."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from browser import browser, console, needs_browser, overflow
from checkouts import Checkout, kill
from eventually import eventually
from PIL import Image


@pytest.fixture(scope="module")
def served(checkout: Checkout, main_job: str) -> dict[str, Any]:
    """Terraform's outputs."""
    return checkout.outputs()


@pytest.fixture(scope="module")
def notices(checkout: Checkout, served: dict[str, Any]) -> Iterator[Callable[[], list[str]]]:
    """What has been sent to the operators since the last call."""
    sqs, sns = checkout.client("sqs"), checkout.client("sns")
    url = sqs.create_queue(QueueName="operators")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    subscription = sns.subscribe(
        TopicArn=served["monitoring"]["topic_arn"],
        Protocol="sqs",
        Endpoint=arn,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    yield lambda: [json.loads(body)["Message"] for body in received(sqs, url)]
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def received(sqs: Any, url: str) -> Iterator[str]:
    """The messages in a queue, each taken out."""
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield message["Body"]


def simulate(checkout: Checkout, *words: str) -> list[dict[str, Any]]:
    """The images that were sent."""
    checkout.make("simulate", "RATE=10", *words)
    return list(checkout.built("simulation.json")["images"])


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
    [found] = checkout.client("cloudwatch").describe_alarms(AlarmNames=["scones-local-drift"])[
        "MetricAlarms"
    ]
    return str(found["StateValue"])


def now() -> str:
    return datetime.now(UTC).isoformat()


def drifted(checkout: Checkout, since: str) -> bool:
    """Whether `make drift` finds drift in what was captured since then."""
    checkout.make("drift", f"SINCE={since}")
    return bool(checkout.built("drift.json")["drifted"])


def test_every_image_that_is_sent_is_in_the_report_once(
    checkout: Checkout, served: dict[str, Any]
) -> None:
    before = set(captured(checkout, served["data_bucket"]))
    since = now()
    sent = simulate(checkout, "FOR=4", "SEED=1")
    assert len(sent) == 40
    inference_ids = [image["inference_id"] for image in sent]
    after = captured(checkout, served["data_bucket"])
    assert sorted(name for name in after if name not in before) == sorted(inference_ids)
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
    checkout: Checkout, served: dict[str, Any], width: int
) -> None:
    with browser(width) as driver:
        driver.get((checkout.folder / "build" / "local" / "report.html").as_uri())
        assert overflow(driver) == 0
        assert console(driver) == []


def test_images_that_drift_raise_the_alarm(checkout: Checkout, served: dict[str, Any]) -> None:
    since = now()
    assert len(simulate(checkout, "FOR=4", "DRIFT=dark", "SEED=2")) == 40
    assert drifted(checkout, since)
    eventually(lambda: alarm(checkout) == "ALARM")


def test_a_failed_execution_is_notified_once_and_redriven_once(
    checkout: Checkout, served: dict[str, Any], notices: Callable[[], list[str]], tmp_path: Path
) -> None:
    notices()
    broken = tmp_path / "broken.png"
    broken.write_text("This is a text.")
    answer = json.loads(checkout.make("-s", "classify", f"IMAGE={broken}", expect=1).stdout)
    notifications: list[str] = []

    def arrived() -> list[str]:
        notifications.extend(
            text for text in notices() if text.startswith("An execution of the workflow failed")
        )
        return notifications

    eventually(arrived)
    again = f"make redrive EXECUTION={answer['execution_arn']}"
    assert all(
        word in notifications[0]
        for word in ("NotAnImage", answer["s3_key"], answer["cause"], again)
    )
    assert "Redriven" in checkout.make(*again.split()[1:]).stdout
    assert "had been redriven before" in checkout.make(*again.split()[1:]).stdout
    # The redriven execution fails too and is notified too; unsure images are not.
    eventually(lambda: len(arrived()) == 2)
    assert "-again-1" in notifications[1]


def test_the_next_training_uses_the_labels_of_human_review(
    checkout: Checkout, served: dict[str, Any], tmp_path: Path
) -> None:
    s3, sqs, bucket = checkout.client("s3"), checkout.client("sqs"), served["data_bucket"]
    sqs.purge_queue(QueueUrl=served["queues"]["review"])
    sqs.send_message(
        QueueUrl=served["queues"]["review"], MessageBody=json.dumps(review_message(s3, served))
    )
    review = checkout.start("-s", "review")
    try:
        lines = iter(review.stdout or [])
        url = next(line.strip() for line in lines if line.startswith("http://127.0.0.1"))
        label(url, served["classes"][1])
    finally:
        kill(review)
    names = (
        s3.get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix="reviewed/")
        .search("Contents[].Key")
    )
    [record] = [name for name in names if name.endswith(".json")]
    assert (
        json.loads(s3.get_object(Bucket=bucket, Key=record)["Body"].read())["label"]
        == served["classes"][1]
    )
    before = json.loads((checkout.folder / "build" / "local" / "model.tfvars.json").read_text())[
        "model"
    ]
    checkout.make("train")
    after = json.loads((checkout.folder / "build" / "local" / "model.tfvars.json").read_text())[
        "model"
    ]
    assert after["training_job"] != before["training_job"]
    assert after["data"]["fingerprint"] != before["data"]["fingerprint"]
    manifest = json.loads(s3.get_object(Bucket=bucket, Key="manifest.json")["Body"].read())
    assert [image["label"] for image in manifest["images"] if "reviewed" in image["key"]] == [1]


def review_message(s3: Any, served: dict[str, Any]) -> dict[str, Any]:
    """A message of the review queue about an uploaded image."""
    content = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(content, "PNG")
    s3.put_object(Bucket=served["data_bucket"], Key="uploads/unsure.png", Body=content.getvalue())
    machine = served["state_machine_arn"].replace(":stateMachine:", ":execution:")
    return {
        "s3_bucket": served["data_bucket"],
        "s3_key": "uploads/unsure.png",
        "inferences": [0.6, 0.4],
        "execution": f"{machine}:unsure",
        "label": served["classes"][0],
        "confidence": 0.6,
        "message": "Unsure.",
    }


def label(url: str, name: str) -> None:
    """Label the first image of the review page, as the page itself does."""
    own = {"Origin": url.rpartition("/")[0].rpartition("/")[0]}
    card = requests.get(f"{url}state", timeout=30).json()["card"]
    answer = requests.post(
        f"{url}label", json={"id": card["id"], "label": name}, headers=own, timeout=30
    )
    assert answer.json()["tally"]["labelled"] == 1
