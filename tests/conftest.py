"""What holds for every test: signals, speed, and which tests share a worker."""

from __future__ import annotations

import functools
import gc
import os
import signal
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import botocore.session
import pytest
from clocks import Clock
from xdist.scheduler import LoadScopeScheduling

# A shell starts background processes with Ctrl-C ignored, and their children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Several tests run at a time already: more threads would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Terraform spends a fifth of its time on collecting garbage: let its memory grow instead.
os.environ.setdefault("GOGC", "300")

# Every new session would read the descriptions of the services again, a tenth of a second each,
# and SageMaker's SDK those of the regions for every URI.
create_loader = functools.cache(botocore.loaders.create_loader)
botocore.loaders.create_loader = botocore.session.create_loader = create_loader

NICENESS = 5


class ByAccount(LoadScopeScheduling):
    """A file's tests run on one worker; so do the end-to-end tests that share a folder."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file.rpartition("/")[0] if file.startswith("tests/e2e/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByAccount:
    config.option.loadscopereorder = False  # the longest come first, as pyproject.toml lists them
    return ByAccount(config, log)


def pytest_collection_finish() -> None:
    """Leave all that is imported out of every later garbage collection."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give the processor to the end-to-end and Terraform tests first: they end the run."""
    if item.nodeid.startswith(("tests/functional/", "tests/unit/")) and os.nice(0) < NICENESS:
        os.nice(NICENESS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a worker: a start takes a second."""
    from browser import started  # late: few workers need Selenium

    with started() as driver:
        yield driver


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The verbs' waits take no time."""
    clock = Clock()
    monkeypatch.setattr("scones.waits.time", clock)
    return clock
