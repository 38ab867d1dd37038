"""Metric math: CloudWatch's expressions, parsed as Python and evaluated by a walk through the tree.

A series has one value, or None, per window; a number is a series that repeats it. Where an operand
is missing or a divisor is 0, the result is missing. MAX, MIN, SUM and AVG ignore missing values.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
import statistics
from collections.abc import Callable, Iterable
from typing import Any

Series = list[float | None]

KEYWORDS = {"REPEAT", "LINEAR"}
PYTHON_SPELLING = {"&&": " and ", "AND": " and ", "||": " or ", "OR": " or ", "^": "**"}
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.USub: operator.neg,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.And: lambda *values: all(values),
    ast.Or: lambda *values: any(values),
}
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": math.ceil,
    "FLOOR": math.floor,
}
AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "AVG": statistics.fmean,
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


class ExpressionError(ValueError):
    """An expression that is wrong, or that is not supported here."""


def names(expression: str) -> set[str]:
    """The ids of the metrics in an expression. Raises ExpressionError."""
    nodes = list(ast.walk(_parse(expression)))
    functions = {node.func for node in nodes if isinstance(node, ast.Call)}
    identifiers = {
        node.id for node in nodes if isinstance(node, ast.Name) and node not in functions
    }
    return identifiers - KEYWORDS


def evaluate(expression: str, series: Callable[[str], Series], count: int) -> Series:
    """The values of an expression in `count` windows; `series` returns those of a metric by its id.

    Raises ExpressionError.
    """
    try:
        return _Evaluation(series, count).visit(_parse(expression))
    except (OverflowError, RecursionError) as error:
        raise ExpressionError(
            f"The expression '{expression}' cannot be evaluated: {error}."
        ) from error


def _parse(expression: str) -> ast.expr:
    python = re.sub(
        r"&&|\|\||\^|\b(?:AND|OR)\b",
        lambda match: PYTHON_SPELLING[match[0]],
        expression,
    )
    try:
        return ast.parse(python.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(
            f"The expression '{expression}' is not metric math: {error}."
        ) from error


class _Evaluation:
    def __init__(self, series: Callable[[str], Series], count: int) -> None:
        self._series = series
        self._count = count

    def visit(self, node: ast.expr) -> Series:
        match node:
            case ast.Constant(value=float() | int() as number) if not isinstance(number, bool):
                return [float(number)] * self._count
            case ast.Name(id=name):
                return self._series(name)
            case ast.UnaryOp(op=ast.USub() as sign, operand=operand):
                return self._by_window(OPERATORS[type(sign)], [operand])
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                return self._by_window(OPERATORS[type(sign)], [left, right])
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in OPERATORS:
                return self._by_window(OPERATORS[type(sign)], [left, right])
            case ast.BoolOp(op=sign, values=operands):
                return self._by_window(OPERATORS[type(sign)], operands)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        raise ExpressionError(f"'{ast.unparse(node)}' is not supported.")

    def _call(self, name: str, arguments: list[ast.expr]) -> Series:
        match name, arguments:
            case "IF", [condition, chosen]:
                return self._if(condition, chosen, [None] * self._count)
            case "IF", [condition, chosen, otherwise]:
                return self._if(condition, chosen, self.visit(otherwise))
            case "FILL", [filled, ast.Name(id="REPEAT")]:
                return list(itertools.accumulate(self.visit(filled), _fill_with))
            case "FILL", [filled, substitute]:
                return list(map(_fill_with, self.visit(substitute), self.visit(filled)))
            case _, [operand] if name in FUNCTIONS:
                return self._by_window(FUNCTIONS[name], [operand])
            case _, [ast.List(elts=members)] if name in AGGREGATES:
                windows = zip(*map(self.visit, members), strict=True)
                return [_aggregate(name, window) for window in windows]
            case _, [operand] if name in AGGREGATES:
                return [_aggregate(name, self.visit(operand))] * self._count
        raise ExpressionError(f"{name} with {len(arguments)} arguments is not supported.")

    def _if(
        self,
        condition: ast.expr,
        chosen: ast.expr,
        otherwise: Series,
    ) -> Series:
        return list(map(_choose, self.visit(condition), self.visit(chosen), otherwise))

    def _by_window(self, function: Callable[..., Any], operands: list[ast.expr]) -> Series:
        windows = zip(*map(self.visit, operands), strict=True)
        return [_apply(function, window) for window in windows]


def _apply(function: Callable[..., Any], operands: tuple[float | None, ...]) -> float | None:
    if None in operands:
        return None
    try:
        result = function(*operands)
    except ZeroDivisionError:
        return None
    return None if isinstance(result, complex) else float(result)


def _choose(condition: float | None, chosen: float | None, otherwise: float | None) -> float | None:
    if condition is None:
        return None
    return chosen if condition else otherwise


def _fill_with(substitute: float | None, value: float | None) -> float | None:
    return substitute if value is None else value


def _aggregate(name: str, values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return AGGREGATES[name](present) if present else None
