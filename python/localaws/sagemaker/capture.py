"""Data capture: the record of an invocation in S3, as SageMaker's real-time endpoints write it."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localaws.server import objects


@dataclass(frozen=True)
class Exchange:
    """One answered invocation."""

    content_type: str
    body: bytes
    answer_type: str
    answer: bytes
    inference_id: str | None
    at: datetime


def wanted(config: Mapping[str, Any]) -> bool:
    """Whether this invocation is among those that are captured."""
    return (
        bool(config.get("EnableCapture"))
        and random.uniform(0, 100) < config["InitialSamplingPercentage"]
    )


def write(
    account_id: str, config: Mapping[str, Any], endpoint: str, variant: str, exchange: Exchange
) -> None:
    """One file of one record (AWS puts several into a file when they come fast). Raises objects.MissingError."""
    at = exchange.at.astimezone(UTC)
    name = f"{at:%Y/%m/%d/%H/%M-%S}-{at.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    url = f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}/{name}"
    objects.write(account_id, url, line(record(config, exchange)).encode())


def record(config: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
    """The record, its fields in the order of the real files."""
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    types = config.get("CaptureContentTypeHeader") or {}
    data = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _part("INPUT", exchange.content_type, exchange.body, types)
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _part("OUTPUT", exchange.answer_type, exchange.answer, types)
    metadata = {"eventId": str(uuid.uuid4())}
    if exchange.inference_id:
        metadata["inferenceId"] = exchange.inference_id
    metadata["inferenceTime"] = f"{exchange.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}


def line(captured: Mapping[str, Any]) -> str:
    return json.dumps(captured, separators=(",", ":"), ensure_ascii=False) + "\n"


def _part(
    mode: str, content_type: str, data: bytes, types: Mapping[str, list[str]]
) -> dict[str, str]:
    """Content types that the configuration does not list as CSV or JSON are captured as base64."""
    plain = content_type.partition(";")[0].strip()
    encoding = "BASE64"
    if plain in types.get("CsvContentTypes", []):
        encoding = "CSV"
    elif plain in types.get("JsonContentTypes", []):
        encoding = "JSON"
    text = (
        base64.b64encode(data).decode() if encoding == "BASE64" else data.decode(errors="replace")
    )
    return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}
