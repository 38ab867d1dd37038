"""The images that a report shows: those of lowest confidence, scaled down, and undecodable ones."""

from __future__ import annotations

import io

import pytest
from captured import png, record
from PIL import Image
from traffic_reports import THRESHOLD, probabilities

from scones.reporting.sample_images import (
    MOST_SAMPLES,
    THUMBNAIL_SIDE,
    UndecodableError,
    make_thumbnail,
)
from scones.reporting.traffic import Traffic


def test_the_images_of_lowest_confidence_are_kept_on_either_side_of_the_threshold() -> None:
    records = [
        record(number, probabilities((500 + number) / 1000)) for number in range(499, -1, -1)
    ]
    traffic = Traffic.of(records, THRESHOLD)
    assert [sample.confidence for sample in traffic.below.samples] == [
        (500 + number) / 1000 for number in range(MOST_SAMPLES)
    ]
    assert [sample.confidence for sample in traffic.above.samples] == [
        (930 + number) / 1000 for number in range(MOST_SAMPLES)
    ]


def test_an_image_that_was_sent_often_is_shown_once_and_counted() -> None:
    traffic = Traffic.of(
        [record(number, probabilities(0.6), body=png()) for number in range(50)], THRESHOLD
    )
    assert [sample.times for sample in traffic.below.samples] == [50]


def test_of_many_images_of_the_same_confidence_some_are_kept() -> None:
    traffic = Traffic.of(
        [record(number, probabilities(0.6)) for number in range(3 * MOST_SAMPLES)], THRESHOLD
    )
    assert len(traffic.below.samples) == MOST_SAMPLES


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"hello", "5 bytes that are not an image"),
        (png()[:60], "a damaged image"),
        (png()[:-20] + bytes(20), "a damaged image"),
    ],
)
def test_an_undecodable_image_is_named_and_still_counted(body: bytes, reason: str) -> None:
    traffic = Traffic.of([record(1, probabilities(0.6), body=body), record(2)], THRESHOLD)
    assert (len(traffic), traffic.undecodable_count, traffic.below.samples) == (2, 1, [])
    assert (traffic.undecodable[0].name, traffic.undecodable[0].row) == ("image-1", 0)
    assert reason in traffic.undecodable[0].reason


def test_input_of_another_content_type_is_not_an_undecodable_image() -> None:
    traffic = Traffic.of(
        [record(1, body=b"1,2", content_type="text/csv"), record(2, body=None)], THRESHOLD
    )
    assert traffic.undecodable_count == 0


def test_a_small_image_keeps_its_size_and_a_large_one_is_scaled_down() -> None:
    assert make_thumbnail(png(side=32)).side == 32
    assert make_thumbnail(png(side=32)).source.startswith("data:image/png;base64,")
    large = make_thumbnail(png(side=900))
    assert (large.side, large.source[:16]) == (THUMBNAIL_SIDE, "data:image/jpeg;")
    assert len(large.source) < 10_000


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_images_of_every_mode_are_shown(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (40, 20)).save(file, "tiff" if mode == "CMYK" else "png")
    assert make_thumbnail(file.getvalue()).side == 40


def test_an_image_of_too_many_pixels_is_not_decoded() -> None:
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "png")
    with pytest.raises(UndecodableError, match="too many pixels"):
        make_thumbnail(file.getvalue())
