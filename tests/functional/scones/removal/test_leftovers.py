import functools
import itertools
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from filled_account import TAGS, Client, create_job_log_groups, fill, tag_list

from scones.removal import leftovers
from scones.removal.leftovers import Inventory
from scones.waits import Wait

PREFIX = "scones-dev"


@pytest.fixture
def client(aws: boto3.session.Session) -> Client:
    return functools.cache(aws.client)


@pytest.fixture
def filled(client: Client) -> Client:
    create_job_log_groups(client)
    fill(client, PREFIX)
    return client


def test_an_empty_account_holds_nothing(client: Client) -> None:
    found = leftovers.find(client, PREFIX, TAGS)
    assert not found
    assert found.unlisted == {}
    assert found.lines() == []


def test_one_of_every_kind_is_found_by_its_name(filled: Client) -> None:
    found = leftovers.find(filled, PREFIX, TAGS)
    assert found.unlisted == {}
    assert {kind for kind, names in found.resources.items() if not names} == {leftovers.TAGGED}
    assert found.of("buckets") == {"scones-dev-data-123456789012"}
    assert found.of("models") == {"scones-dev-0a1b2c3d-20260101-000000-89abcdef"}
    assert found.of("log groups") == {
        "/aws/lambda/scones-dev-serialize-image",
        "/aws/sagemaker/Endpoints/scones-dev-classifier",
    }
    assert found.of("training log streams") == {"scones-dev-0a1b2c3d-20260101-000000/algo-1-1"}
    assert found.of("processing log streams") == {"scones-dev-drift-0a1b2c/algo-1-1"}
    assert found.of("processing jobs") == {"scones-dev-drift-0a1b2c"}
    assert (found.of("topics"), found.of("schedules")) == (
        {"scones-dev-alerts"},
        {"scones-dev-drift"},
    )
    assert found.of("rules") == {"scones-dev-defau", "scones-dev-scone"}
    assert found.counts().startswith(
        "1 bucket, 1 role, 1 function, 2 log groups, 1 training log stream, "
        "1 processing log stream, 1 state machine"
    )
    assert found.counts().endswith("1 topic, 1 queue, 1 event bus, 2 rules, 1 schedule")


def test_other_environments_and_other_projects_are_left_out(filled: Client) -> None:
    before = leftovers.find(filled, PREFIX, TAGS)
    for prefix in ("scones-development", "my-scones-dev", "scones"):
        fill(filled, prefix)
    assert (
        leftovers.find(filled, PREFIX, {**TAGS, "project": "other"}).resources == before.resources
    )


def test_what_has_our_tags_but_another_name_is_found_by_its_tags(client: Client) -> None:
    queue = client("sqs").create_queue(QueueName="forgotten", tags=TAGS)["QueueUrl"]
    client("sqs").create_queue(
        QueueName="another-environments", tags={**TAGS, "environment": "prod"}
    )
    topic = client("sns").create_topic(Name="news", Tags=tag_list())["TopicArn"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    assert leftovers.find(client, PREFIX, TAGS).of(leftovers.TAGGED) == {arn, topic}


def stale(client: Client) -> Client:
    """The services of an account whose tagging service still lists what is gone."""

    class Tagging:
        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **_: Any) -> Any:
            return self

        def search(self, _: str) -> list[str]:
            names = [
                "s3:::scones-dev-data-123456789012",
                "lambda:us-east-1:123456789012:function:scones-dev-serialize-image",
                "logs:us-east-1:123456789012:log-group:/aws/lambda/scones-dev-serialize-image:*",
                "states:us-east-1:123456789012:stateMachine:scones-dev-classify",
                "sagemaker:us-east-1:123456789012:endpoint-config/scones-dev-0a1b2c3d",
                "sagemaker:us-east-1:123456789012:training-job/scones-dev-0a1b2c3d",
                "cloudwatch:us-east-1:123456789012:alarm:scones-dev-errors",
                "sqs:us-east-1:123456789012:scones-dev-review",
                "sns:us-east-1:123456789012:scones-dev-alerts",
                "events:us-east-1:123456789012:event-bus/scones-dev-drivers",
                "events:us-east-1:123456789012:rule/scones-dev-drivers/scones-dev-near",
                "events:us-east-1:123456789012:rule/scones-dev-near",
                "iam::123456789012:role/scones-dev-training",
            ]
            return [
                f"arn:{partition}:{name}" for name in names for partition in ("aws", "aws-us-gov")
            ]

    return lambda service: Tagging() if service == "resourcegroupstaggingapi" else client(service)


