"""The end-to-end tests: the verbs themselves, on the local AWS.

The modules of one folder share a checkout and its account, which takes a minute to provision. They
run in the order below. Each leaves the account as it found it, or as the next one expects it, and
can also be run on its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ORDER = (
    "main_job/test_main_job.py",
    "main_job/test_model_quality.py",
    "main_job/test_monitoring.py",
    "main_job/test_other_code.py",
    "main_job/test_verify.py",
    "main_job/test_grants.py",
    "main_job/test_removal.py",
    "interruptions/test_interrupted_provisioning.py",
    "interruptions/test_alarms.py",
    "interruptions/test_lost_account.py",
)
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules into their order, before all other tests."""
    position = {FOLDER / name: number for number, name in enumerate(ORDER)}
    items.sort(key=lambda item: position.get(item.path, len(ORDER)))
