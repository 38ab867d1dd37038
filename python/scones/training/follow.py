"""Follows a training job to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Generic, TypeVar

from botocore.exceptions import ClientError

from scones.errors import UserError
from scones.training import jobs
from scones.training.job_log import JobLog
from scones.training.screen import Screen

# A look at the job is short when the job is young, and costs at most a twentieth of its time later on.
SHORTEST_PAUSE, LONGEST_PAUSE, SHARE = 0.5, 8.0, 0.05
# CloudWatch may show a job's last lines only after its end.
LATE_LOOKS = (0.2, 0.5)
PASSING = {
    "InternalFailure",
    "InternalServerException",
    "LimitExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
TROUBLES_IN_A_ROW = 10
# Of a step and a line of the same moment, the step comes first.
STEP, LINE = 0, 1

Answer = TypeVar("Answer")


def follow(
    name: str,
    sagemaker: Any,
    logs: Any,
    screen: Screen,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Mapping[str, Any]:
    """Show the steps and lines of the job `name` until it ends; returns its last description.

    Raises:
        UserError: the account does not know the job.
        ClientError: AWS refuses to tell; a passing trouble such as throttling is waited out.
    """
    steps, log, news = Steps(), JobLog(logs, name), News()
    job, lines = (
        Patient(lambda: _describe(sagemaker, name)),
        Patient(lambda: news.add_lines(log.new())),
    )
    started = now()
    try:
        while True:
            description = _look(job, lines, lambda found: news.add_steps(steps.new(found)))
            if description and description["TrainingJobStatus"] in jobs.ENDED:
                for wait in LATE_LOOKS:
                    sleep(wait)
                    lines.look()
                news.show(screen)
                return description
            if description:
                news.show(screen)
            sleep(pause(now() - started))
    finally:
        screen.close()


def _look(
    job: Patient[Mapping[str, Any]], lines: Patient[None], add: Callable[[Mapping[str, Any]], int]
) -> Mapping[str, Any] | None:
    """Read lines and steps until the job took no step meanwhile: only then is it known in which step each line came.

    Returns the last description, or None when AWS was too busy to give one: the lines then wait for the next look.
    """
    while True:
        lines.look()
        description = job.look()
        if description is None or not add(description):
            return description


def pause(elapsed: float) -> float:
    """Seconds until the next look, `elapsed` seconds after the first."""
    return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, SHARE * elapsed))


class Steps:
    """The status steps of a job. SageMaker also rewrites the message of the step that it is in."""

    def __init__(self) -> None:
        self._seen: set[tuple[datetime, str, str]] = set()

    def new(self, description: Mapping[str, Any]) -> Iterator[tuple[datetime, str, str]]:
        """Time, status and message of every step that the last description did not have."""
        for step in description.get("SecondaryStatusTransitions", []):
            key = (step["StartTime"], step["Status"], step.get("StatusMessage", ""))
            if key not in self._seen:
                self._seen.add(key)
                yield key


class News:
    """What a look at the job brought, to be shown in the order in which it happened."""

    def __init__(self) -> None:
        self._items: list[tuple[tuple[float, int], Callable[[Screen], None]]] = []

    def add_steps(self, steps: Iterable[tuple[datetime, str, str]]) -> int:
        """Returns how many steps there were."""
        before = len(self._items)
        for when, status, message in steps:
            self._items.append(
                ((when.timestamp(), STEP), partial(Screen.step, status=status, message=message))
            )
        return len(self._items) - before

    def add_lines(self, lines: Iterable[tuple[float, str]]) -> None:
        """Each line counts as soon as it is read: an error that interrupts the reading loses none."""
        for when, line in lines:
            self._items.append(((when, LINE), partial(Screen.log, line=line)))

    def show(self, screen: Screen) -> None:
        for _, shown_on in sorted(self._items, key=itemgetter(0)):
            shown_on(screen)
        self._items.clear()


class Patient(Generic[Answer]):
    """Calls `ask`, and bears with AWS when it is busy."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._troubles = 0

    def look(self) -> Answer | None:
        """The answer, or None when AWS asks us to come back later."""
        try:
            answer = self._ask()
        except ClientError as error:
            self._troubles += 1
            if error.response["Error"]["Code"] not in PASSING or self._troubles > TROUBLES_IN_A_ROW:
                raise
            return None
        self._troubles = 0
        return answer


def _describe(sagemaker: Any, name: str) -> Mapping[str, Any]:
    description = jobs.describe(sagemaker, name)
    if description is None:
        raise UserError(
            f'The account does not know the training job {name} any more. Run "make train" again.'
        )
    return description
