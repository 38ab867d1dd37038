"""One account in which the main job has been run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from checkouts import Checkout, check_out
from terminals import Terminal

EPOCHS = 12


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = check_out(tmp_path_factory.mktemp("checkout"))
    checkout.train_briefly(EPOCHS)
    checkout.change_settings(
        r"monitoring = \{", 'monitoring = {\n  drift_schedule = "rate(6 hours)"'
    )
    yield checkout
    checkout.make("local-stop")


@pytest.fixture(scope="session")
def main_job_screen(checkout: Checkout) -> Terminal:
    """The terminal on which the main job was run from nothing."""
    return checkout.make_on_terminal("stage", "train", "apply", columns=80)


@pytest.fixture(scope="session")
def main_job(main_job_screen: Terminal) -> str:
    """What the main job shows in the end."""
    return main_job_screen.text
