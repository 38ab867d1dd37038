"""`make help`."""

from __future__ import annotations

import subprocess

from makefile import help_groups
from paths import ROOT


def test_make_help_shows_every_target_in_its_group() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for group, targets in help_groups().items():
        assert f"\n{group}\n" in shown.stdout
        for target in targets:
            assert f"\n  {target} " in shown.stdout
