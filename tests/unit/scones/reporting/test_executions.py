"""Executions as Step Functions lists them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.window import Window
from scones.reporting.executions import list_executions

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class States:
    """Lists executions a minute apart, the latest first, two a page; each took a second less than the one before."""

    def __init__(self, count: int) -> None:
        self.asked = 0
        self.all = [
            {
                "name": f"picture-{number}",
                "executionArn": f"arn:{number}",
                "status": "SUCCEEDED",
                "startDate": NOON - timedelta(minutes=number),
                "stopDate": NOON - timedelta(minutes=number) + timedelta(seconds=1 - number),
            }
            for number in range(count)
        ]

    def list_executions(self, nextToken: str = "0", **_: Any) -> dict[str, Any]:  # noqa: N803
        self.asked += 1
        first = int(nextToken)
        following = {"nextToken": str(first + 2)} if first + 2 < len(self.all) else {}
        return {"executions": self.all[first : first + 2], **following}


def test_every_page_is_read_where_the_window_is_open() -> None:
    assert len(list(list_executions(States(7), "arn", Window()))) == 7


def test_no_page_before_the_window_is_asked_for() -> None:
    states = States(1000)
    found = list(list_executions(states, "arn", Window(NOON - timedelta(minutes=3), NOON)))
    assert [one.name for one in found] == ["picture-1", "picture-2", "picture-3"]
    assert states.asked == 3


def test_an_execution_that_stopped_before_it_started_took_no_time() -> None:
    assert [one.milliseconds for one in list_executions(States(3), "arn", Window())] == [
        1000.0,
        0.0,
        0.0,
    ]


def test_an_execution_that_runs_has_no_length_yet() -> None:
    states = States(1)
    del states.all[0]["stopDate"]
    assert [one.milliseconds for one in list_executions(states, "arn", Window())] == [None]
