"""One captured invocation, parsed from a line of a capture file: the request and the answer.

A line as SageMaker writes it; beside the event's id stand "inferenceId", if the caller gave one,
and "customAttributes", a list of those of request and answer:

    {"captureData": {"endpointInput": {"observedContentType": "image/png", "mode": "INPUT",
                                       "data": "iVBORw0…", "encoding": "BASE64"},
                     "endpointOutput": {"observedContentType": "application/json", "mode": "OUTPUT",
                                        "data": "[0.9213273525238037, 0.07867266982793808]",
                                        "encoding": "JSON"}},
     "eventMetadata": {"eventId": "8a138155-…", "inferenceTime": "2023-03-04T18:39:38Z"},
     "eventVersion": "0"}

`encoding` follows from the endpoint's settings, not from the content: the answer above may also
come as the base64 of that text, or as CSV, "0.92,0.08".
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from container.serving import attribution
from container.serving.attribution import Attribution

EXCERPT = 60  # characters quoted of an unreadable line
ROUNDING = 1e-6  # by which a probability may lie outside 0 to 1

Answer = tuple[float, ...]


class UnreadableRecord(ValueError):
    """The line is not a captured record; the message says why."""


@dataclass(frozen=True)
class Record:
    """One captured invocation.

    Attributes:
        inference_id: the caller's id of the image; the same for every attempt.
        at: in UTC.
        endpoint, variant: from the file's path, if that follows SageMaker's layout.
        body: the input, decoded; None if it was not captured.
        answer: a probability for each class; None if there is none, for the reason in `remark`.
        attribution: the model that answered, if its answer says so.
    """

    event_id: str
    inference_id: str | None
    at: datetime
    endpoint: str | None
    variant: str | None
    content_type: str | None
    body: bytes | None
    answer: Answer | None
    remark: str | None
    attribution: Attribution | None = None


def parse(line: bytes, endpoint: str | None = None, variant: str | None = None) -> Record:
    """Parse a line from that endpoint and variant.

    Raises:
        UnreadableRecord: the line is incomplete, or not a captured record.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecord(f"It is not JSON: {_excerpt(line)}") from error
    captured = _required_object(raw, "captureData")
    metadata = _required_object(raw, "eventMetadata")
    event_id = metadata.get("eventId")
    if not isinstance(event_id, str):
        raise UnreadableRecord("It has no eventId.")
    content_type = body = None
    request = captured.get("endpointInput")
    if isinstance(request, dict):
        content_type = _optional_text(request.get("observedContentType"))
        body = _decode_data(request)
    answer, remark = _parse_answer(captured.get("endpointOutput"))
    return Record(
        event_id=event_id,
        inference_id=_optional_text(metadata.get("inferenceId")),
        at=_parse_time(metadata.get("inferenceTime")),
        endpoint=endpoint,
        variant=variant,
        content_type=content_type,
        body=body,
        answer=answer,
        remark=remark,
        attribution=_find_attribution(metadata.get("customAttributes")),
    )


def probabilities(text: str) -> Answer:
    """The probabilities of an answer: a JSON list, a list of one such list, or CSV.

    Raises:
        UnreadableRecord: it is something else.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = [_parse_number(part) for part in text.strip().split(",")]
    if isinstance(values, dict) and isinstance(values.get("predictions"), list):
        raise UnreadableRecord(f"It answers {len(values['predictions'])} images at once.")
    if isinstance(values, list) and len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    if not isinstance(values, list) or not values or not all(map(_is_probability, values)):
        excerpt = _excerpt(text.encode(errors="replace"))
        raise UnreadableRecord(f"Its answer is not a list of probabilities: {excerpt}")
    return tuple(min(1.0, max(0.0, float(value))) for value in values)


def _parse_answer(output: object) -> tuple[Answer | None, str | None]:
    """The answer, or the reason why there is none."""
    if not isinstance(output, dict):
        return None, "Its answer was not captured."
    try:
        return probabilities(_decode_data(output).decode(errors="replace")), None
    except UnreadableRecord as error:
        return None, str(error)


def _find_attribution(custom_attributes: object) -> Attribution | None:
    """The attribution among the custom attributes; a caller may send some of another kind."""
    if not isinstance(custom_attributes, list):
        return None
    texts = [text for text in custom_attributes if isinstance(text, str)]
    return next(filter(None, map(attribution.parse, texts)), None)


def _decode_data(part: Mapping[str, Any]) -> bytes:
    """The content that was sent; text that is not the base64 it claims to be stays as it is."""
    data = part.get("data")
    if data is None:
        return b""
    if not isinstance(data, str):
        return json.dumps(data).encode()
    if part.get("encoding") == "BASE64":
        with contextlib.suppress(binascii.Error, ValueError):
            return base64.b64decode(data, validate=True)
    return data.encode(errors="replace")


def _parse_time(value: object) -> datetime:
    """A time in UTC; one without a zone is in UTC already."""
    try:
        at = datetime.fromisoformat(str(value))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        excerpt = json.dumps(value)[:EXCERPT]
        raise UnreadableRecord(f"It has no time: inferenceTime is {excerpt}.") from error


def _required_object(raw: object, name: str) -> Mapping[str, Any]:
    value = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(value, dict):
        raise UnreadableRecord(f"It is not a captured record: it has no {name}.")
    return value


def _optional_text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _parse_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_probability(value: object) -> bool:
    """Whether it is a number between 0 and 1: not a bool, not NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -ROUNDING <= value <= 1 + ROUNDING


def _excerpt(content: bytes) -> str:
    text = content[: 4 * EXCERPT].decode(errors="replace").strip()
    if len(text) > EXCERPT:
        return f"{text[:EXCERPT]}…"
    return text or "it is empty."
