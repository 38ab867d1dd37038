"""`make bench-clone`: how it runs the steps; the steps themselves are tested end to end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.fresh_clone import Clone, fresh_clone
from scones.errors import UserError

MAKEFILE = """
stage:
	@python3 -c 'n = sum(range(10**6))'
train:
	@echo 'Error: no images.'; exit 1
"""


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    return Clone(tmp_path, tmp_path / "step.log", os.environ)


def test_a_step_takes_seconds_and_cpu_seconds(clone: Clone) -> None:
    seconds, cpu = clone.make("stage")
    assert cpu > 0
    assert seconds > 0


def test_a_step_that_fails_shows_what_it_printed(
    clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match="make train failed"):
        clone.make("train")
    assert "Error: no images." in capsys.readouterr().err


def test_a_clone_has_an_empty_home_and_nothing_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "MAKEFLAGS", "XDG_CACHE_HOME", "PYTHONPATH", "SCONES_CACHE"):
        monkeypatch.setenv(name, "mine")
    clone = fresh_clone(tmp_path)
    assert "mine" not in clone.environment.values()
    assert list(Path(clone.environment["HOME"]).iterdir()) == []
    assert (clone.folder / "Makefile").is_file()
    assert not (clone.folder / "build").exists()
