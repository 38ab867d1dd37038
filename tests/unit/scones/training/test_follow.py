"""Following a job: what is shown, how often AWS is polled, and how it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from scones.aws import RETRIES, TooBusy
from scones.errors import UserError
from scones.training.follow import LONGEST_PAUSE, follow, pause
from scones.training.jobs import duration
from scones.training.screen import Screen

JOB = "scones-local-0a1b2c3d-20261121-101500"
START = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
THROTTLED = ClientError(
    {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, "DescribeTrainingJob"
)
UNKNOWN = ClientError(
    {"Error": {"Code": "ValidationException", "Message": "not found"}}, "DescribeTrainingJob"
)


class SageMaker:
    """Answers DescribeTrainingJob from a script; the last answer is repeated."""

    def __init__(self, *answers: Mapping[str, Any] | Exception) -> None:
        self.answers = list(answers)

    def describe_training_job(self, TrainingJobName: str) -> Mapping[str, Any]:  # noqa: N803
        assert TrainingJobName == JOB
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Logs:
    """CloudWatch Logs: streams that have `page` lines a page, and grow as `write` is called."""

    class exceptions:  # noqa: N801
        class ResourceNotFoundException(Exception):
            pass

    def __init__(self, page: int = 2) -> None:
        self.page = page
        self.streams: dict[str, list[tuple[float, str]]] = {}
        self.reads = 0

    def write(self, stream: str, *lines: str, at: float = 0) -> None:
        """Lines written `at` seconds after the job's start."""
        time = (START.timestamp() + at) * 1000
        self.streams.setdefault(f"{JOB}/{stream}", []).extend((time, line) for line in lines)

    def get_paginator(self, operation: str) -> Logs:
        assert operation == "describe_log_streams"
        return self

    def paginate(self, logGroupName: str, logStreamNamePrefix: str) -> Iterable[Mapping[str, Any]]:  # noqa: N803
        assert (logGroupName, logStreamNamePrefix) == ("/aws/sagemaker/TrainingJobs", f"{JOB}/")
        if not self.streams:
            raise self.exceptions.ResourceNotFoundException
        for name in self.streams:
            yield {"logStreams": [{"logStreamName": name}]}

    def get_log_events(
        self,
        logStreamName: str,  # noqa: N803
        nextToken: str = "f/0",  # noqa: N803
        **_: Any,
    ) -> Mapping[str, Any]:
        self.reads += 1
        start = int(nextToken[2:])
        lines = self.streams[logStreamName][start : start + self.page]
        events = [{"timestamp": time, "message": f"{line}\n"} for time, line in lines]
        return {"events": events, "nextForwardToken": f"f/{start + len(lines)}"}


def job(status: str, *steps: tuple[str, str]) -> dict[str, Any]:
    transitions = [
        {"Status": step, "StatusMessage": message, "StartTime": START + timedelta(seconds=number)}
        for number, (step, message) in enumerate(steps)
    ]
    return {
        "TrainingJobName": JOB,
        "TrainingJobStatus": status,
        "SecondaryStatusTransitions": transitions,
    }


