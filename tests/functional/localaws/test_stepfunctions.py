"""What moto's interpreter of state machines lacks: filled in the local AWS, and still lacking in moto as it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from accounts import Account, local, stock
from departures import Departure, Departures, outcome
from machines import Machines, machine

DEPARTURES = Departures()
WAITING = machine(Wait={"Type": "Wait", "Seconds": 30})
PASSING = machine(Pass={"Type": "Pass"})


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with local(tmp_path_factory.mktemp("aws")) as account:
        yield account


@pytest.fixture(scope="module")
def motos() -> Iterator[Account]:
    with stock() as account:
        yield account


@DEPARTURES.note(
    "StepFunctionResponse.validate_state_machine_definition",
    answer=[
        ("OK", []),
        ("FAIL", ["MISSING_TRANSITION_TARGET"]),
        ("FAIL", ["SCHEMA_VALIDATION_FAILED"]),
        ("FAIL", ["INVALID_JSON_DESCRIPTION"]),
    ],
)
def definitions_are_validated(account: Account) -> Any:
    lost = machine(Pass={"Type": "Pass", "Next": "Nowhere"})
    texts = [
        json.dumps(PASSING),
        json.dumps(lost),
        '{"StartAt": "A", "States": {"A": {"Type": "Odd"}}}',
        "{",
    ]
    answers = [
        account.client("stepfunctions").validate_state_machine_definition(definition=text)
        for text in texts
    ]
    return [
        (answer["result"], [found["code"] for found in answer["diagnostics"]][:1])
        for answer in answers
    ]


@DEPARTURES.note("StepFunctionsParserBackend._validate_definition", answer="InvalidDefinition")
def a_transition_that_leads_nowhere_is_refused(account: Account) -> Any:
    return Machines(account).make(machine(Pass={"Type": "Pass", "Next": "Nowhere"}))


@DEPARTURES.note("AmazonStateLanguageParser.parse", answer="SUCCEEDED")
def a_name_may_be_spelt_with_escapes(account: Account) -> Any:
    spelt = json.dumps(machine(**{"A & B": {"Type": "Pass"}})).replace("&", "\\u0026", 1)
    return Machines(account).run(spelt)["status"]


@DEPARTURES.note(
    "StepFunctionResponse.list_state_machine_versions",
    "StepFunctionResponse.delete_state_machine_version",
    answer=[["2", "1"], ["2"]],
)
def versions_are_listed_and_deleted(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.make(PASSING, publish=True)
    machines.states.update_state_machine(
        stateMachineArn=arn, definition=json.dumps(WAITING), publish=True
    )

    def listed() -> list[str]:
        versions = machines.states.list_state_machine_versions(stateMachineArn=arn)[
            "stateMachineVersions"
        ]
        return [version["stateMachineVersionArn"].rpartition(":")[2] for version in versions]

    before = listed()
    machines.states.delete_state_machine_version(stateMachineVersionArn=f"{arn}:1")
    return [before, listed()]


@DEPARTURES.note(
    "StepFunctionsParserBackend.start_execution", answer=[2, "ValidationException", "InvalidName"]
)
def executions_get_names_and_limits(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.make(PASSING)
    names = {machines.states.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(2)}
    large = json.dumps("x" * 262_143)
    return [
        len(names),
        outcome(
            lambda _: machines.states.start_execution(
                stateMachineArn=arn, name="large", input=large
            ),
            account,
        ),
        outcome(
            lambda _: machines.states.start_execution(stateMachineArn=arn, name="no spaces"),
            account,
        ),
    ]


@DEPARTURES.note(
    "StepFunctionResponse.stop_execution", answer=("ABORTED", "Enough", "We stopped it")
)
def a_stopped_execution_says_why(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.states.start_execution(stateMachineArn=machines.make(WAITING), name="one")[
        "executionArn"
    ]
    machines.states.stop_execution(executionArn=arn, error="Enough", cause="We stopped it")
    execution = machines.ended(arn)
    return execution["status"], execution.get("error"), execution.get("cause")


@DEPARTURES.note("StepFunctionResponse.describe_execution", answer=['"text"', "null", '{"a":1}'])
def an_output_is_json_whatever_it_is(account: Account) -> Any:
    results: list[Any] = ["text", None, {"a": 1}]
    return [
        Machines(account).run(machine(Pass={"Type": "Pass", "Result": it})).get("output")
        for it in results
    ]


@DEPARTURES.note(
    "StepFunctionResponse.get_execution_history",
    answer=[
        ["ExecutionStarted", "PassStateEntered"],
        ["PassStateExited", "ExecutionSucceeded"],
        ["ExecutionSucceeded"],
    ],
)
def a_history_comes_in_pages_from_either_end(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.run(PASSING)["executionArn"]
    pages = machines.states.get_paginator("get_execution_history").paginate(
        executionArn=arn, maxResults=2
    )
    last = machines.states.get_execution_history(executionArn=arn, maxResults=1, reverseOrder=True)
    return [[event["type"] for event in page["events"]] for page in [*pages, last]]


@DEPARTURES.note(
    "Preprocessor.visitString_intrinsic_function",
    "Preprocessor._text_of_str",
    "StringFormat._eval_body",
    answer="""{"it's": "5 < 6"}""",
)
def a_template_may_hold_quotes_and_braces_of_its_own(account: Account) -> Any:
    template = r"""States.Format('\{"it\'s": "{} < {}"\}', $.small, $.large)"""
    fail = machine(Fail={"Type": "Fail", "Error": "E", "CausePath": template})
    return Machines(account).run(fail, {"small": 5, "large": 6})["cause"]


@DEPARTURES.note("JsonToString._eval_body", answer='{"s3_key":"Fahrräder/é.png"}')
def json_text_keeps_its_letters(account: Account) -> Any:
    fail = machine(Fail={"Type": "Fail", "Error": "E", "CausePath": "States.JsonToString($)"})
    return Machines(account).run(fail, {"s3_key": "Fahrräder/é.png"})["cause"]


@DEPARTURES.note(answer="S3.NoSuchBucketException")
def an_error_of_an_sdk_call_bears_the_name_that_aws_gives_it(account: Account) -> Any:
    resource = "arn:aws:states:::aws-sdk:s3:getObject"
    task = {"Type": "Task", "Resource": resource, "Parameters": {"Bucket": "none", "Key": "none"}}
    return Machines(account).run(machine(Get=task))["error"]


@DEPARTURES.note(
    "Execution.__init__",
    "CloudWatchLoggingSession.publish_history_log",
    answer=["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
)
def an_execution_writes_to_the_log_group_of_its_machine(account: Account) -> Any:
    machines, logs = Machines(account), account.client("logs")
    logs.create_log_group(logGroupName="/aws/vendedlogs/states/logged")
    group = {
        "logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/logged:*"
    }
    settings = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": group}],
    }
    arn = machines.make(PASSING, loggingConfiguration=settings)
    machines.ended(machines.states.start_execution(stateMachineArn=arn, name="one")["executionArn"])
    events = logs.filter_log_events(logGroupName="/aws/vendedlogs/states/logged")["events"]
    return [json.loads(event["message"])["type"] for event in events]


@pytest.mark.parametrize("departure", DEPARTURES, ids=str)
def test_the_gap_is_filled_here_and_still_there_in_moto(
    departure: Departure, ours: Account, motos: Account
) -> None:
    assert outcome(departure.probe, ours) == departure.answer
    assert outcome(departure.probe, motos) != departure.answer, (
        "moto fills this gap itself now: take ours out"
    )
