"""Captured records for tests, and folders of them in SageMaker's layout."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from monitor.records import Record

START = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
ENDPOINT, VARIANT = "scones-local-classifier", "AllTraffic"


def png(shade: int = 0, side: int = 32) -> bytes:
    """An image of one colour; other shades are distinct images."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), (shade % 256, shade // 256, 90)).save(file, "png")
    return file.getvalue()


def record(
    number: int = 0, answer: tuple[float, ...] | None = (0.97, 0.03), **changes: Any
) -> Record:
    """The record of a distinct image, a second after that of the number before."""
    fields: dict[str, Any] = {
        "event_id": f"event-{number}",
        "inference_id": f"image-{number}",
        "at": START + timedelta(seconds=number),
        "endpoint": ENDPOINT,
        "variant": VARIANT,
        "content_type": "image/png",
        "body": png(number),
        "answer": answer,
        "remark": None if answer else "Its answer was not captured.",
    }
    return Record(**{**fields, **changes})


def raw(
    number: int = 0, answer: object = "[0.97, 0.03]", encoding: str = "JSON", **changes: Any
) -> dict[str, Any]:
    """The JSON of such a record, as in a file from a real account."""
    body = base64.b64encode(png(number)).decode()
    metadata = {
        "eventId": f"event-{number}",
        "inferenceId": f"image-{number}",
        "inferenceTime": f"{START + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
    }
    request = {
        "observedContentType": "image/png",
        "mode": "INPUT",
        "data": body,
        "encoding": "BASE64",
    }
    response = {
        "observedContentType": "application/json",
        "mode": "OUTPUT",
        "data": answer,
        "encoding": encoding,
    }
    return {
        "captureData": {"endpointInput": request, "endpointOutput": response},
        "eventMetadata": {**metadata, **changes},
        "eventVersion": "0",
    }


def line(number: int = 0, *arguments: Any, **changes: Any) -> str:
    return json.dumps(raw(number, *arguments, **changes)) + "\n"


def key(
    at: datetime = START, endpoint: str = ENDPOINT, variant: str = VARIANT, number: int = 0
) -> str:
    """The key of a file that begins at that time."""
    return f"{endpoint}/{variant}/{at:%Y/%m/%d/%H/%M-%S}-{number:03d}-0a1b2c3d.jsonl"


def write(folder: Path, lines: Iterable[str], name: str = "") -> Path:
    """Write a file of those lines in the layout below a folder."""
    path = folder / (name or key())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))
    return path
