"""`make report [SINCE=24h] [UNTIL=] [CAPTURE=folder|s3://…]`: what the endpoint was shown and what came of it.

Writes build/<target>/report.html, report.json with every figure on that page, and report/ with its charts as PNG files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from monitor import publishing
from monitor.captures import Captures
from monitor.latest_records import read_latest
from monitor.window import Window
from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.pages.wording import count
from scones.progress import Progress
from scones.provisioning.stack import Stack
from scones.reporting import drift_measurement, known, making, report_files
from scones.reporting.known import UNTRUSTED
from scones.reporting.making import Drift, Reading
from scones.reporting.report_page import Report
from scones.reporting.traffic import Traffic
from scones.settings import Target
from scones.workflow.images import SCHEME

DEFAULT = timedelta(hours=24)
SKEW = timedelta(hours=1)  # by which another clock may be ahead of ours
FOREIGN = "These captures are none of ours, so no model is known to compare them with."


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("report")
    cli.add_window(arguments)
    arguments.add_argument(
        "--capture", default="", metavar="FOLDER|URL", help="read these captures instead"
    )
    arguments.add_argument("--out", type=Path, help="folder to write to, instead of build/<target>")
    options = arguments.parse_args(argv)

    target, now = Target.load(options.target), datetime.now(UTC)
    window = cli.window(options.since, options.until, now, None if options.capture else DEFAULT)
    if options.capture and not options.capture.startswith(SCHEME):
        report = of_folder(options.capture, window, target, now)
    else:
        account = Account.of(target)
        report = of_account(
            options.capture, window, target, now, account, Stack(target, account).outputs()
        )
    page = report_files.write(report, options.out or target.build)
    cli.result(told(report.figures, os.path.relpath(page)))
    return 0


def of_folder(name: str, window: Window, target: Target, now: datetime) -> Report:
    """The report on captures that lie on this machine; no account is asked.

    Raises:
        UserError: there is no such folder.
    """
    folder = Path(name).expanduser()
    if not folder.exists():
        raise UserError(
            f"There is no folder {name}. Name one that holds captures, or s3://bucket/prefix."
        )
    facts = known.of_settings(target)
    return making.make(
        read(Captures.local(folder, window), name, window, facts.threshold, now),
        facts,
        target,
        FOREIGN,
    )


def of_account(
    url: str,
    window: Window,
    target: Target,
    now: datetime,
    account: Account,
    outputs: Outputs | None,
) -> Report:
    """The report on captures that lie in S3: those of the target's own endpoint, unless `url` names others.

    Raises:
        UserError: nothing is provisioned, or there is no such bucket.
    """
    if outputs is None and not url:
        raise UserError(
            f'Nothing is provisioned for {target.name}. Run "{target.command("stage train apply")}" first.'
        )
    source = url or f"{SCHEME}{outputs.data_bucket if outputs else ''}/{publishing.CAPTURED}"
    bucket, _, prefix = source.removeprefix(SCHEME).partition("/")
    ours = outputs if outputs and outputs.data_bucket == bucket else None
    settings = known.of_settings(target)
    threshold = ours.confidence_threshold if ours else settings.threshold
    # A clock that is an hour ahead loses nothing; one that is years ahead would squeeze all else into a corner.
    bounded = window if url or window.until else Window(window.since, now + SKEW)
    s3 = account.client("s3")
    reading = read(captures_in(s3, bucket, prefix, bounded), source, window, threshold, now)
    if ours is None:
        return making.make(reading, settings, target, FOREIGN)
    facts = known.of_account(account, ours, settings, reading.traffic, window, now)
    return making.make(reading, facts, target, drift(reading, s3, prefix, ours, account, target))


def drift(
    reading: Reading, s3: Any, prefix: str, outputs: Outputs, account: Account, target: Target
) -> Drift:
    """How the last of the pictures compare with what the model was made for, or why that is not known."""
    if not reading.traffic.records:
        return "No pictures came."
    end = datetime.fromtimestamp(max(reading.traffic.at), UTC) + timedelta(seconds=1)
    last = read_latest(
        lambda window: Captures.in_s3(s3, outputs.data_bucket, prefix, window),
        Window(reading.window.since, end),
        outputs.monitoring.drift.images,
        end,
    )
    return drift_measurement.measure_or_explain(last, outputs, account, target.build)


def read(
    captures: Captures, source: str, window: Window, threshold: float | None, now: datetime
) -> Reading:
    with Progress("Reading captures", captures.bytes, "B") as bar:
        captures.progress = bar.add
        traffic = Traffic.of(captures, UNTRUSTED if threshold is None else threshold)
    return Reading(source, window, now, captures, traffic)


def captures_in(s3: Any, bucket: str, prefix: str, window: Window) -> Captures:
    try:
        return Captures.in_s3(s3, bucket, prefix, window)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise UserError(
                f"There is no bucket {bucket}. Check CAPTURE, or leave it out."
            ) from error
        raise


def told(figures: Mapping[str, Any], page: str) -> str:
    """The result line."""
    if not figures["images"]:
        return f"No captures in {figures['source']} for this window; {page} says so."
    counts = ", ".join(f"{figures[name]:,} {name}" for name in ("accepted", "unsure", "failed"))
    skipped = f", {figures['skipped']:,} skipped" if figures["skipped"] else ""
    return f"{count(figures['images'], 'picture')}: {counts}{skipped}. See {page}."
