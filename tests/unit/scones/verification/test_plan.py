"""What verify says where Terraform cannot plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from scones.settings import Target
from scones.verification import plan
from scones.verification.finding import Status


def test_without_terraform_the_remedy_names_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,), desired = plan.check(Target("local", "us-east-1"))
    assert desired is None
    assert finding.status == Status.PROBLEM
    assert finding.text.startswith("There is no terraform on the PATH.")
    assert "terraform/.terraform.lock.hcl" in finding.remedy
