"""A state machine as SVG: in a page, in the colours of its theme, or as a file that stands alone."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence

from scones.diagrams.layout import Box, Layout, Point, layered
from scones.diagrams.machine import DONE, START, Edge, Machine
from scones.diagrams.ways import HEAD, head, rounded, short_of, trimmed

TONES = {
    "succeeded": "good",
    "failed": "bad",
    "caught": "warn",
    "running": "second",
    "stopped": "muted",
}
FONT, SMALL = 14, 11.5
LETTER, SMALL_LETTER = 7.7, 6.1  # mean widths
MARGIN = 12

# What charts and pages call their colours (pages/theme.css), for a picture that has no page around it.
COLOURS = """
svg { --surface: #ffffff; --ink: #241c16; --muted: #695d53; --line: #e2d8cb; --accent: #a02850; --second: #19666f;
  --good: #2b6636; --warn: #7d5200; --bad: #ad221b; background: #faf6f0; font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --surface: #201b16; --ink: #f4ede4; --muted: #b8ab9d; --line: #3c342b; --accent: #f28cad; --second: #6fc8d2;
    --good: #86cb91; --warn: #ecb95e; --bad: #ff9d92; background: #16120e; }
}
"""


def document(machine: Machine, statuses: Mapping[str, str] | None = None) -> str:
    """An SVG file that stands alone, light or dark as whoever looks at it prefers."""
    inline = svg(machine, statuses=statuses)
    return inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(
        "\n", f"\n<style>{COLOURS}</style>\n", 1
    )


def svg(
    machine: Machine,
    counts: Mapping[str, int] | None = None,
    steps: Mapping[tuple[str, str], int] | None = None,
    statuses: Mapping[str, str] | None = None,
    description: str = "",
) -> str:
    """The graph as an `<svg>` for a page.

    Args:
        counts: how many executions came by each state, written beneath its name.
        steps: how many went each way, written on the way; START and DONE stand for the ends. Ways that nobody went
            are drawn faint.
        statuses: "succeeded", "caught", "failed", "running" or "stopped" of the states that an execution entered; the
            others, and the ways between them, are drawn faint.
        description: what a screen reader says.
    """
    labels = [_label(edge, steps) for edge in machine.edges]
    layout = _laid_out(machine, labels, counts)
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    parts = [
        f'<svg class="chart graph" role="img" aria-label="{html.escape(description or _described(machine))}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" style="max-width: {width:.0f}px">',
        f'<g transform="translate({MARGIN} {MARGIN})" fill="none" font-size="{FONT}" text-anchor="middle">',
    ]
    lines = iter(layout.lines)
    for number, (edge, label) in enumerate(zip(machine.edges, labels, strict=True)):
        pieces = [next(lines), next(lines)] if label else [next(lines)]
        parts += _way(edge, label, pieces, layout, number, _colour(edge, steps, statuses))
    for name, box in layout.boxes.items():
        if not name.startswith(LABEL):
            parts += _node(machine, name, box, counts, statuses)
    return "\n".join([*parts, "</g>", "</svg>"]) + "\n"


LABEL = "\t"  # begins the name of a node that is an edge's label: as a node of its own it never lies on another


def _laid_out(
    machine: Machine, labels: Sequence[Sequence[str]], counts: Mapping[str, int] | None
) -> Layout:
    sizes = {name: _size(_title(name), _remark(name, counts)) for name in _nodes(machine)}
    pairs: list[tuple[str, str]] = []
    for number, (edge, label) in enumerate(zip(machine.edges, labels, strict=True)):
        if label:
            between = f"{LABEL}{number}"
            sizes[between] = (
                SMALL_LETTER * max(map(len, label)) + 10,
                (SMALL + 3) * len(label) + 2,
            )
            pairs += [(edge.source, between), (between, edge.target)]
        else:
            pairs.append((edge.source, edge.target))
    return layered(sizes, pairs, START)


def _nodes(machine: Machine) -> list[str]:
    return [START, *machine.kinds, *([DONE] if machine.ends else [])]


def _size(title: str, remark: str) -> tuple[float, float]:
    return max(LETTER * len(title), SMALL_LETTER * len(remark), 32) + 28, 50 if remark else 34


def _title(name: str) -> str:
    return {START: "Start", DONE: "Done"}.get(name, name)


def _remark(name: str, counts: Mapping[str, int] | None) -> str:
    """How many came by a state; nothing without counts, and at the ends of the picture."""
    return "" if counts is None or name in (START, DONE) else f"{counts.get(name, 0):,}"


def _label(edge: Edge, steps: Mapping[tuple[str, str], int] | None) -> tuple[str, ...]:
    """The lines that are written on a way."""
    if steps is None:
        return edge.conditions
    went = f"{steps.get((edge.source, edge.target), 0):,}"
    return (
        (*edge.conditions, went)
        if len(edge.conditions) < 2
        else (f"{len(edge.conditions)} errors", went)
    )


def _colour(
    edge: Edge, steps: Mapping[tuple[str, str], int] | None, statuses: Mapping[str, str] | None
) -> tuple[str, bool]:
    """The colour of a way, and whether it was gone; without counts and statuses, every way is drawn alike."""
    if steps is not None:
        gone = steps.get((edge.source, edge.target), 0) > 0
    elif statuses is not None:
        gone = _went(edge, statuses)
    else:
        return "muted", False
    tone = ("warn" if edge.caught else "good") if statuses is not None else "ink"
    return (tone, True) if gone else ("line", False)


def _went(edge: Edge, statuses: Mapping[str, str]) -> bool:
    """Whether an execution whose states ended so went this way."""
    if edge.source == START:
        return edge.target in statuses
    if edge.target == DONE:
        return statuses.get(edge.source) == "succeeded"
    return edge.target in statuses and statuses.get(edge.source) == (
        "caught" if edge.caught else "succeeded"
    )


def _way(
    edge: Edge,
    label: Sequence[str],
    pieces: Sequence[Sequence[Point]],
    layout: Layout,
    number: int,
    look: tuple[str, bool],
) -> Iterator[str]:
    colour, gone = look
    source, target = layout.boxes[edge.source], layout.boxes[edge.target]
    stroke = f'stroke="var(--{colour})" stroke-width="{2 if gone else 1.4}"' + (
        ' stroke-dasharray="5 4"' if edge.caught else ""
    )
    between = layout.boxes.get(f"{LABEL}{number}")
    for place, piece in enumerate(pieces):
        begin = source if place == 0 else between
        end = target if place == len(pieces) - 1 else between
        points = trimmed(piece, begin, end)
        last = place == len(pieces) - 1
        if last:
            yield head(points, colour)
            points = [*points[:-1], short_of(points[-1], points[-2], HEAD - 1)]
        yield f'<path d="{rounded(points)}" {stroke}/>'
    if between:
        ink = "ink" if gone else "muted"
        yield from _lines(label, between.x, between.y, SMALL, ink)


def _node(
    machine: Machine,
    name: str,
    box: Box,
    counts: Mapping[str, int] | None,
    statuses: Mapping[str, str] | None,
) -> Iterator[str]:
    kind = machine.kinds.get(name, "")
    tone = TONES.get((statuses or {}).get(name, ""))
    unseen = _unseen(machine, name, counts, statuses)
    fill = f"color-mix(in srgb, var(--{tone}) 22%, var(--surface))" if tone else "var(--surface)"
    stroke = tone or ("line" if unseen else "muted")
    ink = "muted" if unseen else "ink"
    left, top = box.x - box.width / 2, box.y - box.height / 2
    style = f'fill="{fill}" stroke="var(--{stroke})" stroke-width="{2 if tone else 1.4}"'
    yield f"<g><title>{html.escape(_title(name))}{f': {(statuses or {})[name]}' if tone else ''}</title>"
    if kind == "Choice":
        corners = [
            (box.x, top - 4),
            (left + box.width + 6, box.y),
            (box.x, top + box.height + 4),
            (left - 6, box.y),
        ]
        yield f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in corners)}" {style}/>'
    else:
        radius = box.height / 2 if kind in ("", "Succeed") else 6
        yield _rectangle(left, top, box.width, box.height, radius, style)
    if kind == "Fail":
        yield _rectangle(
            left + 3, top + 3, box.width - 6, box.height - 6, 4, f'stroke="var(--{stroke})"'
        )
    remark = _remark(name, counts)
    yield from _lines([_title(name)], box.x, box.y - 8 * bool(remark), FONT, ink)
    if remark:
        yield from _lines([remark], box.x, box.y + 10, SMALL, ink)
    yield "</g>"


def _unseen(
    machine: Machine,
    name: str,
    counts: Mapping[str, int] | None,
    statuses: Mapping[str, str] | None,
) -> bool:
    """Whether nobody came by a node, as far as that is known."""
    if counts is not None and name in machine.kinds:
        return not counts.get(name)
    if statuses is None or name == START:
        return False
    if name == DONE:
        return not any(_went(edge, statuses) for edge in machine.edges if edge.target == DONE)
    return name not in statuses


def _rectangle(
    left: float, top: float, width: float, height: float, radius: float, style: str
) -> str:
    return f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:g}" {style}/>'


def _lines(lines: Sequence[str], x: float, y: float, size: float, colour: str) -> Iterator[str]:
    first = y - (size + 3) * (len(lines) - 1) / 2 + size * 0.35
    for number, line in enumerate(lines):
        yield (
            f'<text x="{x:.1f}" y="{first + number * (size + 3):.1f}" font-size="{size}" fill="var(--{colour})">'
            f"{html.escape(line)}</text>"
        )


def _described(machine: Machine) -> str:
    return f"State machine of {len(machine.kinds)} states: {', '.join(machine.kinds)}."
