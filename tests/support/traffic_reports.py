"""Traffic reports on made-up traffic."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import captured
from captured import START

from monitor.captures import Captures
from monitor.records import Record
from monitor.window import Window
from scones.diagrams import history
from scones.diagrams.machine import parse
from scones.reporting.context import ReportContext
from scones.reporting.executions import Execution
from scones.reporting.image_table import ImageTable, build_table
from scones.reporting.report_builder import TrafficReading, build_report
from scones.reporting.report_page import Report
from scones.reporting.traffic import Traffic
from scones.settings import Target
from scones.workflow.outcomes import Outcome

CLASSES = ("bicycle", "motorcycle")
THRESHOLD = 0.93
TARGET = Target.load("local")
MACHINE = parse(json.loads(TARGET.workflow.read_text()))
DRIFT: Mapping[str, Any] = {
    "drifted": True,
    "alpha": 0.001,
    "images": 200,
    "baseline_images": 100,
    "records": 210,
    "repeated": 9,
    "unreadable": 1,
    "since": "2026-11-20T08:30:00Z",
    "until": "2026-11-20T09:30:00Z",
    "endpoint": captured.ENDPOINT,
    "model": "scones-local-1",
    "sentences": ["The images are darker than those of the baseline."],
    "p_value": 0.0008,
    "tests": [
        {
            "name": "embedding",
            "measure": "MMD²",
            "statistic": 0.12,
            "p_value": 0.0001,
            "adjusted": 0.0008,
            "drifted": True,
            "baseline": None,
            "window": None,
            "sentence": None,
        },
        {
            "name": "classes",
            "measure": "chi²",
            "statistic": 0.4,
            "p_value": 0.5,
            "adjusted": 1.0,
            "drifted": False,
            "baseline": {"bicycle": 0.5, "motorcycle": 0.5},
            "window": {"bicycle": 0.6, "motorcycle": 0.4},
            "sentence": None,
        },
    ],
}


def answers(count: int = 60) -> list[Record]:
    """Records of which every third is unsure, with a few more bicycles than motorcycles."""
    return [
        captured.record(
            number,
            probabilities(
                0.5 + 0.43 * number / count if number % 3 == 0 else 0.94 + number / 1500,
                number % 5 < 3,
            ),
        )
        for number in range(count)
    ]


def probabilities(confidence: float, bicycle: bool = True) -> tuple[float, float]:
    return (confidence, 1 - confidence) if bicycle else (1 - confidence, confidence)


def execution(
    number: int, status: str = "SUCCEEDED", milliseconds: float | None = 250.0, early: float = 0.2
) -> Execution:
    """The execution of the image of that number, a little before it was captured."""
    started = START + timedelta(seconds=number - early)
    return Execution(f"image-{number}", f"arn:{number}", status, started, milliseconds)


def outcome(
    status: Any, error: str, label: str | None = None, confidence: float | None = None
) -> Outcome:
    return Outcome(status, "", "", label, confidence, None, error, "Because.", "arn", 5)


def image_table(records: Iterable[Record], **known: Any) -> ImageTable:
    return build_table(Traffic.of(records, THRESHOLD), context(**known))


def context(**known: Any) -> ReportContext:
    return replace(ReportContext(CLASSES, THRESHOLD, MACHINE), **known)


def report(
    records: Sequence[Record],
    folder: Path,
    drift: Mapping[str, Any] | None = None,
    workflow: str | None = None,
    **known: Any,
) -> Report:
    """A report on those records; `known` is the context. The folder may hold files to skip.

    `workflow` is the endpoint that only the workflow should call.
    """
    captures = Captures.local(folder, Window())
    list(captures)
    now = START + timedelta(hours=1)
    traffic = Traffic.of(records, THRESHOLD, workflow)
    reading = TrafficReading("a folder", Window(), now, captures, traffic)
    return build_report(
        reading, context(**known), TARGET, drift or "No model to compare with is known."
    )


def full_report(folder: Path, count: int = 60) -> Report:
    """A report with every part that a report can have."""
    failed = [execution(count + 1, "FAILED"), execution(count + 2, "TIMED_OUT", 300_000)]
    ended = [
        execution(number, "SUCCEEDED" if number % 3 else "FAILED", 200 + 7 * number % 90)
        for number in range(count)
    ]
    return report(
        answers(count),
        folder,
        DRIFT,
        account=True,
        executions=(*failed, *reversed(ended)),
        describe=lambda arns: {arn: outcome("failed", "NotAnImage") for arn in arns},
        read_path=failed_path,
        ground_truth={
            f"image-{number}": CLASSES[0 if number % 5 < 3 else number % 2]
            for number in range(count)
        },
        endpoint=captured.ENDPOINT,
        model="scones-local-1",
    )


def failed_path(arn: str = "") -> history.Path:
    """The path of an execution whose input is not an image."""
    events = [
        ("TaskStateEntered", 0, {"stateEnteredEventDetails": {"name": "Serialize image"}}),
        ("LambdaFunctionScheduled", 1, {}),
        ("LambdaFunctionFailed", 15, {"lambdaFunctionFailedEventDetails": {"error": "NotAnImage"}}),
        ("TaskStateExited", 16, {"stateExitedEventDetails": {"name": "Serialize image"}}),
        ("FailStateEntered", 17, {"stateEnteredEventDetails": {"name": "Unusable image"}}),
        ("ExecutionFailed", 18, {"executionFailedEventDetails": {"error": "NotAnImage"}}),
    ]
    return history.path(
        {"type": kind, "timestamp": START + timedelta(milliseconds=at), **details}
        for kind, at, details in events
    )
