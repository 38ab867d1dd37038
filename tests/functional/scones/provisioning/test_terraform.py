"""What is shown of a plan, and of applying it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scones.errors import UserError
from scones.provisioning.terraform import Terraform

CHECKED = """
variable "forced" { type = bool }

resource "terraform_data" "this" { input = var.forced }

check "gate" {
  assert {
    condition     = !var.forced
    error_message = "It was handed over by force."
  }
}
"""


BROKEN = """
resource "terraform_data" "broken" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output == 2
      error_message = "It must be two."
    }
  }
}
"""


def prepare(folder: Path, module: str, forced: bool) -> tuple[Terraform, Path, Path]:
    """An initialised module, the file of its variables, and the path of a plan."""
    (folder / "main.tf").write_text(module)
    values = folder / "values.tfvars.json"
    values.write_text(json.dumps({"forced": forced}))
    variables: dict[str, str | None] = {"TF_CLI_CONFIG_FILE": os.devnull}
    terraform = Terraform(folder, variables, folder / "terraform.log")
    terraform.init({})
    return terraform, values, folder / "a.tfplan"


def test_applying_shows_one_line_and_logs_the_rest(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    terraform, values, plan = prepare(tmp_path, CHECKED, forced=False)
    terraform.plan(plan, [values])
    terraform.apply(plan)
    lines = capfd.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == ["Provisioning: 1"]
    terraform.destroy(plan, [values])
    assert [line.partition(",")[0] for line in capfd.readouterr().err.splitlines()] == [
        "Destroying: 1"
    ]
    log = terraform.log.read_text()
    for event in ("terraform plan", "Creation complete", "Destruction complete"):
        assert event in log


def test_an_error_is_shown_whole_and_the_log_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    terraform, values, plan = prepare(tmp_path, CHECKED + BROKEN, forced=True)
    terraform.plan(plan, [values])
    with pytest.raises(UserError, match=r"terraform apply failed.* is in .*terraform\.log\."):
        terraform.apply(plan)
    shown = capfd.readouterr().err
    assert "Error: Resource postcondition failed" in shown
    assert "It must be two." in shown
    assert "Warning: Check block assertion failed" in shown


def test_an_exceeded_quota_ends_with_what_to_request(tmp_path: Path) -> None:
    limit = "limit 'ml.m5.large for endpoint usage' is 0 Instances."
    exceeded = f"ResourceLimitExceeded: The account-level service {limit}"
    module = CHECKED + BROKEN.replace("It must be two.", exceeded)
    terraform, values, plan = prepare(tmp_path, module, forced=False)
    terraform.plan(plan, [values])
    with pytest.raises(UserError, match=r'quota for "ml\.m5\.large for endpoint usage".* Then run'):
        terraform.apply(plan)


@pytest.mark.parametrize("forced", [True, False])
def test_a_plan_is_shown_with_the_warnings_of_its_checks(tmp_path: Path, forced: bool) -> None:
    terraform, values, plan = prepare(tmp_path, CHECKED, forced)
    planned = terraform.plan(plan, [values])
    assert planned.changes
    assert "terraform_data.this will be created" in planned.text
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in planned.text
    assert planned.text.endswith("\n\nIt was handed over by force.") == forced
    assert ("Warning" in planned.text) == forced


def test_a_plan_is_shown_without_terraforms_own_remarks(tmp_path: Path) -> None:
    terraform, values, plan = prepare(tmp_path, CHECKED, forced=False)
    terraform.plan(plan, [values])
    terraform.apply(plan)
    unchanged = terraform.plan(plan, [values])
    assert not unchanged.changes
    assert unchanged.text.startswith("No changes.")
    values.write_text(json.dumps({"forced": True}))
    changed = terraform.plan(plan, [values])
    assert changed.text.startswith("Terraform used the selected providers")
    assert "Saved the plan" not in changed.text
    assert "Refreshing state" not in changed.text
    assert "Refreshing state" in terraform.log.read_text()
