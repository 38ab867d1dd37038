"""`make report [SINCE=24h] [UNTIL=] [CAPTURE=folder|s3://…]`: report on captured traffic.

Writes build/<target>/report.html, report.json with all figures of that page, and report/ with its
charts as PNG files.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor import publishing
from monitor.captures import Captures
from monitor.latest_records import CLOCK_SKEW, LatestRecords
from monitor.records import Record
from monitor.window import Window
from scones import cli
from scones.aws import Account, call_or_none, split_s3_url
from scones.errors import UserError
from scones.json_object import JsonObject
from scones.outputs import Outputs
from scones.pages.wording import count
from scones.progress import Progress, Step
from scones.provisioning.stack import Stack
from scones.reporting import drift_measurement, late_captures
from scones.reporting.context import ReportContext, account_context, settings_context
from scones.reporting.report_builder import Drift, TrafficReading, build_report
from scones.reporting.report_page import Report, write_report
from scones.reporting.traffic import Traffic
from scones.settings import Target
from scones.workflow.images import SCHEME

DEFAULT = timedelta(hours=24)
NO_MODEL = "These captures come from another endpoint, so its model's baseline is unknown."


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("report")
    cli.add_window(arguments)
    arguments.add_argument(
        "--capture",
        default="",
        metavar="FOLDER|URL",
        help="read these captures instead",
    )
    arguments.add_argument(
        "--out",
        type=Path,
        help="folder to write to; build/<target> by default",
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    now = datetime.now(UTC)
    default = None if options.capture else DEFAULT
    window = cli.window(options, now, default)
    if options.capture and not options.capture.startswith(SCHEME):
        report = report_on_folder(options.capture, window, target, now)
    else:
        account = Account.of(target)
        outputs = Stack(target, account).outputs()
        report = report_on_account(options.capture, window, target, now, account, outputs)
    with Step("Drawing the charts"):
        page = write_report(report, options.out or target.build)
    cli.result(result_line(report.figures, os.path.relpath(page)))
    if report.figures["late"]:
        cli.say(late_captures.sentence(report.figures["late"], target.command("report")))
    return 0


def report_on_folder(name: str, window: Window, target: Target, now: datetime) -> Report:
    """Report on captures in a local folder, without an account.

    Raises:
        UserError: there is no such folder.
    """
    folder = Path(name).expanduser()
    if not folder.exists():
        raise UserError(
            f"There is no folder {name}. Name one that holds captures, or s3://bucket/prefix."
        )
    context = settings_context(target)
    captures = Captures.local(folder, window)
    reading = read_traffic(captures, context.threshold, name, window, now)
    return build(reading, context, target, NO_MODEL)


def report_on_account(
    url: str,
    window: Window,
    target: Target,
    now: datetime,
    account: Account,
    outputs: Outputs | None,
) -> Report:
    """Report on captures in S3: those of the target's own endpoint unless there is a `url`.

    Raises:
        UserError: nothing is provisioned, or there is no such bucket.
    """
    context = settings_context(target)
    threshold = context.threshold
    if not url:
        if outputs is None:
            remedy = target.command("stage train apply")
            raise UserError(f'Nothing is provisioned for {target.name}. Run "{remedy}" first.')
        url = f"{SCHEME}{outputs.data_bucket}/{publishing.CAPTURED}"
        # Records of a clock that is a little ahead count; one that is years ahead would squeeze
        # all others into a corner of the charts.
        read_window = Window(window.since, window.until or now + CLOCK_SKEW)
    else:
        read_window = window
    bucket, prefix = split_s3_url(url)
    if outputs and outputs.data_bucket != bucket:
        outputs = None
    if outputs:
        threshold = outputs.confidence_threshold
    s3 = account.client("s3")
    captures = call_or_none(lambda: Captures.in_s3(s3, bucket, prefix, read_window))
    if captures is None:
        raise UserError(f"There is no bucket {bucket}. Check CAPTURE, or leave it out.")
    if outputs is None:
        reading = read_traffic(captures, threshold, url, window, now)
        return build(reading, context, target, NO_MODEL)
    if captures.files and outputs.model:
        drift_measurement.load_in_background()
    latest = LatestRecords(outputs.monitoring.drift.images)
    reading = read_traffic(captures, threshold, url, window, now, outputs.endpoint.name, latest)
    with Step("Reading executions and metrics"):
        context = account_context(account, outputs, context, reading.traffic, window, now)
    with Step("Measuring drift"):
        drift = measure_drift(latest.records, outputs, account, target)
    return build(reading, context, target, drift)


def build(reading: TrafficReading, context: ReportContext, target: Target, drift: Drift) -> Report:
    with Step("Computing the figures"):
        return build_report(reading, context, target, drift)


def measure_drift(
    records: Sequence[Record],
    outputs: Outputs,
    account: Account,
    target: Target,
) -> Drift:
    """Compare the latest images with the model's baseline; a sentence if that is impossible."""
    if not records:
        return "There are no images."
    try:
        return drift_measurement.measure(records, outputs, account, target.build).as_json()
    except UserError as error:
        return str(error)


def read_traffic(
    captures: Captures,
    threshold: float | None,
    source: str,
    window: Window,
    now: datetime,
    workflow: str | None = None,
    latest: LatestRecords | None = None,
) -> TrafficReading:
    """Read the captures; `workflow` is the endpoint that only the workflow should call.

    The latest records are kept in `latest`.
    """
    records = latest.watch(captures) if latest else captures
    with Progress("Reading captures", captures.bytes, "B") as bar:
        captures.progress = bar.add
        traffic = Traffic.of(records, threshold, workflow)
    return TrafficReading(source, window, now, captures, traffic)


def result_line(figures: JsonObject, page: str) -> str:
    direct = ""
    if figures["direct"]:
        direct = f" {count(figures['direct'], 'request')} did not come through the workflow."
    if not figures["images"]:
        return f"No captures in {figures['source']} for this window; {page} is empty.{direct}"
    names = ["accepted", "unsure", "failed"]
    if figures["skipped"]:
        names.append("skipped")
    counts = [f"{figures[name]:,} {name}" for name in names]
    return f"{count(figures['images'], 'image')}: {', '.join(counts)}.{direct} See {page}."
