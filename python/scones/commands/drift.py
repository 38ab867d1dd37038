"""`make drift [SINCE=24h] [UNTIL=] [IMAGES=200]`: is the endpoint still shown what its model was made for?

Compares the newest captured pictures with those held out when the live model was trained. Like the scheduled job it
writes the outcome to S3 and puts the metrics that the alarm watches; here it writes build/<target>/drift.json as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor import newest, publishing, table
from monitor.captures import Captures
from monitor.outcome import Drift
from monitor.records import Record
from monitor.window import Window
from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.files import write_atomically
from scones.outputs import Outputs
from scones.progress import Progress
from scones.provisioning.stack import Stack
from scones.reporting import drift_measurement
from scones.settings import Target
from scones.workflow.preconditions import require_model

DEFAULT = timedelta(hours=24)


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("drift")
    arguments.add_argument(
        "--since", default="", metavar="TIME", help="24h, 7d, 2026-11-20, 2026-11-20T08:30+01:00"
    )
    arguments.add_argument(
        "--until", default="", metavar="TIME", help="the same; now, if it is left out"
    )
    arguments.add_argument(
        "--images", default="", help="how many of the newest; the settings say how many otherwise"
    )
    options = arguments.parse_args(argv)
    now = datetime.now(UTC)
    window, images = (
        cli.window(options.since, options.until, now, DEFAULT),
        parse_images(options.images),
    )

    target = Target.load(options.target)
    account = Account.of(target)
    served = require_model(Stack(target, account).outputs(), target)
    records = captured(
        account.client("s3"), served, window, images or served.monitoring.drift.images, now
    )
    if not records:
        cli.result(
            f"Nothing was captured of {served.endpoint.name} in this window, so there is nothing to compare."
        )
        return 0
    found = drift_measurement.measure(records, served, account, target.build, images)
    cli.say(table.of(found))
    file = target.build / "drift.json"
    write_atomically(file, json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n")
    url = publishing.put(found, account.client("s3"), served.data_bucket, now)
    publishing.measure(found, account.client("cloudwatch"), served.monitoring.namespace)
    cli.result(f"{told(found)} See {os.path.relpath(file)} and {url}.")
    return 0


def captured(s3: Any, served: Outputs, window: Window, images: int, now: datetime) -> list[Record]:
    """The newest records of the endpoint."""
    prefix = f"{publishing.CAPTURED}/{served.endpoint.name}/"
    with Progress("Reading captures", None, "records") as bar:

        def read(span: Window) -> Iterable[Record]:
            return bar.each(Captures.in_s3(s3, served.data_bucket, prefix, span))

        return newest.latest(read, window, images, now)


def parse_images(text: str) -> int | None:
    """A number of images, or None for the settings' one.

    Raises:
        UserError: `text` is no such number.
    """
    if text and (not text.isdecimal() or int(text) == 0):
        raise UserError(
            f'IMAGES must be a number of images from 1, not "{text}". Leave it out for as many as the settings say.'
        )
    return int(text) if text else None


def told(found: Drift) -> str:
    """The result in a line."""
    if found.drifted is None:
        return " ".join(found.sentences)
    verdict = "Drift" if found.drifted else "No drift"
    return f"{verdict} in {found.images} different pictures (p = {found.p_value:.2g}). {' '.join(found.sentences)}"
