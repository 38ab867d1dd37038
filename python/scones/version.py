"""Which code is at work."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

# Of a checkout, what takes part in staging and training.
SOURCES = "python"


def code_version(root: Path) -> str:
    """The commit checked out at `root`, "-dirty" added where sources differ; without one, a hash of the sources."""
    if _git(root, "rev-parse", "--show-toplevel") != str(root.resolve()):
        return _hash(root)
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not commit:
        return _hash(root)
    return f"{commit}-dirty" if _git(root, "status", "--porcelain", "--", SOURCES) else commit


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", root, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _hash(root: Path) -> str:
    total = hashlib.sha256()
    for path in sorted((root / SOURCES).rglob("*.py")):
        total.update(
            f"{path.relative_to(root)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    return f"sources-{total.hexdigest()[:12]}"
