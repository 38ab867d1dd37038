"""What moto's interpreter of state machines lacks."""

from __future__ import annotations

import json
from typing import Any

from accounts import Account
from machines import Machines, machine

from departures.registry import departure, outcome

WAITING = machine(Wait={"Type": "Wait", "Seconds": 30})
PASSING = machine(Pass={"Type": "Pass"})


@departure(
    "StepFunctionResponse.validate_state_machine_definition",
    answer=[
        ("OK", []),
        ("FAIL", [("MISSING_TRANSITION_TARGET", "/States/Pass/Next")]),
        ("FAIL", [("SCHEMA_VALIDATION_FAILED", "/States/A/Type")]),
        ("FAIL", [("INVALID_JSON_DESCRIPTION", None)]),
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
        (
            answer["result"],
            [(found["code"], found.get("location")) for found in answer["diagnostics"]][:1],
        )
        for answer in answers
    ]


@departure("Preprocessor.__init__", answer=["InvalidDefinition", "SUCCEEDED"], spoils_stock=True)
def a_refused_definition_leaves_nothing_behind(account: Account) -> Any:
    machines = Machines(account)
    mixed = machine(Pass={"Type": "Pass", "QueryLanguage": "JSONata", "Parameters": {"a": 1}})
    refused = outcome(lambda _: machines.make(mixed), account)
    return [refused, outcome(lambda _: machines.run(PASSING)["status"], account)]


@departure(
    "StepFunctionsParserBackend.create_state_machine",
    "StepFunctionsParserBackend.update_state_machine",
    answer=["InvalidDefinition", "InvalidDefinition"],
)
def an_express_machine_waits_for_no_token(account: Account) -> Any:
    machines = Machines(account)
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    waiting = machine(Ask={"Type": "Task", "Resource": resource, "Parameters": {}})
    arn = machines.make(PASSING, type="EXPRESS")
    update = machines.states.update_state_machine
    return [
        outcome(lambda _: machines.make(waiting, type="EXPRESS"), account),
        outcome(lambda _: update(stateMachineArn=arn, definition=json.dumps(waiting)), account),
    ]


@departure("StepFunctionsParserBackend._validate_definition", answer="InvalidDefinition")
def a_transition_that_leads_nowhere_is_refused(account: Account) -> Any:
    return Machines(account).make(machine(Pass={"Type": "Pass", "Next": "Nowhere"}))


@departure("AmazonStateLanguageParser.parse", answer="SUCCEEDED")
def a_name_may_contain_escapes(account: Account) -> Any:
    spelt = json.dumps(machine(**{"A & B": {"Type": "Pass"}})).replace("&", "\\u0026", 1)
    return Machines(account).run(spelt)["status"]


@departure(
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


@departure(
    "StepFunctionsParserBackend.start_execution", answer=[2, "ValidationException", "InvalidName"]
)
def executions_have_default_names_and_limits(account: Account) -> Any:
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


@departure("StepFunctionResponse.stop_execution", answer=("ABORTED", "Enough", "We stopped it"))
def a_stopped_execution_has_error_and_cause(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.states.start_execution(stateMachineArn=machines.make(WAITING), name="one")[
        "executionArn"
    ]
    machines.states.stop_execution(executionArn=arn, error="Enough", cause="We stopped it")
    execution = machines.wait_for_end(arn)
    return execution["status"], execution.get("error"), execution.get("cause")


@departure("StepFunctionResponse.describe_execution", answer=['"text"', "null", '{"a":1}'])
def an_output_is_always_json(account: Account) -> Any:
    results: list[Any] = ["text", None, {"a": 1}]
    return [
        Machines(account).run(machine(Pass={"Type": "Pass", "Result": result})).get("output")
        for result in results
    ]


@departure(
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


@departure(
    "Preprocessor.visitString_intrinsic_function",
    "Preprocessor._text_of_str",
    "StringFormat._eval_body",
    answer="""{"it's": "5 < 6"}""",
)
def a_template_may_contain_quotes_and_braces(account: Account) -> Any:
    template = r"""States.Format('\{"it\'s": "{} < {}"\}', $.small, $.large)"""
    fail = machine(Fail={"Type": "Fail", "Error": "E", "CausePath": template})
    return Machines(account).run(fail, {"small": 5, "large": 6})["cause"]


@departure("JsonToString._eval_body", answer='{"s3_key":"Fahrräder/é.png"}')
def json_text_is_utf_8(account: Account) -> Any:
    fail = machine(Fail={"Type": "Fail", "Error": "E", "CausePath": "States.JsonToString($)"})
    return Machines(account).run(fail, {"s3_key": "Fahrräder/é.png"})["cause"]


@departure(answer="S3.NoSuchBucketException")
def an_error_of_an_sdk_call_has_the_name_that_aws_gives_it(account: Account) -> Any:
    resource = "arn:aws:states:::aws-sdk:s3:getObject"
    task = {"Type": "Task", "Resource": resource, "Parameters": {"Bucket": "none", "Key": "none"}}
    return Machines(account).run(machine(Get=task))["error"]


@departure(
    "StepFunctionsParserBackend.create_state_machine",
    "StepFunctionsParserBackend.update_state_machine",
    answer=["InvalidLoggingConfiguration", "InvalidLoggingConfiguration"],
)
def a_log_has_one_destination(account: Account) -> Any:
    machines = Machines(account)
    group = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:1:log-group:g:*"}}
    arn = machines.make(PASSING)
    settings = [{"level": "ALL"}, {"level": "ALL", "destinations": [group, group]}]
    update = machines.states.update_state_machine
    return [
        outcome(lambda _: machines.make(PASSING, loggingConfiguration=settings[0]), account),
        outcome(
            lambda _: update(stateMachineArn=arn, loggingConfiguration=settings[1]),
            account,
        ),
    ]


@departure(
    "Execution.__init__",
    "CloudWatchLoggingSession.publish_history_log",
    answer=["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"],
)
def an_execution_writes_to_the_log_group_of_its_machine(account: Account) -> Any:
    machines, logs = Machines(account), account.client("logs")
    logs.create_log_group(logGroupName="/aws/vendedlogs/states/logged")
    group_arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/logged:*"
    settings = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group_arn}}],
    }
    arn = machines.make(PASSING, loggingConfiguration=settings)
    machines.wait_for_end(
        machines.states.start_execution(stateMachineArn=arn, name="one")["executionArn"]
    )
    events = logs.filter_log_events(logGroupName="/aws/vendedlogs/states/logged")["events"]
    return [json.loads(event["message"])["type"] for event in events]
