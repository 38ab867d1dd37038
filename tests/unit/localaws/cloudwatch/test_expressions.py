from __future__ import annotations

import pytest

from localaws.cloudwatch import expressions, queries
from localaws.cloudwatch.expressions import ExpressionError, Series
from localaws.cloudwatch.queries import Stat
from localaws.cloudwatch.store import Metric

SERIES: dict[str, Series] = {
    "judged": [40, 10, None, 20],
    "unsure": [30, 10, None, None],
    "zero": [0, 0, 0, 0],
}


def evaluate(expression: str) -> Series:
    return expressions.evaluate(expression, lambda name: SERIES[name], 4)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("judged", [40, 10, None, 20]),
        ("judged + unsure", [70, 20, None, None]),
        ("judged - unsure * 2", [-20, -10, None, None]),
        ("-judged", [-40, -10, None, -20]),
        ("judged ^ 2", [1600, 100, None, 400]),
        ("judged / zero", [None, None, None, None]),
        ("100 * (unsure / judged)", [75, 100, None, None]),
        ("judged >= 20", [1, 0, None, 1]),
        ("judged == 10", [0, 1, None, 0]),
        ("judged != 10 AND judged < 40", [0, 0, None, 1]),
        ("judged > 20 || judged == 10", [1, 1, None, 0]),
        ("judged > 20 && judged == 10", [0, 0, None, 0]),
        ("IF(judged >= 20, unsure / judged, 0)", [0.75, 0, None, None]),
        ("IF(judged >= 20, FILL(unsure, 0) / judged, 0)", [0.75, 0, None, 0]),
        ("IF(FILL(judged, 0) >= 20, FILL(unsure, 0) / judged, 0)", [0.75, 0, 0, 0]),
        ("IF(judged > 15, judged)", [40, None, None, 20]),
        ("IF(1, 2, 3)", [2] * 4),
        ("FILL(judged, 0)", [40, 10, 0, 20]),
        ("FILL(judged, REPEAT)", [40, 10, 10, 20]),
        ("FILL(judged, zero)", [40, 10, 0, 20]),
        ("MAX([judged, unsure])", [40, 10, None, 20]),
        ("MIN([judged, unsure])", [30, 10, None, 20]),
        ("SUM([judged, unsure])", [70, 20, None, 20]),
        ("AVG([judged, unsure])", [35, 10, None, 20]),
        ("MAX(judged)", [40] * 4),
        ("SUM(judged)", [70] * 4),
        ("judged / MAX(judged)", [1, 0.25, None, 0.5]),
        ("ABS(zero - judged)", [40, 10, None, 20]),
        ("CEIL(judged / 3)", [14, 4, None, 7]),
        ("1 + 1", [2] * 4),
        ("1 / 0", [None] * 4),
    ],
)
def test_an_expression_is_evaluated(expression: str, answer: Series) -> None:
    assert evaluate(expression) == answer


@pytest.mark.parametrize(
    "expression",
    [
        "ANOMALY_DETECTION_BAND(judged)",
        "SEARCH('{AWS/EC2}', 'Average')",
        "judged.real",
        "__import__('os')",
        "judged[0]",
        "[judged, unsure]",
        "judged +",
        "10 < judged < 20",
        "9.0 ^ 9 ^ 9",
        "'text'",
        "",
        "IF(judged)",
        "MAX([[judged]])",
    ],
)
def test_an_unsupported_expression_is_an_error(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression)


def test_an_expression_may_use_another_one() -> None:
    asked: dict[str, Stat | str] = {
        "judged": Stat(Metric("N", "Judged"), "Sum", 60),
        "unsure": Stat(Metric("N", "Unsure"), "Sum", 300),
        "share": "unsure / judged",
        "percent": "100 * share",
    }
    assert queries.period(asked, "percent") == 300
    values = queries.values(
        asked, "percent", lambda stat, _: SERIES[stat.metric.name.lower()], 300, 4
    )
    assert values == [75, 100, None, None]


@pytest.mark.parametrize("expression", ["share + 1", "gone", "1 + 1"])
def test_an_expression_uses_at_least_one_metric(expression: str) -> None:
    with pytest.raises(ExpressionError):
        queries.period({"share": expression}, "share")
