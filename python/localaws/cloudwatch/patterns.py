"""Filter patterns of CloudWatch Logs: `{ $.field = value && … }` for JSON, and terms for any text.

    matcher('{ $.message = "Confidence judged" && $.accepted IS FALSE }')
    matcher('ERROR "connection refused" -retried')

Patterns for fields between spaces, `[ip, user, …]`, are not known here.
"""

from __future__ import annotations

import functools
import json
import operator
import re
from collections.abc import Callable
from typing import Any

Matcher = Callable[[str], bool]
Test = Callable[[Any], bool]

TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.[\w\-]+|\.?\[(?:\d+|\*|'[^']*'|"[^"]*")\])+)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<regex>%(?:[^%\\]|\\.)+%)
      | (?P<sign>&&|\|\||!=|<=|>=|=|<|>|\(|\))
      | (?P<word>[^\s()&|=!<>"]+)
    )""",
    re.VERBOSE,
)
STEP = re.compile(r"""\.([\w\-]+)|\.?\[(\d+|\*)\]|\.?\['([^']*)'\]|\.?\["([^"]*)"\]""")
TERM = re.compile(r"""\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([\w.:/@#*$+=,;-]+))(?=\s|$)""")
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ABSENT: Any = object()


class PatternError(ValueError):
    """A pattern that is wrong, or that is not understood here."""


@functools.lru_cache(maxsize=256)
def matcher(pattern: str) -> Matcher:
    """What tells whether the text of a log event matches. Raises PatternError."""
    pattern = pattern.strip()
    if pattern.startswith("["):
        raise PatternError("Patterns for space-delimited fields are not known to the local AWS.")
    if not pattern.startswith("{"):
        return _terms(pattern)
    if not pattern.endswith("}"):
        raise PatternError("The closing brace is missing.")
    test = _Reader(pattern[1:-1]).whole()
    return lambda text: (event := parsed(text)) is not None and test(event)


def parsed(text: str) -> dict[str, Any] | None:
    """The log event, where it is a JSON object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def selected(selector: str, event: Any) -> Any:
    """What a selector such as $.a.b[0] finds, or ABSENT."""
    for name, index, single, double in STEP.findall(selector):
        try:
            event = event[int(index)] if index else event[name or single or double]
        except (KeyError, IndexError, TypeError, ValueError):
            return ABSENT
    return event


def _terms(pattern: str) -> Matcher:
    wanted: list[str] = []
    optional: list[str] = []
    excluded: list[str] = []
    end = 0
    while end < len(pattern):
        if not (found := TERM.match(pattern, end)):
            raise PatternError(
                f"'{pattern[end:].strip()}' is not a term: quote what is not a plain word."
            )
        sign, quoted, plain = found.groups()
        kind = {"": wanted, "?": optional, "-": excluded}[sign]
        kind.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain)
        end = found.end()
    return lambda text: (
        all(term in text for term in wanted)
        and not any(term in text for term in excluded)
        and (not optional or any(term in text for term in optional))
    )


class _Reader:
    """Reads `a && b || (c && d)`: && binds more than ||."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        end = 0
        while text[end:].strip():
            if not (found := TOKEN.match(text, end)):
                raise PatternError(f"'{text[end:].strip()}' is not understood.")
            self._tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            end = found.end()

    def whole(self) -> Test:
        test = self._either()
        if self._tokens:
            raise PatternError(f"'{self._tokens[0][1]}' stands where && or || is expected.")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._accept("||"):
            tests.append(self._both())
        return lambda event: any(test(event) for test in tests)

    def _both(self) -> Test:
        tests = [self._single()]
        while self._accept("&&"):
            tests.append(self._single())
        return lambda event: all(test(event) for test in tests)

    def _single(self) -> Test:
        if self._accept("("):
            test = self._either()
            if not self._accept(")"):
                raise PatternError("A closing parenthesis is missing.")
            return test
        selector = self._next("selector")
        kind, text = self._take()
        if kind == "word" and text.upper() in {"IS", "NOT"}:
            return self._state(selector, f"{text} {self._next('word')}".upper())
        if kind == "sign" and text in {"=", "!="}:
            equal = _equal(*self._take())
            return lambda event: _holds(selected(selector, event), equal, wanted=text == "=")
        if kind == "sign" and text in COMPARE:
            return _compared(selector, COMPARE[text], self._next("word"))
        raise PatternError(f"'{text}' does not compare.")

    def _state(self, selector: str, state: str) -> Test:
        constants = {"IS TRUE": True, "IS FALSE": False, "IS NULL": None, "NOT EXISTS": ABSENT}
        if state not in constants:
            raise PatternError(f"'{state}' is not understood.")
        return lambda event: selected(selector, event) is constants[state]

    def _take(self) -> tuple[str, str]:
        if not self._tokens:
            raise PatternError("The pattern ends too early.")
        return self._tokens.pop(0)

    def _next(self, wanted: str) -> str:
        kind, text = self._take()
        if kind != wanted:
            raise PatternError(f"'{text}' is not a {wanted}.")
        return text

    def _accept(self, sign: str) -> bool:
        if self._tokens and self._tokens[0] == ("sign", sign):
            self._tokens.pop(0)
            return True
        return False


def _holds(value: Any, equal: Test, wanted: bool) -> bool:
    """What is not there is neither equal nor different."""
    return value is not ABSENT and equal(value) == wanted


def _equal(kind: str, text: str) -> Test:
    if kind == "regex":
        expression = re.compile(text[1:-1])
        return lambda value: isinstance(value, str) and bool(expression.search(value))
    if kind not in {"string", "word"}:
        raise PatternError(f"'{text}' is not a value.")
    number = _number(text) if kind == "word" else None
    plain = re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "string" else text
    like = re.compile(".*".join(re.escape(part) for part in plain.split("*")), re.DOTALL)

    def test(value: Any) -> bool:
        if _is_number(value):
            return number == value if number is not None else plain == "*"
        if isinstance(value, str):
            return bool(like.fullmatch(value))
        return plain == "*" or (value is None and plain == "null")

    return test


def _compared(selector: str, compare: Callable[[Any, Any], bool], text: str) -> Test:
    number = _number(text)
    if number is None:
        raise PatternError(f"'{text}' is not a number.")

    def test(event: Any) -> bool:
        value = selected(selector, event)
        return _is_number(value) and compare(value, number)

    return test


def _number(text: str) -> float | None:
    try:
        return float(text) if re.fullmatch(r"[-+\d.eE]+", text) else None
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
