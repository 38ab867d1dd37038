"""A state machine as SVG: for a page, in the colours of its theme, or as a standalone file."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scones.diagrams.layout import Box, Layout, Point, lay_out
from scones.diagrams.machine import DONE, START, Edge, Machine
from scones.diagrams.svg_elements import (
    HEAD_LENGTH,
    arrowhead,
    clip_to_boxes,
    heading,
    move_towards,
    node_shape,
    rounded_path,
    text_lines,
)

TONES = {
    "succeeded": "good",
    "failed": "bad",
    "caught": "warn",
    "running": "second",
    "stopped": "muted",
}
FONT_SIZE, SMALL_FONT_SIZE = 14, 11.5
LETTER_WIDTH, SMALL_LETTER_WIDTH = 7.7, 6.1  # on average
LINE_HEIGHT = SMALL_FONT_SIZE + 3
MARGIN = 12
TITLE_HEIGHT = 32
TITLES = {
    START: "Start",
    DONE: "Done",
}
# Begins the name of a node that is an edge's label: laid out as a node, it overlaps no other.
LABEL = "\t"

# The colours of pages/theme.css for a file that stands alone.
COLOURS = """
svg { --surface: #ffffff; --ink: #241c16; --muted: #695d53; --line: #e2d8cb; --accent: #a02850;
  --second: #19666f; --good: #2b6636; --warn: #7d5200; --bad: #ad221b; background: #faf6f0;
  font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --surface: #201b16; --ink: #f4ede4; --muted: #b8ab9d; --line: #3c342b; --accent: #f28cad;
    --second: #6fc8d2; --good: #86cb91; --warn: #ecb95e; --bad: #ff9d92; background: #16120e; }
}
"""

Counts = Mapping[str, int]
Steps = Mapping[tuple[str, str], int]
Statuses = Mapping[str, str]


def document(machine: Machine, title: str, statuses: Statuses | None = None) -> str:
    """A standalone SVG file with a title that follows the reader's light or dark theme."""
    inline = svg(machine, statuses=statuses, title=title)
    standalone = inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    head = f"<title>{html.escape(title)}</title>\n<style>{COLOURS}</style>"
    return standalone.replace("\n", f"\n{head}\n", 1)


def svg(
    machine: Machine,
    counts: Counts | None = None,
    steps: Steps | None = None,
    statuses: Statuses | None = None,
    description: str = "",
    title: str = "",
) -> str:
    """The graph as an `<svg>` for a page.

    Args:
        counts: number of executions that entered each state, shown below its name.
        steps: number of executions that took each transition, shown as its label; START and DONE
            stand for the ends. Transitions that were not taken are faint.
        statuses: "succeeded", "caught", "failed", "running" or "stopped" of the states that an
            execution entered; the other states and transitions are faint.
        description: for screen readers.
        title: a line above the graph.
    """
    return _Diagram(
        machine,
        counts,
        steps,
        statuses,
    ).render(description, title)


