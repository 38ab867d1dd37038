"""`make review`: a page on this machine to label the pictures that the model was unsure of, for the next training."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Sequence
from typing import Any

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.outputs import Outputs
from scones.pages.wording import count, join_names
from scones.provisioning.stack import Stack
from scones.reviewing.labels import Labels
from scones.reviewing.review_page import Page
from scones.reviewing.review_queue import ReviewQueue
from scones.reviewing.server import ADDRESS, Server
from scones.reviewing.session import Session
from scones.settings import Target


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("review")
    arguments.add_argument(
        "--port", default="0", help="where the page is served; 0 takes any free port"
    )
    options = arguments.parse_args(argv)
    port = _port(options.port)

    target = Target.load(options.target)
    account = Account.of(target)
    outputs = Stack(target, account).outputs()
    if outputs is None or "review" not in outputs.queues:
        raise UserError(
            f'There is no review queue for {target.name} yet. Run "{target.command("apply")}" first.'
        )
    reviewer = str(account.client("sts").get_caller_identity()["Arn"])
    return review(target, outputs, account.client("sqs"), account.client("s3"), reviewer, port)


def review(target: Target, outputs: Outputs, sqs: Any, s3: Any, reviewer: str, port: int) -> int:
    """Serve the page until it says that people are done, or until Ctrl-C; `reviewer` signs the labels.

    Raises:
        UserError: the port is not free.
    """
    answered = outputs.model.classes if outputs.model else outputs.classes
    page = Page(target.name, outputs.classes, answered, outputs.confidence_threshold)
    queue = ReviewQueue(sqs, outputs.queues["review"])
    session = Session(
        queue, Labels(s3, outputs.data_bucket, reviewer), s3, outputs.classes, cli.say
    )
    try:
        server = Server(session, page, port)
    except OSError as error:
        raise UserError(
            f"Port {port} of {ADDRESS}: {error.strerror}. Name another, or PORT=0 for any."
        ) from error
    with session, server:
        cli.result(server.url)
        cli.say(
            "Open this address in a browser of this machine. Ctrl-C, or the page's Done, ends the review."
        )
        if _has_browser():
            webbrowser.open(server.url)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            cli.say("")
    cli.say(_summary(session, queue))
    if session.tally.labelled:
        cli.say(f"Next: {target.command('train')}")
    return 0


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 2**16:
        return int(text)
    raise UserError(
        f"{text} is no port. Give PORT= a number from 1024 to 65535, or 0 for any free one."
    )


def _has_browser() -> bool:
    """Whether somebody sits at this machine's own screen."""
    screen = (
        sys.platform in ("darwin", "win32") or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    )
    return bool(screen) and sys.stderr.isatty() and "SSH_CONNECTION" not in os.environ


def _summary(session: Session, queue: ReviewQueue) -> str:
    tally = session.tally
    done = [f"{count(tally.labelled, 'picture')} labelled", f"{tally.skipped:,} skipped"]
    if tally.known:
        done.append(f"{tally.known:,} labelled before")
    if tally.dismissed:
        done.append(f"{tally.dismissed:,} dismissed")
    return f"{join_names(done)}; {queue.waiting():,} left in the queue."
