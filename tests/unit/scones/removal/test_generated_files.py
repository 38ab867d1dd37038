"""The files of a target, after its account was destroyed."""

from __future__ import annotations

from pathlib import Path

from scones.removal import generated_files

OF_THE_ACCOUNT = ["model.tfvars.json", "plan.json", "plan.tfplan", "terraform"]
KEPT = ["drift.json", "graph", "report.html", "terraform.log"]


def test_reports_are_kept_and_what_describes_the_account_is_deleted(tmp_path: Path) -> None:
    for name in ("aws/account.sqlite", "terraform/modules.json", "graph/machine.svg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    for name in {*OF_THE_ACCOUNT, *KEPT} - {"terraform", "graph"}:
        (tmp_path / name).touch()
    assert generated_files.delete(tmp_path) == OF_THE_ACCOUNT
    assert generated_files.kept(tmp_path) == KEPT
    assert (tmp_path / "graph" / "machine.svg").exists()
    assert (tmp_path / "aws" / "account.sqlite").exists()
    assert generated_files.delete(tmp_path) == []
