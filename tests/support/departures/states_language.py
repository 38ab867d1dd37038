"""Where moto's interpreter departs from the Amazon States Language.

How executions end on AWS in many more cases: test_language.py.
"""

from __future__ import annotations

import json
from typing import Any

from accounts import Account
from machines import Machines, machine

from departures.registry import departure

INTERPRETER = "moto.stepfunctions.parser.asl"
OPERATORS = "component.state.choice.comparison.operator.implementations"
PATH_MODULES = [
    "component.common.string.string_expression",
    "component.intrinsic.argument.argument",
    "eval.states",
    f"{OPERATORS}.boolean_equals",
    f"{OPERATORS}.numeric",
    f"{OPERATORS}.string_operators",
    f"{OPERATORS}.timestamp_operators",
]
PASS = {"Type": "Pass"}
MISSING = {"Type": "Pass", "InputPath": "$.none"}
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:none"
INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "none"},
}


def end(account: Account, definition: dict[str, Any], execution_input: Any = None) -> Any:
    """The output, or the error, and what its cause says behind the place of the error."""
    execution = Machines(account).run(definition, execution_input)
    if "output" in execution:
        return json.loads(execution["output"])
    return execution.get("error"), execution.get("cause", "").rpartition("). ")[2]


def event_types(account: Account, definition: dict[str, Any], execution_input: Any = None) -> Any:
    machines = Machines(account)
    arn = machines.start(definition, execution_input)
    machines.wait_for_end(arn)
    return [event["type"] for event in machines.events(arn)]


def choice(rule: dict[str, Any]) -> dict[str, Any]:
    choose = {"Type": "Choice", "Choices": [{**rule, "Next": "Match"}]}
    return {"StartAt": "Choose", "States": {"Choose": choose, "Match": {"Type": "Succeed"}}}


@departure(
    "StateChoice._eval_state",
    "ComparisonVariable._eval_body",
    "StringMatches._compare",
    answer=["States.NoChoiceMatched", "States.Runtime", "States.NoChoiceMatched"],
)
def a_choice_needs_a_match_and_its_variables(account: Account) -> Any:
    rules: list[dict[str, Any]] = [
        {"Variable": "$.a", "StringEquals": "b"},
        {"Variable": "$.none", "IsNull": False},
        {"Variable": "$.a", "StringMatches": "[a]"},
    ]
    machines = Machines(account)
    return [machines.run(choice(rule), {"a": "a"}).get("error") for rule in rules]


@departure(
    "IsTimestamp.string_to_timestamp",
    "Timestamp._from_timestamp_string",
    "Timestamp._get_wait_seconds",
    answer=[{"at": "2026-01-01T01:00:00.0+01:00"}] * 2,
)
def a_timestamp_has_an_offset_and_fractions(account: Account) -> Any:
    rule = {"Variable": "$.at", "TimestampEquals": "2026-01-01T00:00:00Z"}
    wait = machine(Wait={"Type": "Wait", "TimestampPath": "$.at"})
    event = {"at": "2026-01-01T01:00:00.0+01:00"}
    return [end(account, choice(rule), event), end(account, wait, event)]


@departure(
    "CustomErrorName.__init__",
    "ErrorEqualsDecl._eval_body",
    answer=[{"Error": "States.Permissions", "Cause": ""}, "States.Runtime"],
)
def an_error_of_aws_in_a_branch_is_caught_outside(account: Account) -> Any:
    ends: list[Any] = []
    for state in ({"Type": "Fail", "Error": "States.Permissions"}, MISSING):
        branches = {
            "Type": "Parallel",
            "Branches": [machine(In=state)],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "Next": "Caught",
        }
        execution = Machines(account).run(machine(Outer=branches, Caught=PASS))
        ends.append(json.loads(execution.get("output", "null")) or execution["error"])
    return ends