def test_a_deleted_resource_that_the_tagging_service_still_lists_is_not_a_leftover(
    client: Client,
) -> None:
    assert not leftovers.find(stale(client), PREFIX, TAGS)


def test_a_service_that_refuses_is_named_and_the_others_are_still_searched(
    filled: Client,
) -> None:
    def refusing(service: str) -> Any:
        if service == "cloudwatch":
            raise ClientError(
                {"Error": {"Code": "AccessDenied", "Message": "not for you"}}, "DescribeAlarms"
            )
        return filled(service)

    found = leftovers.find(refusing, PREFIX, TAGS)
    assert found.unlisted.keys() == {"alarms", "dashboards"}
    for reason in found.unlisted.values():
        assert "AccessDenied" in reason
        assert "not for you" in reason
    assert found.of("queues") == {"scones-dev-review"}


def test_more_than_a_page_of_each_is_found(client: Client) -> None:
    create_job_log_groups(client)
    for n in range(120):
        client("logs").create_log_group(logGroupName=f"/aws/lambda/{PREFIX}-{n}")
        client("logs").create_log_stream(
            logGroupName=leftovers.TRAINING_LOGS, logStreamName=f"{PREFIX}-{n}/algo-1-1"
        )
        client("iam").create_role(RoleName=f"{PREFIX}-{n}", AssumeRolePolicyDocument="{}")
        client("events").create_event_bus(Name=f"{PREFIX}-{n}")
    found = leftovers.find(client, PREFIX, TAGS)
    assert {kind: len(names) for kind, names in found.resources.items() if names} == {
        "roles": 120,
        "log groups": 120,
        "training log streams": 120,
        "event buses": 120,
    }
    assert found.lines()[0].endswith("and 100 more")


ROLE = Inventory({"roles": frozenset({"r"})})
ENDPOINT = Inventory({"endpoints": frozenset({"e"})})
QUICK = Wait(0.02, 0.005, 0.005)


def nothing(_: Inventory) -> Inventory:
    """What of an inventory is being deleted."""
    return Inventory()


def test_what_disappears_a_little_later_is_waited_for() -> None:
    looks = iter([ROLE, ROLE, Inventory()])
    soon = Wait(5.0, 0.001, 0.001)
    assert not leftovers.wait_until_gone(lambda: next(looks), nothing, soon)


def test_what_stays_is_reported_after_the_time_limit() -> None:
    assert leftovers.wait_until_gone(lambda: ROLE, nothing, QUICK) == ROLE


def test_what_is_being_deleted_is_waited_for_longer() -> None:
    looks = itertools.chain([ENDPOINT] * 20, [Inventory()])
    soon, long = Wait(0.001, 0.001, 0.001), Wait(60.0, 0.001, 0.001)

    def look() -> Inventory:
        return next(looks)

    assert not leftovers.wait_until_gone(look, lambda inventory: inventory, soon, long)


def test_a_deletion_that_does_not_end_is_reported() -> None:
    left = leftovers.wait_until_gone(lambda: ENDPOINT, lambda inventory: inventory, QUICK, QUICK)
    assert left == ENDPOINT


def test_an_inventory_without_some_names_keeps_the_others() -> None:
    found = Inventory({"buckets": frozenset({"data", "state"})})
    assert found.without({"state"}).of("buckets") == {"data"}
    assert not found.without({"state", "data"})
