"""One captured invocation, from a line of a capture file: what was asked, and what the model answered.

A line as SageMaker writes it, and "inferenceId" beside the event's id where the caller gave one:

    {"captureData": {"endpointInput": {"observedContentType": "image/png", "mode": "INPUT", "data": "iVBORw0…",
                                       "encoding": "BASE64"},
                     "endpointOutput": {"observedContentType": "application/json", "mode": "OUTPUT",
                                        "data": "[0.9213273525238037, 0.07867266982793808]", "encoding": "JSON"}},
     "eventMetadata": {"eventId": "8a138155-…", "inferenceTime": "2023-03-04T18:39:38Z"}, "eventVersion": "0"}

`encoding` follows from the endpoint's settings, so it says little about the content: the answer above may also come as
the base64 of that text, or as CSV, "0.92,0.08".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SHOWN = 60  # letters of what cannot be read
ROUNDING = 1e-6  # by which a probability may lie beside 0 to 1

Answer = tuple[float, ...]


class Unreadable(ValueError):
    """A line that is no captured record; says why in a sentence."""


@dataclass(frozen=True)
class Record:
    """One captured invocation.

    Attributes:
        inference_id: the caller's own name for it; one and the same where the caller tried again.
        at: in UTC.
        endpoint, variant: from the file's place, where that follows SageMaker's layout.
        body: the input, decoded; None where it was not captured.
        answer: a probability for each class; None where there is none, and then `remark` says why.
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


def parse(line: bytes, endpoint: str | None = None, variant: str | None = None) -> Record:
    """The record of a line from that endpoint and variant.

    Raises:
        Unreadable: the line is half-written, or somebody else's.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"It is not JSON: {_shown(line)}") from error
    captured, metadata = _object(raw, "captureData"), _object(raw, "eventMetadata")
    event_id = metadata.get("eventId")
    if not isinstance(event_id, str):
        raise Unreadable("It has no eventId.")
    given = captured.get("endpointInput")
    answer, remark = _answered(captured.get("endpointOutput"))
    return Record(
        event_id=event_id,
        inference_id=_text(metadata.get("inferenceId")),
        at=_time(metadata.get("inferenceTime")),
        endpoint=endpoint,
        variant=variant,
        content_type=_text(given.get("observedContentType")) if isinstance(given, dict) else None,
        body=_bytes(given) if isinstance(given, dict) else None,
        answer=answer,
        remark=remark,
    )


def probabilities(text: str) -> Answer:
    """The probabilities of an answer: a JSON list, one row of such a list, or CSV.

    Raises:
        Unreadable: it is something else.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = [_number(part) for part in text.strip().split(",")]
    if isinstance(values, dict) and isinstance(values.get("predictions"), list):
        raise Unreadable(f"It answers {len(values['predictions'])} pictures at once.")
    if isinstance(values, list) and len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    if (
        not isinstance(values, list)
        or not values
        or not all(_is_probability(value) for value in values)
    ):
        raise Unreadable(
            f"Its answer is no list of probabilities: {_shown(text.encode(errors='replace'))}"
        )
    return tuple(min(1.0, max(0.0, float(value))) for value in values)


def _answered(part: object) -> tuple[Answer | None, str | None]:
    """The answer, or why there is none."""
    if not isinstance(part, dict):
        return None, "Its answer was not captured."
    try:
        return probabilities(_bytes(part).decode(errors="replace")), None
    except Unreadable as error:
        return None, str(error)


def _bytes(part: Mapping[str, Any]) -> bytes:
    """What was sent; text that is not the base64 it claims to be is taken as it stands."""
    data = part.get("data")
    if not isinstance(data, str):
        return b"" if data is None else json.dumps(data).encode()
    if part.get("encoding") == "BASE64":
        try:
            return base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            pass
    return data.encode(errors="replace")


def _time(value: object) -> datetime:
    """A moment in UTC; one that names no zone is UTC already."""
    try:
        at = datetime.fromisoformat(str(value))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(
            f"It has no time: inferenceTime is {json.dumps(value)[:SHOWN]}."
        ) from error


def _object(raw: object, name: str) -> Mapping[str, Any]:
    found = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(found, dict):
        raise Unreadable(f"It is no captured record: it has no {name}.")
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_probability(value: object) -> bool:
    return type(value) in (int, float) and -ROUNDING <= value <= 1 + ROUNDING  # type: ignore[operator]  # not bool, not NaN


def _shown(content: bytes) -> str:
    text = content[: 4 * SHOWN].decode(errors="replace").strip()
    return f"{text[:SHOWN]}…" if len(text) > SHOWN else text or "it is empty."
