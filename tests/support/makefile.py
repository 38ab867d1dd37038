"""What the Makefile says about its targets."""

from __future__ import annotations

import re

from paths import ROOT


def help_groups() -> dict[str, dict[str, str]]:
    """The targets that `make help` lists, by group, with their descriptions."""
    makefile = (ROOT / "Makefile").read_text()
    groups: dict[str, dict[str, str]] = {}
    for line in makefile.splitlines():
        if heading := re.fullmatch(r"##@ (.+)", line):
            groups[heading[1]] = targets = {}
        elif target := re.fullmatch(r"([a-z-]+):.*?  ## (.+)", line):
            targets[target[1]] = target[2]
    return groups
