"""An execution, drawn from its history on the local AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accounts import Account, local
from machines import Machines, machine

from scones.commands import graph
from scones.errors import UserError
from scones.settings import Target

FAILING = machine(
    Look={"Type": "Pass"},
    Ask={
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": "no-such-bucket", "Key": "any"},
        "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Give up"}],
    },
    Answer={"Type": "Succeed"},
    **{"Give up": {"Type": "Fail", "Error": "NotFound"}},
)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with local(tmp_path_factory.mktemp("aws")) as local_account:
        yield local_account


@pytest.fixture(scope="module")
def execution(account: Account) -> dict[str, Any]:
    return Machines(account).run(FAILING)


def test_an_execution_is_drawn_and_its_states_are_listed(
    account: Account, execution: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph.draw_execution(execution["executionArn"], account.client("stepfunctions"), tmp_path)
    lines = [line.split(",")[0].split(maxsplit=1) for line in capsys.readouterr().err.splitlines()]
    assert lines == [["succeeded", "Look"], ["caught", "Ask"], ["failed", "Give up"]]
    drawing = (tmp_path / "graph" / f"{execution['name']}.svg").read_text()
    assert "<title>Ask: caught</title>" in drawing
    assert "<title>Answer</title>" in drawing, "a state that was not entered"
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


def test_the_definition_is_drawn_without_an_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Target, "build", tmp_path)
    assert graph.main([]) == 0
    assert "classify.svg and classify.mmd" in capsys.readouterr().out
    assert "Filter confidence" in (tmp_path / "graph" / "classify.svg").read_text()
