"""Metrics of the local AWS: from metric filters, from the services, and with metric math."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from accounts import Account
from botocore.exceptions import ClientError
from deployed_functions import Functions
from eventually import eventually
from machines import Machines, machine
from metric_reading import Metrics, stat
from serving_endpoints import Endpoints


@pytest.fixture
def metrics(account: Account) -> Metrics:
    return Metrics(account)


def confidence_line(label: str, confidence: float, accepted: bool) -> str:
    return json.dumps(
        {
            "message": "Confidence judged",
            "label": label,
            "confidence": confidence,
            "accepted": accepted,
        }
    )


def test_a_filter_counts_what_matches_from_now_on(metrics: Metrics) -> None:
    group = metrics.log_group()
    metrics.log(group, confidence_line("bicycle", 0.6, False))
    metrics.filter(group, '{ $.message = "Confidence judged" && $.accepted IS FALSE }')
    metrics.log(
        group,
        confidence_line("bicycle", 0.6, False),
        confidence_line("bicycle", 0.9, True),
        "START RequestId: 1",
    )
    assert metrics.value(group, "Count") == 1


def test_a_filter_measures_a_field(metrics: Metrics) -> None:
    group = metrics.log_group()
    metrics.filter(group, "{ $.confidence = * }", "Confidence", "$.confidence", unit="None")
    metrics.log(
        group,
        *(confidence_line("bicycle", percent / 100, True) for percent in (50, 60, 100)),
        '{"confidence": "odd"}',
    )
    assert metrics.value(group, "Confidence", "Average") == pytest.approx(0.7)
    assert metrics.value(group, "Confidence", "p50") == 0.6


def test_a_filter_counts_by_dimension(metrics: Metrics) -> None:
    group = metrics.log_group()
    metrics.filter(group, "{ $.label = * }", "Labels", dimensions={"label": "$.label"})
    metrics.log(
        group,
        confidence_line("bicycle", 0.9, True),
        confidence_line("bicycle", 0.9, True),
        confidence_line("motorcycle", 0.9, True),
    )
    assert metrics.value(group, "Labels", label="bicycle") == 2
    assert metrics.value(group, "Labels", label="motorcycle") == 1
    assert metrics.value(group, "Labels") is None


def test_a_minute_with_events_of_which_none_matches_has_the_default(metrics: Metrics) -> None:
    group = metrics.log_group()
    metrics.filter(group, "ERROR", "Errors", defaultValue=0)
    metrics.log(group, "fine", "fine again")
    assert metrics.value(group, "Errors", "SampleCount") == 1
    assert metrics.value(group, "Errors") == 0


def test_the_time_of_the_event_counts(metrics: Metrics) -> None:
    group = metrics.log_group()
    metrics.filter(group, "")
    metrics.log(group, "five minutes ago", seconds_ago=300)
    metrics.log(group, "now")
    assert metrics.ask({"m": stat(group, "Count")}, period=60)["m"] == [1, 1]


def test_a_filter_is_described_as_it_was_put_and_deleted(metrics: Metrics) -> None:
    group = metrics.log_group()
    metrics.filter(group, "{ $.label = * }", dimensions={"label": "$.label"}, unit="Count")
    [metric_filter] = metrics.logs.describe_metric_filters(logGroupName=group)["metricFilters"]
    [transformation] = metric_filter["metricTransformations"]
    assert (transformation["dimensions"], transformation["unit"]) == ({"label": "$.label"}, "Count")
    metrics.logs.delete_metric_filter(logGroupName=group, filterName="Count")
    metrics.log(group, confidence_line("bicycle", 0.9, True))
    assert metrics.value(group, "Count", label="bicycle") is None


def test_an_invalid_pattern_is_refused(metrics: Metrics) -> None:
    with pytest.raises(ClientError, match="Invalid metric filter pattern"):
        metrics.filter(metrics.log_group(), "{ $.accepted IS PERHAPS }")


def test_a_function_is_measured(account: Account, metrics: Metrics) -> None:
    functions = Functions(account)
    name = functions.deploy("""
        def handler(event, context):
            return 1 / event
    """)
    functions.call(name, 1)
    functions.error(name, 0)
    functions.client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError):
        functions.call(name, 1)
    counted = {
        count: metrics.value("AWS/Lambda", count, FunctionName=name) for count in FUNCTION_COUNTS
    }
    assert counted == {"Invocations": 2, "Errors": 1, "Throttles": 1}
    assert metrics.value("AWS/Lambda", "Duration", "Maximum", FunctionName=name) > 0


FUNCTION_COUNTS = ("Invocations", "Errors", "Throttles")


def test_an_endpoint_is_measured(account: Account, metrics: Metrics) -> None:
    endpoints = Endpoints(account)
    name = endpoints.serving()
    variant = {"EndpointName": name, "VariantName": "AllTraffic"}
    try:
        endpoints.ask(name, "sleep 0.2")
        for text, content_type in (("break", "text/plain"), ("x", "image/png")):
            with pytest.raises(ClientError):
                endpoints.runtime.invoke_endpoint(
                    EndpointName=name, Body=text, ContentType=content_type
                )
    finally:
        endpoints.delete_all()
    counts = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")
    assert [metrics.value("AWS/SageMaker", count, **variant) for count in counts] == [3, 1, 1, 2]
    assert (
        200_000 <= metrics.value("AWS/SageMaker", "ModelLatency", "Maximum", **variant) < 2_000_000
    )
    assert 0 < metrics.value("AWS/SageMaker", "OverheadLatency", "Maximum", **variant) < 1_000_000


def test_executions_are_measured(account: Account, metrics: Metrics) -> None:
    machines = Machines(account)
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.fail", "BooleanEquals": True, "Next": "Fail"}],
    }
    arn = machines.make(
        machine(
            Choice={**choice, "Default": "Done"},
            Fail={"Type": "Fail", "Error": "Odd"},
            Done={"Type": "Succeed"},
        )
    )
    for fail in (False, False, True):
        text = json.dumps({"fail": fail})
        machines.wait_for_end(
            machines.states.start_execution(stateMachineArn=arn, input=text)["executionArn"]
        )
    counts = {"ExecutionsStarted": 3, "ExecutionsSucceeded": 2, "ExecutionsFailed": 1}
    for name, expected in counts.items():
        metrics.wait_for("AWS/States", name, expected, StateMachineArn=arn)
    assert metrics.value("AWS/States", "ExecutionTime", "SampleCount", StateMachineArn=arn) == 3
    assert metrics.value("AWS/States", "ExecutionsAborted", StateMachineArn=arn) is None


def test_executions_that_are_stopped_or_too_slow_are_measured(
    account: Account, metrics: Metrics
) -> None:
    machines = Machines(account)
    waiting = machine(Wait={"Type": "Wait", "Seconds": 30})
    stopped, slow = machines.make(waiting), machines.make({**waiting, "TimeoutSeconds": 1})
    execution = machines.states.start_execution(stateMachineArn=stopped)["executionArn"]
    machines.states.stop_execution(executionArn=execution)
    machines.states.start_execution(stateMachineArn=slow)
    metrics.wait_for("AWS/States", "ExecutionsAborted", 1, StateMachineArn=stopped)
    metrics.wait_for("AWS/States", "ExecutionsTimedOut", 1, StateMachineArn=slow)


def test_queues_are_sampled(account: Account, metrics: Metrics) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="waiting")["QueueUrl"]
    for body in "ab":
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)
    look = {"statistic": "Maximum", "QueueName": "waiting"}
    eventually(lambda: metrics.value("AWS/SQS", "ApproximateNumberOfMessagesVisible", **look) == 1)
    eventually(
        lambda: (metrics.value("AWS/SQS", "ApproximateAgeOfOldestMessage", **look) or 0) >= 2
    )


def put(metrics: Metrics, name: str, **values: Any) -> None:
    metrics.cloudwatch.put_metric_data(
        Namespace="Test", MetricData=[{"MetricName": name, **values}]
    )


def test_expressions_are_answered(metrics: Metrics) -> None:
    put(metrics, "Judged", Value=40)
    put(metrics, "Unsure", Values=[1, 2], Counts=[4, 3])
    queries = {
        "judged": stat("Test", "Judged"),
        "unsure": stat("Test", "Unsure"),
        "none": stat("Test", "None"),
        "share": "IF(judged >= 20, unsure / judged, 0)",
        "percent": "100 * share",
        "filled": "FILL(none, 0) + judged",
    }
    answer = metrics.ask(queries, period=1200)
    assert (answer["share"], answer["percent"], answer["filled"]) == ([0.25], [25], [40])
    with pytest.raises(ClientError, match="ValidationError"):
        metrics.ask({"m": "SEARCH('{Test}', 'Sum')"}, period=60)


def test_statistics_are_answered(metrics: Metrics) -> None:
    now = datetime.now(UTC)
    put(
        metrics,
        "Sized",
        StatisticValues={"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4},
        Unit="Bytes",
    )
    put(metrics, "Sized", Value=5, Unit="Bytes", Timestamp=now - timedelta(minutes=5))
    asked = {
        "Namespace": "Test",
        "MetricName": "Sized",
        "StartTime": now - timedelta(minutes=10),
        "EndTime": now + timedelta(minutes=1),
        "Period": 60,
        "Statistics": ["Average", "Maximum"],
    }
    answer = metrics.cloudwatch.get_metric_statistics(**asked)["Datapoints"]
    points = [(point["Average"], point["Maximum"], point["Unit"]) for point in answer]
    assert points == [(5, 5, "Bytes"), (2.5, 4, "Bytes")]
    assert metrics.cloudwatch.get_metric_statistics(**asked, Unit="Seconds")["Datapoints"] == []
    with pytest.raises(ClientError, match="exceeds the limit of 1,440"):
        metrics.cloudwatch.get_metric_statistics(**{**asked, "StartTime": now - timedelta(days=3)})


def test_the_sizes_of_buckets_are_still_answered(account: Account, metrics: Metrics) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="sized")
    s3.put_object(Bucket="sized", Key="key", Body=b"12345")
    sizes = metrics.cloudwatch.list_metrics(Namespace="AWS/S3", MetricName="BucketSizeBytes")[
        "Metrics"
    ]
    assert {"Name": "BucketName", "Value": "sized"} in [
        pair for metric in sizes for pair in metric["Dimensions"]
    ]


def test_a_hundred_thousand_data_points_are_read_within_a_second(metrics: Metrics) -> None:
    def fill(part: int) -> None:
        for _ in range(5):
            data = [{"MetricName": f"Load{part}", "Value": number} for number in range(1000)]
            metrics.cloudwatch.put_metric_data(Namespace="Load", MetricData=data)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(20)))
    began = time.monotonic()
    assert metrics.value("Load", "Load7", "SampleCount") == 5000
    assert time.monotonic() - began < 1
