"""The accounts that the tests of the local AWS share: starting one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from accounts import Account, local, stock


@pytest.fixture(scope="session")
def shared_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `account`."""
    return tmp_path_factory.mktemp("aws")


@pytest.fixture(scope="session")
def account(shared_state: Path) -> Iterator[Account]:
    """A local AWS account. Tests find resources of other tests in it, so they use unique names."""
    with local(shared_state) as running:
        yield running


@pytest.fixture(scope="session")
def stock_account() -> Iterator[Account]:
    """Stock moto's server, for what the local AWS does otherwise."""
    with stock() as running:
        yield running
