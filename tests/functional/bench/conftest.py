from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from paths import PYTHON

Bench = Callable[..., list[str]]


@pytest.fixture(scope="session")
def sample_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the drawn sample, which all tests share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def bench(
    sample_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Bench:
    """Run a benchmark's `main` in this process, and return the printed lines."""
    monkeypatch.setenv("SCONES_CACHE", str(sample_cache))
    monkeypatch.setenv("PYTHONPATH", str(PYTHON))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def run(main: Callable[[Sequence[str]], int], *flags: str) -> list[str]:
        assert main(flags) == 0
        return capsys.readouterr().out.splitlines()

    return run
