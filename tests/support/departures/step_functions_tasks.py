"""What moto's tasks lack: names of members, results as JSON, and errors as AWS writes them."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from accounts import Account
from deployed_functions import Functions
from eventually import eventually
from machines import Machines, machine, task

from departures.registry import departure

LAMBDA_UTILITIES = "moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils"


@departure(
    "StateTaskService._normalise_parameters",
    "StateTaskService._normalise_response",
    answer={"ExecutionArn": True, "StartDate": True},
)
def members_of_requests_and_results_have_capital_letters(account: Account) -> Any:
    machines = Machines(account)
    child = machines.make(machine(Pass={"Type": "Pass"}))
    start = task("states:startExecution", {"StateMachineArn": child})
    output = json.loads(machines.run(machine(Start=start)).get("output", "{}"))
    return {name: isinstance(value, str | int) for name, value in output.items()}


@departure("_DateTimeEncoder.__init__", answer='{"QueueUrl":"u","MessageBody":{"ü":[1,2]}}')
def json_is_written_without_spaces_and_as_utf_8(account: Account) -> Any:
    machines = Machines(account)
    parameters = {"QueueUrl": "u", "MessageBody": {"ü": [1, 2]}}
    events = machines.history(machine(Send=task("sqs:sendMessage", parameters)))
    (scheduled,) = (event for event in events if event["type"] == "TaskScheduled")
    return scheduled["taskScheduledEventDetails"]["parameters"]


@departure(
    "_DateTimeEncoder.default",
    "Execution.get_start_execution_details",
    answer=["Z", "Z"],
)
def dates_of_the_context_object_are_text(account: Account) -> Any:
    dates = {"start.$": "$$.Execution.StartTime", "entered.$": "$$.State.EnteredTime"}
    execution = Machines(account).run(machine(Look={"Type": "Pass", "Parameters": dates}))
    return [date[-1] for date in json.loads(execution["output"]).values()]


@departure(f"{LAMBDA_UTILITIES}.execute_lambda_function_integration", answer=True)
def a_task_passes_on_the_error_as_the_function_wrote_it(account: Account) -> Any:
    arn = Functions(account).client.get_function(FunctionName=failing(account))["Configuration"]
    call = {"Type": "Task", "Resource": arn["FunctionArn"]}
    return '"errorMessage": "é", ' in _spelt(Machines(account).run(machine(Call=call))["cause"])


@departure("StateTaskServiceLambda._from_error", answer=True)
def the_invoke_task_rewrites_the_error_as_compact_json(account: Account) -> Any:
    call = task("lambda:invoke", {"FunctionName": failing(account)})
    return '"errorMessage":"é",' in Machines(account).run(machine(Call=call))["cause"]


@departure("LambdaBackend.invoke", answer=":$LATEST")
def an_unknown_function_is_named_with_its_version(account: Account) -> Any:
    call = task("lambda:invoke", {"FunctionName": "unknown"})
    cause = Machines(account).run(machine(Call=call))["cause"]
    return cause.partition(" (")[0].rpartition("unknown")[2]


@departure(answer={"Payload": "", "StatusCode": 202})
def a_function_may_be_invoked_asynchronously(account: Account) -> Any:
    function = Functions(account).deploy("def handler(event, context): return event")
    call = task("lambda:invoke", {"FunctionName": function, "InvocationType": "Event"})
    output = json.loads(Machines(account).run(machine(Call=call)).get("output", "{}"))
    return {name: output.get(name) for name in ("Payload", "StatusCode")}


@departure(
    "EventsBackend.put_events",
    "StateTaskServiceEvents._from_error",
    answer=(
        "EventBridge.FailedEntry",
        {
            "Entries": [{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}],
            "FailedEntryCount": 1,
        },
    ),
)
def the_detail_of_an_event_must_be_a_json_object(account: Account) -> Any:
    entry = {"Detail": '"text"', "DetailType": "any", "Source": "any"}
    put = task("events:putEvents", {"Entries": [entry]})
    execution = Machines(account).run(machine(Put=put))
    return execution.get("error"), json.loads(execution.get("cause", "null"))


@departure("FailureEvent.__init__", "EventManager.add_event", answer=["ExecutionFailed"])
def a_failure_before_a_task_is_one_event(account: Account) -> Any:
    function = task("lambda:invoke", {"FunctionName": "any"}, TimeoutSecondsPath="$.none")
    events = Machines(account).history(machine(Call=function))
    return [event["type"] for event in events if event["type"].endswith("Failed")]


@departure(
    "TimeoutSecondsPath._eval_seconds",
    "HeartbeatSecondsPath._eval_seconds",
    answer=["TimeoutSecondsPath", "HeartbeatSecondsPath"],
)
def seconds_from_a_path_must_be_positive(account: Account) -> Any:
    parameters = {"QueueUrl": "any", "MessageBody.$": "$$.Task.Token"}
    machines, named = Machines(account), []
    for field in ("TimeoutSecondsPath", "HeartbeatSecondsPath"):
        send = task("sqs:sendMessage.waitForTaskToken", parameters, **{field: "$.s"})
        cause = machines.run(machine(Send=send), {"s": "soon"})["cause"]
        named += re.findall("The (.+) parameter does not reference a positive integer", cause)
    return named


@departure(answer='{"a":["ü"]}')
def an_sdk_call_stores_json_and_reads_a_body_as_text(account: Account) -> Any:
    s3 = account.client("s3")
    bucket = f"tasks-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    place = {"Bucket": bucket, "Key": "any"}
    put = task("aws-sdk:s3:putObject", {**place, "Body": {"a": ["ü"]}})
    get = task("aws-sdk:s3:getObject", place)
    execution = Machines(account).run(machine(Put=put, Get=get))
    return json.loads(execution.get("output", "{}")).get("Body")


def failing(account: Account) -> str:
    return Functions(account).deploy("def handler(event, context): raise ValueError('é')")


def _spelt(cause: str) -> str:
    """The runtime escapes letters, as Python's json module does."""
    return cause.replace("\\u00e9", "é")


