"""The permissions that verify asks for."""

from __future__ import annotations

from callers import run_as
from checkouts import Checkout


def test_the_permissions_to_plan_suffice_to_plan_but_not_to_stage(
    checkout: Checkout, main_job: str
) -> None:
    planned = run_as(checkout, "plan", "plan")
    assert planned.returncode == 0, planned.stderr
    assert ", with model scones-local-" in planned.stdout
    refused = run_as(checkout, "plan", "evaluate")
    assert refused.returncode == 1
    assert "is not authorized to perform: states:StartExecution" in refused.stderr
