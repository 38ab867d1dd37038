"""Rows of the terminal that are redrawn in place: a bar or a spinner, a title, and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from threading import Event, Lock

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.text import Text

from scones import terminal

# Title, share done from 0 to 1 (None: unknown), and figures, the most important first.
State = tuple[str, float | None, Sequence[str]]

PERIOD = 0.1
LEAST_BAR, LARGEST_BAR = 8, 30
GAP = "  "
STYLE = "cyan"


@cache
def console() -> Console:
    """The terminal that stderr is."""
    return Console(stderr=True, highlight=False)


def show_until(ended: Event, state: Callable[[], State]) -> None:
    """Redraw a row several times a second until `ended`, then remove it.

    Rows that overlap in time stand below each other.
    """
    row = Row(state)
    rows().add(row)
    try:
        while not ended.wait(PERIOD):
            rows().redraw()
    finally:
        rows().remove(row)


class Rows:
    """All rows that are shown, as the one live part of the terminal."""

    def __init__(self) -> None:
        self._shown: list[Row] = []
        self._lock = Lock()
        self._live: Live | None = None

    def add(self, row: Row) -> None:
        with self._lock:
            self._shown.append(row)
            if self._live is None:
                self._live = Live(
                    get_renderable=lambda: Group(*self._shown),
                    console=console(),
                    auto_refresh=False,
                    transient=True,
                    redirect_stdout=False,
                    redirect_stderr=False,  # terraform gets the real stderr
                )
                self._live.start()
                terminal.printers.append(print_above)

    def redraw(self) -> None:
        with self._lock:
            if self._live:
                self._live.refresh()

    def remove(self, row: Row) -> None:
        with self._lock:
            self._shown.remove(row)
            if self._live and not self._shown:
                terminal.printers.remove(print_above)
                self._live.stop()
                self._live = None


@cache
def rows() -> Rows:
    return Rows()


def print_above(text: str) -> None:
    """Print a text as it is; its lines have been wrapped."""
    console().print(Text(text), soft_wrap=True)


class Row:
    """Fits the width: the bar shrinks and vanishes, then the figures go, from the last on."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state
        self._spinner = Spinner("dots")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        title, share, parts = self._state()
        # The last column stays free: some terminals wrap as soon as it is written.
        width = options.max_width - 1
        text = fit(title, parts, width - (LEAST_BAR + 1 if share is not None else 2))
        if share is None:
            yield self._mark(console, options)
        else:
            bar = min(LARGEST_BAR, width - len(text) - 1)
            if bar >= LEAST_BAR:
                yield ProgressBar(1.0, share, bar, complete_style=STYLE, finished_style=STYLE)
                yield Text(" ", end="")
        yield Text(text, no_wrap=True, overflow="ellipsis")

    def _mark(self, console: Console, options: ConsoleOptions) -> Text:
        if options.ascii_only:
            return Text("- ", end="")
        frame = self._spinner.render(console.get_time())
        return Text(f"{frame} ", end="")


def fit(title: str, parts: Sequence[str], width: int) -> str:
    """The title and as many of the parts, from the first on, as `width` columns hold."""
    text = title
    for part in parts:
        longer = f"{text}{GAP}{part}"
        if len(longer) > width:
            break
        text = longer
    return text
