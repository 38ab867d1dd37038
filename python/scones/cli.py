"""How a verb begins and ends: arguments, one result line, expected errors as a sentence."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from botocore.exceptions import BotoCoreError, ClientError

from monitor.window import Window
from scones import aws_errors, terminal
from scones.errors import UserError

# Every verb with its summary, in the order of `scones --help`: start, use, watch, account.
VERBS = {
    "stage": "Put the images into S3",
    "train": "Run one training job and hand its model over to Terraform",
    "plan": "Show what apply would change, and save the plan",
    "apply": "Apply the plan and check that the endpoint serves the model",
    "classify": "Send one image through the workflow",
    "evaluate": "Measure the workflow's answers on the staged test images",
    "simulate": "Send simulated driver traffic",
    "review": "Label the images of the review queue on a local web page",
    "report": "Report on captured traffic",
    "drift": "Compare captured images with those the model was measured on",
    "verify": "Ask whether an apply can succeed, and create nothing",
    "alarms": "Show the alarms: state, since when, why, and what to do",
    "redrive": "Redrive failed executions, each once",
    "graph": "Draw the state machine as SVG and Mermaid",
    "models": "List the trained models: metrics, gate, which one is live",
    "promote": "Hand an earlier model over again",
    "destroy": "Remove everything, then search for leftovers",
    "check-terraform": "Check formatting, validity and tests of the Terraform module",
}

# What a verb needs, writes and prints, for its own help.
DETAILS = {
    "stage": "Applies the settings first if they are not applied. Uploads the images that are "
    "missing or different, and removes those of other datasets.",
    "train": "Needs staged images. Follows the job, writes a report to build/<target>, and hands "
    "the model over if it passes the quality gate. Starts no job if nothing has changed.",
    "models": "Reads the model registry. Prints a table, the newest model first.",
    "promote": "Needs a model that `models` lists. Run plan and apply next.",
    "plan": "Prints the plan for a reviewer. Apply then does exactly what the plan shows, unless "
    "settings, code, model or state have changed since.",
    "apply": "Without a saved plan, shows a new one and asks; YES=1 in the environment answers "
    "yes. Without a trained model, everything but the endpoint is provisioned.",
    "verify": "Asks about identity, permissions, quotas, container images, bucket names, policies "
    "and the state machine. Prints a table and writes build/<target>/verify.json. Exit status 1 if "
    "an apply would meet a problem; what the account does not answer is no problem.",
    "destroy": "Lists what will be removed and asks for the target's name; YES=1 in the "
    "environment confirms it. Data and models are removed too, reports are kept. On the local AWS "
    "it asks only before it deletes labels or captures. Exit status 1 if anything is left.",
    "classify": "Needs a served model. Looks at a local file before it uploads it. Prints one JSON "
    "object with status, label, confidence and inferences. Exit status 1 if the execution failed "
    "or the file is not an image; an unsure answer is not a failure.",
    "evaluate": "Needs a served model and staged images. Prints a table and writes "
    "build/<target>/evaluation.json. Exit status 1 if any execution failed.",
    "simulate": "Needs a served model and staged images. Prints a summary of the answers.",
    "review": "Needs a provisioned target. The labels are used by the next training.",
    "report": "Reads the endpoint's captures from S3, or from a folder, which needs no account. "
    "Writes report.html, report.json and charts.",
    "graph": "Writes one SVG and one Mermaid file to build/<target>/graph. Needs an account "
    "only for the path of an execution.",
    "drift": "Needs a served model and captured traffic. Prints a table and publishes the metric "
    "of the drift alarm.",
    "alarms": "Needs a provisioned target. Prints a table, the raised alarms first.",
    "redrive": "Name one execution, or a time. Prints how many executions were redriven; unsure "
    "and running ones are left out.",
    "check-terraform": "Needs no account: the tests run with a mocked provider.",
}

INTERRUPTED = 130


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a verb's `main(argv)` and exit with its status.

    An expected error becomes one sentence and status 1.
    """
    try:
        status = _main_and_flush(main)
    except UserError as error:
        status = fail(str(error))
    except (BotoCoreError, ClientError) as error:
        sentence = aws_errors.sentence(error)
        if sentence is None:
            raise
        status = fail(sentence)
    except KeyboardInterrupt:
        status = INTERRUPTED
        say("Interrupted. Run the same command again to continue.")
    except BrokenPipeError:
        # Nobody reads stdout any more; without this, Python's own flush at exit fails too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    raise SystemExit(status)


