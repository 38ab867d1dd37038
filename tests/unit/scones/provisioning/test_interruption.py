"""What a killed terraform leaves behind."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scones.errors import UserError
from scones.provisioning.interruption import AccountLost, Marker, is_left_behind


def lock(created: float) -> dict[str, str]:
    """A lock as Terraform writes it, with nanoseconds."""
    moment = datetime.fromtimestamp(created, UTC)
    return {
        "ID": "1",
        "Operation": "OperationTypeApply",
        "Created": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06}789Z",
    }


def test_a_terraform_that_ended_leaves_no_marker(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "running")
    with marker.hold():
        assert marker.killed_at() is None, "this process holds it, so none was killed"
    assert marker.killed_at() is None


def test_a_terraform_that_failed_leaves_no_marker(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "running")
    with pytest.raises(UserError), marker.hold():
        raise UserError("It failed.")
    assert marker.killed_at() is None


def test_a_terraform_that_lost_its_account_leaves_its_marker(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "running")
    with pytest.raises(AccountLost), marker.hold():
        raise AccountLost("The account does not answer any more.")
    assert marker.killed_at() is not None


def test_an_interrupted_terraform_leaves_its_marker(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "running")
    before = time.time()
    with pytest.raises(KeyboardInterrupt), marker.hold():
        raise KeyboardInterrupt
    killed_at = marker.killed_at()
    assert killed_at is not None
    assert before <= killed_at <= time.time()


def test_two_verbs_at_once_are_refused(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "running")
    with marker.hold(), pytest.raises(UserError, match="Another make"), Marker(marker.path).hold():
        pass


def test_only_a_lock_taken_since_the_killed_start_may_be_released() -> None:
    now = time.time()
    assert is_left_behind(lock(now + 1), killed_at=now)
    assert not is_left_behind(lock(now - 3600), killed_at=now)
