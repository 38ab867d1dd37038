"""A state machine as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scones.diagrams.machine import DONE, START, Edge, Machine

# The marks around a node's name draw its shape: a diamond, a stadium, a box with double sides; otherwise a plain box.
SHAPES = {"Choice": ("{", "}"), "Succeed": ("([", "])"), "Fail": ("[[", "]]")}
BOX = ("[", "]")
# As AWS's console colours them.
COLOURS = {
    "succeeded": "#d6f0da",
    "failed": "#f9d6d3",
    "caught": "#ffe5c2",
    "running": "#d2e7f7",
    "stopped": "#e3e3e3",
}


def flowchart(machine: Machine, statuses: Mapping[str, str] | None = None) -> str:
    """The flowchart, ending in a newline; states of known status ("succeeded", "caught", …) are coloured.

    An edge that is taken for errors is dotted and names them. States are numbered rather than called by their names,
    since Mermaid keeps words such as "end" for itself.
    """
    ids = {
        START: "start",
        DONE: "done",
        **{name: f"s{number}" for number, name in enumerate(machine.kinds, 1)},
    }
    lines = ['start(["Start"])']
    lines += [_node(ids[name], name, kind) for name, kind in machine.kinds.items()]
    lines += ['done(["Done"])'] if machine.ends else []
    lines += [_edge(edge, ids) for edge in machine.edges]
    lines += _colours({ids[name]: status for name, status in (statuses or {}).items()})
    return "\n    ".join(["flowchart TD", *lines]) + "\n"


def _node(identity: str, name: str, kind: str) -> str:
    opening, closing = SHAPES.get(kind, BOX)
    return f"{identity}{opening}{_quoted(name)}{closing}"


def _edge(edge: Edge, ids: Mapping[str, str]) -> str:
    arrow = "-.->" if edge.caught else "-->"
    label = f"|{_quoted(*edge.conditions)}|" if edge.conditions else ""
    return f"{ids[edge.source]} {arrow}{label} {ids[edge.target]}"


def _colours(statuses: Mapping[str, str]) -> Iterator[str]:
    for status in sorted(set(statuses.values())):
        yield f"classDef {status} fill:{COLOURS[status]},color:#241c16"
        yield f"class {','.join(identity for identity, of in statuses.items() if of == status)} {status}"


def _quoted(*lines: str) -> str:
    """Text in which Mermaid reads no mark-up, one line below the other."""
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return (
        '"'
        + "<br/>".join("".join(marks.get(letter, letter) for letter in line) for line in lines)
        + '"'
    )
