"""The gaps of moto's services: filled in the local AWS, and still there in moto as it comes.

Where the second half fails, moto has filled the gap itself: then ours goes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from accounts import Account, environment, local, stock
from botocore.exceptions import ClientError
from departures import Departure, Departures, outcome
from deployed_functions import Functions
from test_localaws_cloudwatch import DEPARTURES as CLOUDWATCH
from test_localaws_sagemaker import DEPARTURES as SAGEMAKER
from test_localaws_stepfunctions import DEPARTURES as STEP_FUNCTIONS

DEPARTURES = Departures()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with local(tmp_path_factory.mktemp("aws")) as account:
        yield account


@pytest.fixture(scope="module")
def motos() -> Iterator[Account]:
    with stock() as account:
        yield account


@DEPARTURES.note(
    "ApplicationAutoScalingResponse.register_scalable_target",
    "ApplicationAutoScalingResponse.list_tags_for_resource",
    "ApplicationAutoScalingResponse.tag_resource",
    "ApplicationAutoScalingResponse.untag_resource",
    answer={"kept": "1", "added": "2"},
)
def a_scalable_target_has_tags(account: Account) -> Any:
    scaling = account.client("application-autoscaling")
    arn = scaling.register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId="table/t",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"kept": "1", "gone": "1"},
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"added": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["gone"])
    return scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]


@DEPARTURES.note("S3Response.serialized", answer={})
def a_bucket_says_that_it_sends_to_eventbridge(account: Account) -> Any:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="sender")
    s3.put_bucket_notification_configuration(
        Bucket="sender", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return s3.get_bucket_notification_configuration(Bucket="sender").get("EventBridgeConfiguration")


@DEPARTURES.note("IAMPolicyStatement.is_action_permitted", answer=["body", "403"])
def a_bucket_for_tls_only_answers_and_one_that_denies_tls_does_not(account: Account) -> Any:
    s3 = account.client("s3")
    answers = []
    for bucket, transport in (("tls", "false"), ("no-tls", "true")):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="key", Body=b"body")
        statement = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"Bool": {"aws:SecureTransport": transport}},
        }
        s3.put_bucket_policy(
            Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )
        try:
            answers.append(s3.get_object(Bucket=bucket, Key="key")["Body"].read().decode())
        except ClientError as error:
            answers.append(error.response["Error"]["Code"])
    return answers


@DEPARTURES.note(
    "LambdaFunction.__init__",
    "LambdaFunction.get_configuration",
    "LambdaFunction.update_configuration",
    answer=[
        {
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/own"},
            "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:first"},
            "TracingConfig": {"Mode": "PassThrough"},
            "EphemeralStorage": {"Size": 512},
            "KMSKeyArn": None,
        },
        {
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/own"},
            "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:second"},
            "TracingConfig": {"Mode": "Active"},
            "EphemeralStorage": {"Size": 1024},
            "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k",
        },
    ],
)
def a_function_keeps_its_settings_and_their_changes(account: Account) -> Any:
    functions = Functions(account)
    queue = "arn:aws:sqs:us-east-1:123456789012:"
    name = functions.deploy(
        "",
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "/own"},
        DeadLetterConfig={"TargetArn": queue + "first"},
    )
    answers = [functions.client.get_function_configuration(FunctionName=name)]
    functions.client.update_function_configuration(
        FunctionName=name,
        LoggingConfig={"LogFormat": "Text", "LogGroup": "/own"},
        DeadLetterConfig={"TargetArn": queue + "second"},
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024},
        KMSKeyArn="arn:aws:kms:us-east-1:123456789012:key/k",
    )
    answers.append(functions.client.get_function_configuration(FunctionName=name))
    settings = (
        "LoggingConfig",
        "DeadLetterConfig",
        "TracingConfig",
        "EphemeralStorage",
        "KMSKeyArn",
    )
    return [{setting: answer.get(setting) for setting in settings} for answer in answers]


@DEPARTURES.note("LambdaBackend.put_function_event_invoke_config", answer=0)
def the_last_event_invoke_config_counts(account: Account) -> Any:
    functions = Functions(account)
    name = functions.deploy("")
    for retries in (2, 0):
        functions.client.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=retries
        )
    return functions.client.get_function_event_invoke_config(FunctionName=name)[
        "MaximumRetryAttempts"
    ]


@DEPARTURES.note("Queue._set_attributes", answer=["Allow", None])
def a_queue_keeps_its_policy_until_it_is_taken_away(account: Account) -> Any:
    sqs = account.client("sqs")
    policy = {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        ]
    }
    url = sqs.create_queue(QueueName="guarded", Attributes={"Policy": json.dumps(policy)})[
        "QueueUrl"
    ]
    answers = []
    for change in ({"VisibilityTimeout": "9"}, {"Policy": ""}):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=change)
        kept = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"].get(
            "Policy"
        )
        answers.append(json.loads(kept)["Statement"][0]["Effect"] if kept else None)
    return answers


@DEPARTURES.note(
    "Queue.attributes",
    answer='{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:dead","maxReceiveCount":5}',
)
def a_redrive_policy_is_answered_as_terraform_writes_it(account: Account) -> Any:
    sqs = account.client("sqs")
    sqs.create_queue(QueueName="dead")
    policy = {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead",
        "maxReceiveCount": 5,
    }
    url = sqs.create_queue(QueueName="redriven", Attributes={"RedrivePolicy": json.dumps(policy)})[
        "QueueUrl"
    ]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"][
        "RedrivePolicy"
    ]


@DEPARTURES.note(
    "Rule.send_to_targets", answer={"open": ["123456789012"], "closed": [], "disabled": []}
)
def a_rule_reaches_the_queues_that_let_it_in_while_it_is_enabled(account: Account) -> Any:
    events, sqs = account.client("events"), account.client("sqs")
    received = {}
    for name, state, effect in (
        ("open", "ENABLED", "Allow"),
        ("closed", "ENABLED", "Deny"),
        ("disabled", "DISABLED", "Allow"),
    ):
        rule = events.put_rule(Name=name, EventPattern='{"source": ["test"]}', State=state)[
            "RuleArn"
        ]
        statement = {
            "Effect": effect,
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        url = sqs.create_queue(
            QueueName=name, Attributes={"Policy": json.dumps({"Statement": [statement]})}
        )["QueueUrl"]
        targets = [
            f"arn:aws:sqs:us-east-1:123456789012:{name}",
            "arn:aws:kinesis:us-east-1:123456789012:stream/none",
        ]
        events.put_targets(
            Rule=name, Targets=[{"Id": str(index), "Arn": arn} for index, arn in enumerate(targets)]
        )
        received[name] = url
    events.put_events(Entries=[{"Source": "test", "DetailType": "Test", "Detail": "{}"}])
    return {
        name: [
            json.loads(message["Body"])["account"]
            for message in sqs.receive_message(QueueUrl=url).get("Messages", [])
        ]
        for name, url in received.items()
    }


@pytest.mark.parametrize("departure", DEPARTURES, ids=str)
def test_the_gap_is_filled_here_and_still_there_in_moto(
    departure: Departure, ours: Account, motos: Account
) -> None:
    assert outcome(departure.probe, ours) == departure.answer
    assert outcome(departure.probe, motos) != departure.answer, (
        "moto fills this gap itself now: take ours out"
    )


def test_every_departure_from_moto_has_its_probe() -> None:
    rooms = "from localaws import patching, cloudwatch, events, gaps, stepfunctions\n"
    listing = rooms + (
        "gaps.install(None); cloudwatch.install(None); stepfunctions.install(patching.Account(None, ''))\n"
        "print(*(f'{owner.__name__}.{name}' for owner, name in patching.FILLED + patching.CHANGED))"
    )
    listed = subprocess.run(
        [sys.executable, "-c", listing],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    unseen_by_a_client = {
        "BaseExecutionWorkerCommunication._reflect_execution_status",  # these four are races between moto's threads
        "LambdaFunction.__deepcopy__",
        "ExecutionWorker._execution_logic",
        "ExecutionWorker.stop",
        "EvalComponent._log_exception",  # these two keep the server's log short
        "EvalComponent._log_failure_event_exception",
    }
    assert set(listed.stdout.split()) - unseen_by_a_client == (
        DEPARTURES.patches() | CLOUDWATCH.patches() | SAGEMAKER.patches() | STEP_FUNCTIONS.patches()
    )
