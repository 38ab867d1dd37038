"""What a target's folder in build/ holds: files that describe its account, and reports."""

from __future__ import annotations

import shutil
from pathlib import Path

# What describes the account; without the account it is wrong. Everything else is kept: reports,
# diagrams, measurements and logs are of use afterwards, too.
OF_THE_ACCOUNT = (
    "*.tfplan",
    "*.tfvars.json",
    "apply.unfinished",
    "destroy.json",
    "plan.json",
    "sagemaker.yaml",
    "settings.json",
    "terraform",
    "terraform.rc",
    "terraform.running",
)
# The local AWS runs in this folder of build/local, and continues to run.
LOCAL_AWS_FOLDER = "aws"


def delete(build: Path) -> list[str]:
    """Delete what describes the account and return the names of what was deleted."""
    paths = sorted({path for pattern in OF_THE_ACCOUNT for path in build.glob(pattern)})
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return [path.name for path in paths]


def kept(build: Path) -> list[str]:
    """Return the names of what is still there."""
    return sorted(path.name for path in build.iterdir() if path.name != LOCAL_AWS_FOLDER)