@departure(
    "FailureEvent.__init__",
    "FailureEventException.get_execution_failed_event_details",
    answer="An error occurred while executing the state 'In' (entered at the event id #5)",
)
def a_cause_tells_once_where_the_state_was_entered(account: Account) -> Any:
    select = {"Type": "Pass", "Parameters": {"v.$": "$.none"}}
    outer = {"Type": "Map", "ItemProcessor": machine(In=select)}
    execution = Machines(account).run(machine(Outer=outer), [{}])
    return execution["cause"].partition(". ")[0]


@departure(
    "StringJsonPath._eval_body",
    "InputPath._eval_body",
    "OutputPath._eval_body",
    "ItemsPath._eval_body",
    "AssignTemplateBindingStringExpressionSimple._field_name",
    answer=[
        "Invalid path '$.a.b' : Missing property in path $['a']",
        "Invalid path '$.a.b' : Missing property in path $['a']",
        'Reference path "$" must point to array.',
        "The JSONPath '$.a' specified for the field 'v.$' could not be found in the input '[1]'",
    ],
)
def a_path_that_leads_nowhere_says_why(account: Account) -> Any:
    items = {"Type": "Map", "ItemProcessor": machine(In=PASS)}
    definitions = [
        machine(A={"Type": "Pass", "InputPath": "$.a.b"}),
        machine(A={"Type": "Pass", "OutputPath": "$.a.b"}),
        machine(A=items),
    ]
    causes = [end(account, definition)[1] for definition in definitions]
    selected = machine(A={**items, "ItemSelector": {"v.$": "$.a"}})
    return [*causes, end(account, selected, [1])[1]]


@departure(
    "TimeoutSecondsPath._eval_seconds",
    "HeartbeatSecondsPath._eval_seconds",
    answer=[
        "Invalid path '$.b.c' : Missing property in path $['b']",
        "Invalid path '$.b.c' : Missing property in path $['b']",
    ],
)
def a_task_has_its_seconds(account: Account) -> Any:
    token = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    ask = {"Type": "Task", "Resource": token, "Parameters": {"QueueUrl": "q", "MessageBody": "m"}}
    definitions = [
        machine(A={**INVOKE, "TimeoutSecondsPath": "$.b.c"}),
        machine(A={**ask, "HeartbeatSecondsPath": "$.b.c"}),
    ]
    return [end(account, definition, {"a": "x"})[1] for definition in definitions]


@departure(
    "StringIntrinsicFunction._eval_body",
    answer="The function 'States.ArrayLength($)' had the following error: "
    "Invalid arguments in States.ArrayLength",
)
def a_failed_function_names_its_call(account: Account) -> Any:
    call = {"Type": "Pass", "Parameters": {"v.$": "States.ArrayLength($)"}}
    return end(account, machine(A=call))[1]


@departure(
    *(f"{INTERPRETER}.{module}.extract_json" for module in PATH_MODULES),
    answer={"one": 1, "none": [], "all": [1]},
)
def a_definite_path_finds_a_value_and_another_a_list(account: Account) -> Any:
    paths = {"one.$": "$.a[0].b", "none.$": "$..c", "all.$": "$..b"}
    return end(account, machine(A={"Type": "Pass", "Parameters": paths}), {"a": [{"b": 1}]})


@departure(
    "ArrayGetItem._eval_body",
    "ArrayRange._eval_body",
    "ArrayUnique._eval_body",
    "Base64Decode._eval_body",
    "Base64Encode._eval_body",
    "Preprocessor.visitFunc_arg_float",
    answer=["States.Runtime", {"v": [2, 1]}, {"v": [{}]}, {"v": "ü"}, {"v": "w7w="}, {"v": 3}],
)
def intrinsic_functions_take_more_values(account: Account) -> Any:
    calls = [
        "States.ArrayRange(2, 1, -1)",
        "States.ArrayUnique(States.Array($, $))",
        "States.Base64Decode('w7w=')",
        "States.Base64Encode('ü')",
        "States.MathAdd(1.5, 1)",
    ]
    machines = Machines(account)
    item = {"Type": "Pass", "Parameters": {"v.$": "States.ArrayGetItem(States.Array(1), -1)"}}
    values: list[Any] = [machines.run(machine(A=item)).get("error")]
    for call in calls:
        state = machine(A={"Type": "Pass", "Parameters": {"v.$": call}})
        values.append(end(account, state))
    return values


