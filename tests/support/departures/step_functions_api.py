"""What moto's API of Step Functions lacks: names of errors, fields of descriptions, versions."""

from __future__ import annotations

import json
import uuid
from typing import Any

from accounts import Account
from machines import ROLE, Machines, distributed, machine, task

from departures.registry import departure, outcome

PASSING = machine(Pass={"Type": "Pass"})
OTHER = machine(Other={"Type": "Pass"})
FAILING = machine(Fail={"Type": "Fail"})


@departure(
    "InvalidExecutionInput.__init__",
    "MissingRequiredParameter.__init__",
    "ResourceNotFound.__init__",
    "StepFunctionsParserBackend.describe_map_run",
    answer=["InvalidExecutionInput", "MissingRequiredParameter", "ResourceNotFound"],
)
def errors_have_names(account: Account) -> Any:
    machines = Machines(account)
    states, arn = machines.states, machines.make(PASSING)
    run = f"{arn.replace(':stateMachine:', ':mapRun:')}/Map:none"
    return [
        outcome(lambda _: states.start_execution(stateMachineArn=arn, input="{"), account),
        outcome(lambda _: states.update_state_machine(stateMachineArn=arn), account),
        outcome(lambda _: states.describe_map_run(mapRunArn=run), account),
    ]


@departure("StepFunctionsParserBackend.create_state_machine", answer=[True, "AlreadyExists"])
def creation_is_idempotent_for_one_definition_only(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.make(PASSING)

    def again(definition: Any) -> Any:
        return machines.states.create_state_machine(
            name=arn.rpartition(":")[2], definition=json.dumps(definition), roleArn=ROLE
        )

    refused = str(outcome(lambda _: again(OTHER), account))
    return [again(PASSING)["stateMachineArn"] == arn, refused.removeprefix("StateMachine")]


@departure(
    "StepFunctionResponse.describe_execution",
    "StepFunctionResponse.list_executions",
    answer=[{"included": True}, 0, "REDRIVABLE", 0],
)
def an_execution_says_whether_it_can_be_redriven(account: Account) -> Any:
    machines = Machines(account)
    execution = machines.run(FAILING)
    (listed,) = machines.states.list_executions(stateMachineArn=execution["stateMachineArn"])[
        "executions"
    ]
    fields = [execution.get(name) for name in ("inputDetails", "redriveCount", "redriveStatus")]
    return [*fields, listed.get("redriveCount")]


@departure(
    "StepFunctionsParserBackend.get_execution_history",
    "MapRunRecord.describe",
    answer=["SUCCEEDED", "ExecutionStarted", 0],
)
def children_of_a_map_run_are_executions(account: Account) -> Any:
    machines = Machines(account)
    states = machines.states
    parent = machines.run(distributed(PASSING), [1])["executionArn"]
    run = states.list_map_runs(executionArn=parent)["mapRuns"][0]["mapRunArn"]
    child = states.list_executions(mapRunArn=run)["executions"][0]["executionArn"]
    return [
        states.describe_execution(executionArn=child)["status"],
        machines.events(child)[0]["type"],
        states.describe_map_run(mapRunArn=run)["redriveCount"],
    ]


@departure(
    "StateMachine.update",
    "StepFunctionResponse.update_state_machine",
    "StepFunctionResponse.describe_state_machine",
    "StepFunctionResponse.describe_state_machine_for_execution",
    answer=[True, "Pass"],
)
def a_revision_has_an_identifier_and_an_execution_keeps_its_own(account: Account) -> Any:
    machines = Machines(account)
    states, execution = machines.states, machines.run(PASSING)
    arn = execution["stateMachineArn"]
    updated = states.update_state_machine(stateMachineArn=arn, definition=json.dumps(OTHER))
    described = states.describe_state_machine(stateMachineArn=arn)
    ran = states.describe_state_machine_for_execution(executionArn=execution["executionArn"])
    revision = updated.get("revisionId")
    is_kept = revision is not None and revision == described.get("revisionId")
    return [is_kept, json.loads(ran["definition"])["StartAt"]]


@departure(
    "StepFunctionResponse.publish_state_machine_version",
    "StateMachine.publish",
    "StateMachineVersion._handle_name_input_idempotency",
    answer=["1", "1", ["1", "prod"]],
)
def a_version_can_be_published_once_and_started(account: Account) -> Any:
    machines = Machines(account)
    states, arn = machines.states, machines.make(PASSING)
    versions = [
        states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
        for _ in range(2)
    ]
    states.create_state_machine_alias(
        name="prod",
        routingConfiguration=[{"stateMachineVersionArn": versions[0], "weight": 100}],
    )
    started = states.start_execution(stateMachineArn=f"{arn}:prod", name="named")
    execution = machines.wait_for_end(started["executionArn"])
    names = [execution.get(f"stateMachine{kind}Arn") for kind in ("Version", "Alias")]
    return [*map(_last_part, versions), [_last_part(str(name)) for name in names]]


@departure(
    "StepFunctionResponse.send_task_failure",
    "StepFunctionsParserBackend.send_task_failure",
    "StepFunctionsParserBackend.send_task_success",
    "StepFunctionsParserBackend.send_task_heartbeat",
    answer=["Cause", "TaskTimedOut", "TaskTimedOut", "InvalidOutput"],
)
def a_token_carries_the_cause_and_is_used_once(account: Account) -> Any:
    machines = Machines(account)
    states, sqs = machines.states, account.client("sqs")
    queue = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    parameters = {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}
    arn = machines.start(machine(Wait=task("sqs:sendMessage.waitForTaskToken", parameters)))
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    token = message["Body"]
    invalid = outcome(lambda _: states.send_task_success(taskToken=token, output="{"), account)
    states.send_task_failure(taskToken=token, error="Error", cause="Cause")
    cause = machines.wait_for_end(arn).get("cause")
    late = [
        outcome(lambda _: states.send_task_success(taskToken=token, output="{}"), account),
        outcome(lambda _: states.send_task_heartbeat(taskToken=token), account),
    ]
    return [cause, *late, invalid]


def _last_part(arn: str) -> str:
    return arn.rpartition(":")[2]


@departure(
    "StepFunctionResponse.start_sync_execution",
    answer=["SUCCEEDED", '{"given":1}', "express", "StateMachineTypeNotSupported"],
)
def an_express_execution_can_be_waited_for(account: Account) -> Any:
    machines = Machines(account)
    states = account.client("stepfunctions", inject_host_prefix=False)
    arn = machines.make(PASSING, type="EXPRESS")
    execution = states.start_sync_execution(stateMachineArn=arn, input='{"given": 1}')
    standard = machines.make(PASSING)
    return [
        execution["status"],
        execution["output"],
        execution["executionArn"].split(":")[5],
        outcome(lambda _: states.start_sync_execution(stateMachineArn=standard), account),
    ]


@departure(
    "StepFunctionResponse.redrive_execution",
    "EventManager.add_event",
    answer=(1, ["ExecutionRedriven", "ExecutionFailed"]),
)
def a_failed_execution_can_be_redriven(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.run(FAILING)["executionArn"]
    machines.states.redrive_execution(executionArn=arn)
    count = machines.wait_for_end(arn)["redriveCount"]
    return count, [event["type"] for event in machines.events(arn)][-2:]
