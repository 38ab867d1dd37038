"""`python -m localaws start|stop|status --state DIR`: the life of an AWS account on 127.0.0.1.

start  prints {"pid", "port", "url"} as JSON, or with --exports the lines for a shell to evaluate
status prints the address, the process, how long it has run, and the same lines to paste; exit 1 where none runs
stop   ends the server and every process that it started
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from localaws.errors import LocalAwsError
from localaws.server import environment, lifecycle


def main(argv: Sequence[str]) -> int:
    options = _arguments().parse_args(argv)
    state: Path = options.state.resolve()
    try:
        if options.verb == "start":
            return start(state, options.port, options.exports)
        return {"stop": stop, "status": status}[options.verb](state)
    except LocalAwsError as error:
        return _fail(str(error))


def start(state: Path, port: int, exports: bool) -> int:
    facts, killed = lifecycle.start(state, port)
    if killed:
        _say(
            "The former local AWS was killed and its account is gone; a new, empty one has started."
        )
    if exports:
        # Nobody is asked about a throw-away account; a line to paste must not say so, since it outlives the account.
        print("\n".join([*environment.shell_lines(facts.url, os.environ), "export YES=1"]))
    else:
        print(json.dumps({"pid": facts.pid, "port": facts.port, "url": facts.url}))
    return 0


def stop(state: Path) -> int:
    print(lifecycle.stop(state))
    return 0


def status(state: Path) -> int:
    facts = lifecycle.find(state)
    if facts is None:
        return _fail("No local AWS runs. The next verb with TARGET=local starts one.")
    uptime = timedelta(seconds=round(time.time() - facts.since))
    print(
        f"# The local AWS at {facts.url}, process {facts.pid}, up {uptime}. Paste these lines to reach it:"
    )
    print("\n".join(environment.shell_lines(facts.url, os.environ)))
    return 0


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m localaws", description=__doc__)
    verbs = arguments.add_subparsers(dest="verb", required=True)
    for verb in ("start", "stop", "status"):
        verbs.add_parser(verb).add_argument(
            "--state", type=Path, required=True, help="folder of the account"
        )
    verbs.choices["start"].add_argument("--port", type=int, default=0, help="default: a free one")
    verbs.choices["start"].add_argument(
        "--exports", action="store_true", help="print lines for a shell"
    )
    return arguments


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _fail(sentence: str) -> int:
    _say(f"Error: {sentence}")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
