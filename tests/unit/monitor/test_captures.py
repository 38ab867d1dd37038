"""Captures in a folder: every record of every file, in order, and what is skipped."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import captured
import pytest
from captured import START, key, line, write

from monitor.captures import MOST_NAMED, Captures
from monitor.window import Window

HOUR = timedelta(hours=1)


def read(
    folder: Path, since: datetime | None = None, until: datetime | None = None
) -> tuple[list[str], Captures]:
    """The event ids in the order read."""
    captures = Captures.local(folder, Window(since, until))
    return [record.event_id for record in captures], captures


def test_every_line_of_every_file_is_a_record(tmp_path: Path) -> None:
    write(tmp_path, [line(0), line(1), line(2)])
    write(tmp_path, [line(9)], key(START + HOUR))
    events, captures = read(tmp_path)
    assert events == ["event-0", "event-1", "event-2", "event-9"]
    assert (captures.files, captures.skipped_count) == (2, 0)


def test_files_are_read_in_the_order_of_time_across_endpoints(tmp_path: Path) -> None:
    for number, endpoint in enumerate(["zebra", "ant", "zebra", "ant"]):
        write(tmp_path, [line(number)], key(START + number * HOUR, endpoint))
    assert read(tmp_path)[0] == ["event-0", "event-1", "event-2", "event-3"]


def test_endpoint_and_variant_are_read_from_the_path(tmp_path: Path) -> None:
    write(tmp_path / "data-capture", [line()], key(endpoint="mine", variant="Blue"))
    for folder in (
        ".",
        "data-capture",
        "data-capture/mine",
        "data-capture/mine/Blue",
        "data-capture/mine/Blue/2026/11",
    ):
        [record] = Captures.local(tmp_path / folder, Window())
        assert (record.endpoint, record.variant) == ("mine", "Blue")


def test_the_folder_of_all_captures_is_not_an_endpoint(tmp_path: Path) -> None:
    write(tmp_path / "data-capture" / "AllTraffic" / "2026/11/20/08", [line()], "a.jsonl")
    [record] = Captures.local(tmp_path, Window())
    assert (record.endpoint, record.variant) == (None, "AllTraffic")


def test_a_file_outside_the_layout_is_read_in_a_folder_and_alone(tmp_path: Path) -> None:
    path = write(tmp_path, [line(3)], "copied.jsonl")
    for place in (tmp_path, path):
        [record] = Captures.local(place, Window(START, START + HOUR))
        assert (record.event_id, record.endpoint, record.variant) == ("event-3", None, None)


def test_a_window_takes_records_by_their_own_time(tmp_path: Path) -> None:
    write(tmp_path, [line(number) for number in range(10)])
    assert read(tmp_path, START + timedelta(seconds=3), START + timedelta(seconds=5))[0] == [
        "event-3",
        "event-4",
    ]


def test_a_file_of_the_hour_before_is_read_for_its_records_of_this_hour(
    tmp_path: Path,
) -> None:
    late = f"{START + HOUR:%Y-%m-%dT%H:00:05Z}"
    write(tmp_path, [line(0), line(1, inferenceTime=late)])
    assert read(tmp_path, START.replace(minute=0) + HOUR)[0] == ["event-1"]


def test_only_the_hours_of_a_window_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in range(-400, 400, 25):
        write(tmp_path, [line(days)], key(START + timedelta(days=days)))
    seen = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: seen.append(str(path)) or scandir(path))
    events, captures = read(tmp_path, START, START + HOUR)
    assert (events, captures.files) == (["event-0"], 1)
    assert len(seen) <= 3 + 4 + 4, "the folders above it, and the hours around the window"


def test_a_half_written_last_line_is_named_and_all_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, [line(0), line(1), line(2)[:200]])
    events, captures = read(tmp_path)
    assert events == ["event-0", "event-1"]
    [(place, reason)] = captures.skipped
    assert place == f"{key()}, line 3"
    assert reason.startswith("The file ends in the middle of this line. It is not JSON")


def test_a_complete_last_line_needs_no_line_break(tmp_path: Path) -> None:
    write(tmp_path, [line(0), line(1).rstrip("\n")])
    events, captures = read(tmp_path)
    assert (events, captures.skipped) == (["event-0", "event-1"], [])


def test_other_files_and_lines_are_named_and_skipped(tmp_path: Path) -> None:
    write(tmp_path, [line(0), "\n", "hello\n", '{"groundTruthData": {}}\n', line(1)])
    write(tmp_path, ["not a record"], "notes/README.md")
    write(tmp_path, ["\x00"], ".DS_Store")
    write(tmp_path, [], key(START + HOUR))
    events, captures = read(tmp_path)
    assert events == ["event-0", "event-1"]
    assert dict(captures.skipped) == {
        "notes/README.md": "It is not a .jsonl file.",
        ".DS_Store": "It is not a .jsonl file.",
        f"{key()}, line 3": "It is not JSON: hello",
        f"{key()}, line 4": "It is not a captured record: it has no captureData.",
    }


def test_of_many_skipped_lines_some_are_named_and_all_are_counted(tmp_path: Path) -> None:
    write(tmp_path, ["rubbish\n"] * (3 * MOST_NAMED))
    captures = read(tmp_path)[1]
    assert (len(captures.skipped), captures.skipped_count) == (MOST_NAMED, 3 * MOST_NAMED)


def test_a_deleted_or_unreadable_file_is_named(tmp_path: Path) -> None:
    gone, _ = write(tmp_path, [line(0)]), write(tmp_path, [line(1)], key(START + HOUR))
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    captures = Captures.local(tmp_path, Window())
    gone.unlink()
    assert [record.event_id for record in captures] == ["event-1"]
    assert {reason for _, reason in captures.skipped} == {
        "It cannot be read: No such file or directory.",
        "It cannot be listed: No such file or directory.",
    }


def test_captures_can_be_iterated_twice(tmp_path: Path) -> None:
    write(tmp_path, [line(0), "rubbish\n"])
    captures = Captures.local(tmp_path, Window())
    assert len(list(captures)) == len(list(captures)) == captures.skipped_count == 1


def test_progress_counts_every_byte(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, [line(number)], key(number=number))
    captures, sizes = Captures.local(tmp_path, Window()), []
    captures.progress = sizes.append
    assert len(list(captures)) == 5
    assert (len(sizes), sum(sizes)) == (5, captures.bytes)


def test_records_of_any_year_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            line(0),
            line(1, inferenceTime="2031-01-01T00:00:00Z"),
            line(2, inferenceTime="1970-01-01T00:00:00Z"),
        ],
    )
    assert len(read(tmp_path)[0]) == 3
    assert (
        read(tmp_path, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))[0]
        == read(tmp_path)[0]
    )


def test_an_empty_folder_holds_no_captures(tmp_path: Path) -> None:
    events, captures = read(tmp_path, START)
    assert (events, captures.files, captures.bytes, captures.skipped) == ([], 0, 0, [])


def test_records_hold_the_images_as_they_were_sent(tmp_path: Path) -> None:
    write(tmp_path, [line(5)])
    [record] = Captures.local(tmp_path, Window())
    assert record == captured.record(5)
