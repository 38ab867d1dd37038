"""What moto's CloudWatch keeps but does nothing with."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import Account
from machines import Machines, machine
from metric_reading import Metrics, stat

from departures.registry import departure


def put_alarm(account: Account, name: str, **changes: Any) -> Any:
    cloudwatch = account.client("cloudwatch")
    watched = {"Namespace": "N", "MetricName": name, "Statistic": "Sum", "Period": 60}
    compared = {
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1,
        "EvaluationPeriods": 1,
    }
    cloudwatch.put_metric_alarm(**{"AlarmName": name, **watched, **compared, **changes})
    return cloudwatch


def state(cloudwatch: Any, name: str) -> str:
    return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


@departure("LogsBackend.put_log_events", answer=1)
def a_metric_filter_counts(account: Account) -> Any:
    metrics = Metrics(account)
    group = metrics.log_group()
    metrics.filter(group, "{ $.accepted IS FALSE }")
    metrics.log(group, '{"accepted": false}', '{"accepted": true}')
    return metrics.value(group, "Count")


@departure("LogsBackend.put_metric_filter", answer=["new"])
def the_newest_metric_filter_applies(account: Account) -> Any:
    metrics = Metrics(account)
    group = metrics.log_group()
    for pattern in ("old", "new"):
        metrics.filter(group, pattern)
    return [
        metric_filter["filterPattern"]
        for metric_filter in metrics.logs.describe_metric_filters(logGroupName=group)[
            "metricFilters"
        ]
    ]


@departure("CloudWatchBackend.put_metric_data", "CloudWatchBackend.get_metric_data", answer=[0.25])
def metric_math_is_evaluated(account: Account) -> Any:
    metrics = Metrics(account)
    data = [{"MetricName": "Judged", "Value": 40}, {"MetricName": "Unsure", "Value": 10}]
    metrics.cloudwatch.put_metric_data(Namespace="Math", MetricData=data)
    queries: dict[str, dict[str, Any] | str] = {
        "judged": stat("Math", "Judged"),
        "unsure": stat("Math", "Unsure"),
        "share": "unsure / judged",
    }
    return metrics.ask(queries, period=1200)["share"]


@departure("CloudWatchBackend.get_metric_statistics", answer=["00", "00"])
def datapoints_start_at_whole_minutes(account: Account) -> Any:
    cloudwatch = account.client("cloudwatch")
    minute = datetime.now(UTC).replace(second=17, microsecond=0)
    for minutes in (5, 3):
        data = [
            {"MetricName": "Timed", "Value": 1, "Timestamp": minute - timedelta(minutes=minutes)}
        ]
        cloudwatch.put_metric_data(Namespace="Times", MetricData=data)
    points = cloudwatch.get_metric_statistics(
        Namespace="Times",
        MetricName="Timed",
        StartTime=minute - timedelta(minutes=10),
        EndTime=minute,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return [f"{point['Timestamp']:%S}" for point in points]


@departure("CloudWatchBackend.get_filtered_metrics", answer=["Listed"])
def a_metric_is_listed_once(account: Account) -> Any:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_data(
        Namespace="Lists", MetricData=[{"MetricName": "Listed", "Value": 1}] * 2
    )
    return [
        metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="Lists")["Metrics"]
    ]


@departure("CloudWatchBackend.put_metric_alarm", answer="ALARM")
def a_changed_alarm_keeps_its_state(account: Account) -> Any:
    cloudwatch = put_alarm(account, "kept", TreatMissingData="ignore")
    cloudwatch.set_alarm_state(AlarmName="kept", StateValue="ALARM", StateReason="test")
    put_alarm(account, "kept", TreatMissingData="ignore", Threshold=2)
    return state(cloudwatch, "kept")


@departure("Alarm.update_state", answer="ALARM")
def an_alarm_notifies_its_topic(account: Account) -> Any:
    sns, sqs = account.client("sns"), account.client("sqs")
    topic = sns.create_topic(Name="notified")["TopicArn"]
    url = sqs.create_queue(QueueName="notified")["QueueUrl"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:notified"
    )
    cloudwatch = put_alarm(account, "notified", AlarmActions=[topic], TreatMissingData="ignore")
    cloudwatch.set_alarm_state(AlarmName="notified", StateValue="ALARM", StateReason="test")
    [message] = sqs.receive_message(QueueUrl=url).get("Messages", [None])
    return message and json.loads(json.loads(message["Body"])["Message"])["NewStateValue"]


@departure(
    "CloudWatchResponse.describe_alarm_history",
    answer=["Alarm updated from INSUFFICIENT_DATA to ALARM"],
)
def an_alarm_has_a_history(account: Account) -> Any:
    cloudwatch = put_alarm(account, "past", TreatMissingData="ignore")
    cloudwatch.set_alarm_state(AlarmName="past", StateValue="ALARM", StateReason="test")
    items = cloudwatch.describe_alarm_history(AlarmName="past", HistoryItemType="StateUpdate")[
        "AlarmHistoryItems"
    ]
    return [item["HistorySummary"] for item in items]


@departure(
    "Execution.start",
    "BaseExecutionWorkerCommunication.terminated",
    answer=["RUNNING", "SUCCEEDED"],
)
def a_rule_receives_executions(account: Account) -> Any:
    events, sqs, machines = account.client("events"), account.client("sqs"), Machines(account)
    arn = machines.make(machine(Pass={"Type": "Pass"}))
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
    url = sqs.create_queue(
        QueueName="executions",
        Attributes={"Policy": json.dumps({"Statement": [allow]})},
    )["QueueUrl"]
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}
    events.put_rule(Name="executions", EventPattern=json.dumps(pattern))
    target = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:executions"}
    events.put_targets(Rule="executions", Targets=[target])
    machines.wait_for_end(machines.states.start_execution(stateMachineArn=arn)["executionArn"])
    time.sleep(0.5)
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"])["detail"]["status"] for message in messages]
