"""Redriving: each failed execution once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from eventually import eventually
from state_machines import ACCEPTS, FAILS, IMAGE, UNSURE, WAITS, create, replace_state, run

from monitor.window import Window
from scones.commands import redrive as command
from scones.errors import UserError
from scones.settings import Target
from scones.workflow.redrive import (
    find_execution,
    redrive,
    redrive_all,
    redriven_name,
)

LOCAL = Target("local", "us-east-1")
ALWAYS = Window()


@pytest.fixture
def states(aws: boto3.session.Session) -> Any:
    return aws.client("stepfunctions")


@pytest.fixture
def machine(states: Any) -> str:
    return create(states, FAILS)


def names(states: Any, machine: str) -> set[str]:
    return {
        execution["name"]
        for execution in states.list_executions(stateMachineArn=machine)["executions"]
    }


def test_a_failed_execution_is_redriven_with_its_input(states: Any, machine: str) -> None:
    failed = run(states, machine, "bike")
    arn, started = redrive(states, machine, states.describe_execution(executionArn=failed))
    assert started
    assert arn == f"{failed}-again-1"
    assert json.loads(states.describe_execution(executionArn=arn)["input"]) == IMAGE


def test_an_execution_is_redriven_once(states: Any, machine: str) -> None:
    failed = states.describe_execution(executionArn=run(states, machine, "bike"))
    assert redrive(states, machine, failed)[1] is True
    assert redrive(states, machine, failed)[1] is False
    assert names(states, machine) == {"bike", "bike-again-1"}


def test_a_redriven_execution_that_fails_can_be_redriven(states: Any, machine: str) -> None:
    run(states, machine, "bike")
    assert redrive_all(states, machine, ALWAYS)["redriven"] == 1
    run(states, machine, "pram")
    assert redrive_all(states, machine, ALWAYS) == Counter(redriven=2, before=1)
    assert names(states, machine) == {
        "bike",
        "bike-again-1",
        "bike-again-2",
        "pram",
        "pram-again-1",
    }


def test_unsure_running_and_accepted_ones_are_left_out(states: Any, machine: str) -> None:
    run(states, machine, "failed")
    for only, name in ((UNSURE, "unsure"), (ACCEPTS, "accepted")):
        replace_state(states, machine, only)
        run(states, machine, name)
    replace_state(states, machine, WAITS)
    states.start_execution(stateMachineArn=machine, name="running", input="{}")
    assert redrive_all(states, machine, ALWAYS) == Counter(redriven=1, unsure=1, running=1)


def test_a_stopped_execution_is_redriven(states: Any, machine: str) -> None:
    replace_state(states, machine, WAITS)
    arn = states.start_execution(stateMachineArn=machine, name="stopped", input="{}")[
        "executionArn"
    ]
    states.stop_execution(executionArn=arn)
    eventually(lambda: states.describe_execution(executionArn=arn)["status"] == "ABORTED")
    assert redrive_all(states, machine, ALWAYS)["redriven"] == 1


def test_only_executions_that_began_in_the_window_are_redriven(states: Any, machine: str) -> None:
    run(states, machine, "bike")
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert redrive_all(states, machine, Window(now + hour, None)) == Counter()
    assert redrive_all(states, machine, Window(None, now - hour)) == Counter()
    assert redrive_all(states, machine, Window(now - hour, now + hour))["redriven"] == 1


def test_more_than_a_page_is_redriven(states: Any, machine: str) -> None:
    for number in range(130):
        run(states, machine, f"bike-{number}")
    assert redrive_all(states, machine, ALWAYS)["redriven"] == 130


@pytest.mark.parametrize("form", ["{arn}", "bike"])
def test_an_execution_is_found_by_its_arn_and_by_its_name(
    states: Any, machine: str, form: str
) -> None:
    arn = run(states, machine, "bike")
    assert find_execution(states, machine, form.format(arn=arn))["executionArn"] == arn


@pytest.mark.parametrize(
    "named",
    [
        "unknown",
        "two words",
        "arn:aws:states:us-east-1:123456789012:execution:scones-local-classify:unknown",
        "arn:aws:states:us-east-1:123456789012:execution:another-machine:bike",
        "arn:aws:s3:::bucket",
    ],
)
def test_an_unknown_execution_is_a_sentence(states: Any, machine: str, named: str) -> None:
    with pytest.raises(UserError, match="There is no execution"):
        find_execution(states, machine, named)


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        (UNSURE, 'a reviewer decides. Run "make review"'),
        (ACCEPTS, "succeeded. There is nothing to redrive."),
    ],
)
def test_an_execution_that_did_not_fail_is_not_redriven(
    states: Any, machine: str, only: dict[str, Any], sentence: str
) -> None:
    replace_state(states, machine, only)
    with pytest.raises(UserError, match=sentence):
        command.redrive_one(states, machine, run(states, machine, "bike"), LOCAL)
    assert names(states, machine) == {"bike"}


def test_a_running_execution_is_not_redriven(states: Any, machine: str) -> None:
    replace_state(states, machine, WAITS)
    arn = states.start_execution(stateMachineArn=machine, name="slow", input="{}")["executionArn"]
    with pytest.raises(UserError, match="still running"):
        command.redrive_one(states, machine, arn, LOCAL)


def test_the_result_is_the_new_name_also_a_second_time(
    states: Any, machine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = run(states, machine, "bike")
    assert command.redrive_one(states, machine, arn, LOCAL) == 0
    assert command.redrive_one(states, machine, arn, LOCAL) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Redriven, as {arn}-again-1.",
        f"It had been redriven before, as {arn}-again-1.",
    ]


@pytest.mark.parametrize(
    "name", ["bike", "b" * 52, "b" * 64, "b" * 80, "bike-again-", "bike-again-999"]
)
def test_a_derived_name_fits_and_can_be_derived_from(name: str) -> None:
    followers = [name]
    for _ in range(12):
        followers.append(redriven_name(followers[-1]))
    assert len(set(followers)) == len(followers)
    assert all(len(follower) <= 64 for follower in followers[1:])


def test_long_names_with_the_same_beginning_stay_different() -> None:
    assert redriven_name("b" * 70 + "1") != redriven_name("b" * 70 + "2")


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        (Counter(), "No execution failed in that time, so none was redriven."),
        (Counter(redriven=1), "Redrove 1 failed execution."),
        (
            Counter(redriven=1200, before=3, unsure=4, running=1),
            "Redrove 1,200 failed executions. 3 had been redriven before. "
            "Left out: 4 unsure, 1 running.",
        ),
        (
            Counter(unsure=4),
            "No execution failed in that time, so none was redriven. Left out: 4 unsure.",
        ),
        (Counter(before=2), "Redrove 0 failed executions. 2 had been redriven before."),
    ],
)
def test_the_result_line_counts_what_was_redriven_and_what_was_left_out(
    counts: Counter[str], line: str
) -> None:
    assert command.summary(counts) == line


@pytest.mark.parametrize(
    "arguments", [[], ["--execution", "bike", "--since", "24h"], ["--until", "1h"]]
)
def test_either_one_execution_or_a_time_is_named(arguments: list[str]) -> None:
    with pytest.raises(UserError, match="Name what to redrive"):
        command.main(arguments)


@pytest.mark.parametrize(("since", "until"), [("yesterday", ""), ("1h", "2h")])
def test_an_invalid_time_is_a_sentence(since: str, until: str) -> None:
    with pytest.raises(UserError, match="Fix SINCE or UNTIL"):
        command.main(["--since", since, "--until", until])
