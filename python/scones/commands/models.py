"""`make models`: list every trained model, newest first; mark the live and the handed-over one."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scones import cli, handover, terminal
from scones.aws import Account
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.tables import Column, format_table
from scones.training import live_model, registry
from scones.training.registry import Package

# Characters: as much of a commit as git itself shows, and whether the files were changed.
SHORT_VERSION = 12
COLUMNS = (
    Column("#"),
    Column("model"),
    Column("created", rank=3),
    Column("status", rank=2),
    Column("accuracy", rank=1),
    Column("accepted", rank=4),
    Column("data", rank=5),
    Column("code", rank=6),
    Column("", rank=0),
)


def main(argv: Sequence[str]) -> int:
    options = cli.parser("models").parse_args(argv)
    target = Target.load(options.target)
    account = Account.of(target)
    outputs = Stack(target, account).ensure_provisioned()
    sagemaker = account.client("sagemaker")
    packages = registry.list_packages(outputs.model_package_group, sagemaker)
    if not packages:
        cli.result(f'No model has been trained yet. Run "{target.command("train")}".')
        return 0
    live = live_model.find_name(outputs.endpoint.name, sagemaker)
    planned = handover.read(target.handover)
    handed_over = planned.name if planned else None
    text = table(packages, live, handed_over, terminal.width(sys.stdout))
    cli.result(text, verbatim=True)
    cli.say(f'"{target.command("promote")} MODEL=name" hands an earlier one over again.')
    return 0


def table(
    packages: Sequence[Package],
    live: str | None,
    handed_over: str | None,
    width: int | None = None,
) -> str:
    """One line per package under the headings.

    `live` and `handed_over` name the marked models. A model that is both is marked as live.
    """
    rows: list[tuple[str, ...]] = []
    for package in packages:
        mark = ""
        if package.model == live:
            mark = "live"
        elif package.model == handed_over:
            mark = "handed over"
        rows.append((*_cells(package), mark))
    return format_table(COLUMNS, rows, width)


def _cells(package: Package) -> tuple[str, ...]:
    """Accuracy and accepted share are those of the test images, at the workflow's threshold."""
    facts = package.facts
    return (
        str(package.version),
        package.model,
        f"{package.created:%Y-%m-%d %H:%M}",
        package.status,
        _accuracy(package),
        facts.get("test_accepted", "-"),
        facts.get("data_source", "-"),
        facts.get("code_version", "-")[:SHORT_VERSION],
    )


def _accuracy(package: Package) -> str:
    """The accuracy with its interval, such as "0.95 (0.89 to 0.98)"."""
    facts = package.facts
    accuracy = facts.get("test_accuracy")
    low = facts.get("test_accuracy_low")
    high = facts.get("test_accuracy_high")
    if accuracy is None:
        return facts.get("validation_accuracy", "-")
    if low is None or high is None:
        return accuracy
    return f"{float(accuracy):.3g} ({float(low):.2f} to {float(high):.2f})"
