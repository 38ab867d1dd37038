from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scones.version import code_version


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "python" / "scones").mkdir(parents=True)
    (root / "python" / "scones" / "stage.py").write_text("one")
    return root


def git(root: Path, *arguments: str) -> str:
    who = ("-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", root, *who, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(root: Path) -> str:
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--no-verify", "-m", "All")
    return git(root, "rev-parse", "HEAD")


def test_a_commit_is_the_version_and_other_files_do_not_matter(sources: Path) -> None:
    head = commit(sources)
    (sources / "notes.txt").touch()
    assert code_version(sources) == head


def test_changed_and_added_sources_make_the_version_dirty(sources: Path) -> None:
    head = commit(sources)
    (sources / "python" / "scones" / "new.py").touch()
    assert code_version(sources) == f"{head}-dirty"


def test_without_a_commit_the_sources_are_hashed(sources: Path) -> None:
    before = code_version(sources)
    assert re.fullmatch("sources-[0-9a-f]{12}", before)
    git(sources, "init", "--quiet")
    assert code_version(sources) == before
    (sources / "python" / "scones" / "stage.py").write_text("two")
    assert code_version(sources) != before


def test_another_projects_commit_is_ignored(sources: Path) -> None:
    before = code_version(sources)
    (sources.parent / "file").touch()
    commit(sources.parent)
    assert code_version(sources) == before
