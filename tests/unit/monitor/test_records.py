"""Captured records: every encoding, every time, and lines that are not records."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import captured
import pytest

from container.serving.attribution import Attribution
from monitor.records import Record, UnreadableRecord, parse


def read(*arguments: Any, **changes: Any) -> Record:
    return parse(captured.line(*arguments, **changes).encode(), "endpoint", "variant")


def without(part: str) -> bytes:
    record = captured.raw()
    del record["captureData"][part]
    return json.dumps(record).encode()


def test_a_record_holds_the_request_and_the_answer() -> None:
    record = read(7)
    assert record == captured.record(7, endpoint="endpoint", variant="variant")


@pytest.mark.parametrize("asked", [[], ["trace-7"], ['{"trace": 7}']])
def test_an_answer_may_say_which_model_gave_it(asked: list[str]) -> None:
    said = Attribution("scones-1", 0.93, ("bicycle", "motorcycle"))
    header = json.dumps(said.as_json())
    assert read(0, customAttributes=[*asked, header]).attribution == said


@pytest.mark.parametrize("captured_attributes", [None, "trace-7", ["trace-7"], [7, None], {}])
def test_custom_attributes_of_another_kind_are_passed_over(captured_attributes: object) -> None:
    assert read(0, customAttributes=captured_attributes).attribution is None


@pytest.mark.parametrize(
    ("answer", "encoding"),
    [
        ("[0.97, 0.03]", "JSON"),
        (base64.b64encode(b"[0.97, 0.03]").decode(), "BASE64"),
        ("0.97,0.03", "CSV"),
        ("0.97, 0.03\n", "CSV"),
        (base64.b64encode(b"0.97,0.03").decode(), "BASE64"),
        ("[[0.97, 0.03]]", "JSON"),
        ([0.97, 0.03], "JSON"),
    ],
)
def test_an_answer_is_read_in_every_encoding(answer: object, encoding: str) -> None:
    assert read(0, answer, encoding).answer == (0.97, 0.03)


def test_the_builtin_algorithms_answer_of_many_classes_is_read() -> None:
    values = [0.1] * 10
    assert read(0, json.dumps(values)).answer == tuple(values)


def test_rounding_errors_of_probabilities_are_accepted() -> None:
    assert read(0, "[1.0000001, -1e-9]").answer == (1.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "remark"),
    [
        ('{"predictions": [[0.9, 0.1], [0.2, 0.8]]}', "2 images at once"),
        ('{"predictions": []}', "0 images at once"),
        ("a bicycle", "not a list of probabilities: a bicycle"),
        ("[1.7, -0.7]", "not a list of probabilities"),
        ("[NaN, 0.5]", "not a list of probabilities"),
        ("[true, false]", "not a list of probabilities"),
        ("[]", "not a list of probabilities"),
        ("", "not a list of probabilities"),
        (None, "not a list of probabilities"),
        ("[" * 5000, "not a list of probabilities"),
        ("[1" + "0" * 5000 + "]", "not a list of probabilities"),
        ('{"label": "bicycle"}', "not a list of probabilities"),
    ],
)
def test_an_unreadable_answer_leaves_a_record_with_a_remark(answer: object, remark: str) -> None:
    record = read(0, answer)
    assert record.answer is None
    assert remark in (record.remark or "")
    assert record.body == captured.png()


def test_a_record_without_output_is_a_record_without_an_answer() -> None:
    record = parse(without("endpointOutput"))
    assert (record.answer, record.remark) == (None, "Its answer was not captured.")


def test_a_record_without_input_still_has_its_answer() -> None:
    record = parse(without("endpointInput"))
    assert (record.body, record.content_type, record.answer) == (None, None, (0.97, 0.03))


def test_input_that_is_text_or_falsely_claims_to_be_base64_stays_as_it_is() -> None:
    for data, encoding in (("1,2,3", "CSV"), ('{"a": 1}', "JSON"), ("not base64!", "BASE64")):
        record = captured.raw()
        record["captureData"]["endpointInput"] |= {"data": data, "encoding": encoding}
        assert parse(json.dumps(record).encode()).body == data.encode()


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-20T08:30:00Z", 8),
        ("2026-11-20T08:30:00", 8),
        ("2026-11-20T08:30:00.123456Z", 8),
        ("2026-11-20T10:30:00+02:00", 8),
        ("2026-11-19T23:30:00-09:00", 8),
    ],
)
def test_times_are_read_in_utc_whatever_their_zone(text: str, hour: int) -> None:
    at = read(inferenceTime=text).at
    assert (at.replace(microsecond=0), at.tzinfo) == (
        datetime(2026, 11, 20, hour, 30, tzinfo=UTC),
        UTC,
    )


def test_an_inference_id_is_optional_and_text() -> None:
    assert read(inferenceId=None).inference_id is None
    assert read(inferenceId="").inference_id is None
    assert read(inferenceId="mine").inference_id == "mine"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"captureData": {"endpointInput": {"data": "iVBORw0KGgoAAA', "not JSON"),
        ("plain text", "not JSON: plain text"),
        ("[1, 2]", "no captureData"),
        ('{"captureData": {}}', "no eventMetadata"),
        ('{"captureData": [], "eventMetadata": {}}', "no captureData"),
        (
            '{"captureData": {}, "eventMetadata": {"inferenceTime": "2026-11-20T08:30:00Z"}}',
            "no eventId",
        ),
        ('{"captureData": {}, "eventMetadata": {"eventId": "a"}}', "no time"),
        (
            '{"captureData": {}, "eventMetadata": {"eventId": "a", "inferenceTime": "soon"}}',
            "no time",
        ),
        (
            '{"captureData": {}, "eventMetadata": '
            '{"eventId": "a", "inferenceTime": "0001-01-01T00:00:00+10:00"}}',
            "no time",
        ),
        ("\x00\xff", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_line_that_is_not_a_record_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UnreadableRecord, match=reason):
        parse(text.encode("latin-1"))


def test_a_reason_shows_a_little_of_the_line_and_no_more() -> None:
    with pytest.raises(UnreadableRecord) as caught:
        parse(b"x" * 100_000)
    assert len(str(caught.value)) < 100
