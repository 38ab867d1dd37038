"""The version of the code that stages and trains."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

# The part of a checkout that takes part in staging and training.
SOURCES = "python"


def code_version(root: Path) -> str:
    """Return the commit checked out at `root`, with "-dirty" added if sources differ from it.

    Without a commit it is a hash of the sources.
    """
    if _git(root, "rev-parse", "--show-toplevel") != str(root.resolve()):
        return _hash_sources(root)
    commit = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not commit:
        return _hash_sources(root)
    return f"{commit}-dirty" if _git(root, "status", "--porcelain", "--", SOURCES) else commit


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None if it fails or is not installed."""
    command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _hash_sources(root: Path) -> str:
    total = hashlib.sha256()
    for path in sorted((root / SOURCES).rglob("*.py")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root)}\0{digest}\n".encode())
    return f"sources-{total.hexdigest()[:12]}"
