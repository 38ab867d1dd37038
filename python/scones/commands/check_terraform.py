"""A part of `make check`: `terraform fmt`, `validate` and `test`, without an account."""

from __future__ import annotations

import os
from collections.abc import Sequence

from scones import cli
from scones.provisioning.packaging import package_all
from scones.provisioning.terraform import Terraform
from scones.provisioning.terraform_config import environment
from scones.settings import ROOT


def main(argv: Sequence[str]) -> int:
    cli.parser("check-terraform").parse_args(argv)
    package_all()
    folder = ROOT / "terraform"
    # A working directory of its own, so that no target's state or backend is involved.
    variables = environment(ROOT / "build" / "check", folder / ".terraform.lock.hcl", os.environ)
    Terraform(folder, variables).check()
    cli.result("terraform fmt, validate and test pass.")
    return 0