@departure("StateTaskLambda._from_error", answer="Lambda.ResourceNotFoundException")
def a_refused_call_has_the_error_name_of_the_service(account: Account) -> Any:
    call = {"Type": "Task", "Resource": LAMBDA}
    return Machines(account).run(machine(Call=call))["error"]


@departure(
    "CommonStateField._eval_body",
    "ExecutionState._evaluate_with_timeout",
    answer=["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"],
)
def an_error_before_a_task_is_no_event_of_the_task(account: Account) -> Any:
    task = {**INVOKE, "Parameters": {"FunctionName.$": "$.none"}}
    return event_types(account, machine(Call=task))


@departure(
    "ResultPath._eval_body",
    "ErrorPath._eval_body",
    "CausePath._eval_body",
    answer=["States.ResultPathMatchFailure", "States.Runtime", "States.Runtime"],
)
def a_result_path_needs_an_object_and_an_error_path_a_string(account: Account) -> Any:
    states = [
        {"Type": "Pass", "ResultPath": "$.a.b"},
        {"Type": "Fail", "ErrorPath": "$.a"},
        {"Type": "Fail", "CausePath": "$.a"},
    ]
    machines = Machines(account)
    return [machines.run(machine(A=state), {"a": 1}).get("error") for state in states]


@departure(
    "EventManager.__init__",
    "EventManager.add_event",
    "ExecutionWorker._get_evaluation_environment",
    answer=["[1,2]", "[1,2]", "[1,2]"],
)
def an_input_stays_as_it_is_spelled(account: Account) -> Any:
    machines = Machines(account)
    arn = machines.start(machine(A=PASS), spelled="[1,2]")
    description = machines.wait_for_end(arn)
    started, entered = machines.events(arn)[:2]
    return [
        description["input"],
        started["executionStartedEventDetails"]["input"],
        entered["stateEnteredEventDetails"]["input"],
    ]


@departure(
    "Program.eval",
    "RetrierDecl._eval_body",
    answer=["TaskStarted", "TaskFailed", "ExecutionTimedOut"],
)
def a_pause_before_another_attempt_ends_with_the_machine(account: Account) -> Any:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 4}]
    definition = {**machine(Call={**INVOKE, "Retry": retry}), "TimeoutSeconds": 1}
    return event_types(account, definition)[3:]


@departure(
    "BranchWorker.stop",
    "Environment.close_frame",
    answer=["FailStateEntered", "WaitStateAborted", "ParallelStateFailed", "ExecutionFailed"],
)
def a_branch_that_fails_aborts_the_others(account: Account) -> Any:
    failing = machine(Short={"Type": "Wait", "Seconds": 1}, Fail={"Type": "Fail"})
    waiting = machine(Long={"Type": "Wait", "Seconds": 9})
    outer = {"Type": "Parallel", "Branches": [failing, waiting]}
    return event_types(account, machine(Outer=outer))[-4:]


@departure(
    "InlineIterationComponent._eval_body",
    "Environment.open_frame",
    "Environment.open_inner_frame",
    answer=["MapIterationFailed", "WaitStateAborted", "MapIterationAborted", "MapStateFailed"],
)
def an_iteration_that_fails_aborts_the_others(account: Account) -> Any:
    index = {"Variable": "$$.Map.Item.Index", "NumericEquals": 0, "Next": "Short"}
    inner = {
        "StartAt": "Which",
        "States": {
            "Which": {"Type": "Choice", "Choices": [index], "Default": "Long"},
            "Short": {"Type": "Wait", "Seconds": 1, "Next": "Fail"},
            "Fail": {"Type": "Fail"},
            "Long": {"Type": "Wait", "Seconds": 9, "End": True},
        },
    }
    return event_types(account, machine(Outer={"Type": "Map", "ItemProcessor": inner}), [1, 2])[
        -5:-1
    ]
