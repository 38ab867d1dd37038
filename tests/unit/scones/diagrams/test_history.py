from datetime import UTC, datetime, timedelta
from typing import Any

from scones.diagrams.history import path

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def events(*told: tuple[str, str]) -> list[dict[str, Any]]:
    """Events 10 ms after one another; the second word is a state's name, or an error's."""
    return [
        event(kind, word, START + timedelta(milliseconds=10 * place))
        for place, (kind, word) in enumerate(told)
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


def test_a_state_that_answered_is_told_with_its_time() -> None:
    [visit] = path(events(*ANSWERED)).visits
    assert (visit.state, visit.status, visit.milliseconds, visit.attempts) == (
        "Serialize image",
        "succeeded",
        30,
        1,
    )


def test_a_caught_error_is_no_failure() -> None:
    found = path(events(*ANSWERED, *CAUGHT))
    assert found.statuses == {
        "Serialize image": "succeeded",
        "Filter confidence": "caught",
        "Unsure": "failed",
    }
    assert found.visits[1].error == "LowConfidence"
    assert found.status == "failed"
    assert ("Filter confidence", "Unsure") in found.steps


def test_an_error_that_was_tried_again_is_forgotten() -> None:
    again = [
        ("LambdaFunctionFailed", "EndpointError"),
        ("LambdaFunctionScheduled", ""),
        ("LambdaFunctionSucceeded", ""),
    ]
    [visit] = path(events(*ANSWERED[:3], *again, ANSWERED[4])).visits
    assert (visit.status, visit.error, visit.attempts) == ("succeeded", None, 2)


def test_an_error_that_nobody_catches_fails_its_state() -> None:
    [visit] = path(
        events(*ANSWERED[:3], ("LambdaFunctionTimedOut", "States.Timeout"), ("ExecutionFailed", ""))
    ).visits
    assert (visit.status, visit.error) == ("failed", "States.Timeout")


def test_what_is_under_way_is_running_and_what_was_stopped_is_stopped() -> None:
    under_way = events(*ANSWERED[:3])
    assert path(under_way).visits[0].milliseconds is None
    assert path(under_way).statuses == {"Serialize image": "running"}
    assert path([*under_way, event("ExecutionAborted", "", START)]).statuses == {
        "Serialize image": "stopped"
    }


def test_clocks_that_disagree_make_no_time_negative() -> None:
    late, early = events(*ANSWERED), START - timedelta(seconds=1)
    assert path([*late[:4], {**late[4], "timestamp": early}]).visits[0].milliseconds == 0