@dataclass(frozen=True)
class _Diagram:
    machine: Machine
    counts: Counts | None
    steps: Steps | None
    statuses: Statuses | None

    def render(self, description: str, title: str) -> str:
        labels = [self._label(edge) for edge in self.machine.edges]
        layout = self._layout(labels)
        title_height = TITLE_HEIGHT if title else 0
        width = max(layout.width, LETTER_WIDTH * len(title)) + 2 * MARGIN
        height = title_height + layout.height + 2 * MARGIN
        if not description:
            kinds = self.machine.kinds
            description = f"State machine of {len(kinds)} states: {', '.join(kinds)}."
        elements = [
            f'<svg class="chart graph" role="img" aria-label="{html.escape(description)}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" style="max-width: {width:.0f}px">',
            *heading(title, MARGIN, FONT_SIZE),
            f'<g transform="translate({MARGIN} {MARGIN + title_height})" fill="none" '
            f'font-size="{FONT_SIZE}" text-anchor="middle">',
        ]
        lines = iter(layout.lines)
        for number, (edge, label) in enumerate(
            zip(
                self.machine.edges,
                labels,
                strict=True,
            )
        ):
            if label:
                label_box = layout.boxes[f"{LABEL}{number}"]
                segments = [next(lines), next(lines)]
            else:
                label_box = None
                segments = [next(lines)]
            elements += self._edge(
                edge,
                label,
                label_box,
                segments,
                layout,
            )
        for name, box in layout.boxes.items():
            if not name.startswith(LABEL):
                elements += self._node(name, box)
        return "\n".join([*elements, "</g>", "</svg>"]) + "\n"

    def _layout(self, labels: Sequence[Sequence[str]]) -> Layout:
        names = [START, *self.machine.kinds]
        if self.machine.ends:
            names.append(DONE)
        sizes = {name: self._node_size(name) for name in names}
        pairs: list[tuple[str, str]] = []
        for number, (edge, label) in enumerate(
            zip(
                self.machine.edges,
                labels,
                strict=True,
            )
        ):
            if not label:
                pairs.append((edge.source, edge.target))
                continue
            node = f"{LABEL}{number}"
            width = SMALL_LETTER_WIDTH * max(map(len, label)) + 10
            sizes[node] = (width, LINE_HEIGHT * len(label) + 2)
            pairs += [(edge.source, node), (node, edge.target)]
        return lay_out(sizes, pairs, START)

    def _node_size(self, name: str) -> tuple[float, float]:
        count = self._count_text(name)
        title_width = LETTER_WIDTH * len(_title(name))
        count_width = SMALL_LETTER_WIDTH * len(count)
        return max(title_width, count_width, 32) + 28, 50 if count else 34

    def _count_text(self, name: str) -> str:
        """The number of executions that entered a state; "" without counts, and at the ends."""
        if self.counts is None or name in TITLES:
            return ""
        return f"{self.counts.get(name, 0):,}"

    def _label(self, edge: Edge) -> tuple[str, ...]:
        """The lines of an edge's label."""
        if self.steps is None:
            return edge.conditions
        count = f"{self.steps.get((edge.source, edge.target), 0):,}"
        if len(edge.conditions) < 2:
            return (*edge.conditions, count)
        return f"{len(edge.conditions)} errors", count

    def _is_taken(self, edge: Edge) -> bool:
        """Whether an execution took a transition, as far as steps or statuses are known."""
        if self.steps is not None:
            return self.steps.get((edge.source, edge.target), 0) > 0
        if self.statuses is None:
            return False
        if edge.source == START:
            return edge.target in self.statuses
        if edge.target == DONE:
            return self.statuses.get(edge.source) == "succeeded"
        status = "caught" if edge.caught else "succeeded"
        return edge.target in self.statuses and self.statuses.get(edge.source) == status

    def _edge_colour(self, edge: Edge) -> str:
        if self.steps is None and self.statuses is None:
            return "muted"
        if not self._is_taken(edge):
            return "line"
        if self.statuses is None:
            return "ink"
        return "warn" if edge.caught else "good"

    def _edge(
        self,
        edge: Edge,
        label: Sequence[str],
        label_box: Box | None,
        segments: Sequence[Sequence[Point]],
        layout: Layout,
    ) -> Iterator[str]:
        """The arrow of an edge: one segment, or two with the label between them."""
        colour = self._edge_colour(edge)
        taken = self._is_taken(edge)
        stroke = f'stroke="var(--{colour})" stroke-width="{2 if taken else 1.4}"'
        if edge.caught:
            stroke += ' stroke-dasharray="5 4"'
        first_box: Box | None = layout.boxes[edge.source]
        for segment in segments:
            is_last = segment is segments[-1]
            last_box = layout.boxes[edge.target] if is_last else label_box
            points = clip_to_boxes(segment, first_box, last_box)
            if is_last:
                yield arrowhead(points, colour)
                # The line ends inside the arrowhead, so that it does not cover the tip.
                points[-1] = move_towards(
                    points[-1],
                    points[-2],
                    HEAD_LENGTH - 1,
                )
            yield f'<path d="{rounded_path(points)}" {stroke}/>'
            first_box = label_box
        if label_box:
            ink = "ink" if taken else "muted"
            yield from text_lines(
                label,
                label_box.x,
                label_box.y,
                SMALL_FONT_SIZE,
                ink,
            )

    def _node(self, name: str, box: Box) -> Iterator[str]:
        status = (self.statuses or {}).get(name)
        tone = TONES[status] if status else None
        faint = self._is_faint(name)
        title = _title(name)
        tooltip = html.escape(title) + (f": {status}" if status else "")
        yield f"<g><title>{tooltip}</title>"
        kind = self.machine.kinds.get(name, "")
        yield from node_shape(kind, box, tone, faint)
        ink = "muted" if faint else "ink"
        count = self._count_text(name)
        title_y = box.y - 8 if count else box.y
        yield from text_lines(
            [title],
            box.x,
            title_y,
            FONT_SIZE,
            ink,
        )
        if count:
            yield from text_lines(
                [count],
                box.x,
                box.y + 10,
                SMALL_FONT_SIZE,
                ink,
            )
        yield "</g>"

    def _is_faint(self, name: str) -> bool:
        """Whether no execution entered a node, as far as counts or statuses are known."""
        if self.counts is not None and name in self.machine.kinds:
            return not self.counts.get(name)
        if self.statuses is None or name == START:
            return False
        if name == DONE:
            return not any(
                self._is_taken(edge) for edge in self.machine.edges if edge.target == DONE
            )
        return name not in self.statuses


def _title(name: str) -> str:
    return TITLES.get(name, name)
