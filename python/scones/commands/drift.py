"""`make drift [SINCE=24h] [UNTIL=] [IMAGES=200]`: measure drift of the captured images.

Compares the latest captured images with those held out when the live model was trained. Like the
scheduled job it writes the result to S3 and puts the metrics of the alarm; it also writes
build/<target>/drift.json.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from monitor import drift_table, publishing
from monitor.captures import Captures
from monitor.drift import DriftResult, Finding
from monitor.latest_records import read_latest
from monitor.records import Record
from monitor.window import Window
from scones import cli, terminal
from scones.aws import Account
from scones.clients import S3Client
from scones.files import write_atomically
from scones.outputs import Outputs
from scones.progress import Progress, Step
from scones.provisioning.stack import Stack
from scones.reporting import drift_measurement, late_captures
from scones.settings import Target
from scones.tables import Column, format_table
from scones.workflow.preconditions import require_model

DEFAULT = timedelta(hours=24)
MOST_IMAGES = 1_000_000
# For each heading of monitor/drift_table.py.
COLUMNS = (
    Column("feature"),
    Column("baseline", rank=2, shortens=True),
    Column("window", rank=1, shortens=True),
    Column("measure", rank=5),
    Column("statistic", rank=4),
    Column("p-value", rank=3),
    Column("adjusted"),
    Column("drifted"),
)


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("drift")
    cli.add_window(arguments)
    arguments.add_argument(
        "--images",
        default="",
        help="number of latest images to compare; as in the settings by default",
    )
    options = arguments.parse_args(argv)
    now = datetime.now(UTC)
    window = cli.window(options, now, DEFAULT)
    images = None
    if options.images:
        remedy = "Leave it out for the number in the settings."
        images = cli.whole_number("IMAGES", options.images, 1, MOST_IMAGES, remedy)

    target = Target.load(options.target)
    account = Account.of(target)
    served = require_model(Stack(target, account).outputs(), target)
    s3 = account.client("s3")
    image_count = images or served.monitoring.drift.images
    records = read_captured(
        s3,
        served,
        window,
        image_count,
        now,
    )
    late = late_captures.count_executions_since(
        max((record.at for record in records), default=None),
        window,
        now,
        account.client("stepfunctions"),
        served.state_machine_arn,
    )
    if late:
        cli.say(late_captures.sentence(late, target.command("drift")))
    if not records:
        cli.result(
            f"{served.endpoint.name} captured nothing in this window: there is nothing to compare."
        )
        return 0
    with Step("Comparing with the held-out images"):
        result = drift_measurement.measure(
            records,
            served,
            account,
            target.build,
            images,
        )
    cli.say(drift_table.comparison_line(result))
    if result.tests:
        cli.say(table(result.tests, terminal.width(sys.stderr)), verbatim=True)
    file = target.build / "drift.json"
    write_atomically(file, result.json_text())
    url = publishing.put_result(
        result,
        s3,
        served.data_bucket,
        now,
    )
    publishing.put_metrics(
        result,
        account.client("cloudwatch"),
        served.monitoring.namespace,
    )
    cli.result(f"{result_line(result)} See {os.path.relpath(file)} and {url}.")
    return 0


def read_captured(
    s3: S3Client,
    served: Outputs,
    window: Window,
    images: int,
    now: datetime,
) -> list[Record]:
    """The latest records of the endpoint."""
    prefix = f"{publishing.CAPTURED}/{served.endpoint.name}/"
    with Progress("Reading captures", None, "records") as bar:

        def read(span: Window) -> Iterable[Record]:
            return bar.each(
                Captures.in_s3(
                    s3,
                    served.data_bucket,
                    prefix,
                    span,
                )
            )

        return read_latest(
            read,
            window,
            images,
            now,
        )


def table(tests: Sequence[Finding], width: int | None = None) -> str:
    """A line for each test, with its p-value adjusted for their number."""
    return format_table(COLUMNS, [drift_table.table_row(test) for test in tests], width)


def result_line(result: DriftResult) -> str:
    sentences = " ".join(result.sentences)
    if result.drifted is None:
        return sentences
    verdict = "Drift" if result.drifted else "No drift"
    return f"{verdict} in {result.images} distinct images (p = {result.p_value:.2g}). {sentences}"
