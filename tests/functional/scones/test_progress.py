"""Progress as a user sees it: on terminals of several widths, and in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from paths import PYTHON
from terminals import Terminal, run_in_terminal

# Nothing waits for time to pass: `shown` waits until a row has been redrawn, or a line printed.
SCRIPT = """
import sys, time
from scones import live_row, progress, terminal
from scones.cli import result, say
from scones.progress import Progress, Step

progress.TERMINAL_DELAY = progress.NOTEWORTHY = progress.LOG_PERIOD = 0
live_row.PERIOD = 0.01
fit, drawn = live_row.fit, []

def count_and_fit(*arguments):
    drawn.append(fit(*arguments))
    return drawn[-1]

live_row.fit = count_and_fit

def shown(bar):
    if not terminal.is_live(sys.stderr):
        bar._announcement.join()
        return
    enough = len(drawn) + 4
    while len(drawn) < enough:
        time.sleep(0.01)

with Step("Reading a plan that nobody has read before") as step:
    shown(step)
with Progress("Uploading", 1000, "images") as bar:
    for number in range(1000):
        bar.figures = [f"module.data.aws_s3_bucket.this[{number}]", "one more figure", "a third"]
        bar.add()
        if number == 500:
            shown(bar)
            say("A remark that comes in between, and that is longer than a narrow line of text.")
            shown(bar)
    bar.figures = []
with Step("Outside") as outside, Step("Inside") as inside:
    shown(inside)
    shown(outside)
first, second = Progress("First to begin", 2, "MB"), Step("Last to end")
first.open()
shown(first)
second.open()
first.add(2)
shown(second)
first.close()
shown(second)
second.close()
try:
    with Step("Failing") as step:
        shown(step)
        raise ValueError
except ValueError:
    say("Error: It failed.")
progress.NOTEWORTHY = 1000
with Progress("Deleting", 0, "log streams"):
    pass
result("The result.")
"""
COMMAND = [sys.executable, "-c", SCRIPT]


def environment(**changes: str) -> dict[str, str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")
    }
    return {**inherited, "PYTHONPATH": str(PYTHON), **changes}


@pytest.fixture(scope="module", params=[60, 80, 120])
def screen(request: pytest.FixtureRequest) -> Terminal:
    status, terminal = run_in_terminal(COMMAND, request.param, environment=environment())
    assert status == 0
    return terminal


def test_rows_are_replaced_by_one_line_each(screen: Terminal) -> None:
    lines = [line.rstrip() for line in screen.lines]
    named = [line for line in lines if ": " in line and not line.startswith("Error")]
    assert [line.partition(":")[0] for line in named] == [
        "Reading a plan that nobody has read before",
        "Uploading",
        "Inside",
        "Outside",
        "First to begin",
        "Last to end",
    ]
    assert "Error: It failed." in lines
    assert lines[-2:] == ["The result.", ""]
    assert "━" not in screen.text


def test_rows_are_shown_meanwhile_and_fit(screen: Terminal) -> None:
    assert screen.wrapped == []
    rows = [line for line in screen.erased if "Uploading" in line]
    assert any("/1,000 images" in line for line in rows)
    assert any("━" in line for line in rows)
    assert any("aws_s3_bucket" in line for line in rows) == (screen.columns > 60)
    assert any("a third" in line for line in rows) == (screen.columns > 80)
    assert any("Reading a plan" in line for line in screen.erased)


def test_a_remark_stays_above_the_row(screen: Terminal) -> None:
    text = " ".join(screen.text.split())
    assert "A remark that comes in between, and that is longer than a narrow line of text." in text
    assert text.index("A remark") < text.index("Uploading: 1,000 images")


def test_the_cursor_comes_back(screen: Terminal) -> None:
    assert not screen.cursor_hidden


def test_without_colour_there_is_none(screen: Terminal) -> None:
    assert screen.colours
    if screen.columns != 80:
        return  # one width is enough
    _, plain = run_in_terminal(COMMAND, 80, environment=environment(NO_COLOR="1"))
    assert not plain.colours
    assert any("Uploading" in line for line in plain.erased)


def test_a_pipe_gets_a_few_plain_lines_whatever_the_environment_says() -> None:
    done = subprocess.run(
        COMMAND,
        env=environment(FORCE_COLOR="1", TERM="xterm", TTY_COMPATIBLE="1"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "The result.\n"
    printed = done.stderr.splitlines()
    assert [line for line in printed if not line.isprintable()] == []
    uploads = [line for line in printed if line.startswith("Uploading: ")]
    assert 2 < len(uploads) <= 12
    assert uploads[-1].startswith("Uploading: 1,000 images, ")
    assert printed[0] == "Reading a plan that nobody has read before …"
    assert not any(line.startswith("Deleting") for line in printed)
    assert printed[-1] == "Error: It failed."


def test_quick_work_does_not_load_the_library() -> None:
    script = "import sys; from scones.progress import Progress\n" + (
        "with Progress('Uploading', 1, 'image') as bar: bar.add()\nassert 'rich' not in sys.modules"
    )
    status, terminal = run_in_terminal(
        [sys.executable, "-c", script], 80, environment=environment()
    )
    assert (status, terminal.text) == (0, "Uploading: 1 image, 0 s\n")
