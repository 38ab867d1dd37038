from datetime import UTC, datetime, timedelta

import pytest

from monitor.window import Window, parse_time

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", "2026-11-21T10:30:00+00:00"),
        ("24h", "2026-11-20T12:00:00+00:00"),
        ("2w", "2026-11-07T12:00:00+00:00"),
        ("2026-11-20T08:30Z", "2026-11-20T08:30:00+00:00"),
        ("2026-11-20T08:30+05:30", "2026-11-20T03:00:00+00:00"),
    ],
)
def test_a_parse_time_is_read_in_utc(text: str, expected: str) -> None:
    assert parse_time(text, NOW).isoformat() == expected


def test_a_parse_time_without_a_zone_is_this_machines() -> None:
    assert parse_time("2026-11-20T08:30", NOW) == datetime(2026, 11, 20, 8, 30).astimezone()


@pytest.mark.parametrize("text", ["yesterday", "24", "h", "2026-13-01", "-3h", "0001-01-01"])
def test_what_is_no_time_is_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=f'"{text}" is not a time; write 24h, 7d, 2026-11-20'):
        parse_time(text, NOW)


def test_a_window_begins_with_its_first_parse_time_and_ends_before_its_last() -> None:
    window = Window.parse("2026-11-20T00:00Z", "2026-11-21T00:00Z", NOW, None)
    assert datetime(2026, 11, 20, tzinfo=UTC) in window
    assert datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC) in window
    assert datetime(2026, 11, 21, tzinfo=UTC) not in window


def test_without_a_beginning_the_default_counts_and_without_an_end_there_is_none() -> None:
    assert Window.parse("", "", NOW, DAY) == Window(NOW - DAY, None)
    assert NOW + DAY in Window.parse("", "", NOW, DAY), "clocks that are ahead lose nothing"
    assert datetime(1990, 1, 1, tzinfo=UTC) in Window.parse("", "", NOW, None)


def test_a_window_that_ends_before_it_begins_is_one_sentence() -> None:
    with pytest.raises(ValueError, match=r"The window ends .* before it begins"):
        Window.parse("1h", "2h", NOW, DAY)
