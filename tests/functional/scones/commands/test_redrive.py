"""redrive: what failed is started again, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from state_machines import ACCEPTS, FAILS, IMAGE, UNSURE, WAITS, create, replace_state, run

from monitor.window import Window
from scones.commands import redrive
from scones.errors import UserError
from scones.settings import Target
from scones.workflow import redrive as redriving
from scones.workflow.redrive import Count

LOCAL = Target("local", "us-east-1")
ALWAYS = Window()


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield boto3.client("stepfunctions", "us-east-1")


@pytest.fixture
def machine(states: Any) -> str:
    return create(states, FAILS)


def names(states: Any, machine: str) -> set[str]:
    return {one["name"] for one in states.list_executions(stateMachineArn=machine)["executions"]}


def test_a_failed_execution_is_started_again_with_its_input(states: Any, machine: str) -> None:
    failed = run(states, machine, "bike")
    arn, started = redriving.start(states, machine, states.describe_execution(executionArn=failed))
    assert started
    assert arn == f"{failed}-again-1"
    assert json.loads(states.describe_execution(executionArn=arn)["input"]) == IMAGE


def test_it_is_started_again_once(states: Any, machine: str) -> None:
    failed = states.describe_execution(executionArn=run(states, machine, "bike"))
    assert redriving.start(states, machine, failed)[1] is True
    assert redriving.start(states, machine, failed)[1] is False
    assert names(states, machine) == {"bike", "bike-again-1"}


def test_what_fails_again_can_be_started_again(states: Any, machine: str) -> None:
    run(states, machine, "bike")
    assert redriving.start_all(states, machine, ALWAYS).started == 1
    run(states, machine, "pram")
    assert redriving.start_all(states, machine, ALWAYS) == Count(
        started=2, before=1, unsure=0, running=0
    )
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
    assert redriving.start_all(states, machine, ALWAYS) == Count(
        started=1, before=0, unsure=1, running=1
    )


def test_a_stopped_execution_is_started_again(states: Any, machine: str) -> None:
    replace_state(states, machine, WAITS)
    arn = states.start_execution(stateMachineArn=machine, name="stopped", input="{}")[
        "executionArn"
    ]
    states.stop_execution(executionArn=arn)
    assert redriving.start_all(states, machine, ALWAYS).started == 1


def test_only_what_began_in_the_window_is_started_again(states: Any, machine: str) -> None:
    run(states, machine, "bike")
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert redriving.start_all(states, machine, Window(now + hour, None)) == Count(0, 0, 0, 0)
    assert redriving.start_all(states, machine, Window(None, now - hour)) == Count(0, 0, 0, 0)
    assert redriving.start_all(states, machine, Window(now - hour, now + hour)).started == 1


def test_more_than_a_page_is_started_again(states: Any, machine: str) -> None:
    for number in range(130):
        run(states, machine, f"bike-{number}")
    assert redriving.start_all(states, machine, ALWAYS).started == 130


@pytest.mark.parametrize("form", ["{arn}", "bike"])
def test_an_execution_is_found_by_its_arn_and_by_its_name(
    states: Any, machine: str, form: str
) -> None:
    arn = run(states, machine, "bike")
    assert redriving.find(states, machine, form.format(arn=arn))["executionArn"] == arn


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
def test_an_execution_that_is_not_there_is_a_sentence(
    states: Any, machine: str, named: str
) -> None:
    with pytest.raises(UserError, match="There is no execution"):
        redriving.find(states, machine, named)


@pytest.mark.parametrize(
    ("only", "sentence"),
    [
        (UNSURE, 'people decide. Run "make review"'),
        (ACCEPTS, "succeeded. There is nothing to start again."),
    ],
)
def test_one_that_did_not_fail_is_not_started_again(
    states: Any, machine: str, only: dict[str, Any], sentence: str
) -> None:
    replace_state(states, machine, only)
    with pytest.raises(UserError, match=sentence):
        redrive.one(states, machine, run(states, machine, "bike"), LOCAL)
    assert names(states, machine) == {"bike"}


def test_one_that_still_runs_is_not_started_again(states: Any, machine: str) -> None:
    replace_state(states, machine, WAITS)
    arn = states.start_execution(stateMachineArn=machine, name="slow", input="{}")["executionArn"]
    with pytest.raises(UserError, match="still running"):
        redrive.one(states, machine, arn, LOCAL)


def test_one_is_told_by_its_new_name_also_a_second_time(
    states: Any, machine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = run(states, machine, "bike")
    assert redrive.one(states, machine, arn, LOCAL) == 0
    assert redrive.one(states, machine, arn, LOCAL) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Started again, as {arn}-again-1.",
        f"It had been started again before, as {arn}-again-1.",
    ]


@pytest.mark.parametrize(
    "name", ["bike", "b" * 52, "b" * 64, "b" * 80, "bike-again-", "bike-again-999"]
)
def test_a_name_that_follows_fits_and_can_be_followed(name: str) -> None:
    followers = [name]
    for _ in range(12):
        followers.append(redriving.again(followers[-1]))
    assert len(set(followers)) == len(followers)
    assert all(len(follower) <= 64 for follower in followers[1:])


def test_long_names_with_the_same_beginning_are_told_apart() -> None:
    assert redriving.again("b" * 70 + "1") != redriving.again("b" * 70 + "2")


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (Count(0, 0, 0, 0), "No execution failed in that time, so none was started again."),
        (Count(1, 0, 0, 0), "Started 1 failed execution again."),
        (
            Count(1200, 3, 4, 1),
            "Started 1,200 failed executions again. 3 had been started again before. Left out: 4 unsure, 1 running.",
        ),
        (
            Count(0, 0, 4, 0),
            "No execution failed in that time, so none was started again. Left out: 4 unsure.",
        ),
        (Count(0, 2, 0, 0), "Started 0 failed executions again. 2 had been started again before."),
    ],
)
def test_the_result_line_counts_what_was_done_and_what_was_left(count: Count, line: str) -> None:
    assert redrive.summary(count) == line


@pytest.mark.parametrize(
    "arguments", [[], ["--execution", "bike", "--since", "24h"], ["--until", "1h"]]
)
def test_either_one_execution_or_a_time_is_named(arguments: list[str]) -> None:
    with pytest.raises(UserError, match="Say what to start again"):
        redrive.main(arguments)


@pytest.mark.parametrize(("since", "until"), [("yesterday", ""), ("1h", "2h")])
def test_a_time_that_makes_no_sense_is_a_sentence(since: str, until: str) -> None:
    with pytest.raises(UserError, match="Mend SINCE or UNTIL"):
        redrive.main(["--since", since, "--until", until])
