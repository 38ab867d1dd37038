"""`python -m localaws start|stop|status --state DIR`: manage an AWS account on 127.0.0.1.

start  prints {"pid", "port", "url"} as JSON, or with --exports the lines for a shell to evaluate
status prints the same lines to evaluate or paste; exit status 1 where none runs
stop   ends the server and every process that it started; the account stays in the folder
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from localaws.errors import LocalAwsError
from localaws.server import environment, lifecycle
from localaws.server.record import Facts

# On stderr, so that a shell can evaluate what is on stdout.
REMARKS = """\
# The local AWS at {url}, process {pid}, up {uptime}, at the pace {pace}.
# These lines lead the aws CLI and boto3 to it: paste them, or eval "$(make -s local-status)".
# Version 1 of the aws CLI sends SQS to the real AWS in spite of them: add there
# --endpoint-url "$AWS_ENDPOINT_URL" to every `aws sqs` command."""


def main(argv: Sequence[str]) -> int:
    options = _arguments().parse_args(argv)
    state = options.state.resolve()
    try:
        if options.verb == "start":
            start(state, options.port, options.exports)
        elif options.verb == "stop":
            print(lifecycle.stop(state))
        else:
            status(state)
        sys.stdout.flush()
    except LocalAwsError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads stdout any more; without this, Python's own flush at exit fails too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def start(state: Path, port: int, exports: bool) -> None:
    facts, how = lifecycle.start(state, port)
    if how != lifecycle.FOUND:
        for sentence in news(facts, how):
            # A terminal would break a long line in the middle of a word.
            width = os.get_terminal_size(2).columns if sys.stderr.isatty() else len(sentence)
            print(textwrap.fill(sentence, width, break_long_words=False), file=sys.stderr)
    if exports:
        print("\n".join(environment.shell_lines(facts.url, os.environ)))
        # Nothing here costs anything, so the verbs ask only before they delete what nothing brings
        # back. `status` leaves this out: pasted lines would answer for a real account, too.
        print('export YES="${YES:-local}"')
    else:
        print(json.dumps({"pid": facts.pid, "port": facts.port, "url": facts.url}))


def news(facts: Facts, how: str) -> Iterator[str]:
    """What a start reports about the account that it found on disk."""
    if how == lifecycle.RESTARTED:
        yield "The former local AWS was killed; a new one has started."
    if facts.restored:
        yield f"Its account is restored: {facts.restored}."
    if facts.dropped:
        yield (
            "Another version of moto had saved its services, which are dropped: "
            "make apply provisions them again."
        )


def status(state: Path) -> None:
    facts = lifecycle.find(state)
    if facts is None:
        raise LocalAwsError("No local AWS runs. The next verb with TARGET=local starts one.")
    uptime = timedelta(seconds=round(time.time() - facts.since))
    remarks = REMARKS.format(url=facts.url, pid=facts.pid, uptime=uptime, pace=facts.pace)
    print(remarks, file=sys.stderr, flush=True)
    print("\n".join(environment.shell_lines(facts.url, os.environ)))


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m localaws",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = arguments.add_subparsers(dest="verb", required=True)
    for verb in ("start", "stop", "status"):
        verbs.add_parser(verb).add_argument(
            "--state", type=Path, required=True, help="folder of the account"
        )
    start = verbs.choices["start"]
    start.add_argument("--port", type=int, default=0, help="default: a free one")
    start.add_argument("--exports", action="store_true", help="print lines for a shell")
    return arguments


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