def _main_and_flush(main: Callable[[Sequence[str]], int]) -> int:
    """Call a verb's `main`. Flushing here shows at once if nobody reads stdout any more."""
    try:
        status = main(sys.argv[1:])
    except SystemExit:  # argparse has printed a help
        sys.stdout.flush()
        raise
    sys.stdout.flush()
    return status


def parser(verb: str) -> argparse.ArgumentParser:
    """Return a parser with the arguments that every verb takes."""
    arguments = argparse.ArgumentParser(
        prog=f"scones {verb}",
        description=f"{VERBS[verb]}. {DETAILS[verb]}",
    )
    arguments.add_argument(
        "--target",
        default="local",
        help="the settings to use, terraform/targets/<target>.tfvars (default: local)",
    )
    return arguments


def add_window(arguments: argparse.ArgumentParser) -> None:
    """Add the options that `window` reads."""
    arguments.add_argument(
        "--since",
        default="",
        metavar="TIME",
        help="from this time on: 24h, 7d, 2026-11-20 or 2026-11-20T08:30+01:00",
    )
    arguments.add_argument(
        "--until", default="", metavar="TIME", help="up to this time (default: now)"
    )


def window(options: argparse.Namespace, now: datetime, default: timedelta | None = None) -> Window:
    """Return the window of SINCE and UNTIL; without SINCE it begins `default` before `now`.

    Raises:
        UserError: a time is invalid, or the window is empty.
    """
    try:
        return Window.parse(options.since, options.until, now, default)
    except ValueError as error:
        raise UserError(f"{error} Fix SINCE or UNTIL.") from error


def whole_number(name: str, text: str, least: int, most: int, remedy: str) -> int:
    """Return the number that `text`, the value of the variable `name`, stands for.

    Raises:
        UserError: it is not a whole number from `least` to `most`.
    """
    if re.fullmatch(r"[0-9]{1,18}", text) and least <= int(text) <= most:
        return int(text)
    raise UserError(
        f'{name} must be a whole number from {least} to {most:,}, not "{text}". {remedy}'
    )


def say(text: str, verbatim: bool = False) -> None:
    """Print progress and remarks to stderr, so that stdout holds the result alone.

    Lines are wrapped to the width of a terminal unless `verbatim`.
    """
    columns = None if verbatim else terminal.width(sys.stderr)
    terminal.print_remark(terminal.wrap(text, columns))


def result(text: str, verbatim: bool = False) -> None:
    """Print the result to stdout; as `say` does, wrapped unless `verbatim`."""
    columns = None if verbatim else terminal.width(sys.stdout)
    print(terminal.wrap(text, columns), flush=True)


def confirm(
    show: Callable[[], str],
    question: str,
    answer: str = "yes",
    verbatim: bool = False,
    irreplaceable: bool = False,
) -> bool:
    """Show what will happen and ask.

    YES=1 in the environment confirms every question. YES=local, which comes with the local AWS,
    confirms unless something `irreplaceable` would be deleted and a terminal is there to ask on.
    """
    given = os.environ.get("YES")
    if given == "1":
        return True
    if given == "local" and not (irreplaceable and sys.stdin.isatty()):
        return True
    say(show(), verbatim)
    print(f"{question} Only '{answer}' is accepted: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == answer


def fail(sentence: str) -> int:
    """Print an error to stderr and return the exit status."""
    say(f"Error: {sentence}")
    return 1
