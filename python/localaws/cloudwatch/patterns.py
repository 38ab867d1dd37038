"""Filter patterns of CloudWatch Logs: `{ $.field = value && … }` for JSON, and terms for any text.

    matcher('{ $.message = "Confidence judged" && $.accepted IS FALSE }')
    matcher('ERROR "connection refused" -retried')

Patterns for space-delimited fields, `[ip, user, …]`, are not supported.
"""

from __future__ import annotations

import functools
import json
import operator
import re
from collections.abc import Callable
from typing import Any

from localaws.json_object import JsonObject

Matcher = Callable[[str], bool]  # whether the text of a log event matches
Test = Callable[[Any], bool]  # whether a value, or the JSON object of a log event, matches

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
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ABSENT: Any = object()
STATES = {"IS TRUE": True, "IS FALSE": False, "IS NULL": None, "NOT EXISTS": ABSENT}


class PatternError(ValueError):
    """A pattern that is wrong, or that is not supported here."""


@functools.lru_cache(maxsize=256)
def matcher(pattern: str) -> Matcher:
    """Compile a pattern. Raises PatternError."""
    pattern = pattern.strip()
    if pattern.startswith("["):
        raise PatternError("The local AWS does not support patterns for space-delimited fields.")
    if not pattern.startswith("{"):
        return _match_terms(pattern)
    if not pattern.endswith("}"):
        raise PatternError("The closing brace is missing.")
    test = _Parser(pattern[1:-1]).parse()

    def matches(text: str) -> bool:
        event = parse_event(text)
        return event is not None and test(event)

    return matches


def parse_event(text: str) -> JsonObject | None:
    """The log event, where it is a JSON object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        event: JsonObject = json.loads(text)
    except ValueError:
        return None
    return event


def select(selector: str, event: Any) -> Any:
    """The value at a selector such as $.a.b[0], or ABSENT."""
    value = event
    for name, index, single_quoted, double_quoted in STEP.findall(selector):
        key = int(index) if index.isdigit() else name or single_quoted or double_quoted
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def _match_terms(pattern: str) -> Matcher:
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    end = 0
    while end < len(pattern):
        term = TERM.match(pattern, end)
        if not term:
            rest = pattern[end:].strip()
            raise PatternError(f"'{rest}' is not a term: quote what is not a plain word.")
        sign, quoted, plain = term.groups()
        terms[sign].append(plain if quoted is None else _unescape(quoted))
        end = term.end()

    def matches(text: str) -> bool:
        required, optional, excluded = (
            [term in text for term in terms[sign]] for sign in ("", "?", "-")
        )
        return all(required) and not any(excluded) and (not optional or any(optional))

    return matches


class _Parser:
    """Parses `a && b || (c && d)`: && binds more tightly than ||."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str | None, str]] = []
        end = 0
        while text[end:].strip():
            token = TOKEN.match(text, end)
            if not token:
                raise PatternError(f"'{text[end:].strip()}' is not supported.")
            self._tokens.append((token.lastgroup, token[token.lastgroup or 0]))
            end = token.end()

    def parse(self) -> Test:
        test = self._alternatives()
        if self._tokens:
            raise PatternError(f"'{self._tokens[0][1]}' stands where && or || is expected.")
        return test

    def _alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._accept("||"):
            tests.append(self._conjunction())
        return lambda event: any(test(event) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._condition()]
        while self._accept("&&"):
            tests.append(self._condition())
        return lambda event: all(test(event) for test in tests)

    def _condition(self) -> Test:
        if self._accept("("):
            test = self._alternatives()
            if not self._accept(")"):
                raise PatternError("A closing parenthesis is missing.")
            return test
        selector = self._expect("selector")
        kind, sign = self._next()
        if kind == "word":
            state = f"{sign} {self._expect('word')}".upper()
            if state not in STATES:
                raise PatternError(f"'{state}' is not supported.")
            return lambda event: select(selector, event) is STATES[state]
        if sign in COMPARISONS:
            value_test = _comparison(COMPARISONS[sign], self._expect("word"))
        elif sign in {"=", "!="}:
            value_test = _equality(sign, *self._next())
        else:
            raise PatternError(f"'{sign}' is not a comparison.")
        return lambda event: value_test(select(selector, event))

    def _next(self) -> tuple[str | None, str]:
        if not self._tokens:
            raise PatternError("The pattern ends too early.")
        return self._tokens.pop(0)

    def _expect(self, expected: str) -> str:
        kind, text = self._next()
        if kind != expected:
            raise PatternError(f"'{text}' is not a {expected}.")
        return text

    def _accept(self, sign: str) -> bool:
        if self._tokens[:1] != [("sign", sign)]:
            return False
        self._tokens.pop(0)
        return True


def _equality(sign: str, kind: str | None, text: str) -> Test:
    """An absent value is neither equal nor different."""
    equal = _equal(kind, text)
    return lambda value: value is not ABSENT and equal(value) == (sign == "=")


def _equal(kind: str | None, text: str) -> Test:
    if kind == "regex":
        expression = re.compile(text[1:-1])
        return lambda value: isinstance(value, str) and bool(expression.search(value))
    if kind not in {"string", "word"}:
        raise PatternError(f"'{text}' is not a value.")
    number = _number(text) if kind == "word" else None
    wildcard = _unescape(text[1:-1]) if kind == "string" else text
    texts = re.compile(".*".join(map(re.escape, wildcard.split("*"))), re.DOTALL)

    def equal(value: Any) -> bool:
        if isinstance(value, str):
            return bool(texts.fullmatch(value))
        if _is_number(value) and number is not None:
            return bool(number == value)
        return wildcard == "*" or (value is None and wildcard == "null")

    return equal


def _comparison(compare: Callable[[Any, Any], Any], text: str) -> Test:
    number = _number(text)
    if number is None:
        raise PatternError(f"'{text}' is not a number.")
    return lambda value: _is_number(value) and bool(compare(value, number))


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _number(text: str) -> float | None:
    try:
        return float(text) if re.fullmatch(r"[-+\d.eE]+", text) else None
    except ValueError:
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
