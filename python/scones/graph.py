"""`python -m scones.graph`: the state machines of states/ as Mermaid pictures, for the README."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from scones import cli
from scones.settings import ROOT

State = Mapping[str, Any]

# The marks around a node's name draw its shape: a diamond, a stadium, a box with double sides; otherwise a plain box.
SHAPES = {"Choice": ("{", "}"), "Succeed": ("([", "])"), "Fail": ("[[", "]]")}
TASK = ("[", "]")
NO_CONDITION = {"Variable", "Next", "Comment", "Assign", "Output"}


def mermaid(definition: Mapping[str, Any]) -> str:
    """The flowchart of a state machine in the Amazon States Language, ending in a newline.

    An edge that is taken for errors is dotted and names them. States are numbered rather than called by their names,
    since Mermaid keeps words such as "end" for itself.
    """
    states: Mapping[str, State] = definition["States"]
    ids = {name: f"s{number}" for number, name in enumerate(states, 1)}
    nodes = [_node(ids[name], name, state["Type"]) for name, state in states.items()]
    edges = [f"{ids[name]} {edge}" for name, state in states.items() for edge in _edges(state, ids)]
    lines = ['start(["Start"])', *nodes]
    if any(state.get("End") for state in states.values()):
        lines.append('done(["Done"])')
    lines += [f"start --> {ids[definition['StartAt']]}", *edges]
    return "\n    ".join(["flowchart TD", *lines]) + "\n"


def _node(identity: str, name: str, kind: str) -> str:
    opening, closing = SHAPES.get(kind, TASK)
    return f"{identity}{opening}{_quoted(name)}{closing}"


def _edges(state: State, ids: Mapping[str, str]) -> Iterator[str]:
    """Arrows and targets: where the state leads, first when all goes well."""
    for rule in state.get("Choices", []):
        yield f"-->|{_quoted(_condition(rule))}| {ids[rule['Next']]}"
    if "Default" in state:
        yield f'-->|"otherwise"| {ids[state["Default"]]}'
    if "Next" in state:
        yield f"--> {ids[state['Next']]}"
    if state.get("End"):
        yield "--> done"
    for catcher in state.get("Catch", []):
        yield f"-.->|{_quoted(*catcher['ErrorEquals'])}| {ids[catcher['Next']]}"


def _condition(rule: Mapping[str, Any]) -> str:
    for word in ("And", "Or"):
        if word in rule:
            return f" {word.lower()} ".join(_condition(part) for part in rule[word])
    if "Not" in rule:
        return f"not ({_condition(rule['Not'])})"
    operator, value = next((field, value) for field, value in rule.items() if field not in NO_CONDITION)
    return f"{rule['Variable']} {operator} {json.dumps(value)}" if "Variable" in rule else str(value)


def _quoted(*lines: str) -> str:
    """Text in which Mermaid reads no mark-up, one line below the other."""
    marks = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return '"' + "<br/>".join("".join(marks.get(letter, letter) for letter in line) for line in lines) + '"'


def main() -> int:
    for path in sorted((ROOT / "states").glob("*.asl.json")):
        cli.result(f"%% {path.relative_to(ROOT)}\n{mermaid(json.loads(path.read_text()))}".rstrip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
