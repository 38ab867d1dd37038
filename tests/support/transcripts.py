"""The shape of what verbs show: their words, without what differs from one run to the next."""

from __future__ import annotations

import re

# A step leaves a line only where it took long.
STEP = re.compile(r"[A-Z][A-Za-z ]+: \d+ s")
# make itself, about this machine's clock.
FOREIGN = re.compile(r"make(\[\d+\])?: ")


def shape(text: str) -> list[str]:
    """The words of the lines; numbers, names and paths with a number in them are all "#"."""
    words = []
    for line in text.splitlines():
        if STEP.fullmatch(line.strip()) or FOREIGN.match(line):
            continue
        words += ["#" if re.search(r"\d", word) else word for word in line.split()]
    return words
