"""Data capture: the record of an invocation in S3, as SageMaker's real-time endpoints write it."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from localaws.iam.sessions import Session
from localaws.json_object import JsonObject
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
    custom_attributes: tuple[str, ...] = ()  # the request's, then the answer's


def is_sampled(config: JsonObject) -> bool:
    """Whether to capture this invocation, by the sampling percentage."""
    percentage: float = config["InitialSamplingPercentage"] if config.get("EnableCapture") else 0
    return random.uniform(0, 100) < percentage


def write(
    session: Session,
    config: JsonObject,
    endpoint: str,
    variant: str,
    exchange: Exchange,
) -> None:
    """Write one file with one record. Raises objects.MissingError or AccessDeniedError.

    AWS puts several records into a file when they arrive within a short time.
    """
    at = exchange.at.astimezone(UTC)
    folder = f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}/{at:%Y/%m/%d/%H}"
    name = f"{at:%M-%S}-{at.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    content = line(record(config, exchange))
    objects.write(session, f"{folder}/{name}", content.encode())


def record(config: JsonObject, exchange: Exchange) -> JsonObject:
    """The record, with its fields in the order of the real files."""
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    types = config.get("CaptureContentTypeHeader") or {}
    data = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _part("INPUT", exchange.content_type, exchange.body, types)
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _part("OUTPUT", exchange.answer_type, exchange.answer, types)
    metadata: JsonObject = {"eventId": str(uuid.uuid4())}
    if exchange.custom_attributes:
        metadata["customAttributes"] = list(exchange.custom_attributes)
    if exchange.inference_id:
        metadata["inferenceId"] = exchange.inference_id
    metadata["inferenceTime"] = f"{exchange.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"captureData": data, "eventMetadata": metadata, "eventVersion": "0"}


def line(record: JsonObject) -> str:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"


def _part(
    mode: str,
    content_type: str,
    body: bytes,
    types: Mapping[str, list[str]],
) -> dict[str, str]:
    """Content types that the configuration lists neither as CSV nor as JSON are base64-encoded."""
    media_type = content_type.partition(";")[0].strip()
    if media_type in types.get("CsvContentTypes", []):
        encoding, data = "CSV", body.decode(errors="replace")
    elif media_type in types.get("JsonContentTypes", []):
        encoding, data = "JSON", body.decode(errors="replace")
    else:
        encoding, data = "BASE64", base64.b64encode(body).decode()
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}
