"""Metric math: CloudWatch's expressions, read as Python would read them and worked out by a walk through the tree.

A series has one value, or None, for each window. Where an operand is missing or a divisor is 0, the result is
missing; MAX, MIN, SUM and AVG of a list take what is there.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

Series = list[float | None]
Value = Series | float

WORDS = {"&&": " and ", "AND": " and ", "||": " or ", "OR": " or ", "^": "**"}
OPERATORS: dict[type, Callable[[float, float], Any]] = {
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
}
FOR_EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
OF_SEVERAL: dict[str, Callable[[list[float]], float]] = {
    "AVG": lambda values: sum(values) / len(values),
    "MAX": max,
    "MIN": min,
    "SUM": sum,
}


class ExpressionError(ValueError):
    """An expression that is wrong, or that is not understood here."""


def names(expression: str) -> set[str]:
    """The metrics that it speaks of. Raises ExpressionError."""
    tree = _tree(expression)
    functions = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node not in functions
    }
    return found - {"REPEAT", "LINEAR"}


def evaluate(expression: str, series: Callable[[str], Series]) -> Value:
    """`series` gives the values of a metric by its id. Raises ExpressionError."""
    try:
        return _single(_Walk(series).visit(_tree(expression)))
    except (OverflowError, RecursionError, TypeError) as error:
        raise ExpressionError(
            f"The expression '{expression}' cannot be worked out: {error}."
        ) from error


def _tree(expression: str) -> ast.expr:
    text = re.sub(r"&&|\|\||\^|\b(?:AND|OR)\b", lambda word: WORDS[word[0]], expression)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(
            f"The expression '{expression}' is not metric math: {error}."
        ) from error


class _Walk:
    def __init__(self, series: Callable[[str], Series]) -> None:
        self._series = series

    def visit(self, node: ast.expr) -> Any:
        """A Value, or a list of them."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return float(value)
            case ast.Name(id=name):
                return self._series(name)
            case ast.List(elts=items):
                return tuple(self.visit(item) for item in items)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return _joined(OPERATORS[type(op)], self.visit(left), self.visit(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
                return _joined(OPERATORS[type(op)], self.visit(left), self.visit(right))
            case ast.BoolOp(op=op, values=values):
                return self._logic(all if isinstance(op, ast.And) else any, values)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _joined(operator.sub, 0.0, self.visit(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        raise ExpressionError(f"'{ast.unparse(node)}' is not understood.")

    def _logic(self, decide: Callable[[list[bool]], bool], nodes: list[ast.expr]) -> Value:
        return _by_window(
            lambda *values: float(decide([bool(v) for v in values])), [self.visit(n) for n in nodes]
        )

    def _call(self, name: str, nodes: list[ast.expr]) -> Value:
        if name == "IF" and len(nodes) in (2, 3):
            return _chosen(*(self.visit(node) for node in nodes))
        if name == "FILL" and len(nodes) == 2:
            way = (
                nodes[1].id
                if isinstance(nodes[1], ast.Name) and nodes[1].id == "REPEAT"
                else self.visit(nodes[1])
            )
            return _filled(_single(self.visit(nodes[0])), way)
        if name in FOR_EACH and len(nodes) == 1:
            return _by_window(FOR_EACH[name], [self.visit(nodes[0])])
        if name in OF_SEVERAL and len(nodes) == 1:
            return _reduced(OF_SEVERAL[name], self.visit(nodes[0]))
        raise ExpressionError(f"{name} of {len(nodes)} is not a function that is known here.")


def _joined(function: Callable[[float, float], Any], left: Value, right: Value) -> Value:
    def value(a: float, b: float) -> float | None:
        try:
            result = function(a, b)
        except ZeroDivisionError:
            return None
        return None if isinstance(result, complex) else float(result)

    return _by_window(value, [left, right])


def _by_window(function: Callable[..., float | None], operands: list[Any]) -> Value:
    operands = [_single(operand) for operand in operands]
    lengths = {len(operand) for operand in operands if isinstance(operand, list)}
    if not lengths:
        result = function(*operands)
        return math.nan if result is None else result
    rows = zip(*(_spread(operand, max(lengths)) for operand in operands), strict=True)
    return [None if None in row else function(*row) for row in rows]


def _chosen(condition: Value, then: Value, otherwise: Value | None = None) -> Value:
    parts = [
        _single(condition),
        _single(then),
        *([] if otherwise is None else [_single(otherwise)]),
    ]
    lengths = {len(part) for part in parts if isinstance(part, list)}
    rows = zip(*(_spread(part, max(lengths, default=1)) for part in parts), strict=True)
    chosen: Series = [
        None if met is None else choices[0] if met else choices[1] if len(choices) > 1 else None
        for met, *choices in rows
    ]
    return chosen if lengths or chosen[0] is None else chosen[0]


def _filled(series: Value, way: Any) -> Value:
    if not isinstance(series, list):
        return series
    filled: Series = []
    spread = _spread(0.0 if way == "REPEAT" else _single(way), len(series))
    for value, substitute in zip(series, spread, strict=True):
        last = filled[-1] if filled else None
        filled.append(value if value is not None else last if way == "REPEAT" else substitute)
    return filled


def _reduced(function: Callable[[list[float]], float], operand: Any) -> Value:
    if not isinstance(operand, tuple):
        series = operand if isinstance(operand, list) else [operand]
        there = [value for value in series if value is not None]
        return function(there) if there else math.nan
    members = [_single(member) for member in operand]
    length = max((len(member) for member in members if isinstance(member, list)), default=1)
    rows = zip(*(_spread(member, length) for member in members), strict=True)
    there_of_each = ([value for value in row if value is not None] for row in rows)
    return [function(there) if there else None for there in there_of_each]


def _single(value: Any) -> Value:
    if isinstance(value, tuple):
        raise ExpressionError("A list of metrics stands where one is wanted.")
    return value if isinstance(value, list) else float(value)


def _spread(value: Value, length: int) -> Series:
    if isinstance(value, list):
        return value
    return [None if math.isnan(value) else value] * length
