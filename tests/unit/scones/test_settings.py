"""A target, and what is read of its settings before anything stands."""

from __future__ import annotations

import pytest

from scones.errors import UserError
from scones.settings import Target


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_each_target_has_its_own_name_and_region(name: str) -> None:
    target = Target.load(name)
    assert target.prefix == f"scones-{name}"
    assert target.region == "us-east-1"
    assert target.tags == {"project": "scones", "environment": name}


def test_an_unknown_target_is_refused_with_the_existing_ones() -> None:
    with pytest.raises(UserError, match="dev, local, prod"):
        Target.load("staging")


def test_a_command_names_the_target_unless_it_is_the_default() -> None:
    assert Target.load("local").command("apply") == "make apply"
    assert Target.load("dev").command("apply") == "make apply TARGET=dev"


def test_classes_and_threshold_are_read_for_use_without_an_account() -> None:
    target = Target.load("local")
    assert (target.classes, target.confidence_threshold) == (("bicycle", "motorcycle"), 0.93)
    assert target.workflow.is_file()
