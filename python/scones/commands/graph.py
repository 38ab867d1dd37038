"""`make graph`: the state machine as SVG and Mermaid; with EXECUTION=arn, the way that an execution took through it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scones import cli
from scones.aws import Account
from scones.diagrams import history, machine, mermaid, svg
from scones.diagrams.history import Visit
from scones.errors import UserError
from scones.files import write_atomically
from scones.settings import ROOT, Target

STATES = ROOT / "states"
UNKNOWN = {"ExecutionDoesNotExist", "InvalidArn", "ResourceNotFound", "ValidationException"}


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("graph")
    arguments.add_argument(
        "--execution", default="", metavar="ARN", help="colour the states that it entered"
    )
    options = arguments.parse_args(argv)
    target = Target.load(options.target)
    if options.execution:
        return draw_execution(
            options.execution, Account.of(target).client("stepfunctions"), target.build
        )
    for file in sorted(STATES.glob("*.asl.json")):
        name = file.name.removesuffix(".asl.json")
        write(json.loads(file.read_text()), target.build / "graph" / name)
    return 0


def draw_execution(arn: str, states: Any, build: Path) -> int:
    """Draw one execution's way, and say state by state how it went.

    Raises:
        UserError: there is no such execution.
    """
    try:
        definition = states.describe_state_machine_for_execution(executionArn=arn)["definition"]
        pages = states.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=False
        )
        path = history.path(event for page in pages for event in page["events"])
    except ClientError as error:
        if error.response["Error"]["Code"] in UNKNOWN:
            raise UserError(
                f"There is no execution {arn}. Copy its ARN from what make classify printed, or from the console."
            ) from error
        raise
    cli.say("\n".join(line(visit) for visit in path.visits))
    write(json.loads(definition), build / "graph" / arn.rpartition(":")[2], path.statuses)
    return 0


def write(
    definition: Mapping[str, Any], stem: Path, statuses: Mapping[str, str] | None = None
) -> None:
    """Write <stem>.svg and <stem>.mmd, and say where they are."""
    graph = machine.parse(definition)
    write_atomically(stem.with_name(f"{stem.name}.svg"), svg.document(graph, statuses))
    write_atomically(stem.with_name(f"{stem.name}.mmd"), mermaid.flowchart(graph, statuses))
    cli.result(f"Drew {os.path.relpath(stem)}.svg and {stem.name}.mmd.")


def line(visit: Visit) -> str:
    """Such as "  succeeded  Classify image, 31 ms, 2 attempts"."""
    took = "" if visit.milliseconds is None else f", {visit.milliseconds:,} ms"
    attempts = f", {visit.attempts} attempts" if visit.attempts > 1 else ""
    return f"  {visit.status:9}  {visit.state}{took}{attempts}{f': {visit.error}' if visit.error else ''}"
