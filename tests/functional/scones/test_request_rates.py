"""Requests stay under AWS's rates, also when several threads make them."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from clocks import Clock
from urllib3 import HTTPResponse

from scones.aws import Account
from scones.request_rates import RATES, Rate, TokenBucket

DESCRIBE = RATES["stepfunctions"]["DescribeExecution"]
ROLE = "arn:aws:iam::123456789012:role/any"
DEFINITION = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
# Of the smallest regions: developer guide, Service quotas.
ALLOWED = {"DescribeExecution": (250, 10), "ListExecutions": (100, 2)}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("scones.request_rates.time", clock)
    return clock


@pytest.mark.parametrize("operation", ALLOWED)
def test_the_rates_are_below_those_of_every_region(operation: str) -> None:
    rate = RATES["stepfunctions"][operation]
    burst, per_second = ALLOWED[operation]
    assert rate.burst < burst
    assert rate.per_second < per_second


def test_a_burst_is_free_and_then_tokens_come_back_steadily(clock: Clock) -> None:
    bucket = TokenBucket(Rate(3, 2))
    for _ in range(3):
        bucket.take()
    assert clock.slept == []
    bucket.take()
    bucket.take()
    assert clock.slept == [0.5, 0.5]
    clock.now += 60
    for _ in range(3):
        bucket.take()
    assert clock.slept == [0.5, 0.5]


def test_threads_that_share_a_client_wait_for_one_another(
    aws: boto3.session.Session, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "sleep", clock.slept.append)  # time stands still
    states = Account("123456789012", aws).client("stepfunctions")
    machine = states.create_state_machine(name="any", definition=DEFINITION, roleArn=ROLE)
    started = states.start_execution(stateMachineArn=machine["stateMachineArn"])

    def describe(_: int) -> None:
        states.describe_execution(executionArn=started["executionArn"])

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(describe, range(int(DESCRIBE.burst) + 16)))
    assert sorted(clock.slept) == [debt / DESCRIBE.per_second for debt in range(1, 17)]


def answer(**_: object) -> AWSResponse:
    """Stands in for the service."""
    body = HTTPResponse(io.BytesIO(b"{}"), preload_content=False)
    return AWSResponse("", 200, {}, body)


@pytest.mark.parametrize(("url", "waits"), [("", True), ("http://127.0.0.1:9", False)])
def test_only_aws_itself_has_these_rates(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, url: str, waits: bool
) -> None:
    monkeypatch.setitem(RATES["stepfunctions"], "ListExecutions", Rate(0, 1))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    session = boto3.session.Session("key", "secret", region_name="us-east-1")
    if url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    states = Account("123456789012", session).client("stepfunctions")
    states.meta.events.register("before-send", answer)
    states.list_executions(stateMachineArn=ROLE)
    assert bool(clock.slept) == waits
