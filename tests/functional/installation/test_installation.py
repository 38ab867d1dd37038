"""An installation from its beginning to its end, with programs that stand for pip and uv."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from paths import PYTHON, ROOT

PIP = "exit 0"  # its settings are empty
# Offers the CPU build of torch at $CPU_AT alone, and fails to install once $BROKEN is set.
UV = """
echo "$@" >> calls
case "$*" in
  *--dry-run*--default-index\\ "$CPU_AT"*) echo " + torch==2.13.0+cpu" >&2;;
  *--dry-run*--default-index*) exit 2;;
  *--dry-run*) echo " + torch==2.13.0" >&2;;
  *)
    echo "Resolved 2 packages in 1ms" >&2
    echo "Downloading torch (181.0MiB)" >&2
    [ -z "$BROKEN" ] || { echo "error: Failed to fetch: torch" >&2; exit 2; }
    echo " + torch==2.13.0" >&2;;
esac
"""
DRY_RUN = "pip install --python .venv/bin/python --dry-run --no-deps"
INSTALL = "pip install --python .venv/bin/python"
REST = f"{INSTALL} --constraint constraints.txt --editable .[local]"


@dataclass(frozen=True)
class Checkout:
    folder: Path

    @property
    def stamp(self) -> Path:
        return self.folder / ".venv" / "ready-local"

    @property
    def calls(self) -> list[str]:
        """What uv was called with."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def install(self, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PYTHON), **variables}
        return subprocess.run(
            [sys.executable, "-m", "installation"],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout whose environment has pip and uv, and nothing else."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, script in (("python", PIP), ("uv", UV)):
        program = programs / name
        program.write_text(f"#!/bin/bash\n{script}")
        program.chmod(0o755)
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return Checkout(tmp_path)


def test_torch_comes_alone_from_its_index_and_the_rest_from_the_default_one(
    checkout: Checkout,
) -> None:
    done = checkout.install(TORCH_INDEX="https://mirror/cpu", CPU_AT="https://mirror/cpu")
    assert done.returncode == 0
    assert done.stdout == ""
    from_the_mirror = "--default-index https://mirror/cpu"
    assert checkout.calls == [
        f"{DRY_RUN} torch==2.13.0",
        f"{DRY_RUN} {from_the_mirror} torch==2.13.0",
        f"{INSTALL} {from_the_mirror} --no-deps torch==2.13.0",
        REST,
    ]
    assert checkout.stamp.exists()
    announcement, build, *downloads, end = done.stderr.splitlines()
    assert "350 MB to download" in announcement
    assert build == "torch is the CPU build of https://mirror/cpu."
    assert {*downloads} == {"Downloading torch (181.0MiB)"}
    assert end.startswith("Installed in ")


def test_without_an_answer_torch_comes_from_the_default_index_too(checkout: Checkout) -> None:
    done = checkout.install(TORCH_INDEX="https://mirror/cpu", CPU_AT="https://elsewhere")
    assert "torch is the default build, with CUDA" in done.stderr
    assert checkout.calls[-1] == REST
    assert [call for call in checkout.calls if "--dry-run" not in call] == [REST]


def test_a_failure_is_reported_with_its_cause_and_leaves_no_stamp(checkout: Checkout) -> None:
    done = checkout.install(TORCH_INDEX="", BROKEN="1")
    assert done.returncode == 1
    assert "error: Failed to fetch: torch" in done.stderr
    assert "run the same command again" in done.stderr
    assert not checkout.stamp.exists()
    assert checkout.install(TORCH_INDEX="").returncode == 0
    assert checkout.stamp.exists()


def test_a_finished_installation_is_not_repeated(checkout: Checkout) -> None:
    checkout.stamp.touch()
    done = checkout.install()
    assert (done.returncode, done.stderr, checkout.calls) == (0, "", [])


def test_changed_requirements_are_installed(checkout: Checkout) -> None:
    checkout.stamp.touch()
    os.utime(checkout.stamp, (0, 0))
    done = checkout.install(TORCH_INDEX="")
    assert "The project's requirements have changed" in done.stderr
    assert checkout.calls[-1] == REST
    assert checkout.stamp.stat().st_mtime > 0


def test_a_second_installation_waits_for_the_first(checkout: Checkout) -> None:
    with (checkout.folder / ".venv" / "installation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(
            [sys.executable, "-m", "installation"],
            cwd=checkout.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PYTHON), "TORCH_INDEX": ""},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stderr
        assert "waiting for it" in second.stderr.readline()
        checkout.stamp.touch()  # the first is done
    assert second.communicate(timeout=60) == (None, "")
    assert (second.returncode, checkout.calls) == (0, [])


@pytest.mark.parametrize("home", ["", "/", None])
def test_without_a_home_folder_the_caches_fall_under_build(
    checkout: Checkout, home: str | None
) -> None:
    uv = checkout.folder / ".venv" / "bin" / "uv"
    uv.write_text('#!/bin/bash\necho "$UV_CACHE_DIR $PIP_CACHE_DIR" >> calls\n')
    checkout.install(**({} if home is None else {"HOME": home}))
    caches = checkout.folder / "build" / "cache"
    assert {*checkout.calls} == {f"{caches}/uv {caches}/pip"}
