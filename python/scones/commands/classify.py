"""`make classify IMAGE=…`: run one image through the workflow and print the outcome as JSON.

    {"status": "accepted" | "unsure" | "failed", "s3_bucket", "s3_key", "label", "confidence",
     "inferences", "error", "cause", "execution_arn", "milliseconds"}

"unsure" is an answer, with a label and exit status 0. "failed" has exit status 1.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from scones import cli
from scones.aws import Account
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.workflow import executions, images
from scones.workflow.preconditions import require_model


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
    outcome = executions.classify(
        account.client("stepfunctions"),
        outputs.state_machine_arn,
        image.bucket,
        image.key,
        outputs.classes,
    )
    cli.result(json.dumps(asdict(outcome)))
    return 1 if outcome.status == "failed" else 0
