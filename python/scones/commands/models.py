"""`make models`: every trained model, the newest first, with the one that is live and the one that is handed over."""

from __future__ import annotations

from collections.abc import Sequence

from scones import cli, handover
from scones.aws import Account
from scones.provisioning.stack import Stack
from scones.settings import Target
from scones.training import live_model, registry
from scones.training.registry import Package

SHORT_VERSION = (
    12  # characters: as much of a commit as git itself shows, and whether it was changed
)
HEADINGS = ("version", "model", "created", "status", "accuracy", "accepted", "data", "code", "")


def main(argv: Sequence[str]) -> int:
    arguments = cli.parser("models").parse_args(argv)
    target = Target.load(arguments.target)
    account = Account.of(target)
    outputs = Stack(target, account).ensure_provisioned()
    sagemaker = account.client("sagemaker")
    packages = registry.packages(outputs.model_package_group, sagemaker)
    if not packages:
        cli.result(f'No model has been trained yet. Run "{target.command("train")}".')
        return 0
    handed_over = handover.read(target.handover)
    cli.result(
        table(
            packages,
            live_model.serving(outputs.endpoint.name, sagemaker),
            handed_over.name if handed_over else None,
        )
    )
    cli.say(f'"{target.command("promote")} MODEL=name" hands an earlier one over again.')
    return 0


def table(packages: Sequence[Package], live: str | None, handed_over: str | None) -> str:
    """A line for each package under the headings; `live` and `handed_over` are names of models, which are marked."""
    rows = [HEADINGS, *(row(package, live, handed_over) for package in packages)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, one, widths)).rstrip() for one in rows)


def row(package: Package, live: str | None, handed_over: str | None) -> tuple[str, ...]:
    """Accuracy and accepted share are those of the test images; "accepted" is at the precision that is wanted."""
    known = package.facts
    marks = [
        mark
        for mark, name in (("live", live), ("handed over", handed_over))
        if name == package.model
    ]
    return (
        str(package.version),
        package.model,
        f"{package.created:%Y-%m-%d %H:%M}",
        package.status,
        accuracy(package),
        known.get("test_accepted_at_precision", "-"),
        known.get("data_source", "-"),
        known.get("code_version", "-")[:SHORT_VERSION],
        ", ".join(marks),
    )


def accuracy(package: Package) -> str:
    """Such as "0.95 (0.89 to 0.98)"."""
    known = package.facts
    if "test_accuracy" not in known:
        return known.get("validation_accuracy", "-")
    if "test_accuracy_low" not in known:
        return known["test_accuracy"]
    low, high = (float(known[f"test_accuracy_{end}"]) for end in ("low", "high"))
    return f"{float(known['test_accuracy']):.3g} ({low:.2f} to {high:.2f})"
