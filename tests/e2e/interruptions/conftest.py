"""One account with strict alarms, which killed verbs and their repetitions provision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from checkouts import Checkout, check_out

EPOCHS = 4
# Every answer is too slow, and every message too old after seconds.
MONITORING = """monitoring = {
  least_images         = 5
  latency_ms           = 0.001
  oldest_message_hours = 0.002
  quiet_periods        = 1
  period_seconds       = 60
}"""


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Nothing is provisioned yet. The settings demand more confidence than any answer has."""
    checkout = check_out(tmp_path_factory.mktemp("checkout"))
    checkout.train_briefly(EPOCHS)
    checkout.change_settings(r"confidence_threshold = 0\.93", "confidence_threshold = 0.9999")
    checkout.change_settings(r"monitoring = \{.*?\}", MONITORING)
    yield checkout
    checkout.make("local-stop")
