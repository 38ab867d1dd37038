"""Follow a training job to its end: status steps from SageMaker, log lines from CloudWatch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any

from scones.aws import call_with_retries
from scones.clients import CloudWatchLogsClient, SageMakerClient
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.training import jobs
from scones.training.screen import Screen

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
# A young job is polled often; later on, a pause is a twentieth of the time since the start.
SHORTEST_PAUSE, LONGEST_PAUSE, PAUSE_SHARE = 0.5, 8.0, 0.05
# CloudWatch may deliver a job's last lines only after its end.
LATE_POLLS = (0.2, 0.5)


def follow(
    name: str,
    sagemaker: SageMakerClient,
    logs: CloudWatchLogsClient,
    screen: Screen,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> JsonObject:
    """Show the steps and lines of the job `name` until it ends; returns its last description.

    Raises:
        UserError: the account has no such job, or AWS stays too busy.
        ClientError: AWS refuses a request.
    """
    timeline = Timeline()
    log = JobLog(logs, name)
    retry = partial(call_with_retries, sleep=sleep)

    def read_lines() -> None:
        retry(lambda: timeline.add_lines(log.new_lines()))

    started = now()
    try:
        while True:
            # Only when a description adds no step is it known in which step each line was written.
            new_steps = True
            while new_steps:
                read_lines()
                description = retry(lambda: _describe(sagemaker, name))
                new_steps = timeline.add_steps(description)
            ended = description["TrainingJobStatus"] in jobs.ENDED
            if ended:
                for wait in LATE_POLLS:
                    sleep(wait)
                    read_lines()
            timeline.show(screen)
            if ended:
                return description
            sleep(pause(now() - started))
    finally:
        screen.close()


def pause(elapsed: float) -> float:
    """Seconds until the next poll, `elapsed` seconds after the first."""
    return min(LONGEST_PAUSE, max(SHORTEST_PAUSE, PAUSE_SHARE * elapsed))


class Timeline:
    """A job's steps and log lines, shown in the order in which they happened."""

    def __init__(self) -> None:
        self._seen: set[tuple[datetime, str, str]] = set()
        # Time, whether it is a log line, and what to show. At the same time a step comes first.
        self._pending: list[tuple[float, bool, Callable[[Screen], None]]] = []

    def add_steps(self, description: JsonObject) -> bool:
        """Add the steps that no earlier description had; returns whether there were any.

        SageMaker also rewrites the message of the current step, which then counts as a new one.
        """
        before = len(self._seen)
        for transition in description.get("SecondaryStatusTransitions", []):
            start, status = transition["StartTime"], transition["Status"]
            message = transition.get("StatusMessage", "")
            if (start, status, message) in self._seen:
                continue
            self._seen.add((start, status, message))
            show = partial(Screen.step, status=status, message=message)
            self._pending.append((start.timestamp(), False, show))
        return len(self._seen) > before

    def add_lines(self, lines: Iterable[tuple[float, str]]) -> None:
        """Add each line as soon as it is read: an error that interrupts the reading loses none."""
        for timestamp, line in lines:
            self._pending.append((timestamp, True, partial(Screen.log, line=line, at=timestamp)))

    def show(self, screen: Screen) -> None:
        for *_, show in sorted(self._pending, key=itemgetter(0, 1)):
            show(screen)
        self._pending.clear()


class JobLog:
    """A job's lines in CloudWatch Logs, as they arrive.

    Each host has a stream, and another one after a spot interruption.
    """

    def __init__(self, logs: CloudWatchLogsClient, job: str) -> None:
        self._logs = logs
        self._job = job
        self._tokens: dict[str, str] = {}

    def new_lines(self) -> Iterator[tuple[float, str]]:
        """The lines since the last call, each with its time in seconds since 1970.

        Raises:
            ClientError: such as ThrottlingException; a later call continues where this one stopped.
        """
        for stream in self._streams():
            yield from self._read(stream)

    def _streams(self) -> list[str]:
        pages = self._logs.get_paginator("describe_log_streams").paginate(
            logGroupName=LOG_GROUP,
            logStreamNamePrefix=f"{self._job}/",
        )
        try:
            return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except self._logs.exceptions.ResourceNotFoundException:
            return []  # the first job of an account creates the group with its first line

    def _read(self, stream: str) -> Iterator[tuple[float, str]]:
        while True:
            token = self._tokens.get(stream)
            position: dict[str, Any] = {"nextToken": token} if token else {}
            page = self._logs.get_log_events(
                logGroupName=LOG_GROUP,
                logStreamName=stream,
                startFromHead=True,
                **position,
            )
            for event in page["events"]:
                yield event["timestamp"] / 1000, event["message"].rstrip()
            self._tokens[stream] = page["nextForwardToken"]
            # A page may be empty before the end; at the end the token stays the same.
            if page["nextForwardToken"] == token:
                return


def _describe(sagemaker: SageMakerClient, name: str) -> JsonObject:
    description = jobs.describe(sagemaker, name)
    if description is None:
        raise UserError(
            f'The account does not know the training job {name} any more. Run "make train" again.'
        )
    return description
