"""JSON as Step Functions writes it: without spaces, letters as UTF-8, dates in ISO 8601 with Z."""

from __future__ import annotations

from datetime import UTC, date, datetime
from json import JSONEncoder
from typing import Any

from moto.stepfunctions.parser.asl.utils.encoding import _DateTimeEncoder
from moto.stepfunctions.parser.backend.execution import Execution

from localaws.server.patching import change

COMPACT = (",", ":")


def iso_date(at: datetime) -> str:
    """A date as the context object has it, such as 2026-03-26T20:14:13.192Z."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


@change(_DateTimeEncoder, "__init__")
def write_compact(_moto: Any, self: Any, **settings: Any) -> None:
    separators = settings.pop("separators", None) or COMPACT
    JSONEncoder.__init__(self, **{**settings, "ensure_ascii": False, "separators": separators})


@change(_DateTimeEncoder)
def default(_moto: Any, _self: Any, value: Any) -> str:
    if isinstance(value, datetime):
        return iso_date(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@change(Execution)
def get_start_execution_details(moto: Any, self: Any) -> Any:
    """The context object holds text: a date in an output could not be described."""
    details = moto(self)
    details.start_time = iso_date(details.start_time)
    return details
