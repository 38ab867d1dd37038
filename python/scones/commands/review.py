"""`make review`: label the images with low confidence on a web page on this machine."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence

from scones import cli
from scones.aws import Account
from scones.clients import S3Client, SQSClient
from scones.errors import UserError
from scones.outputs import Outputs
from scones.pages.wording import count, join_names
from scones.provisioning.stack import Stack
from scones.reviewing.labels import LabelStore
from scones.reviewing.review_page import Page
from scones.reviewing.review_queue import ReviewQueue
from scones.reviewing.server import ADDRESS, Server
from scones.reviewing.session import Session
from scones.settings import Target


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("review")
    arguments.add_argument(
        "--port",
        default="0",
        help="where the page is served; 0 selects any free port",
    )
    options = arguments.parse_args(argv)
    port = cli.whole_number("PORT", options.port, 0, 65535, "Set 0 for any free port.")

    target = Target.load(options.target)
    account = Account.of(target)
    outputs = Stack(target, account).outputs()
    if outputs is None or "review" not in outputs.queues:
        raise UserError(
            f"There is no review queue for {target.name} yet. "
            f'Run "{target.command("apply")}" first.'
        )
    return review(
        target,
        outputs,
        account.client("sqs"),
        account.client("s3"),
        account.client("sts").get_caller_identity()["Arn"],
        port,
    )


def review(
    target: Target,
    outputs: Outputs,
    sqs: SQSClient,
    s3: S3Client,
    reviewer: str,
    port: int,
) -> int:
    """Serve the page until the reviewer ends the review, there or with Ctrl-C.

    `reviewer` signs the labels.

    Raises:
        UserError: the port is not free.
    """
    classes = outputs.classes
    page = Page(target.name, classes)
    queue = ReviewQueue(sqs, outputs.queues["review"])
    labels = LabelStore(s3, outputs.data_bucket, reviewer)
    session = Session(queue, labels, s3, classes, cli.say)
    try:
        server = Server(session, page, port)
    except OSError as error:
        raise UserError(
            f"Port {port} of {ADDRESS}: {error.strerror}. Set another PORT, or PORT=0 for any."
        ) from error
    with session, server:
        cli.result(server.url)
        cli.say(
            "Open this address in a browser on this machine. "
            "Ctrl-C, or Done on the page, ends the review."
        )
        if _has_browser():
            webbrowser.open(server.url)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            cli.say("")
    cli.say(_summary_line(session, queue))
    if session.tally.labelled:
        cli.say(f"Next: {target.command('train')}")
    return 0


def _has_browser() -> bool:
    """Whether this machine has a screen and a user in front of it."""
    has_screen = sys.platform in ("darwin", "win32") or bool(
        {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    )
    return has_screen and sys.stderr.isatty() and "SSH_CONNECTION" not in os.environ


def _summary_line(session: Session, queue: ReviewQueue) -> str:
    tally = session.tally
    parts = [f"{count(tally.labelled, 'image')} labelled", f"{tally.skipped:,} skipped"]
    if tally.known:
        parts.append(f"{tally.known:,} labelled before")
    if tally.dismissed:
        parts.append(f"{tally.dismissed:,} dismissed")
    return f"{join_names(parts)}; {queue.waiting():,} left in the queue."
