"""`make classify IMAGE=…`: run one image through the workflow and print the outcome as JSON.

    {"status": "accepted" | "unsure" | "failed", "s3_bucket", "s3_key", "label", "confidence",
     "inferences", "error", "cause", "execution_arn", "milliseconds", "model",
     "threshold", "classes"}

"unsure" is an answer, with a label and exit status 0. "failed" has exit status 1. Probabilities are
rounded to four digits; the execution's output has all of them. "model" gave the answer, which has
its threshold and its classes; they are null if there is no answer.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict

from scones import cli, terminal
from scones.aws import Account
from scones.progress import Step
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow import executions, images, outcomes
from scones.workflow.outcomes import Outcome
from scones.workflow.preconditions import require_model

DIGITS = 4


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("classify")
    arguments.add_argument(
        "--image", default="", metavar="PATH|URL", help="a local file or s3://bucket/key"
    )
    options = arguments.parse_args(argv)

    target = Target.load(options.target)
    account = Account.of(target)
    outputs = require_model(Stack(target, account).outputs(), target)
    image = images.resolve(options.image, account.client("s3"), outputs.data_bucket)
    with Step("Waiting for the answer"):
        outcome = executions.classify(
            account.client("stepfunctions"),
            outputs.state_machine_arn,
            image.bucket,
            image.key,
        )
    if sys.stderr.isatty():
        cli.say(sentence(outcome, target))
    cli.result(as_json(outcome, terminal.width(sys.stdout)), verbatim=True)
    return 1 if outcome.status == "failed" else 0


def sentence(outcome: Outcome, target: Target) -> str:
    """The outcome for a reader, such as "unsure: motorcycle 0.71, below 0.93; make review"."""
    if outcome.confidence is None or outcome.attribution is None:
        failure = f"{outcome.status}: {outcome.error}: {outcome.cause}"
        remedy = outcomes.remedy([outcome.error])
        return f"{failure} {remedy}" if remedy else failure
    threshold = outcome.attribution.threshold
    answer = f"{outcome.status}: {outcome.label} {_floor(outcome.confidence)}"
    if outcome.status == "unsure":
        return f"{answer}, below {threshold:g}; {target.command('review')}"
    return f"{answer}, threshold {threshold:g}"


def as_json(outcome: Outcome, width: int | None) -> str:
    """One line in a file or a pipe, one line for each field on a terminal of some `width`."""
    fields = {**asdict(outcome), "model": None, "threshold": None, "classes": None}
    del fields["attribution"]
    if outcome.confidence is not None:
        fields["confidence"] = round(outcome.confidence, DIGITS)
    if outcome.inferences is not None:
        fields["inferences"] = [round(share, DIGITS) for share in outcome.inferences]
    if outcome.attribution is not None:
        fields |= outcome.attribution.as_json()
    if width is None:
        return json.dumps(fields)
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items()]
    return "\n".join(["{", ",\n".join(lines), "}"])


def _floor(confidence: float) -> str:
    """Two digits, rounded down: what is below the threshold must not look as if it were not."""
    return f"{math.floor(round(confidence * 100, 6)) / 100:.2f}"
