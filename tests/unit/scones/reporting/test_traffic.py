"""Captured traffic as rows of figures: each picture once, whoever answered and however often it was told of."""

from __future__ import annotations

import io
import math
from datetime import timedelta

import captured
import pytest
import traffic_reports
from captured import START, png, record
from PIL import Image
from traffic_reports import CLASSES, THRESHOLD, execution, joined, outcome, sure

from monitor.window import Window
from scones.reporting import captured_pictures, figures
from scones.reporting.captured_pictures import KEPT, Undecodable, thumbnail
from scones.reporting.joined import OUTCOMES, Images
from scones.reporting.traffic import Traffic


def endings(images: Images) -> list[str]:
    return [OUTCOMES[one] for one in images.outcome]


def overall(images: Images) -> dict[str, object]:
    return figures.overall(images, CLASSES)


def test_a_second_try_of_the_same_picture_is_the_same_picture() -> None:
    traffic = Traffic.of([record(1), record(1, event_id="again"), record(2)], THRESHOLD)
    assert (traffic.records, traffic.repeated, len(traffic)) == (3, 1, 2)


def test_an_answer_that_a_second_try_brings_counts() -> None:
    [confidence] = joined([record(1, None), record(1, sure(0.8), event_id="again")]).confidence
    assert confidence == 0.8


def test_a_record_without_an_inference_id_goes_by_its_event() -> None:
    same = [
        record(1, inference_id=None),
        record(1, inference_id=None),
        record(2, inference_id=None),
    ]
    assert len(Traffic.of(same, THRESHOLD)) == 2


def test_the_same_id_at_two_endpoints_is_two_pictures() -> None:
    assert len(Traffic.of([record(1), record(1, endpoint="another")], THRESHOLD)) == 2


def test_the_threshold_decides_where_no_execution_is_known() -> None:
    images = joined([record(1, sure(0.93)), record(2, sure(0.9299)), record(3, None)])
    assert endings(images) == ["accepted", "unsure", "unanswered"]


def test_executions_tell_how_it_ended_and_how_long_it_took() -> None:
    records = [record(1, sure(0.5)), record(2), record(3), record(4, sure(0.5))]
    ran = [
        execution(4, "FAILED", 40),
        execution(3, "RUNNING", None),
        execution(2, "ABORTED", 20),
        execution(1),
    ]
    images = joined(records, ran)
    assert endings(images) == ["accepted", "failed", "running", "unsure"]
    assert [None if math.isnan(took) else took for took in images.milliseconds] == [
        250,
        20,
        None,
        40,
    ]
    assert overall(images)["errors"] == {"Aborted": 1}


def test_only_what_the_captures_leave_open_is_asked_about() -> None:
    asked = []

    def explain(arns: list[str]) -> dict[str, object]:
        asked.extend(arns)
        return {
            "arn:2": outcome("failed", "States.TaskFailed"),
            "arn:3": outcome("unsure", "LowConfidence", "bicycle", 0.6),
        }

    ran = [
        execution(4, "FAILED"),
        execution(3, "FAILED"),
        execution(2, "FAILED"),
        execution(1, "FAILED"),
        execution(0),
    ]
    images = joined([record(0), record(1, sure(0.5)), record(2)], ran, explain)
    assert asked == ["arn:4", "arn:3", "arn:2"]
    assert endings(images) == ["accepted", "unsure", "failed", "failed", "unsure"]
    assert overall(images)["errors"] == {"not looked up": 1, "States.TaskFailed": 1}
    assert (images.confidence[4], images.names[images.label[4]]) == (0.6, "bicycle")


def test_an_execution_that_captured_nothing_is_a_picture_all_the_same() -> None:
    images = joined([record(1)], [execution(7), execution(1)])
    assert (len(images), endings(images), overall(images)["uncaptured"]) == (
        2,
        ["accepted", "accepted"],
        1,
    )


