"""Every alarm that Terraform makes, raised and over again with what its metric really counts, on the local AWS."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from checkouts import Checkout

# No picture is sure enough, no model fast enough, and no message young enough for long.
STRICT = "least_images = 5, latency_ms = 0.001, oldest_message_hours = 0.002, quiet_periods = 1, period_seconds = 60"
IMAGES = 24
ALL = {
    "drift",
    "endpoint-errors",
    "endpoint-latency",
    "executions-failed",
    "no-traffic",
    "oldest-message-distant-orders",
    "oldest-message-nearby-orders",
    "oldest-message-review",
    "unsure-share",
}


@dataclass(frozen=True)
class Account:
    """The account with everything in it, and how to make things go wrong there."""

    checkout: Checkout
    outputs: dict[str, Any]
    clients: dict[str, Any]

    def alarms(self) -> dict[str, str]:
        found = self.clients["cloudwatch"].describe_alarms(AlarmNamePrefix="scones-local-")[
            "MetricAlarms"
        ]
        return {
            alarm["AlarmName"].removeprefix("scones-local-"): alarm["StateValue"] for alarm in found
        }

    def wait(self, state: str, *keys: str, seconds: float = 150) -> None:
        """Until each of these alarms has been in the state once."""
        missing, deadline = set(keys), time.monotonic() + seconds
        while missing := {key for key in missing if self.alarms()[key] != state}:
            assert time.monotonic() < deadline, f"never {state}: {missing}; now {self.alarms()}"
            time.sleep(1)

    def measure_drift(self, drifted: int) -> None:
        """What the drift monitor puts."""
        self.clients["cloudwatch"].put_metric_data(
            Namespace=self.outputs["monitoring"]["namespace"],
            MetricData=[{"MetricName": "Drifted", "Value": drifted}],
        )

    def ask(self) -> None:
        endpoint = self.outputs["endpoint"]["name"]
        self.clients["sagemaker-runtime"].invoke_endpoint(
            EndpointName=endpoint, ContentType="image/png", Body=b"x"
        )

    def kill_model(self) -> None:
        """End the process that serves the model, and ask it."""
        for process in model_servers(self.checkout.folder):
            os.kill(process, signal.SIGKILL)
        with pytest.raises(ClientError):
            self.ask()


def model_servers(folder: Path) -> Iterator[int]:
    """Processes that serve a model for the local AWS of this checkout."""
    ours = str(folder / "build" / "local" / "aws")
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().decode().split("\0")
        except OSError:
            continue  # it has ended
        if any("model_server" in word for word in words) and any(ours in word for word in words):
            yield int(line.parent.name)


@pytest.fixture(scope="module")
def account(checkout: Checkout) -> Account:
    checkout.train_briefly(2)
    file = checkout.folder / "terraform" / "targets" / "local.tfvars"
    settings = re.sub(
        r"monitoring = \{.*?\}", f"monitoring = {{ {STRICT} }}", file.read_text(), flags=re.DOTALL
    )
    file.write_text(
        settings.replace("confidence_threshold = 0.93", "confidence_threshold = 0.9999")
    )
    checkout.make("stage", "train", "apply")
    names = ("cloudwatch", "s3", "sagemaker-runtime", "sqs")
    return Account(checkout, checkout.outputs(), {name: checkout.client(name) for name in names})


def test_each_alarm_is_raised_by_what_it_watches(account: Account) -> None:
    account.wait("ALARM", "no-traffic")
    (account.checkout.folder / "broken.png").write_text("no picture")
    account.checkout.make("classify", "IMAGE=broken.png", expect=1)
    account.checkout.make("evaluate", f"LIMIT={IMAGES}")
    for url in account.outputs["queues"].values():
        account.clients["sqs"].send_message(QueueUrl=url, MessageBody="{}")
    account.measure_drift(1)
    account.kill_model()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda key: account.wait("ALARM", key), ALL - {"no-traffic"}))


def test_the_table_says_what_to_do(account: Account) -> None:
    table = account.checkout.make("alarms").stdout
    assert len(re.findall(r"^\S+ +ALARM +\d{4}-", table, re.MULTILINE)) >= 4
    assert "oldest-message-review: A message has waited" in table
    assert "make review" in table


def test_the_failed_execution_was_told_of_once(account: Account) -> None:
    marks = account.clients["s3"].list_objects_v2(
        Bucket=account.outputs["data_bucket"], Prefix="notices/"
    )
    assert marks["KeyCount"] == 1


def test_each_alarm_is_over_when_its_cause_is(account: Account) -> None:
    for url in account.outputs["queues"].values():
        account.clients["sqs"].purge_queue(QueueUrl=url)
    account.measure_drift(0)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda key: account.wait("OK", key), ALL - {"no-traffic"}))
    account.checkout.make("redrive", "SINCE=1h")
    account.wait("OK", "no-traffic")


def test_a_failed_picture_was_started_again_under_a_name_that_tells_of_it(account: Account) -> None:
    states = account.checkout.client("stepfunctions")
    failed = states.list_executions(
        stateMachineArn=account.outputs["state_machine_arn"], statusFilter="FAILED"
    )
    again = [one["name"] for one in failed["executions"] if one["name"].endswith("-again-1")]
    assert len(again) == 1
    again_line = account.checkout.make(
        "redrive", f"EXECUTION={again[0].removesuffix('-again-1')}"
    ).stdout
    assert again_line.startswith("It had been started again before")


def test_the_dashboard_charts_metrics_that_are_there(account: Account) -> None:
    cloudwatch = account.clients["cloudwatch"]
    body = json.loads(
        cloudwatch.get_dashboard(DashboardName="scones-local-workflow")["DashboardBody"]
    )
    charted = {
        (line[0], line[1])
        for widget in body["widgets"]
        for line in widget["properties"].get("metrics", [])
        if isinstance(line[0], str)
    }
    pages = cloudwatch.get_paginator("list_metrics").paginate()
    there = {
        (metric["Namespace"], metric["MetricName"]) for page in pages for metric in page["Metrics"]
    }
    assert charted - there == {("Scones/local", "DriftPValue")}, "nobody has measured drift here"
