from __future__ import annotations

from pathlib import Path

import pytest

from localaws.sagemaker import opt_ml, training_record
from localaws.sagemaker.fleets import INVOCATIONS, Fleet, OverloadedError
from localaws.sagemaker.variant_server import Plan
from localaws.server.patching import Account


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("/opt/ml", "/job"),
        ("/opt/ml/model", "/job/model"),
        ("--dir=/opt/ml/model", "--dir=/job/model"),
        ("/lib:/opt/ml/code:/opt/ml/more", "/lib:/job/code:/job/more"),
        ("/opt/mlops", "/opt/mlops"),
        ("/srv/opt/ml/model", "/srv/opt/ml/model"),
        ("see /opt/ml", "see /opt/ml"),
    ],
)
def test_opt_ml_is_replaced_where_a_path_begins(text: str, moved: str) -> None:
    assert opt_ml.relocate(text, Path("/job")) == moved


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("train/", "train/a.png", "a.png"),
        ("train", "train/deep/a.png", "deep/a.png"),
        ("manifest.json", "manifest.json", "manifest.json"),
        ("data/manifest.json", "data/manifest.json", "manifest.json"),
        ("data/tr", "data/train/a.png", "train/a.png"),
        ("", "train/a.png", "train/a.png"),
    ],
)
def test_an_object_keeps_its_path_below_the_prefix(prefix: str, key: str, path: str) -> None:
    assert opt_ml.path_in_channel(prefix, key) == path


def test_the_failure_text_is_cut_at_1024_characters(tmp_path: Path) -> None:
    assert opt_ml.read_failure(tmp_path) == ""
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "failure").write_text("x" * 2000)
    assert opt_ml.read_failure(tmp_path) == "x" * 1024


def test_metrics_are_finite_numbers_in_the_first_group() -> None:
    patterns = training_record.compile_patterns(
        [
            {"Name": "loss", "Regex": "loss=(\\S+)"},
            {"Name": "accuracy", "Regex": "accuracy=([0-9.]+)"},
        ]
    )
    assert training_record.parse_metrics("loss=1e-3 accuracy=0.9", patterns) == {
        "loss": 0.001,
        "accuracy": 0.9,
    }
    assert training_record.parse_metrics("loss=nan accuracy=.", patterns) == {}
    assert training_record.parse_metrics("nothing here", patterns) == {}


@pytest.mark.parametrize(("regex", "reason"), [("loss=(", "not valid"), ("loss=1", "no group")])
def test_a_pattern_that_can_match_no_number_is_refused(regex: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        training_record.compile_patterns([{"Name": "loss", "Regex": regex}])


def test_an_endpoint_takes_a_bounded_number_of_invocations_at_a_time(tmp_path: Path) -> None:
    plan = Plan("123456789012", "us-east-1", "endpoint", "config", [], {}, {})
    fleet = Fleet(Account(tmp_path, "http://127.0.0.1:1"), plan)
    under_way = [fleet.invocation() for _ in range(INVOCATIONS)]
    assert all(invocation.__enter__() for invocation in under_way)
    with pytest.raises(OverloadedError), fleet.invocation():
        pass
    for invocation in under_way:
        invocation.__exit__(None, None, None)
    fleet.retire()
    with fleet.invocation() as alive:
        assert not alive
