"""Captured traffic as figures: each image once, whatever answered and however often it was sent."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import captured
import pytest
import traffic_reports
from captured import START, record
from traffic_reports import CLASSES, THRESHOLD, execution, image_table, outcome, probabilities

from container.serving.attribution import Attribution
from monitor.window import Window
from scones.reporting import figures
from scones.reporting.accuracy import accuracy_figures
from scones.reporting.image_table import OUTCOMES, ImageTable
from scones.reporting.traffic import Traffic


def outcome_names(table: ImageTable) -> list[str]:
    return [OUTCOMES[outcome_id] for outcome_id in table.outcome]


def summary(table: ImageTable) -> dict[str, object]:
    return figures.summary(table, CLASSES)


def test_a_second_record_of_an_image_is_counted_as_repeated() -> None:
    traffic = Traffic.of([record(1), record(1, event_id="again"), record(2)], THRESHOLD)
    assert (traffic.records, traffic.repeated, len(traffic)) == (3, 1, 2)


def test_the_answer_of_a_second_attempt_counts() -> None:
    [confidence] = image_table(
        [record(1, None), record(1, probabilities(0.8), event_id="again")]
    ).confidence
    assert confidence == 0.8


def test_a_record_without_an_inference_id_is_identified_by_its_event_id() -> None:
    same = [
        record(1, inference_id=None),
        record(1, inference_id=None),
        record(2, inference_id=None),
    ]
    assert len(Traffic.of(same, THRESHOLD)) == 2


def test_the_same_id_at_two_endpoints_is_two_images() -> None:
    assert len(Traffic.of([record(1), record(1, endpoint="another")], THRESHOLD)) == 2


BUSES = Attribution("scones-2", 0.5, ("bus", "motorcycle"))


def test_an_answer_is_named_and_judged_by_the_model_that_gave_it() -> None:
    table = image_table(
        [
            record(1, probabilities(0.94)),
            record(2, probabilities(0.94), attribution=BUSES),
            record(3, probabilities(0.6, bicycle=False), attribution=BUSES),
            record(4, probabilities(0.6), attribution=Attribution("many", 0.7, (), "tram")),
        ]
    )
    assert [table.class_names[label] for label in table.label] == [
        "bicycle",
        "bus",
        "motorcycle",
        "tram",
    ]
    assert outcome_names(table) == ["accepted", "accepted", "accepted", "unsure"]


def test_images_are_listed_by_the_model_that_answered() -> None:
    records = [
        record(1, probabilities(0.94), attribution=replace(BUSES, model="scones-1")),
        record(2, None),
        *(record(number, probabilities(0.94), attribution=BUSES) for number in (3, 4)),
    ]
    rows = figures.source_rows(image_table(records), captured.ENDPOINT, "scones-2", None)
    assert [(row["model"], row["images"], row["classes"]) for row in rows] == [
        ("scones-1", 2, 2),
        ("scones-2", 2, 2),
    ]


def test_without_an_execution_the_threshold_decides() -> None:
    table = image_table(
        [record(1, probabilities(0.93)), record(2, probabilities(0.9299)), record(3, None)]
    )
    assert outcome_names(table) == ["accepted", "unsure", "unanswered"]


def test_executions_provide_outcome_and_duration() -> None:
    records = [record(1, probabilities(0.5)), record(2), record(3), record(4, probabilities(0.5))]
    executions = [
        execution(4, "FAILED", 40),
        execution(3, "RUNNING", None),
        execution(2, "ABORTED", 20),
        execution(1),
    ]
    table = image_table(records, executions=executions)
    assert outcome_names(table) == ["accepted", "failed", "running", "unsure"]
    assert [None if math.isnan(took) else took for took in table.milliseconds] == [
        250,
        20,
        None,
        40,
    ]
    assert summary(table)["errors"] == {"Aborted": 1}


def test_only_executions_that_the_captures_do_not_explain_are_described() -> None:
    described = []

    def describe(arns: list[str]) -> dict[str, object]:
        described.extend(arns)
        return {
            "arn:2": outcome("failed", "States.TaskFailed"),
            "arn:3": outcome("unsure", "LowConfidence", "bicycle", 0.6),
        }

    executions = [
        execution(4, "FAILED"),
        execution(3, "FAILED"),
        execution(2, "FAILED"),
        execution(1, "FAILED"),
        execution(0),
    ]
    table = image_table(
        [record(0), record(1, probabilities(0.5)), record(2)],
        executions=executions,
        describe=describe,
    )
    assert described == ["arn:4", "arn:3", "arn:2"]
    assert outcome_names(table) == ["accepted", "unsure", "failed", "failed", "unsure"]
    assert summary(table)["errors"] == {"not looked up": 1, "States.TaskFailed": 1}
    assert (table.confidence[4], table.class_names[table.label[4]]) == (0.6, "bicycle")


def test_an_execution_without_a_captured_record_counts_as_an_image() -> None:
    table = image_table([record(1)], executions=[execution(7), execution(1)])
    assert (len(table), outcome_names(table), summary(table)["uncaptured"]) == (
        2,
        ["accepted", "accepted"],
        1,
    )


def test_an_execution_whose_record_may_be_written_later_is_left_out() -> None:
    until = Window(None, START + timedelta(seconds=5))
    table = image_table(
        [record(1), record(9)],
        executions=[execution(9), execution(8), execution(1)],
        expected=until,
    )
    assert (len(table), summary(table)["uncaptured"], table.executed.sum()) == (2, 0, 2)


def test_records_of_other_clocks_are_not_lost() -> None:
    late = execution(1, early=-90, milliseconds=0.0)
    table = image_table([record(1), record(2, at=START + timedelta(days=3))], executions=[late])
    totals = summary(table)
    assert (totals["images"], totals["latency_ms"]["longest"]) == (2, 0.0)
    assert sum(span["images"] for span in figures.timeline(table, CLASSES)["spans"]) == 2


def test_ground_truth_is_found_by_inference_id_and_unknown_ids_are_ignored() -> None:
    records = [record(1), record(2, probabilities(0.99, bicycle=False)), record(3)]
    ground_truth = {"image-1": "bicycle", "image-2": "bus", "unknown-id": "bicycle"}
    accuracy = accuracy_figures(image_table(records, ground_truth=ground_truth))
    assert (accuracy["images"], accuracy["accuracy"], accuracy["classes"]) == (
        2,
        0.5,
        ["bicycle", "motorcycle", "bus"],
    )
    assert accuracy["confusion"] == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_reliability_and_calibration_error_are_consistent() -> None:
    ground_truth = {f"image-{number}": "bicycle" for number in range(4)}
    accuracy = accuracy_figures(
        image_table(
            [record(n, probabilities(0.95, bicycle=n < 3)) for n in range(4)],
            ground_truth=ground_truth,
        )
    )
    assert accuracy["reliability"] == [{"confidence": 0.95, "accuracy": 0.75, "images": 4}]
    assert accuracy["ece"] == pytest.approx(0.2)


def test_classes_of_another_model_are_named_by_position() -> None:
    table = image_table([record(1), record(2, (0.1, 0.2, 0.7)), record(3, (0.1, 0.7, 0.2))])
    assert summary(table)["classes"] == {"bicycle": 1, "motorcycle": 0, "class 1": 1, "class 2": 1}
    mixed = image_table([record(1, (0.1, 0.2, 0.7)), record(2, (0.7, 0.1, 0.1, 0.1))])
    assert summary(mixed)["classes"] == {
        "bicycle": 0,
        "motorcycle": 0,
        "class 2 of 3": 1,
        "class 0 of 4": 1,
    }


def test_endpoints_variants_and_models_are_listed_separately() -> None:
    records = [
        record(1),
        record(2, variant="Green"),
        record(3, endpoint="another"),
        record(4, (0.1, 0.2, 0.7)),
        record(5, None),
    ]
    sources = figures.source_rows(
        image_table(records), captured.ENDPOINT, "model-2", START + timedelta(seconds=2)
    )
    keys = ("endpoint", "variant", "model", "classes", "images")
    assert [tuple(source[key] for key in keys) for source in sources] == [
        (captured.ENDPOINT, "AllTraffic", "before model-2", 2, 1),
        (captured.ENDPOINT, "AllTraffic", "model-2", 2, 1),
        (captured.ENDPOINT, "AllTraffic", "model-2", 3, 1),
        (captured.ENDPOINT, "Green", "model-2", 2, 1),
        ("another", "AllTraffic", None, 2, 1),
    ]
    assert sum(source["images"] for source in sources) == len(records)


def test_every_breakdown_of_the_images_adds_up() -> None:
    executions = [
        execution(number, "SUCCEEDED" if number % 3 else "FAILED") for number in range(60)
    ]
    table = image_table(traffic_reports.answers(), executions=executions)
    totals, timeline = summary(table), figures.timeline(table, CLASSES)
    assert (
        totals["images"]
        == sum(totals[name] for name in OUTCOMES)
        == sum(totals["classes"].values())
        == 60
    )
    for name in ("images", *OUTCOMES):
        assert sum(span[name] for span in timeline["spans"]) == totals[name]
    assert sum(map(sum, figures.histogram(table)["classes"].values())) == 60
    assert totals["confidence"]["p10"] < totals["confidence"]["p50"]


@pytest.mark.parametrize(
    "seconds", [0, 1, 59, 3600, 86_400, 90 * 86_400, 30 * 365 * 86_400, 3000 * 365 * 86_400]
)
@pytest.mark.parametrize("most", [12, 60])
def test_spans_of_time_are_never_too_many(seconds: int, most: int) -> None:
    step = figures.span_length(seconds, most)
    assert seconds / step + 1 <= most + 1
    assert step == 1 or seconds / step > most / 8


def test_without_images_the_figures_are_empty() -> None:
    table = image_table([])
    totals = summary(table)
    assert (totals["images"], totals["first"], totals["confidence"]) == (
        0,
        None,
        {"mean": None, "p10": None, "p50": None},
    )
    assert figures.timeline(table, CLASSES) == {"seconds": None, "spans": []}
    assert figures.histogram(table) is accuracy_figures(table) is None
    assert figures.source_rows(table, None, None, None) == []


def test_reasons_for_a_missing_answer_are_counted() -> None:
    remarks = [
        "Its answer is not a list of probabilities: a",
        "Its answer is not a list of probabilities: b",
    ]
    traffic = Traffic.of(
        [record(n, None, remark=remark) for n, remark in enumerate(remarks)], THRESHOLD
    )
    assert traffic.remarks == {"Its answer is not a list of probabilities": 2}
