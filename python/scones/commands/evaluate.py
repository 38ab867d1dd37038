"""`make evaluate [LIMIT=n]`: run the staged test images through real executions, and say how good the answers are."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from scones import cli
from scones.aws import Account
from scones.errors import UserError
from scones.files import write_atomically
from scones.images.manifest import Manifest
from scones.progress import Progress
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow import evaluation, executions
from scones.workflow.evaluation import Result, Sample
from scones.workflow.outcomes import Outcome
from scones.workflow.preconditions import require_model, require_staged_images

IN_FLIGHT = 16


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("evaluate")
    arguments.add_argument("--limit", help="how many images; taken from each class in turn")
    options = arguments.parse_args(argv)
    limit = None if options.limit is None else parse_limit(options.limit)

    target = Target.load(options.target)
    account = Account.of(target)
    served = require_model(Stack(target, account).outputs(), target)
    images = require_staged_images(account.client("s3"), served, target)
    states = account.client("stepfunctions")

    def classify(sample: Sample) -> Outcome:
        return executions.classify(
            states, served.state_machine_arn, served.data_bucket, sample.key, served.classes
        )

    started = time.monotonic()
    results = run(evaluation.choose(test_samples(images), limit), classify)
    summary = evaluation.summarise(
        results,
        served.classes,
        threshold=served.confidence_threshold,
        seconds=round(time.monotonic() - started, 3),
        drawn=images.origin.drawn,
        model=served.endpoint.config_name,
    )
    write_atomically(target.build / "evaluation.json", json.dumps(summary, indent=2) + "\n")
    cli.result(evaluation.table(summary))
    return cli.fail(evaluation.complaint(results)) if summary["failures"] else 0


def run(samples: Sequence[Sample], classify: Callable[[Sample], Outcome]) -> list[Result]:
    """The results in the order of `samples`, some of them in flight at a time; what `classify` raises ends the run."""
    with (
        ThreadPoolExecutor(IN_FLIGHT) as pool,
        Progress("Classifying", len(samples), "images") as bar,
    ):
        waiting = [pool.submit(classify, sample) for sample in samples]
        try:
            for done in bar.each(as_completed(waiting)):
                done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [
            Result(sample, done.result()) for sample, done in zip(samples, waiting, strict=True)
        ]


def parse_limit(text: str) -> int:
    """A number of images, from 1.

    Raises:
        UserError: `text` is no such number.
    """
    if not text.isdecimal() or int(text) == 0:
        raise UserError(
            f'LIMIT must be a number of images from 1, not "{text}". Leave it out to take all of them.'
        )
    return int(text)


def test_samples(staged_images: Manifest) -> list[Sample]:
    return [
        Sample(image.key, image.label)
        for image in staged_images.images
        if image.key.startswith("test/")
    ]
