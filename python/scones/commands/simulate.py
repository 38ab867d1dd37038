"""`make simulate`: send simulated driver traffic from the staged test images, drifted or not.

Each image is one execution, whose name is its inference id in the captured traffic; the true labels
are written to S3 under the same ids. Staged images are sent from their place in the bucket;
drifted and drawn ones are uploaded to simulated/<run>/ first.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from scones import cli, terminal
from scones.aws import Account
from scones.clients import S3Client, SFNClient
from scones.errors import UserError
from scones.files import write_atomically
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.progress import Progress
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.simulation import images, record, settings, summary, traffic
from scones.simulation.ground_truth import GroundTruthWriter
from scones.simulation.images import SimulatedImage
from scones.simulation.interrupts import Interrupts
from scones.simulation.sending import Send
from scones.simulation.settings import Settings
from scones.simulation.tally import Sent, Tally
from scones.simulation.traffic import OnTick, Traffic
from scones.simulation.watching import Watcher
from scones.workflow import executions
from scones.workflow.preconditions import require_model, require_staged_images

FOLDER = "simulated"
RECORD = "simulation.json"


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("simulate")
    arguments.add_argument("--rate", default="5", help="images per second")
    arguments.add_argument(
        "--for",
        default="60",
        dest="seconds",
        help="seconds over which images arrive",
    )
    arguments.add_argument("--classes", default="", help="the mix, as bicycle=0.7,motorcycle=0.3")
    arguments.add_argument(
        "--drift",
        default="none",
        help="none, dark, blur, noise, shift-classes or new-objects",
    )
    arguments.add_argument("--strength", default="", help="of the drift, from 0 to 1")
    arguments.add_argument("--seed", default="", help="the same seed sends the same images")
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    served = require_model(Stack(target, account).outputs(), target)
    manifest = require_staged_images(account.client("s3"), served, target)
    keys = test_image_keys(manifest)
    request = settings.parse(
        options.rate,
        options.seconds,
        options.classes,
        options.drift,
        options.strength,
        options.seed,
        {name: len(class_keys) for name, class_keys in keys.items()},
    )
    planned = images.plan_images(request, keys)
    if not cli.confirm(lambda: warning(request, served), "Send them?"):
        raise UserError("Nothing was sent.")
    return simulate(planned, request, served, manifest.origin.drawn, target, account)


def simulate(
    planned: Sequence[SimulatedImage],
    request: Settings,
    served: Outputs,
    drawn: bool,
    target: Target,
    account: Account,
) -> int:
    """Send the planned images, write the record and the summary; returns the exit status."""
    s3: S3Client = account.client("s3")
    states: SFNClient = account.client("stepfunctions")
    started = datetime.now(UTC)
    # Two users may start in the same second.
    run = f"{started:%Y-%m-%dT%H-%M-%SZ}-{secrets.token_hex(2)}"
    ground_truth = GroundTruthWriter(s3, served.data_bucket, run)
    cli.say(opening(request))
    progress = Progress("Sending", request.image_count, "images", remains=False)
    with Interrupts() as interrupts:
        with progress:
            sent = traffic.send_traffic(
                planned,
                make_send(request, run, served, s3, states),
                lambda events: Watcher(
                    states,
                    served.state_machine_arn,
                    served.data_bucket,
                    events,
                ),
                interrupts,
                make_on_tick(progress, interrupts, ground_truth),
                seconds=request.seconds,
            )
        text = record.as_json(
            sent,
            request,
            run=run,
            started=started.isoformat(timespec="milliseconds"),
            interrupted=interrupts.count > 0,
            state_machine_arn=served.state_machine_arn,
            data_bucket=served.data_bucket,
            model=served.endpoint.config_name,
            threshold=served.confidence_threshold,
            drawn=drawn,
        )
        write_atomically(target.build / RECORD, text)
        error = sent.error
        try:
            ground_truth.write(sent.tally.sent.values())
        except Exception as failure:
            error = error or failure
    show(sent, request, served, target, drawn)
    if error:
        raise error
    if interrupts.count:
        return cli.INTERRUPTED
    if sent.tally.sent and sent.tally.counts["failed"] == len(sent.tally.sent):
        return cli.fail(
            "Every execution failed. If the endpoint or a function is missing, "
            f'"{target.command("apply")}" restores it.'
        )
    return 0


def make_send(
    request: Settings, run: str, served: Outputs, s3: S3Client, states: SFNClient
) -> Send:
    """A function that sends one image: uploads it unless it is staged, and starts its execution."""
    bucket = served.data_bucket

    @cache
    def read(key: str) -> bytes:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def send(image: SimulatedImage, started: float) -> Sent:
        png = images.render_png(image, request, read)
        key = str(image.staged_key)
        if png is not None:
            key = f"{FOLDER}/{run}/{image.number:06}.png"
            s3.put_object(Bucket=bucket, Key=key, Body=png, ContentType="image/png")
        at = datetime.now(UTC)
        after = time.monotonic() - started
        arn = executions.start(states, served.state_machine_arn, bucket, key)
        return Sent(image, key, arn, at, after)

    return send


def make_on_tick(bar: Progress, interrupts: Interrupts, ground_truth: GroundTruthWriter) -> OnTick:
    """A function that shows the progress and writes the labels, several times per second."""
    explained = False

    def on_tick(tally: Tally, _seconds: float, _is_last: bool) -> None:
        nonlocal explained
        bar.figures = tally.figures()
        bar.add(len(tally.sent) - bar.done)
        ground_truth.write_when_due(tally.sent.values())
        if interrupts.count and not explained:
            explained = True
            cli.say(
                f"Nothing more is sent; running executions have {traffic.GRACE:g} s to "
                "end. Ctrl-C again ends at once."
            )

    return on_tick


def test_image_keys(manifest: Manifest) -> dict[str, list[str]]:
    """The keys of the test images of each class."""
    keys: dict[str, list[str]] = {name: [] for name in manifest.classes}
    for image in manifest.test_images:
        keys[manifest.classes[image.label]].append(image.key)
    return keys


def opening(request: Settings) -> str:
    mix = ", ".join(f"{share:.0%} {name}" for name, share in request.mix.items() if share)
    drift = ""
    if request.drift != "none":
        drift = f"; drift: {request.drift} of strength {request.strength:g}"
    return (
        f"Sending {request.image_count} images, {request.rate:g} per second for "
        f"{request.seconds:g} s: {mix}{drift}; SEED={request.seed}."
    )


def warning(request: Settings, served: Outputs) -> str:
    machine = served.state_machine_arn.rpartition(":")[2]
    return (
        f"{request.image_count} images will be sent to {machine}; "
        "orders are routed for them as for real drivers."
    )


def show(sent: Traffic, request: Settings, served: Outputs, target: Target, drawn: bool) -> None:
    width = terminal.width(sys.stdout)
    cli.result(summary.fate_table(sent.tally, served.classes, width), verbatim=True)
    cli.result(summary.pace_line(sent))
    for remark in summary.remarks(sent, request, drawn, target.name == "local"):
        cli.say(remark)
    cli.result(summary.result_line(sent))
    path = (target.build / RECORD).relative_to(target.root)
    cli.say(f"What happened to each image: {path}.")
    cli.say(f"Next: {target.command('report')}, {target.command('drift')}")
