"""The top of the training report: the gate's limits beside what was measured."""

from __future__ import annotations

from scones.training.quality_gate import Check
from scones.training.report_headline import check_line


def test_a_difference_that_is_negative_has_a_minus_sign() -> None:
    check = Check("the accuracy less the live model's", "≥", -0.02, -0.01)
    assert check_line(check).endswith("asked ≥ \u22120.02, measured \u22120.01 ✓")
