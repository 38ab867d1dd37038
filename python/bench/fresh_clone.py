"""`make bench-clone`: the seconds of every step from a fresh clone, with an empty home folder.

The last commit is cloned into a temporary folder. CPU seconds are those of the step's own
processes, without the local AWS, which goes on in the background.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image

from bench.training import print_header, processor, table_line
from scones import cli
from scones.errors import UserError
from scones.images.drawn.bicycle import draw_bicycle
from scones.images.drawn.image import draw_image
from scones.settings import ROOT

IMAGE = "bicycle.png"
STEPS = {
    "install the packages": ("setup",),
    "make stage": ("stage",),
    "make train": ("train",),
    "make apply": ("apply",),
    "make stage train apply again": ("stage", "train", "apply"),
    "make plan": ("plan",),
    "make classify": ("classify", f"IMAGE={IMAGE}"),
    "make report": ("report",),
    "make destroy": ("destroy",),
}
FOREIGN = re.compile(r"AWS_|TF_|XDG_|MAKE|MFLAGS|PYTHONPATH$|VIRTUAL_ENV$|VENV$|SCONES_CACHE$")
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Clone:
    """A clone of the project, whose verbs run with a home folder of their own."""

    folder: Path
    log: Path
    environment: Mapping[str, str]

    def make(self, *words: str) -> tuple[float, float]:
        """Run `make WORDS`; return the seconds that passed, and those of CPU time.

        Raises:
            UserError: it fails.
        """
        before = _cpu_seconds()
        start = time.monotonic()
        with self.log.open("w") as log:
            ended = subprocess.run(
                ["make", "TARGET=local", *words],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        seconds = time.monotonic() - start
        if ended.returncode:
            cli.say(self.log.read_text(errors="replace"))
            command = " ".join(("make", *words))
            raise UserError(f"{command} failed, for the reason above, in a fresh clone. Fix it.")
        return seconds, _cpu_seconds() - before


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.fresh_clone", description="Time every step from a fresh clone."
    )
    parser.add_argument(
        "--installed", action="store_true", help="use this checkout's packages, install none"
    )
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="scones-clone-") as folder:
        clone = fresh_clone(Path(folder))
        if options.installed:
            (clone.folder / ".venv").symlink_to(Path(sys.prefix))
        cli.result(f"{processor()}, {os.cpu_count()} cores.")
        print_header(("step", "seconds", "CPU seconds"))
        try:
            first = measure(clone, options.installed)
        finally:
            clone.make("local-stop")
        cli.result(table_line(("to the checked endpoint", f"{first:.1f}", "")))
        if not options.installed:
            cli.result(f"Installed: {_size(clone.folder / '.venv') / MEBIBYTE:,.0f} MiB.")
    return 0


def fresh_clone(folder: Path) -> Clone:
    """Clone this checkout's last commit into `folder`, beside an empty home folder."""
    home = folder / "home"
    home.mkdir()
    checkout = folder / "clone"
    command = ["git", "clone", "--quiet", str(ROOT), str(checkout)]
    subprocess.run(command, check=True)
    pixels = draw_image(draw_bicycle, Random(0))
    Image.fromarray(pixels).save(checkout / IMAGE)
    inherited = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
    return Clone(checkout, folder / "step.log", {**inherited, "HOME": str(home)})


def measure(clone: Clone, installed: bool) -> float:
    """Run all steps and print a row for each; return the seconds up to the first apply's end."""
    first = 0.0
    for title, words in STEPS.items():
        if installed and words == ("setup",):
            continue
        seconds, cpu = clone.make(*words)
        cli.result(table_line((title, f"{seconds:.1f}", f"{cpu:.1f}")))
        if words[0] in ("setup", "stage", "train", "apply") and len(words) == 1:
            first += seconds
    return first


def _cpu_seconds() -> float:
    """CPU time of all children of this process that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _size(folder: Path) -> int:
    """Bytes of all files below `folder`; a file with several names counts once."""
    sizes = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


if __name__ == "__main__":
    cli.run(main)
