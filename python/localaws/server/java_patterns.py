r"""Regular expressions of AWS's service models, which are Java's, as Python's.

Java's \w, \d and \s are ASCII, \p{L} is a Unicode category, and characters beyond U+FFFF are
written as pairs of surrogates.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata

# https://docs.oracle.com/javase/8/docs/api/java/util/regex/Pattern.html
POSIX = {"ASCII": r"\x00-\x7f", "Alnum": "a-zA-Z0-9", "Print": r"\x20-\x7e"}
# Categories assign no character of planes 4 to 13, and only tags and variations beyond.
LAST_PLANE = 0x40000
SUPPLEMENTARY = "\U00010000-\U0010ffff"
# One token of a pattern. The last alternative is any single character.
TOKEN = re.compile(
    r"(?P<property>\\p\{(?P<name>\w+)\})"
    r"|(?P<surrogates>\\uD800\\uDC00-\\uDBFF\\uDFFF|\\u10000-\\u10FFFF)"
    r"|(?P<end>\\z)"
    r"|(?P<repeated_end>\$\{\d+,\d+\})"
    r"|(?P<word_range>\\w-(?=[^\]]))"
    r"|\\.|.",
    re.DOTALL,
)


@functools.cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the pattern, for `fullmatch`: AWS refuses what does not match as a whole.

    Raises:
        re.error: Python has no equivalent.
    """
    inside = False
    parts = []
    for token in TOKEN.finditer(pattern):
        text = token.group()
        if text == "[" and not inside:
            inside = True
        elif text == "]":
            inside = False
        parts.append(_translate(token, inside))
    return re.compile("".join(parts), re.ASCII)


def _translate(token: re.Match[str], inside: bool) -> str:
    """Return Python's text for a token; `inside` brackets a class is written without its own."""
    if token["property"]:
        members = POSIX.get(token["name"]) or _category(token["name"])
        return members if inside else f"[{members}]"
    if token["surrogates"]:
        return SUPPLEMENTARY
    if token["end"]:
        return r"\Z"
    if token["repeated_end"]:
        return "$"
    if token["word_range"]:
        return r"\w\-"
    return token.group()


@functools.cache
def _category(name: str) -> str:
    """Return the characters of a Unicode category such as L or Zs, as ranges of a class."""
    ranges = []
    for point, members in _category_runs():
        if point.startswith(name):
            ranges.append(f"\\U{members.start:08x}-\\U{members.stop - 1:08x}")
    return "".join(ranges)


@functools.cache
def _category_runs() -> list[tuple[str, range]]:
    """Return every run of neighbouring characters of one category; takes 0.1 s, once."""
    runs = []
    start = 0
    points = map(chr, range(LAST_PLANE))
    for category, members in itertools.groupby(points, unicodedata.category):
        stop = start + sum(1 for _ in members)
        runs.append((category, range(start, stop)))
        start = stop
    return runs
