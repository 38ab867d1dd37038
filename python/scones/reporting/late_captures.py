"""Images whose captures have not arrived yet: SageMaker writes captures minutes after a request."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from monitor.window import Window
from scones import waits
from scones.clients import SFNClient
from scones.pages.wording import count
from scones.reporting.executions import list_executions
from scones.reporting.image_table import ACCEPTED, UNSURE, ImageTable

LATE = timedelta(seconds=waits.CAPTURES_ARRIVE_SECONDS)
# A record's time is taken while its execution runs, in whole seconds.
CLOCK_SKEW = timedelta(seconds=2)
ANSWERED = {"SUCCEEDED", "FAILED"}  # an unsure answer counts as a failure of its execution


def count_late(table: ImageTable, now: datetime) -> int:
    """The images of the last minutes that were answered, but have no captured record."""
    captured = np.array([source.captured for source in table.sources], bool)
    answered = (table.outcome == ACCEPTED) | (table.outcome == UNSURE)
    recent = table.at >= (now - LATE).timestamp()
    return int((~captured[table.source] & answered & recent).sum())


def count_executions_since(
    latest: datetime | None,
    window: Window,
    now: datetime,
    states: SFNClient,
    machine: str,
) -> int:
    """The executions of the last minutes that began after the latest captured record, and ended."""
    since = max(time for time in (latest, window.since, now - LATE) if time)
    found = list_executions(states, machine, Window(since, window.until))
    ended = [execution for execution in found if execution.status in ANSWERED]
    if latest:
        ended = [execution for execution in ended if execution.started > latest + CLOCK_SKEW]
    return len(ended)


def sentence(images: int, command: str) -> str:
    """What the number of late captures means, and what to do; empty if it is 0."""
    if not images:
        return ""
    minutes = LATE // timedelta(minutes=1)
    verb = "is" if images == 1 else "are"
    return (
        f"{count(images, 'capture')} of the latest images {verb} not there yet: SageMaker delivers "
        f'captures minutes after the request. Run "{command}" again in {minutes} minutes.'
    )
