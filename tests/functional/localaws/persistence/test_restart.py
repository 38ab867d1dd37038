"""What is there after the local AWS was killed while it worked, and started again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, localaws
from botocore.exceptions import BotoCoreError, ClientError
from deployed_functions import Functions
from eventually import eventually
from machines import Machines, machine
from restarts import Restarted
from serving_endpoints import Endpoints
from training_jobs import BUCKET, Jobs

PART = 5 * 2**20  # bytes: the least that S3 accepts as a part that is not the last


@dataclass(frozen=True)
class Filled:
    """Before the kill: what each question was answered; afterwards: the account to ask again."""

    server: Restarted
    url: str
    before: dict[str, Any]
    names: dict[str, str]
    stored: dict[str, bytes]
    interrupted_job: str

    def ask(self, question: str) -> Any:
        return QUESTIONS[question](self.server.account, self.names)


def question(client: str, operation: str, **parameters: str) -> Callable[..., Any]:
    """An operation whose parameters may name what the account holds, such as "{queue}"."""

    def ask(account: Account, names: dict[str, str]) -> Any:
        filled = {key: value.format(**names) for key, value in parameters.items()}
        answer = getattr(account.client(client), operation)(**filled)
        answer.pop("ResponseMetadata")
        body = answer.pop("Body", None)
        return (answer, body.read()) if body else answer

    return ask


QUESTIONS = {
    "versions": question("s3", "list_object_versions", Bucket="kept"),
    "policy": question("s3", "get_bucket_policy", Bucket="kept"),
    "versioning": question("s3", "get_bucket_versioning", Bucket="kept"),
    "bucket tags": question("s3", "get_bucket_tagging", Bucket="kept"),
    "object": question("s3", "get_object", Bucket="kept", Key="über alles/a b"),
    "object tags": question("s3", "get_object_tagging", Bucket="kept", Key="über alles/a b"),
    "bucket of a state machine": question("s3", "get_bucket_location", Bucket="by-a-machine"),
    "parts": question("s3", "get_object", Bucket="kept", Key="large"),
    "queue": question("sqs", "get_queue_url", QueueName="kept"),
    "role": question("iam", "get_role", RoleName="function"),
    "topic": question("sns", "list_subscriptions"),
    "targets": question("events", "list_targets_by_rule", Rule="kept"),
    "alarm": question("cloudwatch", "describe_alarm_history", AlarmName="kept"),
    "group": question("logs", "describe_log_groups", logGroupNamePrefix="/kept"),
    "execution": question("stepfunctions", "describe_execution", executionArn="{execution}"),
    "history": question("stepfunctions", "get_execution_history", executionArn="{execution}"),
    "executions": question("stepfunctions", "list_executions", stateMachineArn="{machine}"),
    "job": question("sagemaker", "describe_training_job", TrainingJobName="{job}"),
    "registry": question("sagemaker", "list_model_packages", ModelPackageGroupName="kept"),
    "function": question("lambda", "get_function_configuration", FunctionName="{function}"),
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the account, whose server is stopped also where the set-up fails."""
    folder = tmp_path_factory.mktemp("killed")
    yield folder
    localaws("stop", "--state", str(folder), check=True)


@pytest.fixture(scope="module")
def filled(state: Path) -> Filled:
    server = Restarted.start(state)
    account = server.account
    names = fill(account)
    before = {name: ask(account, names) for name, ask in QUESTIONS.items()}
    running = Jobs(account).start("import time; time.sleep(600)")
    eventually(lambda: Jobs(account).describe(running)["SecondaryStatus"] == "Training")
    stored = kill_while_writing(server)
    again = Restarted.start(server.state)
    return Filled(again, account.url, before, names, stored, running)


def fill(account: Account) -> dict[str, str]:
    """Make something of everything; returns the names that the questions need."""
    fill_bucket(account.client("s3"))
    queue = fill_queue(account)
    account.client("logs").create_log_group(logGroupName="/kept")
    account.client("events").put_rule(Name="kept", EventPattern='{"source": ["kept"]}')
    account.client("events").put_targets(
        Rule="kept", Targets=[{"Id": "queue", "Arn": queue_arn(account, queue)}]
    )
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="kept",
        Namespace="Kept",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    functions, machines, jobs = Functions(account), Machines(account), Jobs(account)
    account.client("s3").create_bucket(Bucket=BUCKET)
    account.client("sagemaker").create_model_package_group(ModelPackageGroupName="kept")
    account.client("sagemaker").create_model_package(
        ModelPackageGroupName="kept", ModelApprovalStatus="Approved"
    )
    execution = machines.run(machine(Say={"Type": "Pass", "Result": {"said": "hello"}}))
    creation = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:createBucket",
        "Parameters": {"Bucket": "by-a-machine"},
    }
    created = machines.run(machine(Create=creation))
    assert created["status"] == "SUCCEEDED", created
    return {
        "queue": queue,
        "function": functions.deploy("def handler(event, context): return event + 1"),
        "execution": execution["executionArn"],
        "machine": execution["stateMachineArn"],
        "job": jobs.run("pass")["TrainingJobName"],
        "endpoint": Endpoints(account).serving("kept"),
    }


