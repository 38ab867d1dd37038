"""Waiting for what another process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

# Only a failing test waits this long. It is generous since the machine may be busy.
SECONDS = 120


def eventually(condition: Callable[[], Any], seconds: float = SECONDS, pause: float = 0.05) -> Any:
    """Return the first true value of `condition`; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"still not true after {seconds:g} seconds"
        time.sleep(pause)
    return value
