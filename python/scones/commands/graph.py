"""`make graph`: draw the state machine as SVG and Mermaid; with EXECUTION=arn, that execution."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import ClientError

from scones import cli
from scones.aws import Account, error_code
from scones.clients import SFNClient
from scones.diagrams import history, machine, mermaid, svg
from scones.diagrams.history import Visit
from scones.errors import UserError
from scones.files import write_atomically
from scones.json_object import JsonObject
from scones.settings import ROOT, Target

STATES = ROOT / "states"
UNKNOWN_EXECUTION = {
    "ExecutionDoesNotExist",
    "InvalidArn",
    "ResourceNotFound",
    "ValidationException",
}


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("graph")
    arguments.add_argument(
        "--execution",
        default="",
        metavar="ARN",
        help="colour the states that this execution entered",
    )
    options = arguments.parse_args(argv)
    target = Target.load(options.target)
    if options.execution:
        states = Account.of(target).client("stepfunctions")
        draw_execution(options.execution, states, target.build)
        return 0
    for file in sorted(STATES.glob("*.asl.json")):
        name = file.name.removesuffix(".asl.json")
        title = f"The state machine {target.prefix}-{name}"
        write_diagrams(json.loads(file.read_text()), title, target.build / "graph" / name)
    return 0


def draw_execution(arn: str, states: SFNClient, build: Path) -> None:
    """Draw the path of an execution, and list its states.

    Raises:
        UserError: there is no such execution.
    """
    try:
        description = states.describe_state_machine_for_execution(executionArn=arn)
        path = history.read_path(states, arn)
    except ClientError as error:
        if error_code(error) in UNKNOWN_EXECUTION:
            raise UserError(
                f"There is no execution {arn}. "
                "Copy its ARN from the output of make classify, or from the console."
            ) from error
        raise
    for visit in path.visits:
        cli.say(visit_line(visit))
    name = arn.rpartition(":")[2]
    title = f"The execution {name}: {path.status}"
    definition = json.loads(description["definition"])
    write_diagrams(definition, title, build / "graph" / name, path.statuses)


def write_diagrams(
    definition: JsonObject,
    title: str,
    stem: Path,
    statuses: Mapping[str, str] | None = None,
) -> None:
    """Write <stem>.svg and <stem>.mmd."""
    graph = machine.parse(definition)
    write_atomically(stem.with_name(f"{stem.name}.svg"), svg.document(graph, title, statuses))
    write_atomically(stem.with_name(f"{stem.name}.mmd"), mermaid.flowchart(graph, statuses))
    cli.result(f"Drew {os.path.relpath(stem)}.svg and {stem.name}.mmd.")


def visit_line(visit: Visit) -> str:
    """Such as "  succeeded  Classify image, 31 ms, 2 attempts"."""
    line = f"  {visit.status:9}  {visit.state}"
    if visit.milliseconds is not None:
        line += f", {visit.milliseconds:,} ms"
    if visit.attempts > 1:
        line += f", {visit.attempts} attempts"
    if visit.error:
        line += f": {visit.error}"
    return line
