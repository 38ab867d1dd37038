"""The shape of what verbs show: their words, without what differs from one run to the next."""

from __future__ import annotations

import re

from paths import ROOT

# A step leaves a line only where it took long.
STEP = re.compile(r"[A-Z][A-Za-z ]+: \d+ s")
# make itself, about this machine's clock.
FOREIGN = re.compile(r"make(\[\d+\])?: ")


# What is only measured where an image was accepted.
IF_ACCEPTED = re.compile(r" with \S+ right")
# A number, and a name or a path that has one in it. Which measures were logged may differ.
VARIABLE = re.compile(r"\S*\d\S*|\w+=\S+")


def verbs_lines(text: str) -> list[str]:
    """The lines from the first one on that every verb begins with, without those of make itself."""
    verbs_own = text[text.index("Target ") :]
    return [line for line in verbs_own.splitlines() if not FOREIGN.match(line)]


def documented(command: str) -> str:
    """What docs/first-hour.md shows for a command."""
    page = (ROOT / "docs" / "first-hour.md").read_text()
    return page.partition(f"\n$ {command}\n")[2].partition("\n```")[0]


def shape(text: str) -> list[str]:
    """The words of the lines; whatever differs between runs is "#"."""
    lines = [line for line in verbs_lines(text) if not STEP.fullmatch(line.strip())]
    joined = IF_ACCEPTED.sub("", " ".join(" ".join(lines).split()))
    words: list[str] = []
    for word in joined.split():
        masked = "#" if VARIABLE.fullmatch(word) else word
        if masked != "#" or words[-1:] != ["#"]:
            words.append(masked)
    return words
