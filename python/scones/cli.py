"""How a verb begins and ends: arguments in, one result line out, expected errors as a sentence."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NoReturn

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)

from monitor.window import Window
from scones.errors import UserError

# Every verb with its summary, in the order of `scones --help`: build, use, operate.
VERBS = {
    "stage": "Put the images into S3",
    "train": "Run one training job and hand its model over to Terraform",
    "models": "List the trained models: metrics, quality gate, which one is live",
    "promote": "Hand an earlier model over again",
    "plan": "Show what apply would change, and save the plan",
    "apply": "Apply the saved plan or a new one, and check that the endpoint serves the model",
    "destroy": "Remove everything, then search for leftovers",
    "classify": "Send one image through the workflow",
    "evaluate": "Send the staged test images through the workflow and measure the answers",
    "simulate": "Send simulated driver traffic",
    "review": "Label the images of the review queue on a local web page",
    "report": "Report on captured traffic",
    "graph": "Draw the state machine as SVG and Mermaid",
    "drift": "Compare captured images with those that the live model was measured on",
    "alarms": "Show the alarms: state, since when, why, and what to do",
    "redrive": "Redrive failed executions, each once",
    "check-terraform": "Check formatting, validity and tests of the Terraform module",
}

INTERRUPTED = 130
FORBIDDEN = {"403", "AccessDenied", "AccessDeniedException"}
EXPIRED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
}


def run(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a verb's `main(argv)` and exit with its status; an expected error becomes one sentence and status 1."""
    try:
        status = main(sys.argv[1:])
    except UserError as error:
        status = fail(str(error))
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        status = fail(
            f"No AWS credentials: {error}. Set AWS_PROFILE or sign in, or leave TARGET out to use the local AWS."
        )
    except (
        ConnectionClosedError,
        EndpointConnectionError,
        ConnectTimeoutError,
        ReadTimeoutError,
    ) as error:
        status = fail(
            f"AWS does not answer: {error} Run the same command again; on the local AWS it starts afresh."
        )
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code in EXPIRED:
            status = fail(f"AWS refuses the credentials: {error}. Sign in again.")
        elif code in FORBIDDEN:
            status = fail(
                f"AWS does not allow this: {error}. Ask for the permission, and run the same command again."
            )
        else:
            raise
    except KeyboardInterrupt:
        status = INTERRUPTED
        say("Interrupted. Run the same command again to go on.")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    raise SystemExit(status)


def parser(verb: str) -> argparse.ArgumentParser:
    """The arguments that every verb takes."""
    arguments = argparse.ArgumentParser(prog=f"scones {verb}", description=f"{VERBS[verb]}.")
    arguments.add_argument(
        "--target", default="local", help="settings to use: terraform/targets/<target>.tfvars"
    )
    return arguments


def window(since: str, until: str, now: datetime, default: timedelta | None = None) -> Window:
    """The window of SINCE and UNTIL, which begins `default` before `now` where SINCE says nothing.

    Raises:
        UserError: the times cannot be read, or leave nothing between them.
    """
    try:
        return Window.parse(since, until, now, default)
    except ValueError as error:
        raise UserError(f"{error} Fix SINCE or UNTIL.") from error


def say(text: str) -> None:
    """Progress and remarks go to stderr, so that stdout holds the result alone."""
    print(text, file=sys.stderr, flush=True)


def result(text: str) -> None:
    """The result line, on stdout."""
    print(text, flush=True)


def confirm(show: Callable[[], str], question: str) -> bool:
    """Show what is about to happen and ask; YES=1 in the environment is the answer yes to every question."""
    if os.environ.get("YES") == "1":
        return True
    say(show())
    print(f"{question} Only 'yes' is accepted: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == "yes"


def fail(sentence: str) -> int:
    say(f"Error: {sentence}")
    return 1
