"""The setting LOCALAWS_PACE: two paces, with single durations of one's own."""

from __future__ import annotations

import pytest
from paths import ROOT

from localaws import pace
from localaws.errors import LocalAwsError
from localaws.pace import Duration


def test_the_documentation_lists_every_duration() -> None:
    page = (ROOT / "docs" / "localaws.md").read_text()
    for duration in Duration:
        name, seconds = duration.name.lower(), f"{duration.fast:g} | {duration.aws:g}"
        assert f"\n| `{name}` | {duration.meaning} | {seconds} | " in page


def test_the_default_is_fast() -> None:
    assert pace.chosen({}) == pace.chosen({"LOCALAWS_PACE": ""}) == "fast"
    fast = pace.durations("fast")
    assert set(fast) == set(Duration)
    assert max(fast.values()) < 1


def test_nothing_takes_longer_at_the_fast_pace() -> None:
    fast, aws = pace.durations("fast"), pace.durations("aws")
    assert all(fast[duration] < aws[duration] for duration in Duration)


def test_single_durations_can_be_set() -> None:
    setting = pace.chosen({"LOCALAWS_PACE": "aws, endpoint_deletion=2.5"})
    changed = dict(pace.durations(setting))
    assert changed.pop(Duration.ENDPOINT_DELETION) == 2.5
    assert changed.items() < pace.durations("aws").items()


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("slow", "the pace is fast or aws"),
        ("endpoint_deletion=1", "the pace is fast or aws"),
        ("fast,endpoint=1", 'there is no "endpoint". There are: endpoint_fleet, '),
        ("fast,endpoint_deletion", "takes seconds, such as endpoint_deletion=10"),
        ("fast,endpoint_deletion=-1", "takes seconds"),
        ("fast,endpoint_deletion=soon", "takes seconds"),
    ],
)
def test_a_setting_that_is_not_valid_is_refused_in_a_sentence(setting: str, reason: str) -> None:
    with pytest.raises(LocalAwsError, match=f"LOCALAWS_PACE={setting}: .*{reason}"):
        pace.durations(setting)
