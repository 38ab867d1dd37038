"""`make crossval`: cross-validation on an archive's training images. See container/crossval.py, which does it."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.job_folder import lay_out
from container import crossval
from container.job import Job
from scones import cli
from scones.images import cache, sources


def main(argv: Sequence[str]) -> int:
    arguments = argparse.ArgumentParser(
        prog="bench.crossval",
        description="Cross-validate on an archive's images.",
        allow_abbrev=False,
    )
    arguments.add_argument(
        "--source",
        default="sample",
        help="sample, cifar100, or a path or URL of an archive like it",
    )
    arguments.add_argument("--classes", nargs="+", default=["bicycle", "motorcycle"])
    options, others = arguments.parse_known_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        lay_out(
            Path(folder), sources.resolve(options.source, "", cache.folder()), options.classes, {}
        )
        return Job(Path(folder)).run(lambda job: crossval.main(job, others))


if __name__ == "__main__":
    cli.run(main)