class Follower:
    """Follows the job, and returns what a log file gets; no time passes."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.pauses: list[float] = []
        self._capsys = capsys

    def __call__(self, sagemaker: SageMaker, logs: Logs) -> str:
        follow(
            JOB,
            sagemaker,
            logs,
            Screen(),
            sleep=self.pauses.append,
            now=lambda: 0.0,
        )
        return self._capsys.readouterr().err


@pytest.fixture
def follower(capsys: pytest.CaptureFixture[str]) -> Follower:
    return Follower(capsys)


DONE = job("Completed", ("Completed", "Training job completed"))


def test_steps_and_lines_are_shown_in_the_order_in_which_they_happened(follower: Follower) -> None:
    logs = Logs()
    logs.write("algo-1-1700000000", "a line", at=1.5)
    logs.write("algo-2-1700000000", "an earlier line", at=1.25)
    seen = follower(
        SageMaker(job("Completed", ("Starting", ""), ("Training", ""), ("Completed", ""))), logs
    )
    assert seen.split("\n") == [
        "Starting",
        "Training",
        "  an earlier line",
        "  a line",
        "Completed",
        "",
    ]


def test_a_line_is_never_shown_before_the_step_that_it_was_written_in(follower: Follower) -> None:
    steps = [("Starting", ""), ("Training", ""), ("Completed", "")]
    logs = Logs()
    logs.write(
        "algo-1-1700000000", "a line", at=1.5
    )  # written after the first poll found the job still starting
    sagemaker = SageMaker(
        job("InProgress", *steps[:1]), job("InProgress", *steps[:2]), job("Completed", *steps)
    )
    assert follower(sagemaker, logs).splitlines() == [
        "Starting",
        "Training",
        "  a line",
        "Completed",
    ]


def test_each_step_is_shown_once_with_its_message(follower: Follower) -> None:
    starting = ("Starting", "Starting the training job")
    seen = follower(
        SageMaker(
            job("InProgress", starting),
            job("InProgress", starting),
            job("InProgress", starting, ("Training", "Training in progress")),
            job(
                "Completed",
                starting,
                ("Training", "Training in progress"),
                ("Completed", "Training job completed"),
            ),
        ),
        Logs(),
    )
    assert seen.splitlines() == [
        "Starting: Starting the training job",
        "Training: Training in progress",
        "Completed: Training job completed",
    ]


def test_a_message_that_changes_within_a_step_is_shown_again(follower: Follower) -> None:
    seen = follower(
        SageMaker(
            job("InProgress", ("Starting", "Preparing")),
            job("InProgress", ("Starting", "No capacity yet")),
            DONE,
        ),
        Logs(),
    )
    assert "Starting: Preparing\nStarting: No capacity yet\n" in seen


def test_log_lines_of_every_host_are_shown_once_over_several_pages(follower: Follower) -> None:
    logs = Logs(page=2)
    logs.write("algo-1-1700000000", *(f"first host, line {number}" for number in range(5)))
    logs.write("algo-2-1700000000", "second host")
    seen = follower(SageMaker(job("InProgress"), job("InProgress"), DONE), logs)
    assert [line.strip() for line in seen.splitlines()] == [
        *(f"first host, line {number}" for number in range(5)),
        "second host",
        "Completed: Training job completed",
    ]


def test_there_may_be_no_log_group_yet(follower: Follower) -> None:
    assert (
        follower(SageMaker(job("InProgress"), DONE), Logs())
        == "Completed: Training job completed\n"
    )


def test_lines_that_arrive_after_the_end_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    logs = Logs()

    def sleep(_: float) -> None:
        logs.write("algo-1-1700000000", "Traceback (most recent call last):")

    follow(JOB, SageMaker(DONE), logs, Screen(), sleep=sleep)
    assert "Traceback (most recent call last):" in capsys.readouterr().err


def epochs(total: int) -> list[str]:
    return [
        f"epoch={number}/{total} train_loss=0.3120 validation_accuracy=0.9200 seconds=1.5"
        for number in range(1, total + 1)
    ]


def test_in_a_log_file_a_hundred_epochs_are_eleven_lines(follower: Follower) -> None:
    logs = Logs(page=1000)
    logs.write("algo-1-1700000000", "900 training images", *epochs(100), "test_accuracy=0.9400")
    ended, *lines = [line.strip() for line in follower(SageMaker(DONE), logs).splitlines()]
    assert ended == "Completed: Training job completed"
    assert lines[0] == "900 training images"
    first = "Training: 1/100 epochs, 3 min left, train loss 0.3120, validation accuracy 0.9200"
    assert lines[1] == first
    assert [line.split(",")[0] for line in lines[2:12]] == [
        *(f"Training: {number}/100 epochs" for number in range(10, 100, 10)),
        "Training: 100 epochs",
    ]
    assert lines[12:] == ["test_accuracy=0.9400"]


def test_pretraining_has_a_row_of_its_own(follower: Follower) -> None:
    logs = Logs(page=1000)
    logs.write("algo-1-1700000000", *(f"pretraining: {line}" for line in epochs(2)), *epochs(2))
    titles = [line.split(",")[0] for line in follower(SageMaker(DONE), logs).splitlines()]
    assert titles[1:] == [
        "Pretraining: 1/2 epochs",
        "Pretraining: 2 epochs",
        "Training: 1/2 epochs",
        "Training: 2 epochs",
    ]


def test_throttling_is_waited_out(follower: Follower) -> None:
    seen = follower(SageMaker(job("InProgress"), THROTTLED, THROTTLED, DONE), Logs())
    assert seen == "Completed: Training job completed\n"


def test_throttling_without_end_is_an_error(follower: Follower) -> None:
    with pytest.raises(TooBusy, match="ThrottlingException"):
        follower(SageMaker(THROTTLED), Logs())
    assert len(follower.pauses) == RETRIES


def test_a_job_that_vanishes_is_one_sentence(follower: Follower) -> None:
    with pytest.raises(UserError, match=f"does not know the training job {JOB} any more"):
        follower(SageMaker(job("InProgress"), UNKNOWN), Logs())


def test_an_account_that_vanishes_is_reported_at_once(follower: Follower) -> None:
    with pytest.raises(EndpointConnectionError):
        follower(
            SageMaker(job("InProgress"), EndpointConnectionError(endpoint_url="http://x")),
            Logs(),
        )
    assert len(follower.pauses) == 1


def test_a_job_is_polled_less_often_as_it_grows_old() -> None:
    assert [pause(elapsed) for elapsed in (0, 10, 60, 3600)] == [0.5, 0.5, 3.0, LONGEST_PAUSE]


def test_a_poll_without_new_lines_reads_each_stream_once(follower: Follower) -> None:
    logs = Logs(page=1000)
    logs.write("algo-1-1700000000", "a line")
    follower(SageMaker(*[job("InProgress")] * 10, DONE), logs)
    assert logs.reads <= 16


def test_seconds_are_counted_from_the_jobs_creation_and_billed_as_sagemaker_reports() -> None:
    ended = {
        "CreationTime": START,
        "TrainingEndTime": START + timedelta(seconds=240),
        "BillableTimeInSeconds": 61,
    }
    assert duration(ended) == "240 s, billable 61 s"
    unbilled = {"CreationTime": START, "LastModifiedTime": START + timedelta(seconds=9)}
    assert duration(unbilled) == "9 s"