def fill_bucket(s3: Any) -> None:
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="kept", Tagging={"TagSet": [{"Key": "of", "Value": "bucket"}]})
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    s3.put_bucket_policy(Bucket="kept", Policy=json.dumps({"Statement": [statement]}))
    s3.put_object(
        Bucket="kept",
        Key="über alles/a b",
        Body=b"\0\xff",
        ContentType="image/png",
        Metadata={"made": "here"},
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId="key",
        Tagging="of=object",
    )
    for body in (b"first", b"second"):
        s3.put_object(Bucket="kept", Key="changed", Body=body)
    s3.delete_object(Bucket="kept", Key="changed")
    gone = s3.put_object(Bucket="kept", Key="gone", Body=b"gone")
    s3.delete_object(Bucket="kept", Key="gone", VersionId=gone["VersionId"])
    upload = s3.create_multipart_upload(Bucket="kept", Key="large")["UploadId"]
    parts = [
        s3.upload_part(Bucket="kept", Key="large", UploadId=upload, PartNumber=number, Body=body)
        for number, body in enumerate((b"a" * PART, b"b"), 1)
    ]
    listed = [{"PartNumber": number, "ETag": part["ETag"]} for number, part in enumerate(parts, 1)]
    s3.complete_multipart_upload(
        Bucket="kept", Key="large", UploadId=upload, MultipartUpload={"Parts": listed}
    )


def fill_queue(account: Account) -> str:
    """A queue with two messages, of three that were sent."""
    sqs, sns = account.client("sqs"), account.client("sns")
    queue = str(sqs.create_queue(QueueName="kept")["QueueUrl"])
    topic = sns.create_topic(Name="kept")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn(account, queue))
    sqs.send_message(QueueUrl=queue, MessageBody="deleted")
    received = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])
    sqs.send_message(
        QueueUrl=queue,
        MessageBody="first",
        MessageAttributes={"of": {"DataType": "String", "StringValue": "message"}},
    )
    sqs.send_message(QueueUrl=queue, MessageBody="second")
    return queue


def queue_arn(account: Account, queue: str) -> str:
    attributes = account.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"]
    )
    return str(attributes["Attributes"]["QueueArn"])


def kill_while_writing(server: Restarted) -> dict[str, bytes]:
    """Kill the server while four clients write; returns what S3 had confirmed."""
    server.account.client("s3").create_bucket(Bucket="written")
    stored: dict[str, bytes] = {}
    enough = threading.Event()

    def write(writer: int) -> None:
        s3 = server.account.client("s3")
        for number in range(10_000):
            key, body = f"{writer}/{number}", f"{writer} wrote {number}".encode() * 100
            try:
                s3.put_object(Bucket="written", Key=key, Body=body)
            except (BotoCoreError, ClientError):
                return
            stored[key] = body
            if number == 20:
                enough.set()

    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(write, writer) for writer in range(4)]
        enough.wait(60)
        server.kill()
        for writer in writers:
            writer.result()
    return stored


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_the_same_as_before_the_kill(filled: Filled, name: str) -> None:
    assert filled.ask(name) == filled.before[name]


def test_every_object_is_there_whose_writing_was_confirmed(filled: Filled) -> None:
    s3 = filled.server.account.client("s3")
    read = {key: s3.get_object(Bucket="written", Key=key)["Body"].read() for key in filled.stored}
    assert len(read) > 20
    assert read == filled.stored


def test_the_messages_that_were_not_deleted_are_received(filled: Filled) -> None:
    messages = filled.server.account.client("sqs").receive_message(
        QueueUrl=filled.names["queue"], MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    assert [message["Body"] for message in messages] == ["first", "second"]
    assert messages[0]["MessageAttributes"]["of"]["StringValue"] == "message"


def test_the_endpoint_serves_its_model(filled: Filled) -> None:
    endpoints = Endpoints(filled.server.account)
    assert endpoints.describe(filled.names["endpoint"])["EndpointStatus"] == "InService"
    assert endpoints.ask(filled.names["endpoint"])["model"] == "kept"


def test_functions_and_state_machines_run(filled: Filled) -> None:
    account = filled.server.account
    assert Functions(account).call(filled.names["function"], 1) == 2
    started = account.client("stepfunctions").start_execution(
        stateMachineArn=filled.names["machine"], name="again"
    )
    assert Machines(account).wait_for_end(started["executionArn"])["status"] == "SUCCEEDED"


def test_the_job_that_ran_has_failed_and_another_one_can_be_started(filled: Filled) -> None:
    jobs = Jobs(filled.server.account)
    job = jobs.describe(filled.interrupted_job)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == (
        "InternalServerError: the local AWS ended while the job ran. Start a new job."
    )
    with pytest.raises(ClientError, match="in status Failed"):
        jobs.sagemaker.stop_training_job(TrainingJobName=filled.interrupted_job)
    assert jobs.run("pass")["TrainingJobStatus"] == "Completed"


def test_the_address_is_the_same_and_the_start_says_what_it_restored(filled: Filled) -> None:
    assert filled.server.account.url == filled.url
    first, second = filled.server.said
    assert first == "The former local AWS was killed; a new one has started."
    assert second.startswith("Its account is restored: ")
    assert second.endswith(" buckets and 2 messages.")
