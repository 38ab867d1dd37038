"""`make simulate`: traffic like drivers make, from the staged test images, as it should be or drifting away.

Every picture is one execution, whose name is its inference id in the captured traffic; the true labels go to S3 under
the same ids. Pictures as they were staged are sent as they lie there; changed and new ones are uploaded to
simulated/<run>/ first.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.files import write_atomically
from scones.images.manifest import Manifest
from scones.outputs import Outputs
from scones.progress import Line
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.simulation import pictures, settings, summary, traffic
from scones.simulation.interrupts import Interrupts
from scones.simulation.pictures import Picture
from scones.simulation.record import record
from scones.simulation.settings import Settings
from scones.simulation.tally import Sent, Tally
from scones.simulation.traffic import Drive
from scones.simulation.truths import Truths
from scones.simulation.watching import Watch
from scones.workflow import executions
from scones.workflow.preconditions import require_model, require_staged_images

FOLDER = "simulated"
RECORD = "simulation.json"


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("simulate")
    arguments.add_argument("--rate", default="5", help="pictures a second")
    arguments.add_argument(
        "--for", default="60", dest="seconds", help="seconds for which pictures arrive"
    )
    arguments.add_argument("--classes", default="", help="the mix, as bicycle=0.7,motorcycle=0.3")
    arguments.add_argument(
        "--drift", default="none", help="none, dark, blur, noise, shift-classes or new-objects"
    )
    arguments.add_argument("--strength", default="", help="of the drift, from 0 to 1")
    arguments.add_argument("--seed", default="", help="the same seed sends the same pictures")
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    served = require_model(Stack(target, account).outputs(), target)
    images = require_staged_images(account.client("s3"), served, target)
    keys = test_images(images)
    wanted = settings.parse(
        options.rate,
        options.seconds,
        options.classes,
        options.drift,
        options.strength,
        options.seed,
        {name: len(found) for name, found in keys.items()},
    )
    planned = pictures.sequence(wanted, keys)
    if not cli.confirm(lambda: warning(wanted, served), "Send them?"):
        raise UserError("Nothing was sent.")
    return simulate(planned, wanted, served, images, target, account)


def simulate(
    planned: Sequence[Picture],
    wanted: Settings,
    served: Outputs,
    images: Manifest,
    target: Target,
    account: Account,
) -> int:
    """Send what is planned, write down what became of it, and say so; returns the exit status."""
    s3, states, started = account.client("s3"), account.client("stepfunctions"), datetime.now(UTC)
    # The number of seconds is not enough: two people may begin in the same one.
    run = f"{started:%Y-%m-%dT%H-%M-%SZ}-{secrets.token_hex(2)}"
    truths = Truths(s3, served.data_bucket, run)
    cli.say(opening(wanted))
    with Interrupts() as interrupts:
        drive = traffic.drive(
            planned,
            sender(wanted, run, served, s3, states),
            lambda news: Watch(
                states, served.state_machine_arn, served.data_bucket, served.classes, news
            ),
            interrupts,
            beat(Line(), interrupts, truths, wanted),
            lasting=wanted.seconds,
        )
        facts = {
            "run": run,
            "started": started.isoformat(timespec="milliseconds"),
            "interrupted": interrupts.count > 0,
            "state_machine_arn": served.state_machine_arn,
            "data_bucket": served.data_bucket,
            "model": served.endpoint.config_name,
            "threshold": served.confidence_threshold,
            "drawn": images.origin.drawn,
        }
        write_atomically(target.build / RECORD, record(drive, wanted, **facts))
        lost = unwritten(truths, drive.tally)
    show(drive, wanted, served, target, images.origin.drawn)
    if error := drive.error or lost:
        raise error
    if interrupts.count:
        return cli.INTERRUPTED
    failures = drive.tally.counts["failed"]
    return cli.fail(all_failed(target)) if failures and failures == len(drive.tally.sent) else 0


def sender(
    wanted: Settings, run: str, served: Outputs, s3: Any, states: Any
) -> Callable[[Picture, float], Sent]:
    """What sends one picture: uploads it if it had to be made, and starts its execution."""

    @cache
    def read(key: str) -> bytes:
        content: bytes = s3.get_object(Bucket=served.data_bucket, Key=key)["Body"].read()
        return content

    def send(picture: Picture, begun: float) -> Sent:
        png = pictures.made(picture, wanted, read)
        key = picture.staged if png is None else f"{FOLDER}/{run}/{picture.number:06}.png"
        if png is not None:
            s3.put_object(Bucket=served.data_bucket, Key=key, Body=png, ContentType="image/png")
        at, after = datetime.now(UTC), time.monotonic() - begun
        arn = executions.start(states, served.state_machine_arn, served.data_bucket, str(key))
        return Sent(picture, str(key), arn, at, after)

    return send


def beat(
    line: Line, interrupts: Interrupts, truths: Truths, wanted: Settings
) -> Callable[[Tally, float, bool], None]:
    """What is done several times a second while traffic goes on: the live line, and the labels."""
    told, newline = False, "\n" if line.live else ""

    def each(tally: Tally, seconds: float, last: bool) -> None:
        nonlocal told
        line.show(tally.line(wanted.pictures, seconds), last)
        truths.write_when_due(tally.sent.values())
        if interrupts.count and not told:
            told = True
            cli.say(
                f"{newline}Nothing more is sent; up to {traffic.GRACE:g} s are left for what is under way. "
                "Ctrl-C again ends at once."
            )

    return each


def unwritten(truths: Truths, tally: Tally) -> Exception | None:
    """Write the labels that are left, and return why that did not go."""
    try:
        truths.write(tally.sent.values())
    except Exception as error:
        return error
    return None


def test_images(images: Manifest) -> dict[str, list[str]]:
    """The keys of the test images of each class."""
    found: dict[str, list[str]] = {name: [] for name in images.classes}
    for image in images.images:
        if image.key.startswith("test/"):
            found[images.classes[image.label]].append(image.key)
    return found


def opening(wanted: Settings) -> str:
    mix = ", ".join(f"{share:.0%} {name}" for name, share in wanted.mix.items() if share)
    drift = (
        "" if wanted.drift == "none" else f"; drift: {wanted.drift} of strength {wanted.strength:g}"
    )
    return (
        f"Sending {wanted.pictures} pictures, {wanted.rate:g} a second for {wanted.seconds:g} s: {mix}{drift}; "
        f"SEED={wanted.seed}."
    )


def warning(wanted: Settings, served: Outputs) -> str:
    machine = served.state_machine_arn.rpartition(":")[2]
    return f"{wanted.pictures} pictures go through {machine}, and orders are routed for them as for any driver's."


def show(drive: Drive, wanted: Settings, served: Outputs, target: Target, drawn: bool) -> None:
    cli.result(summary.table(drive.tally, served.classes))
    cli.result(summary.pace(drive))
    for remark in summary.remarks(drive, wanted, drawn):
        cli.say(remark)
    cli.result(summary.result(drive))
    cli.say(f"{(target.build / RECORD).relative_to(target.root)} says what became of each picture.")
    cli.say(f"Next: {target.command('report')}, {target.command('drift')}")


def all_failed(target: Target) -> str:
    return f'Every execution failed. If the endpoint or a function is gone, "{target.command("apply")}" brings it back.'
