"""What the Makefile says about its targets."""

from __future__ import annotations

import re

from paths import ROOT


def help_groups() -> dict[str, dict[str, str]]:
    """The targets that `make help` lists, by group, with their descriptions."""
    groups: dict[str, dict[str, str]] = {}
    for line in _lines():
        if heading := re.fullmatch(r"##@ (.+)", line):
            groups[heading[1]] = targets = {}
        elif target := re.fullmatch(r"([a-z-]+):.*?  ## (.+)", line):
            targets[target[1]] = target[2]
    return groups


def documented_variables() -> dict[str, list[str]]:
    """The variables that `make help` names for each target, such as {"stage": ["SOURCE", …]}."""
    variables: dict[str, list[str]] = {}
    names: list[str] = []
    for line in _lines():
        if line.startswith("## "):
            names += re.findall(r"\b([A-Z][A-Z0-9_]+)(?==)", line)
        elif target := re.fullmatch(r"([a-z-]+):.*?  ## .+", line):
            variables[target[1]] = names
            names = []
    return variables


def _lines() -> list[str]:
    return (ROOT / "Makefile").read_text().splitlines()