@departure(
    "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_factory"
    ".state_task_service_for",
    answer="SageMaker.AmazonSageMakerException",
)
def sagemaker_has_an_integration_of_its_own(account: Account) -> Any:
    train = task("sagemaker:createTrainingJob.sync", {"TrainingJobName": "not/valid"})
    return Machines(account).run(machine(Train=train))["error"]


@departure(
    "StateTaskServiceCallback._eval_sync",
    "StateTaskServiceSfn._build_sync_resolver",
    "StateTaskServiceSfn._build_sync2_resolver",
    answer="ABORTED",
)
def a_stopped_execution_stops_the_one_that_it_waits_for(account: Account) -> Any:
    machines = Machines(account)
    child = machines.make(machine(Wait={"Type": "Wait", "Seconds": 30}))
    start = task("states:startExecution.sync:2", {"StateMachineArn": child})
    arn = machines.start(machine(Start=start))

    def waited_for() -> list[str | None]:
        found = machines.states.list_executions(stateMachineArn=child)["executions"]
        has_ended = machines.states.describe_execution(executionArn=arn)["status"] != "RUNNING"
        return [one["executionArn"] for one in found] or [None] * has_ended

    (execution,) = eventually(waited_for)
    if execution is None:
        return None
    machines.states.stop_execution(executionArn=arn)
    return machines.wait_for_end(execution)["status"]


@departure(
    "StateTaskActivity._eval_execution",
    "StepFunctionResponse.get_activity_task",
    answer=["SUCCEEDED", '{"done":1}', "arn:aws:states:us-east-1:123456789012:activity:none"],
)
def workers_fetch_the_tasks_of_an_activity(account: Account) -> Any:
    machines = Machines(account)
    states = machines.states
    activity = states.create_activity(name=f"activity-{uuid.uuid4().hex[:8]}")["activityArn"]
    work = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 60}
    arn = machines.start(machine(Work=work))
    fetched = states.get_activity_task(activityArn=activity, workerName="any")
    states.send_task_success(taskToken=fetched["taskToken"], output='{"done":1}')
    done = machines.wait_for_end(arn)
    missing = {"Type": "Task", "Resource": f"{activity.rpartition(':')[0]}:none"}
    cause = machines.run(machine(Work=missing))["cause"]
    return [done["status"], done["output"], *re.findall("activity (.+) does not exist", cause)]


@departure("ActivityTaskStartEndpoint.__init__", answer="States.Timeout")
def a_task_that_no_worker_fetches_times_out(account: Account) -> Any:
    machines = Machines(account)
    name = f"activity-{uuid.uuid4().hex[:8]}"
    activity = machines.states.create_activity(name=name)["activityArn"]
    work = {"Type": "Task", "Resource": activity, "TimeoutSeconds": 1}
    return machines.run(machine(Work=work))["error"]


@departure("StateTaskServiceSqs._from_error", answer="SQS.QueueDoesNotExistException")
def a_missing_queue_has_an_error_of_its_own(account: Account) -> Any:
    url = f"{account.url}/123456789012/none"
    send = task("sqs:sendMessage", {"QueueUrl": url, "MessageBody": "any"})
    return Machines(account).run(machine(Send=send))["error"]
