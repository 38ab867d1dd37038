"""A training job's lines in CloudWatch Logs, as they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

GROUP = "/aws/sagemaker/TrainingJobs"


class JobLog:
    """Reads on from where it stopped. Each host has a stream, and after a spot interruption another one."""

    def __init__(self, logs: Any, job: str) -> None:
        self._logs = logs
        self._job = job
        self._tokens: dict[str, str] = {}

    def new(self) -> Iterator[tuple[float, str]]:
        """The lines since the last call, each with its time in seconds since 1970.

        Raises:
            ClientError: such as ThrottlingException; a later call goes on where this one stopped.
        """
        for stream in self._streams():
            yield from self._read(stream)

    def _streams(self) -> list[str]:
        pages = self._logs.get_paginator("describe_log_streams").paginate(
            logGroupName=GROUP, logStreamNamePrefix=f"{self._job}/"
        )
        try:
            return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]
        except self._logs.exceptions.ResourceNotFoundException:
            return []  # the first job of an account makes the group when it writes its first line

    def _read(self, stream: str) -> Iterator[tuple[float, str]]:
        while True:
            token = self._tokens.get(stream)
            position = {"nextToken": token} if token else {}
            page = self._logs.get_log_events(
                logGroupName=GROUP, logStreamName=stream, startFromHead=True, **position
            )
            for event in page["events"]:
                yield event["timestamp"] / 1000, event["message"].rstrip()
            self._tokens[stream] = page["nextForwardToken"]
            # A page may be empty before the end; the end is where the token stays the same.
            if page["nextForwardToken"] == token:
                return
