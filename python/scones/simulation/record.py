"""build/<target>/simulation.json: what was asked for, what was sent, and what became of each picture."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from scones.simulation.settings import Settings
from scones.simulation.tally import Missed, Sent
from scones.simulation.traffic import Drive


def record(drive: Drive, settings: Settings, **facts: Any) -> str:
    """The file's text; `facts` are what the others don't know: run, model, threshold, drawn, interrupted."""
    sent = [_sent(one, drive) for one in drive.tally.sent.values()]
    missed = [_missed(one) for one in drive.tally.missed]
    pictures = sorted([*sent, *missed], key=lambda picture: int(picture["number"]))
    fields = {
        **facts,
        "settings": asdict(settings),
        "seconds": round(drive.seconds, 3),
        "pictures": pictures,
    }
    return json.dumps(fields, indent=1) + "\n"


def _sent(sent: Sent, drive: Drive) -> dict[str, Any]:
    outcome = drive.tally.outcomes.get(sent.arn)
    return {
        "number": sent.picture.number,
        "inference_id": sent.inference_id,
        "s3_key": sent.key,
        "truth": sent.picture.truth,
        "drift": sent.picture.drift,
        "sent": sent.at.isoformat(timespec="milliseconds"),
        "late_ms": max(0, round(sent.late * 1000)),
        "outcome": outcome.status if outcome else "open",
        "label": outcome.label if outcome else None,
        "confidence": outcome.confidence if outcome else None,
        "error": outcome.error if outcome else None,
        "milliseconds": outcome.milliseconds if outcome else None,
    }


def _missed(missed: Missed) -> dict[str, Any]:
    picture = missed.picture
    return {
        "number": picture.number,
        "truth": picture.truth,
        "drift": picture.drift,
        "outcome": "not sent",
    }
