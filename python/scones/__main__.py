"""The command-line entry point: `python -m scones <verb>`, also installed as `scones`."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from typing import NoReturn

from scones import cli


def main() -> NoReturn:
    cli.run(dispatch)


def dispatch(argv: Sequence[str]) -> int:
    """Run the verb that `argv` begins with; only that verb's module is imported."""
    verb = argv[0] if argv else ""
    if verb in cli.VERBS:
        command = importlib.import_module(f"scones.commands.{verb.replace('-', '_')}")
        return int(command.main(argv[1:]))
    arguments = argparse.ArgumentParser(
        prog="scones",
        description="Route drivers by an image of their vehicle, on AWS.",
        epilog='"scones <verb> --help" explains a verb. `make <verb>` runs it on a local AWS.',
    )
    verbs = arguments.add_subparsers(title="verbs", metavar="<verb>", required=True)
    for name, summary in cli.VERBS.items():
        verbs.add_parser(name, help=summary)
    arguments.parse_args(argv)  # prints the help, or the error for an unknown verb, and exits
    raise AssertionError(f"argparse accepted {argv}")


if __name__ == "__main__":
    main()
