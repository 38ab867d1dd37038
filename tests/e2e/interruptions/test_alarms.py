"""Every alarm that Terraform makes, raised and ended by what its metric really counts."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from checkouts import Checkout
from eventually import eventually

IMAGES = 12
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
    """The account, and what goes wrong in it."""

    checkout: Checkout
    outputs: dict[str, Any]
    clients: dict[str, Any]

    def alarms(self) -> dict[str, str]:
        """State of each alarm by its key."""
        prefix = "scones-local-"
        alarms = self.clients["cloudwatch"].describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        return {alarm["AlarmName"].removeprefix(prefix): alarm["StateValue"] for alarm in alarms}

    def wait(self, state: str, keys: set[str]) -> None:
        """Wait until each of these alarms has been in the state once."""
        missing = set(keys)

        def all_were_seen() -> bool:
            states = self.alarms()
            missing.difference_update([key for key in missing if states[key] == state])
            return not missing

        eventually(all_were_seen, seconds=600, pause=1)

    def measure_drift(self, drifted: int) -> None:
        """Put the metric that the drift monitor puts."""
        self.clients["cloudwatch"].put_metric_data(
            Namespace=self.outputs["monitoring"]["namespace"],
            MetricData=[{"MetricName": "Drifted", "Value": drifted}],
        )

    def kill_model(self) -> None:
        """Kill the process that serves the model, and send it a request."""
        for process in model_servers(self.checkout.folder):
            os.kill(process, signal.SIGKILL)
        endpoint = self.outputs["endpoint"]["name"]
        with pytest.raises(ClientError):
            self.clients["sagemaker-runtime"].invoke_endpoint(
                EndpointName=endpoint, ContentType="image/png", Body=b"x"
            )


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
    if not checkout.is_handed_over():
        checkout.make("stage", "train", "apply")
    names = ("cloudwatch", "s3", "sagemaker-runtime", "sqs")
    return Account(checkout, checkout.outputs(), {name: checkout.client(name) for name in names})


def test_each_alarm_is_raised_by_what_it_watches(account: Account) -> None:
    account.wait("ALARM", {"no-traffic"})
    broken = {"Bucket": account.outputs["data_bucket"], "Key": "uploads/broken.png"}
    account.clients["s3"].put_object(**broken, Body=b"not an image")
    url = f"s3://{broken['Bucket']}/{broken['Key']}"
    account.checkout.make("classify", f"IMAGE={url}", expect=1)
    account.checkout.make("evaluate", f"LIMIT={IMAGES}")
    for url in account.outputs["queues"].values():
        account.clients["sqs"].send_message(QueueUrl=url, MessageBody="{}")
    account.measure_drift(1)
    account.kill_model()
    account.wait("ALARM", ALL - {"no-traffic"})


def test_the_table_says_what_to_do(account: Account) -> None:
    table = account.checkout.make("alarms").stdout
    assert len(re.findall(r"^\S+ +ALARM +\d{4}-", table, re.MULTILINE)) >= 4
    assert "oldest-message-review: A message has waited" in table
    assert "make review" in table


def test_operators_were_notified_of_the_failed_execution_once(account: Account) -> None:
    marks = account.clients["s3"].list_objects_v2(
        Bucket=account.outputs["data_bucket"], Prefix="notices/"
    )
    assert marks["KeyCount"] == 1


def test_each_alarm_ends_with_its_cause(account: Account) -> None:
    for url in account.outputs["queues"].values():
        account.clients["sqs"].purge_queue(QueueUrl=url)
    account.measure_drift(0)
    account.wait("OK", ALL - {"no-traffic"})
    account.checkout.make("redrive", "SINCE=1h")
    account.wait("OK", {"no-traffic"})


def test_the_failed_execution_was_redriven_once_under_a_name_that_follows_from_its_own(
    account: Account,
) -> None:
    states = account.checkout.client("stepfunctions")
    failed = states.list_executions(
        stateMachineArn=account.outputs["state_machine_arn"], statusFilter="FAILED"
    )
    names = [execution["name"] for execution in failed["executions"]]
    again = [name for name in names if name.endswith("-again-1")]
    assert len(again) == 1
    first = again[0].removesuffix("-again-1")
    result = account.checkout.make("redrive", f"EXECUTION={first}").stdout
    assert result.startswith("It had been redriven before")


def test_the_dashboard_charts_metrics_that_exist(account: Account) -> None:
    cloudwatch = account.clients["cloudwatch"]
    dashboard = cloudwatch.get_dashboard(DashboardName="scones-local-workflow")
    charted = {
        (line[0], line[1])
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]
        for line in widget["properties"].get("metrics", [])
        if isinstance(line[0], str)
    }
    pages = cloudwatch.get_paginator("list_metrics").paginate()
    metrics = {
        (metric["Namespace"], metric["MetricName"]) for page in pages for metric in page["Metrics"]
    }
    missing = charted - metrics
    assert missing == {("Scones/local", "DriftPValue")}, "drift has not been measured here"
