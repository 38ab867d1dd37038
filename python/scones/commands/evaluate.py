"""`make evaluate [LIMIT=n]`: run the staged test images through the workflow and measure."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence

from scones import cli, terminal
from scones.aws import Account
from scones.files import write_atomically
from scones.images.manifest import Entry
from scones.progress import Progress, in_parallel
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow import evaluation, executions
from scones.workflow.evaluation import Result
from scones.workflow.outcomes import Outcome
from scones.workflow.preconditions import require_model, require_staged_images

IN_FLIGHT = 16
MOST = 1_000_000  # images


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("evaluate")
    arguments.add_argument(
        "--limit", metavar="N", help="how many images, from each class in turn (default: all)"
    )
    options = arguments.parse_args(argv)
    limit = None
    if options.limit is not None:
        limit = cli.whole_number("LIMIT", options.limit, 1, MOST, "Leave it out to take all.")

    target = Target.load(options.target)
    account = Account.of(target)
    outputs = require_model(Stack(target, account).outputs(), target)
    staged = require_staged_images(account.client("s3"), outputs, target)
    states = account.client("stepfunctions")

    durations = executions.Durations()

    def classify(image: Entry) -> Outcome:
        return executions.classify(
            states,
            outputs.state_machine_arn,
            outputs.data_bucket,
            image.key,
            durations=durations,
        )

    started = time.monotonic()
    results = run(evaluation.choose(staged.test_images, limit), classify)
    summary = evaluation.summarize(
        results,
        outputs.classes,
        threshold=outputs.confidence_threshold,
        seconds=round(time.monotonic() - started, 3),
        drawn=staged.origin.drawn,
        model=outputs.endpoint.config_name,
    )
    write_atomically(target.build / "evaluation.json", json.dumps(summary, indent=2) + "\n")
    cli.result(evaluation.table(summary, terminal.width(sys.stdout)))
    return cli.fail(evaluation.failure_report(results)) if summary["failures"] else 0


def run(images: Sequence[Entry], classify: Callable[[Entry], Outcome]) -> list[Result]:
    """Classify several images at a time; return the results in the order of `images`."""

    def classify_image(image: Entry) -> tuple[Entry, Outcome]:
        return image, classify(image)

    with Progress("Classifying", len(images), "images") as bar:
        outcomes = dict(bar.each(in_parallel(classify_image, images, IN_FLIGHT)))
    return [Result(image, outcomes[image]) for image in images]
