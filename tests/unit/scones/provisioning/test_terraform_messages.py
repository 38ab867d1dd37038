"""What is shown and logged of terraform's messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scones.progress import Progress
from scones.provisioning.terraform_messages import Messages, describe

WARNING = {
    "severity": "warning",
    "summary": "Check block assertion failed",
    "detail": "It was handed over by force.",
    "range": {"filename": "main.tf", "start": {"line": 8, "column": 21, "byte": 152}},
    "snippet": {
        "context": 'check "gate"',
        "code": "    condition     = !var.forced",
        "start_line": 8,
        "values": [{"traversal": "var.forced", "statement": "is true"}],
    },
}
ERROR = {
    "severity": "error",
    "summary": "creating SQS Queue (review)",
    "detail": "operation error SQS: CreateQueue\nhttps response error StatusCode: 403",
    "address": "aws_sqs_queue.review",
}


class Read:
    """Messages that were read, with what they left in the row and in the log."""

    def __init__(self) -> None:
        self.row = Progress("Provisioning")
        self.log: list[str] = []
        self.messages = Messages(self.row, self.log.append)

    def __call__(self, kind: str, **fields: Any) -> None:
        message = {"@message": f"about {kind}", "@timestamp": "now", "type": kind, **fields}
        self.messages.read(f"{json.dumps(message)}\n")

    def plan(self, action: str) -> None:
        self("planned_change", change={"resource": {"addr": "a.b"}, "action": action})

    def hook(self, kind: str, address: str, action: str = "create") -> None:
        self(kind, hook={"resource": {"addr": address}, "action": action})


def test_every_planned_operation_is_counted_and_a_replacement_is_two() -> None:
    read = Read()
    for action in ("create", "update", "delete", "replace", "read", "noop", "import"):
        read.plan(action)
    assert read.row.total == 5


def test_an_operation_counts_once_it_has_ended() -> None:
    read = Read()
    for kind in ("apply_start", "apply_progress", "apply_complete"):
        read.hook(kind, "a.b")
    read.hook("apply_complete", "data.c.d", "read")
    read.hook("apply_start", "e.f")
    read.hook("apply_errored", "e.f")
    assert read.row.done == 1
    assert read.row.figures == []


def test_the_row_names_what_has_been_running_for_longest() -> None:
    read = Read()
    for address in ("a.b", "c.d", "e.f"):
        read.hook("apply_start", address)
    read.hook("apply_complete", "a.b")
    assert read.row.figures == ["c.d"]


def test_errors_and_warnings_are_shown_whole_and_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    read = Read()
    read("diagnostic", diagnostic=WARNING)
    assert capsys.readouterr().err.strip() == describe(WARNING)
    read("diagnostic", diagnostic=ERROR)
    shown = (
        "Error: creating SQS Queue (review)\n\n  with aws_sqs_queue.review,\n\n"
        "operation error SQS: CreateQueue\nhttps response error StatusCode: 403"
    )
    assert capsys.readouterr().err.strip() == shown
    assert read.log == [describe(WARNING), shown]


def test_a_warning_names_its_place_and_values() -> None:
    assert describe(WARNING) == (
        "Warning: Check block assertion failed\n\n"
        '  on main.tf line 8, in check "gate"\n'
        "     8:     condition     = !var.forced\n"
        "        var.forced is true\n\n"
        "It was handed over by force."
    )


@pytest.mark.parametrize("line", ["panic: a crash\n", "[1, 2]\n", '{"@message": "no type"}\n'])
def test_what_is_not_a_message_is_logged_as_it_is(line: str) -> None:
    read = Read()
    read.messages.read(line)
    assert read.log == [line.rstrip()]
