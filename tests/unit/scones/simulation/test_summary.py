"""What a simulation reports and records at its end."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from scones.simulation import record, summary
from scones.simulation.images import SimulatedImage
from scones.simulation.settings import Settings
from scones.simulation.tally import Missed, Sent, Tally
from scones.simulation.traffic import Traffic
from scones.workflow.outcomes import Outcome

CLASSES = ("bicycle", "motorcycle")
SETTINGS = Settings(1, 6, {"bicycle": 1.0, "motorcycle": 0.0}, "new-objects", 0.5, 7)
BEGAN = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def sent(number: int, truth: str, late: float = 0) -> Sent:
    image = SimulatedImage(number, number, truth, None, "new-objects")
    return Sent(
        image,
        f"simulated/run/{number:06}.png",
        f"arn:execution:machine:name-{number}",
        BEGAN,
        number + late,
    )


def ended(image_sent: Sent, status: str, label: str | None, milliseconds: int = 100) -> Outcome:
    error = {"accepted": None, "unsure": "LowConfidence", "failed": "EndpointError"}[status]
    confidence = 0.9 if label else None
    cause = "Endpoint x is missing." if status == "failed" else None
    return Outcome(
        status,
        "bucket",
        image_sent.key,
        label,
        confidence,
        None,
        error,
        cause,
        image_sent.arn,
        milliseconds,
    )


def traffic() -> Traffic:
    tally = Tally()
    all_sent = [
        sent(1, "bicycle"),
        sent(2, "bicycle"),
        sent(3, "bus", late=2.5),
        sent(4, "motorcycle"),
        sent(5, "bus"),
    ]
    ends = [
        ended(all_sent[0], "accepted", "bicycle", 100),
        ended(all_sent[1], "accepted", "motorcycle", 300),
        ended(all_sent[2], "unsure", "bicycle", 200),
        ended(all_sent[3], "failed", None, 9000),
    ]
    for event in [
        *all_sent,
        *ends,
        Missed(SimulatedImage(6, 6, "bicycle", "test/a.png", "none"), "All were busy."),
    ]:
        tally.add(event)
    return Traffic(tally, 6.0, None)


def test_the_table_has_a_row_for_each_true_class_and_marks_what_is_not_a_class() -> None:
    rows = [
        line.rsplit(maxsplit=6)
        for line in summary.fate_table(traffic().tally, CLASSES).splitlines()[1:]
    ]
    # sent, routed right, routed wrong, unsure, failed, still running
    assert [[row[0].strip(), *map(int, row[1:])] for row in rows] == [
        ["bicycle", 2, 1, 1, 0, 0, 0],
        ["motorcycle", 1, 0, 0, 0, 1, 0],
        ["bus (no class)", 2, 0, 0, 1, 0, 1],
    ]


def test_a_narrow_terminal_keeps_every_count() -> None:
    lines = summary.fate_table(traffic().tally, CLASSES, 60).splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].split() == ["truth", "sent", "right", "wrong", "unsure", "failed", "running"]


def test_failures_do_not_count_in_the_milliseconds() -> None:
    assert summary.pace_line(traffic()) == (
        "p50 200 ms, p95 300 ms; 0.8 images per second for 6.0 s"
    )


def test_the_result_line_counts_every_fate() -> None:
    assert summary.result_line(traffic()) == (
        "Sent 5 images: 1 routed right, 1 routed wrong, 1 unsure, 1 failed, 1 still running."
    )


def test_every_problem_is_reported() -> None:
    remarks = "\n".join(summary.remarks(traffic(), SETTINGS, drawn=False, local=True))
    assert "1 of 6 images were not sent in time. All were busy. Set a lower RATE." in remarks
    assert "1 images were sent more than 1 s late, at most 2.5 s." in remarks
    assert "1 executions were still running" in remarks
    assert "1 of 5 executions failed: 1 EndpointError." in remarks
    assert "simulated/run/000004.png: EndpointError: Endpoint x is missing." in remarks


def test_the_limit_of_this_machine_is_named_for_the_local_aws_only() -> None:
    tally = arriving(per_second=10, answered_per_second=8)
    remark = "This machine manages 8.0 images per second; RATE=1 was asked"
    overloaded = Traffic(tally, 30.0, None)
    assert remark in summary.remarks(overloaded, SETTINGS, drawn=False, local=True)[0]
    assert summary.remarks(overloaded, SETTINGS, drawn=False, local=False) == []


def arriving(per_second: float, answered_per_second: float, seconds: float = 30) -> Tally:
    """Images at equal intervals, whose answers leave one at a time."""
    tally = Tally()
    end = 0.0
    for number in range(int(per_second * seconds)):
        due = number / per_second
        image = SimulatedImage(number, due, "bicycle", "test/a.png", "none")
        image_sent = Sent(image, "test/a.png", f"arn:{number}", BEGAN, due)
        end = max(end, due) + 1 / answered_per_second
        tally.add(image_sent)
        tally.add(ended(image_sent, "accepted", "bicycle", round((end - due) * 1000)))
    return tally


def test_without_problems_there_are_no_remarks() -> None:
    tally = Tally()
    tally.add(sent(1, "bicycle"))
    tally.add(ended(sent(1, "bicycle"), "accepted", "bicycle"))
    assert summary.remarks(Traffic(tally, 1, None), SETTINGS, drawn=False, local=True) == []
    assert (
        "drawn sample"
        in summary.remarks(Traffic(tally, 1, None), SETTINGS, drawn=True, local=True)[0]
    )
    assert "running" not in summary.fate_table(tally, CLASSES)


def test_a_simulation_that_sent_nothing_has_a_summary_too() -> None:
    nothing = Traffic(Tally(), 0.0, None)
    assert summary.result_line(nothing).startswith("Sent 0 images: 0 routed right")
    table = summary.fate_table(nothing.tally, CLASSES)
    assert table.split() == ["truth", "sent", "right", "wrong", "unsure", "failed"]
    assert summary.pace_line(nothing) == "0.0 images per second for 0.0 s"


def test_the_record_lists_every_image_in_the_order_of_arrival() -> None:
    written = json.loads(record.as_json(traffic(), SETTINGS, run="run", model="m"))
    assert (written["run"], written["model"], written["seconds"]) == ("run", "m", 6.0)
    assert written["settings"] == {
        "rate": 1,
        "seconds": 6,
        "mix": {"bicycle": 1, "motorcycle": 0},
        "drift": "new-objects",
        "strength": 0.5,
        "seed": 7,
    }
    images = written["images"]
    assert [image["number"] for image in images] == [1, 2, 3, 4, 5, 6]
    assert [image["outcome"] for image in images] == [
        "accepted",
        "accepted",
        "unsure",
        "failed",
        "open",
        "not sent",
    ]
    assert images[2] == {
        "number": 3,
        "inference_id": "name-3",
        "s3_key": "simulated/run/000003.png",
        "truth": "bus",
        "drift": "new-objects",
        "sent": "2026-11-20T08:30:00.000+00:00",
        "late_ms": 2500,
        "outcome": "unsure",
        "label": "bicycle",
        "confidence": 0.9,
        "error": "LowConfidence",
        "milliseconds": 200,
    }


def test_the_row_of_progress_counts_what_happened_first_and_then_the_milliseconds() -> None:
    assert traffic().tally.figures() == [
        "2 routed",
        "1 unsure",
        "1 failed",
        "p50/p95 200/300 ms",
    ]
    assert Tally().figures() == ["0 routed", "0 unsure", "0 failed"]
