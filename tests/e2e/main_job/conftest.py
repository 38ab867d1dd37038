"""One account in which the main job has been run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from checkouts import Checkout, check_out

EPOCHS = 12


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = check_out(tmp_path_factory.mktemp("checkout"))
    checkout.train_briefly(EPOCHS)
    yield checkout
    checkout.make("local-stop")


@pytest.fixture(scope="session")
def main_job(checkout: Checkout) -> str:
    """What the main job prints, run from nothing."""
    return checkout.make("stage", "train", "apply").stdout
