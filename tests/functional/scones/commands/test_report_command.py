"""`make report` on local captures: no account is queried, and real captures are all shown."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import captured
import pytest
from paths import SHARED

from bench import report as bench
from scones.commands import report
from scones.errors import UserError

BESIDE = SHARED / "data" / "data-capture"


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every query of an account fails."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def run(out: Path, *arguments: str) -> Any:
    assert report.main([*arguments, "--out", str(out)]) == 0
    return json.loads((out / "report.json").read_text())


def test_captures_of_a_folder_are_reported_without_anything_provisioned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captured.write(
        tmp_path / "captures",
        [captured.line(0), captured.line(1, "[0.5, 0.5]"), captured.line(2)[:99]],
    )
    figures = run(tmp_path, "--capture", str(tmp_path / "captures"))
    assert (figures["records"], figures["accepted"], figures["unsure"], figures["skipped"]) == (
        2,
        1,
        1,
        1,
    )
    assert (figures["threshold"], list(figures["classes"])) == (0.93, ["bicycle", "motorcycle"])
    assert capsys.readouterr().out.startswith(
        "2 images: 1 accepted, 1 unsure, 0 failed, 1 skipped. See "
    )


def test_without_captures_the_report_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "captures").mkdir()
    figures = run(tmp_path, "--capture", str(tmp_path / "captures"))
    assert (figures["records"], figures["accepted"], figures["first"]) == (0, 0, None)
    assert capsys.readouterr().out.startswith(
        f"No captures in {tmp_path / 'captures'} for this window; "
    )
    assert "No traffic" in (tmp_path / "report.html").read_text()
    assert list((tmp_path / "report").glob("*")) == []


def test_since_and_until_narrow_what_was_captured(tmp_path: Path) -> None:
    captured.write(tmp_path / "captures", [captured.line(number) for number in range(10)])
    folder = ("--capture", str(tmp_path / "captures"))
    assert run(tmp_path, *folder, "--since", "2026-11-20T08:30:04+00:00")["records"] == 6
    assert run(tmp_path, *folder, "--until", "2026-11-20T10:30:04+02:00")["records"] == 4
    assert run(tmp_path, *folder, "--since", "2027-01-01")["records"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--capture", "/nowhere/at/all"], "There is no folder /nowhere/at/all"),
        (["--capture", ".", "--since", "soon"], "is not a time; .*SINCE or UNTIL"),
        (["--capture", ".", "--since", "2026-02-02", "--until", "2026-01-01"], "before it begins"),
    ],
)
def test_an_unreadable_option_is_a_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        report.main([*arguments, "--out", str(tmp_path)])


def test_all_captures_from_a_real_account_are_shown(tmp_path: Path) -> None:
    folder = Path(os.environ.get("SCONES_CAPTURES") or BESIDE)
    if not folder.is_dir():
        pytest.skip(
            f"No real captures: {folder} does not exist. "
            "Set SCONES_CAPTURES to a folder of captures."
        )
    figures = run(tmp_path, "--capture", str(folder))
    assert (
        figures["files"],
        figures["records"],
        figures["images"],
        figures["skipped"],
        figures["undecodable"],
    ) == (6, 7, 7, 0, 0)
    assert (figures["accepted"], figures["unsure"], figures["failed"]) == (4, 3, 0)
    assert figures["classes"] == {"bicycle": 3, "motorcycle": 4}
    assert (figures["first"], figures["last"]) == ("2023-03-04T18:01:40Z", "2023-03-04T18:39:38Z")
    assert [
        (source["endpoint"], source["variant"], source["images"]) for source in figures["endpoints"]
    ] == [(None, "AllTraffic", 7)]
    page = (tmp_path / "report.html").read_text()
    assert page.count('<img class="small" src="data:image/png;base64,') == 5, (
        "three records are of one image"
    )
    assert "sent 3 times" in page


def test_the_benchmark_reports_time_and_memory(capfd: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--records", "500"]) == 0
    printed = capfd.readouterr().out
    assert printed.startswith("500 records in ")
    assert int(printed.split(" MiB")[0].split()[-1]) < 500
