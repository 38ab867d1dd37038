"""A state machine as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.diagrams.machine import DONE, START, Edge, Machine

# The brackets around a node's name define its shape: diamond, stadium, or box with double sides.
SHAPES = {
    "Choice": ("{", "}"),
    "Succeed": ("([", "])"),
    "Fail": ("[[", "]]"),
}
BOX = ("[", "]")
# As in AWS's console.
COLOURS = {
    "succeeded": "#d6f0da",
    "failed": "#f9d6d3",
    "caught": "#ffe5c2",
    "running": "#d2e7f7",
    "stopped": "#e3e3e3",
}
# Mermaid reads these characters as markup.
ESCAPES = str.maketrans(
    {
        "#": "#35;",
        '"': "#quot;",
        "<": "#lt;",
        ">": "#gt;",
    }
)


def flowchart(machine: Machine, statuses: Mapping[str, str] | None = None) -> str:
    """The flowchart, ending in a newline; states with a status ("succeeded", …) are coloured.

    Edges for caught errors are dotted and name the errors. The ids of states are numbers, since
    Mermaid reserves words such as "end".
    """
    ids = {
        START: "start",
        DONE: "done",
    }
    lines = ['start(["Start"])']
    for number, (name, kind) in enumerate(machine.kinds.items(), 1):
        ids[name] = f"s{number}"
        opening, closing = SHAPES.get(kind, BOX)
        lines.append(f"{ids[name]}{opening}{_quoted(name)}{closing}")
    if machine.ends:
        lines.append('done(["Done"])')
    lines += [_edge(edge, ids) for edge in machine.edges]
    lines += _colours({ids[name]: status for name, status in (statuses or {}).items()})
    return "\n    ".join(["flowchart TD", *lines]) + "\n"


def _edge(edge: Edge, ids: Mapping[str, str]) -> str:
    arrow = "-.->" if edge.caught else "-->"
    if edge.conditions:
        arrow += f"|{_quoted(*edge.conditions)}|"
    return f"{ids[edge.source]} {arrow} {ids[edge.target]}"


def _colours(statuses: Mapping[str, str]) -> Iterator[str]:
    for status in sorted(set(statuses.values())):
        ids = [state_id for state_id, value in statuses.items() if value == status]
        yield f"classDef {status} fill:{COLOURS[status]},color:#241c16"
        yield f"class {','.join(ids)} {status}"


def _quoted(*lines: str) -> str:
    """Quoted text without markup, one line below the other."""
    escaped = [line.translate(ESCAPES) for line in lines]
    return f'"{"<br/>".join(escaped)}"'
