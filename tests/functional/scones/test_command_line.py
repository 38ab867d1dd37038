"""`python -m scones` as a process."""

from __future__ import annotations

import os
import sys

import pytest
from closed_pipe import run_unread
from paths import PYTHON


@pytest.mark.parametrize("arguments", [["--help"], ["graph"]], ids=["help", "a verb"])
def test_a_reader_of_the_output_may_close_the_pipe_before_its_end(arguments: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PYTHON)}
    done = run_unread([sys.executable, "-m", "scones", *arguments], environment)
    assert (done.returncode, done.stderr) == (0, "")
