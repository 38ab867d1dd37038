"""The way of an execution, drawn from what the local AWS tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, local
from machines import Machines, machine

from scones.commands import graph
from scones.errors import UserError

DOUBTFUL = machine(
    Look={"Type": "Pass"},
    Ask={
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "no-such-bucket", "Key": "any"},
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Doubt"}],
    },
    Answer={"Type": "Succeed"},
    Doubt={"Type": "Fail", "Error": "Doubt"},
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with local(tmp_path_factory.mktemp("aws")) as local_account:
        yield local_account


@pytest.fixture(scope="module")
def execution(account: Account) -> dict[str, Any]:
    return Machines(account).run(DOUBTFUL)


def test_an_executions_way_is_drawn_and_told(
    account: Account, execution: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        graph.draw_execution(execution["executionArn"], account.client("stepfunctions"), tmp_path)
        == 0
    )
    told = [line.split(",")[0].split() for line in capsys.readouterr().err.splitlines()]
    assert told == [["succeeded", "Look"], ["caught", "Ask"], ["failed", "Doubt"]]
    picture = (tmp_path / "graph" / f"{execution['name']}.svg").read_text()
    assert "<title>Ask: caught</title>" in picture
    assert "<title>Answer</title>" in picture, "it was not entered"
    assert "class s2 caught" in (tmp_path / "graph" / f"{execution['name']}.mmd").read_text()


def test_an_unknown_execution_is_one_sentence(
    account: Account, execution: dict[str, Any], tmp_path: Path
) -> None:
    unknown = f"{execution['executionArn']}-of-nobody"
    with pytest.raises(UserError, match="There is no execution"):
        graph.draw_execution(unknown, account.client("stepfunctions"), tmp_path)
    with pytest.raises(UserError, match="There is no execution"):
        graph.draw_execution("nonsense", account.client("stepfunctions"), tmp_path)
    assert not (tmp_path / "graph").exists()