def test_an_execution_whose_record_may_be_written_later_is_left_for_later() -> None:
    until = Window(None, START + timedelta(seconds=5))
    images = joined(
        [record(1), record(9)], [execution(9), execution(8), execution(1)], expected=until
    )
    assert (len(images), overall(images)["uncaptured"], images.executed.sum()) == (2, 0, 2)


def test_a_clock_that_is_ahead_or_behind_loses_nothing() -> None:
    late = execution(1, early=-90, milliseconds=0.0)
    images = joined([record(1), record(2, at=START + timedelta(days=3))], [late])
    told = overall(images)
    assert (told["images"], told["latency_ms"]["longest"]) == (2, 0.0)
    assert sum(one["images"] for one in figures.timeline(images, CLASSES)["spans"]) == 2


def test_truths_are_found_by_inference_id_and_strangers_do_no_harm() -> None:
    records = [record(1), record(2, sure(0.99, bicycle=False)), record(3)]
    truths = {"picture-1": "bicycle", "picture-2": "bus", "unheard-of": "bicycle"}
    found = figures.truth(joined(records, truths=truths))
    assert (found["images"], found["accuracy"], found["classes"]) == (
        2,
        0.5,
        ["bicycle", "motorcycle", "bus"],
    )
    assert found["confusion"] == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_reliability_adds_up_with_the_calibration_error() -> None:
    truths = {f"picture-{number}": "bicycle" for number in range(4)}
    found = figures.truth(
        joined([record(n, sure(0.95, bicycle=n < 3)) for n in range(4)], truths=truths)
    )
    assert found["reliability"] == [{"confidence": 0.95, "accuracy": 0.75, "images": 4}]
    assert found["ece"] == pytest.approx(0.2)


def test_answers_of_another_model_are_called_by_their_places() -> None:
    images = joined([record(1), record(2, (0.1, 0.2, 0.7)), record(3, (0.1, 0.7, 0.2))])
    assert overall(images)["classes"] == {"bicycle": 1, "motorcycle": 0, "class 1": 1, "class 2": 1}
    mixed = joined([record(1, (0.1, 0.2, 0.7)), record(2, (0.7, 0.1, 0.1, 0.1))])
    assert overall(mixed)["classes"] == {
        "bicycle": 0,
        "motorcycle": 0,
        "class 2 of 3": 1,
        "class 0 of 4": 1,
    }


def test_endpoints_variants_and_models_are_told_apart() -> None:
    records = [
        record(1),
        record(2, variant="Green"),
        record(3, endpoint="another"),
        record(4, (0.1, 0.2, 0.7)),
        record(5, None),
    ]
    table = figures.sources(
        joined(records), captured.ENDPOINT, "model-2", START + timedelta(seconds=2)
    )
    told = [
        (one["endpoint"], one["variant"], one["model"], one["classes"], one["images"])
        for one in table
    ]
    assert told == [
        (captured.ENDPOINT, "AllTraffic", "before model-2", 2, 1),
        (captured.ENDPOINT, "AllTraffic", "model-2", 2, 1),
        (captured.ENDPOINT, "AllTraffic", "model-2", 3, 1),
        (captured.ENDPOINT, "Green", "model-2", 2, 1),
        ("another", "AllTraffic", None, 2, 1),
    ]
    assert sum(one["images"] for one in table) == len(records)


def test_every_split_of_the_pictures_adds_up() -> None:
    ran = [execution(number, "SUCCEEDED" if number % 3 else "FAILED") for number in range(60)]
    images = joined(traffic_reports.answers(), ran)
    told, timeline = overall(images), figures.timeline(images, CLASSES)
    assert (
        told["images"]
        == sum(told[name] for name in OUTCOMES)
        == sum(told["classes"].values())
        == 60
    )
    for name in ("images", *OUTCOMES):
        assert sum(one[name] for one in timeline["spans"]) == told[name]
    assert sum(map(sum, figures.histogram(images)["classes"].values())) == 60
    assert told["confidence"]["p10"] < told["confidence"]["p50"]


