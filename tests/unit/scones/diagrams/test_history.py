from datetime import UTC, datetime, timedelta
from typing import Any

from scones.diagrams.history import path

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def events(*entries: tuple[str, str]) -> list[dict[str, Any]]:
    """Events 10 ms after one another; the second word is a state's name, or an error's."""
    return [
        event(kind, word, START + timedelta(milliseconds=10 * place))
        for place, (kind, word) in enumerate(entries)
    ]


def event(kind: str, word: str, at: datetime) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if kind.endswith("StateEntered"):
        details = {"stateEnteredEventDetails": {"name": word}}
    elif kind.endswith("StateExited"):
        details = {"stateExitedEventDetails": {"name": word}}
    elif word:
        details = {f"{kind[0].lower()}{kind[1:]}EventDetails": {"error": word}}
    return {"type": kind, "timestamp": at, **details}


ANSWERED = [
    ("ExecutionStarted", ""),
    ("TaskStateEntered", "Serialize image"),
    ("LambdaFunctionScheduled", ""),
    ("LambdaFunctionSucceeded", ""),
    ("TaskStateExited", "Serialize image"),
]
CAUGHT = [
    ("TaskStateEntered", "Filter confidence"),
    ("LambdaFunctionScheduled", ""),
    ("LambdaFunctionFailed", "LowConfidence"),
    ("TaskStateExited", "Filter confidence"),
    ("FailStateEntered", "Unsure"),
    ("ExecutionFailed", "LowConfidence"),
]


def test_a_finished_state_has_its_duration() -> None:
    [visit] = path(events(*ANSWERED)).visits
    assert (visit.state, visit.status, visit.milliseconds, visit.attempts) == (
        "Serialize image",
        "succeeded",
        30,
        1,
    )


def test_a_caught_error_is_not_a_failure_of_the_state() -> None:
    execution_path = path(events(*ANSWERED, *CAUGHT))
    assert execution_path.statuses == {
        "Serialize image": "succeeded",
        "Filter confidence": "caught",
        "Unsure": "failed",
    }
    assert execution_path.visits[1].error == "LowConfidence"
    assert execution_path.status == "failed"
    assert [visit.state for visit in execution_path.visits][1:] == ["Filter confidence", "Unsure"]


def test_an_error_before_a_successful_retry_is_dropped() -> None:
    again = [
        ("LambdaFunctionFailed", "EndpointError"),
        ("LambdaFunctionScheduled", ""),
        ("LambdaFunctionSucceeded", ""),
    ]
    [visit] = path(events(*ANSWERED[:3], *again, ANSWERED[4])).visits
    assert (visit.status, visit.error, visit.attempts) == ("succeeded", None, 2)


def test_an_uncaught_error_fails_its_state() -> None:
    [visit] = path(
        events(*ANSWERED[:3], ("LambdaFunctionTimedOut", "States.Timeout"), ("ExecutionFailed", ""))
    ).visits
    assert (visit.status, visit.error) == ("failed", "States.Timeout")


def test_an_unfinished_state_is_running_and_an_aborted_one_stopped() -> None:
    unfinished = events(*ANSWERED[:3])
    assert path(unfinished).visits[0].milliseconds is None
    assert path(unfinished).statuses == {"Serialize image": "running"}
    assert path([*unfinished, event("ExecutionAborted", "", START)]).statuses == {
        "Serialize image": "stopped"
    }


def test_different_clocks_make_no_duration_negative() -> None:
    late, early = events(*ANSWERED), START - timedelta(seconds=1)
    assert path([*late[:4], {**late[4], "timestamp": early}]).visits[0].milliseconds == 0
