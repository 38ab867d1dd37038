"""Captured records to read in tests, and folders of them as SageMaker lays them out."""

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
    """A picture of one colour, so that another shade is another picture."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), (shade % 256, shade // 256, 90)).save(file, "png")
    return file.getvalue()


def record(
    number: int = 0, answer: tuple[float, ...] | None = (0.97, 0.03), **changes: Any
) -> Record:
    """The record of a picture of its own, a second after that of the number before."""
    fields: dict[str, Any] = {
        "event_id": f"event-{number}",
        "inference_id": f"picture-{number}",
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
    """What such a record's line holds, as in a file from a real account."""
    body = base64.b64encode(png(number)).decode()
    metadata = {
        "eventId": f"event-{number}",
        "inferenceId": f"picture-{number}",
        "inferenceTime": f"{START + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
    }
    shown = {
        "observedContentType": "image/png",
        "mode": "INPUT",
        "data": body,
        "encoding": "BASE64",
    }
    said = {
        "observedContentType": "application/json",
        "mode": "OUTPUT",
        "data": answer,
        "encoding": encoding,
    }
    return {
        "captureData": {"endpointInput": shown, "endpointOutput": said},
        "eventMetadata": {**metadata, **changes},
        "eventVersion": "0",
    }


def line(number: int = 0, *arguments: Any, **changes: Any) -> str:
    return json.dumps(raw(number, *arguments, **changes)) + "\n"


def key(
    at: datetime = START, endpoint: str = ENDPOINT, variant: str = VARIANT, number: int = 0
) -> str:
    """Where a file lies that begins at that moment."""
    return f"{endpoint}/{variant}/{at:%Y/%m/%d/%H/%M-%S}-{number:03d}-0a1b2c3d.jsonl"


def write(folder: Path, lines: Iterable[str], name: str = "") -> Path:
    """A file of those lines in the layout below a folder."""
    path = folder / (name or key())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))
    return path
