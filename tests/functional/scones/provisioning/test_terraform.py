"""What a reviewer is shown of a plan."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("forced", [True, False])
def test_a_plan_is_shown_with_the_warnings_of_its_checks(tmp_path: Path, forced: bool) -> None:
    (tmp_path / "main.tf").write_text(CHECKED)
    (tmp_path / "values.tfvars.json").write_text(json.dumps({"forced": forced}))
    terraform = Terraform(tmp_path, {"TF_CLI_CONFIG_FILE": os.devnull})
    terraform.init({})
    assert terraform.plan(tmp_path / "a.tfplan", [tmp_path / "values.tfvars.json"])
    shown = terraform.show(tmp_path / "a.tfplan")
    assert "terraform_data.this will be created" in shown
    assert shown.endswith("\n\nWarning: It was handed over by force.") == forced
    assert ("Warning" in shown) == forced
