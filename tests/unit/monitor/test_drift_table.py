"""A drift result as text: what a reader of a terminal or a log sees."""

from __future__ import annotations

import pytest

from monitor import descriptions, drift_table
from monitor.drift import Finding


def finding(**changes: object) -> Finding:
    fields = {
        "name": "warmth",
        "measure": "PSI",
        "statistic": 0.31,
        "p_value": 0.4,
        "adjusted": 1.0,
        "drifted": False,
        "baseline": 0.012,
        "window": -0.0003,
        "sentence": None,
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_feature_that_did_not_drift_is_not_called_shifted() -> None:
    row = drift_table.table_row(finding())
    assert row == ("warmth", "0.012", "0.000", "PSI", "0.310", "0.40000", "1.00000", "no")


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0001, "0.000"), (-0.0, "0.000"), (-0.002, "-0.002"), (0.25, "0.250")]
)
def test_zero_has_no_sign(value: float, text: str) -> None:
    assert drift_table.format_value(value) == text


def test_a_mean_of_zero_has_no_sign_in_words() -> None:
    sentence = descriptions.change_sentence("warmth", 0.2, -0.0001, -3.0, 0.4)
    assert sentence == "Images are bluer: mean warmth 0.00 instead of 0.20."
