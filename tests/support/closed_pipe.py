"""A pipe that nobody reads, such as that of `make local-status | true`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence


def run_unread(
    command: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command whose stdout is a pipe without a reader."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            command,
            env=environment,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
