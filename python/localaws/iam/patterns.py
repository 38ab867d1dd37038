"""Patterns of IAM policies: wildcards, ARNs segment by segment, and policy variables.

Source: "IAM JSON policy elements" (Action, Resource, Variables) in AWS's IAM user guide.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

# The values of a request's condition keys, by key in lower case.
Context = Mapping[str, tuple[str, ...]]

VARIABLE = re.compile(r"\$\{([^}]+)\}")
# Stand for characters of a variable's value, which are no wildcards.
ESCAPED = {"*": "\ue000", "?": "\ue001"}
UNESCAPED = {mark: character for character, mark in ESCAPED.items()}
ARN_SEGMENTS = 6
COMPILED = 4096


def matches_action(action: str, patterns: Iterable[str]) -> bool:
    """`action` is such as s3:GetObject. The case of letters does not count."""
    lowered = action.lower()
    return any(_text(pattern.lower()).fullmatch(lowered) for pattern in patterns)


def matches_resource(resource: str, patterns: Iterable[str], context: Context) -> bool:
    """`resource` is an ARN, or "*" for an action without one, which only "*" matches."""
    for pattern in patterns:
        filled = fill_variables(pattern, context)
        if filled is not None and _arn(filled).fullmatch(resource):
            return True
    return False


def matches_text(text: str, pattern: str) -> bool:
    return _text(pattern).fullmatch(text) is not None


def matches_arn(arn: str, pattern: str) -> bool:
    return _arn(pattern).fullmatch(arn) is not None


def fill_variables(pattern: str, context: Context) -> str | None:
    """The pattern with the values of its variables; None where the request lacks one of them."""
    if "${" not in pattern:
        return pattern
    missing = False

    def value(variable: re.Match[str]) -> str:
        nonlocal missing
        name, _, default = variable[1].partition(",")
        if name in {"*", "?", "$"}:
            return _escape(name)
        values = context.get(name.strip().lower())
        if values is not None and len(values) == 1:
            return _escape(values[0])
        if not default:
            missing = True
        return default.strip().strip("'")

    filled = VARIABLE.sub(value, pattern)
    return None if missing else filled


@functools.lru_cache(COMPILED)
def _text(pattern: str) -> re.Pattern[str]:
    return re.compile(_translate(pattern, "."), re.DOTALL)


@functools.lru_cache(COMPILED)
def _arn(pattern: str) -> re.Pattern[str]:
    """A wildcard stays within its segment, except in the last one, whose name may hold colons."""
    segments = pattern.split(":", ARN_SEGMENTS - 1)
    if len(segments) < ARN_SEGMENTS:
        return _text(pattern)
    *head, name = segments
    translated = [*(_translate(segment, "[^:]") for segment in head), _translate(name, ".")]
    return re.compile(":".join(translated), re.DOTALL)


def plain(pattern: str) -> str:
    """A filled pattern as text to compare with."""
    return "".join(UNESCAPED.get(character, character) for character in pattern)


def _escape(value: str) -> str:
    return "".join(ESCAPED.get(character, character) for character in value)


def _translate(pattern: str, any_character: str) -> str:
    """As a regular expression."""
    wildcards = {"*": f"{any_character}*", "?": any_character}
    return "".join(wildcards.get(character) or re.escape(plain(character)) for character in pattern)
