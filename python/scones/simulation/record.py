"""build/<target>/simulation.json: the settings, and what happened to each image."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from scones.json_object import JsonObject
from scones.simulation.settings import Settings
from scones.simulation.tally import Sent
from scones.simulation.traffic import Traffic


def as_json(traffic: Traffic, settings: Settings, **facts: Any) -> str:
    """The file's text; `facts` are further fields, such as run, model and threshold."""
    records = [_sent_record(sent, traffic) for sent in traffic.tally.sent.values()]
    for missed in traffic.tally.missed:
        image = missed.image
        records.append(
            {
                "number": image.number,
                "truth": image.truth,
                "drift": image.drift,
                "outcome": "not sent",
            }
        )
    records.sort(key=lambda record: int(record["number"]))
    fields = {
        **facts,
        "settings": asdict(settings),
        "seconds": round(traffic.seconds, 3),
        "images": records,
    }
    return json.dumps(fields, indent=1) + "\n"


def _sent_record(sent: Sent, traffic: Traffic) -> JsonObject:
    image = sent.image
    outcome = traffic.tally.outcomes.get(sent.arn)
    fields = ("label", "confidence", "error", "milliseconds")
    answer = {name: getattr(outcome, name, None) for name in fields}
    return {
        "number": image.number,
        "inference_id": sent.inference_id,
        "s3_key": sent.key,
        "truth": image.truth,
        "drift": image.drift,
        "sent": sent.at.isoformat(timespec="milliseconds"),
        "late_ms": max(0, round(sent.late * 1000)),
        "outcome": outcome.status if outcome else "open",
        **answer,
    }
