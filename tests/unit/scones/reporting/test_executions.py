"""Executions as Step Functions lists them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.window import Window
from scones.reporting.executions import list_executions

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class States:
    """Lists executions a minute apart, the latest first, two per page."""

    def __init__(self, count: int) -> None:
        self.requests = 0
        self.all = [
            {
                "name": f"image-{number}",
                "executionArn": f"arn:{number}",
                "status": "SUCCEEDED",
                "startDate": NOON - timedelta(minutes=number),
                "stopDate": NOON - timedelta(minutes=number) + timedelta(seconds=1 - number),
            }
            for number in range(count)
        ]

    def list_executions(self, nextToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803
        self.requests += 1
        first = int(nextToken)
        following = {"nextToken": str(first + 2)} if first + 2 < len(self.all) else {}
        return {"executions": self.all[first : first + 2], **following}


def test_every_page_is_read_for_an_open_window() -> None:
    assert len(list(list_executions(States(7), "arn", Window()))) == 7


def test_pages_before_the_window_are_not_read() -> None:
    states = States(1000)
    executions = list(list_executions(states, "arn", Window(NOON - timedelta(minutes=3), NOON)))
    assert [execution.name for execution in executions] == ["image-1", "image-2", "image-3"]
    assert states.requests == 3


def test_an_execution_that_stopped_before_it_started_took_no_time() -> None:
    assert [
        execution.milliseconds for execution in list_executions(States(3), "arn", Window())
    ] == [
        1000.0,
        0.0,
        0.0,
    ]


def test_a_running_execution_has_no_duration() -> None:
    states = States(1)
    del states.all[0]["stopDate"]
    assert [execution.milliseconds for execution in list_executions(states, "arn", Window())] == [
        None
    ]
