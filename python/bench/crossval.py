"""`make crossval`: cross-validation on an archive's training images, by container/crossval.py."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.job_folder import lay_out, resolve_source, source_parser
from container import crossval
from container.job import Job
from scones import cli


def main(argv: Sequence[str]) -> int:
    parser = source_parser("bench.crossval", "Cross-validate on an archive's images.")
    options, flags = parser.parse_known_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        lay_out(base, resolve_source(options.source), options.classes, {})
        return Job(base).run(lambda job: crossval.main(job, flags))


if __name__ == "__main__":
    cli.run(main)
