"""Terraform's own tests in terraform/tests/, which run with a mocked provider."""

from __future__ import annotations

import subprocess
import sys

from paths import ROOT


def test_the_configuration_is_formatted_valid_and_passes_its_own_tests() -> None:
    command = [sys.executable, "-m", "scones", "check-terraform"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    assert "0 failed" in process.stderr
