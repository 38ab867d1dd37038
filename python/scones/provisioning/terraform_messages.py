"""What `terraform -json` prints: a row of progress, a log, and its errors and warnings whole.

The format is documented at https://developer.hashicorp.com/terraform/internals/machine-readable-ui.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from scones.cli import say
from scones.json_object import JsonObject
from scones.progress import Progress

# How many ended operations a planned change becomes; reading a data source is none.
OPERATIONS = {"create": 1, "update": 1, "delete": 1, "replace": 2}


class Messages:
    """Reads the messages of `terraform apply`, a line each, as they come.

    Attributes:
        diagnostics: the errors and warnings so far, as they were shown.
    """

    def __init__(self, progress: Progress, log: Callable[[str], None]) -> None:
        self._progress = progress
        self._log = log
        self._running: dict[str, None] = {}
        self.diagnostics: list[str] = []

    def read(self, line: str) -> None:
        try:
            message = json.loads(line)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            self._log(line.rstrip())  # a crash, for one, is plain text
            return
        if kind == "diagnostic":
            text = describe(message["diagnostic"])
            self._log(text)
            self.diagnostics.append(text)
            say(f"\n{text}\n")
            return
        self._log(f"{message.get('@timestamp', '')} {message.get('@message', '')}".strip())
        if kind == "planned_change":
            operations = OPERATIONS.get(message["change"]["action"], 0)
            self._progress.total = (self._progress.total or 0) + operations
        elif kind.startswith("apply_"):
            self._read_operation(kind, message["hook"])

    def _read_operation(self, kind: str, hook: JsonObject) -> None:
        address = hook["resource"]["addr"]
        if kind == "apply_start":
            self._running[address] = None
        elif kind in ("apply_complete", "apply_errored"):
            self._running.pop(address, None)
        # The operation that has been running for longest is what the others wait for.
        self._progress.figures = list(self._running)[:1]
        if kind == "apply_complete" and hook["action"] in OPERATIONS:
            self._progress.add()


def describe(diagnostic: JsonObject) -> str:
    """Return an error or a warning as terraform itself prints it: where, the code, and why."""
    blocks = [f"{diagnostic['severity'].capitalize()}: {diagnostic['summary']}"]
    place = _describe_place(diagnostic)
    if place:
        blocks.append(place)
    if diagnostic.get("detail"):
        blocks.append(diagnostic["detail"])
    return "\n\n".join(blocks)


def _describe_place(diagnostic: JsonObject) -> str:
    lines = []
    if diagnostic.get("address"):
        lines.append(f"  with {diagnostic['address']},")
    if "range" in diagnostic:
        source = diagnostic["range"]
        lines.append(f"  on {source['filename']} line {source['start']['line']}")
    snippet = diagnostic.get("snippet")
    if snippet:
        if snippet.get("context"):
            lines[-1] += f", in {snippet['context']}"
        for number, code in enumerate(snippet["code"].split("\n"), snippet["start_line"]):
            lines.append(f"  {number:4}: {code}")
        for value in snippet.get("values", []):
            lines.append(f"        {value['traversal']} {value['statement']}")
    return "\n".join(lines)