@pytest.mark.parametrize(
    "seconds", [0, 1, 59, 3600, 86_400, 90 * 86_400, 30 * 365 * 86_400, 3000 * 365 * 86_400]
)
@pytest.mark.parametrize("most", [12, 60])
def test_spans_of_time_are_never_too_many(seconds: int, most: int) -> None:
    step = figures.step_of(seconds, most)
    assert seconds / step + 1 <= most + 1
    assert step == 1 or seconds / step > most / 8


def test_nothing_makes_figures_of_nothing() -> None:
    images = joined([])
    told = overall(images)
    assert (told["images"], told["first"], told["confidence"]) == (
        0,
        None,
        {"mean": None, "p10": None, "p50": None},
    )
    assert figures.timeline(images, CLASSES) == {"seconds": None, "spans": []}
    assert figures.histogram(images) is figures.truth(images) is None
    assert figures.sources(images, None, None, None) == []


def test_the_least_sure_pictures_are_kept_on_either_side_of_the_threshold() -> None:
    records = [record(number, sure((500 + number) / 1000)) for number in range(499, -1, -1)]
    traffic = Traffic.of(records, THRESHOLD)
    assert [one.confidence for one in traffic.below.shown] == [
        (500 + number) / 1000 for number in range(KEPT)
    ]
    assert [one.confidence for one in traffic.above.shown] == [
        (930 + number) / 1000 for number in range(KEPT)
    ]


def test_a_picture_that_came_often_is_shown_once_and_counted() -> None:
    traffic = Traffic.of([record(number, sure(0.6), body=png()) for number in range(50)], THRESHOLD)
    assert [one.times for one in traffic.below.shown] == [50]


def test_many_pictures_of_the_same_confidence_leave_room_for_some() -> None:
    traffic = Traffic.of([record(number, sure(0.6)) for number in range(3 * KEPT)], THRESHOLD)
    assert len(traffic.below.shown) == KEPT


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"hello", "5 bytes that are no picture"),
        (png()[:60], "a broken picture"),
        (png()[:-20] + bytes(20), "a broken picture"),
    ],
)
def test_a_picture_that_does_not_decode_is_named_and_still_counted(
    body: bytes, reason: str
) -> None:
    traffic = Traffic.of([record(1, sure(0.6), body=body), record(2)], THRESHOLD)
    assert (len(traffic), traffic.lost_count, traffic.below.shown) == (2, 1, [])
    assert (traffic.lost[0].name, traffic.lost[0].row) == ("picture-1", 0)
    assert reason in traffic.lost[0].reason


def test_input_that_is_declared_to_be_no_picture_is_not_called_a_broken_one() -> None:
    traffic = Traffic.of(
        [record(1, body=b"1,2", content_type="text/csv"), record(2, body=None)], THRESHOLD
    )
    assert traffic.lost_count == 0


def test_reasons_for_a_missing_answer_are_counted() -> None:
    remarks = [
        "Its answer is no list of probabilities: a",
        "Its answer is no list of probabilities: b",
    ]
    traffic = Traffic.of(
        [record(n, None, remark=remark) for n, remark in enumerate(remarks)], THRESHOLD
    )
    assert traffic.remarks == {"Its answer is no list of probabilities": 2}


def test_a_small_picture_is_shown_as_it_is_and_a_large_one_made_small() -> None:
    assert thumbnail(png(side=32)).side == 32
    assert thumbnail(png(side=32)).source.startswith("data:image/png;base64,")
    large = thumbnail(png(side=900))
    assert (large.side, large.source[:16]) == (captured_pictures.SIDE, "data:image/jpeg;")
    assert len(large.source) < 10_000


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_shown(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (40, 20)).save(file, "tiff" if mode == "CMYK" else "png")
    assert thumbnail(file.getvalue()).side == 40


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "png")
    with pytest.raises(Undecodable, match="too many pixels"):
        thumbnail(file.getvalue())
