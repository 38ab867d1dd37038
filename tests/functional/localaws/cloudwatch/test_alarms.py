"""Alarms of the local AWS: real metrics change their state, and they notify their topic."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from accounts import Account
from deployed_functions import Functions
from eventually import eventually
from metric_reading import Metrics, stat


class Alarms:
    """Creates alarms, each with a topic that sends to a queue."""

    def __init__(self, account: Account) -> None:
        self.cloudwatch = account.client("cloudwatch")
        self.sns, self.sqs = account.client("sns"), account.client("sqs")
        self.name = f"alarm-{uuid.uuid4().hex[:8]}"
        self.namespace = f"Test/{self.name}"
        self.topic = self.sns.create_topic(Name=self.name)["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self.sns.subscribe(
            TopicArn=self.topic,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:us-east-1:123456789012:{self.name}",
        )

    def put(self, **changes: Any) -> None:
        watched = {
            "Namespace": self.namespace,
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 10,
        }
        self.cloudwatch.put_metric_alarm(
            **{
                "AlarmName": self.name,
                "AlarmDescription": "Look at the log.",
                **({} if "Metrics" in changes else watched),
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [self.topic],
                "OKActions": [self.topic],
                **changes,
            }
        )

    def measure(self, value: float, name: str = "Errors") -> None:
        data = [{"MetricName": name, "Value": value}]
        self.cloudwatch.put_metric_data(Namespace=self.namespace, MetricData=data)

    def describe(self) -> dict[str, Any]:
        return dict(self.cloudwatch.describe_alarms(AlarmNames=[self.name])["MetricAlarms"][0])

    def wait_for(self, state: str) -> dict[str, Any]:
        return dict(
            eventually(lambda: (alarm := self.describe())["StateValue"] == state and alarm, 30)
        )

    def notification(self) -> dict[str, Any]:
        """The next message of the topic, with its subject."""

        def look() -> Any:
            return self.sqs.receive_message(QueueUrl=self.queue, VisibilityTimeout=600).get(
                "Messages"
            )

        body = json.loads(eventually(look)[0]["Body"])
        return {**json.loads(body["Message"]), "Subject": body["Subject"]}


@pytest.fixture
def alarms(account: Account) -> Alarms:
    return Alarms(account)


def test_an_alarm_goes_off_and_back_and_notifies_its_topic(alarms: Alarms) -> None:
    alarms.put()
    assert alarms.describe()["StateValue"] == "INSUFFICIENT_DATA"
    assert alarms.notification()["OldStateValue"] == "INSUFFICIENT_DATA"
    alarms.measure(2)
    alarm = alarms.wait_for("ALARM")
    assert alarm["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [2 (")
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [2]
    notification = alarms.notification()
    assert notification["Subject"] == f'ALARM: "{alarms.name}" in US East (N. Virginia)'
    fields = (
        "AlarmName",
        "AlarmDescription",
        "OldStateValue",
        "NewStateValue",
        "Region",
        "AWSAccountId",
    )
    assert [notification[field] for field in fields] == [
        alarms.name,
        "Look at the log.",
        "OK",
        "ALARM",
        "US East (N. Virginia)",
        "123456789012",
    ]
    assert notification["Trigger"]["MetricName"] == "Errors"
    assert alarms.notification()["NewStateValue"] == "OK"  # ten seconds later, by itself
    assert alarms.describe()["StateTransitionedTimestamp"] > alarm["StateTransitionedTimestamp"]
    history = alarms.cloudwatch.describe_alarm_history(
        AlarmName=alarms.name, HistoryItemType="StateUpdate"
    )
    assert [item["HistorySummary"] for item in history["AlarmHistoryItems"]] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]


def test_metric_math_goes_off(alarms: Alarms) -> None:
    judged, unsure = (
        {**stat(alarms.namespace, name), "Period": 60} for name in ("Judged", "Unsure")
    )
    share = {
        "Id": "share",
        "Expression": "IF(judged >= 20, unsure / judged, 0)",
        "ReturnData": True,
    }
    parts = [
        {"Id": "judged", "MetricStat": judged, "ReturnData": False},
        {"Id": "unsure", "MetricStat": unsure, "ReturnData": False},
    ]
    alarms.put(Metrics=[share, *parts], Threshold=0.5)
    alarms.measure(15, "Unsure")
    alarms.measure(19, "Judged")
    alarms.wait_for("OK")
    alarms.measure(1, "Judged")
    alarms.wait_for("ALARM")
    alarms.notification()
    expressions = [query.get("Expression") for query in alarms.notification()["Trigger"]["Metrics"]]
    assert expressions == ["IF(judged >= 20, unsure / judged, 0)", None, None]


def test_missing_data_goes_off_where_it_is_breaching(alarms: Alarms) -> None:
    alarms.put(ComparisonOperator="LessThanThreshold", TreatMissingData="breaching")
    assert (
        "1 missing datapoint was treated as [Breaching]" in alarms.wait_for("ALARM")["StateReason"]
    )
    alarms.measure(1)
    alarms.wait_for("OK")


def test_a_percentile_goes_off(alarms: Alarms) -> None:
    watched = {
        "Namespace": alarms.namespace,
        "MetricName": "Errors",
        "Period": 60,
        "ExtendedStatistic": "p95",
    }
    for milliseconds in range(100):
        alarms.measure(milliseconds)
    alarms.cloudwatch.put_metric_alarm(
        AlarmName=alarms.name,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=90,
        **watched,
    )
    alarms.wait_for("ALARM")


def test_a_metric_filter_sets_an_alarm_off(account: Account, alarms: Alarms) -> None:
    metrics = Metrics(account)
    group = metrics.log_group()
    metrics.filter(group, '{ $.level = "ERROR" }', "Errors")
    alarms.put(Namespace=group)
    alarms.wait_for("OK")
    metrics.log(group, '{"level": "ERROR"}')
    alarms.wait_for("ALARM")


def test_an_unsupported_expression_is_insufficient_data_with_a_reason(alarms: Alarms) -> None:
    errors = {**stat(alarms.namespace, "Errors"), "Period": 60}
    band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(errors)"}
    alarms.put(Metrics=[band, {"Id": "errors", "MetricStat": errors, "ReturnData": False}])
    alarms.measure(1)
    eventually(lambda: "ANOMALY_DETECTION_BAND" in alarms.describe()["StateReason"])
    assert alarms.describe()["StateValue"] == "INSUFFICIENT_DATA"


def test_a_faulty_alarm_does_not_stop_the_others(alarms: Alarms) -> None:
    operator = "LessThanLowerOrGreaterThanUpperThreshold"  # of anomaly detection, which is missing
    alarms.cloudwatch.put_metric_alarm(
        AlarmName="odd", Threshold=1, ComparisonOperator=operator, EvaluationPeriods=1
    )
    alarms.put()
    alarms.measure(1)
    alarms.wait_for("ALARM")
    alarms.cloudwatch.delete_alarms(AlarmNames=["odd"])


def test_a_state_that_is_set_runs_the_actions_and_lasts_until_the_next_evaluation(
    alarms: Alarms,
) -> None:
    alarms.put()
    alarms.wait_for("OK")
    alarms.notification()
    alarms.cloudwatch.set_alarm_state(
        AlarmName=alarms.name, StateValue="ALARM", StateReason="A drill"
    )
    assert alarms.notification()["NewStateReason"] == "A drill"
    alarms.wait_for("OK")


def test_a_changed_alarm_keeps_its_state(alarms: Alarms) -> None:
    alarms.put(Period=600)
    alarms.measure(1)
    alarms.wait_for("ALARM")
    alarms.put(Period=600, AlarmDescription="Call someone.")
    alarm = alarms.describe()
    assert (alarm["StateValue"], alarm["AlarmDescription"]) == ("ALARM", "Call someone.")


def test_an_alarm_with_disabled_actions_only_changes_its_state(alarms: Alarms) -> None:
    alarms.put(ActionsEnabled=False)
    alarms.measure(1)
    alarms.wait_for("ALARM")
    assert "Messages" not in alarms.sqs.receive_message(QueueUrl=alarms.queue)


def test_a_topic_whose_policy_does_not_allow_alarms_receives_none(alarms: Alarms) -> None:
    policy = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
    }
    alarms.sns.set_topic_attributes(
        TopicArn=alarms.topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Statement": [policy]}),
    )
    alarms.put()
    alarms.wait_for("OK")
    history = alarms.cloudwatch.describe_alarm_history(
        AlarmName=alarms.name, HistoryItemType="Action"
    )
    assert history["AlarmHistoryItems"][0]["HistorySummary"].startswith("Failed to execute action")
    assert "Messages" not in alarms.sqs.receive_message(QueueUrl=alarms.queue)


def test_a_function_is_a_possible_action(account: Account, alarms: Alarms) -> None:
    functions = Functions(account)
    name = functions.deploy("""
        def handler(event, context):
            print("received", event["alarmData"]["alarmName"], event["alarmData"]["state"]["value"])
    """)
    arn = functions.client.get_function_configuration(FunctionName=name)["FunctionArn"]
    functions.client.add_permission(
        FunctionName=name,
        StatementId="alarms",
        Action="lambda:InvokeFunction",
        Principal="lambda.alarms.cloudwatch.amazonaws.com",
    )
    functions.logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
    alarms.put(OKActions=[arn])
    eventually(lambda: f"received {alarms.name} OK" in functions.log(name))
