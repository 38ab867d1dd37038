"""The SVG elements of a diagram: the paths and arrowheads of edges, shapes of nodes, and text."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

from scones.diagrams.layout import Box, Point

CORNER_RADIUS = 10
HEAD_LENGTH = 8  # and as wide


def clip_to_boxes(points: Sequence[Point], start: Box | None, end: Box | None) -> list[Point]:
    """Shorten a path from centre to centre, so that it goes from border to border."""
    clipped = list(points)
    if start:
        clipped[0] = _border_point(start, clipped[1])
    if end:
        clipped[-1] = _border_point(end, clipped[-2])
    return clipped


def _border_point(box: Box, target: Point) -> Point:
    """Where a line from the centre of the box to `target` crosses the box's border."""
    dx = target[0] - box.x
    dy = target[1] - box.y
    share = 1.0
    if dx:
        half_width = box.width / 2
        share = min(share, half_width / abs(dx))
    if dy:
        half_height = box.height / 2
        share = min(share, half_height / abs(dy))
    return box.x + dx * share, box.y + dy * share


def move_towards(start: Point, target: Point, distance: float) -> Point:
    """The point at that distance from `start` towards `target`, at most the target."""
    x, y = start
    dx = target[0] - x
    dy = target[1] - y
    length = math.hypot(dx, dy) or 1
    share = min(1, distance / length)
    return x + dx * share, y + dy * share


def rounded_path(points: Sequence[Point]) -> str:
    """The path data of a line through the points with rounded corners."""
    commands = [f"M{_coordinates(points[0])}"]
    for before, corner, after in zip(
        points,
        points[1:],
        points[2:],
        strict=False,
    ):
        radius = min(
            CORNER_RADIUS,
            math.dist(before, corner) / 2,
            math.dist(corner, after) / 2,
        )
        bend_start = move_towards(corner, before, radius)
        bend_end = move_towards(corner, after, radius)
        commands.append(f"L{_coordinates(bend_start)}")
        commands.append(f"Q{_coordinates(corner)} {_coordinates(bend_end)}")
    commands.append(f"L{_coordinates(points[-1])}")
    return "".join(commands)


def arrowhead(points: Sequence[Point], colour: str) -> str:
    """The head of an arrow that ends at the last of the points."""
    *_, before, tip = points
    base_x, base_y = move_towards(tip, before, HEAD_LENGTH)
    # Half the width of the head, at right angles to the line.
    across_x = (base_y - tip[1]) / 2
    across_y = (tip[0] - base_x) / 2
    corners = [
        tip,
        (base_x + across_x, base_y + across_y),
        (base_x - across_x, base_y - across_y),
    ]
    return f'<polygon points="{format_points(corners)}" fill="var(--{colour})"/>'


def format_points(points: Sequence[Point]) -> str:
    """The `points` of an SVG polygon."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _coordinates(point: Point) -> str:
    x, y = point
    return f"{x:.1f} {y:.1f}"


def node_shape(
    kind: str,
    box: Box,
    tone: str | None,
    faint: bool,
) -> Iterator[str]:
    """A diamond for a choice, round ends for an end, and a double border for a failure."""
    fill = "var(--surface)"
    if tone:
        fill = f"color-mix(in srgb, var(--{tone}) 22%, var(--surface))"
    colour = tone or ("line" if faint else "muted")
    border = f'stroke="var(--{colour})"'
    style = f'fill="{fill}" {border} stroke-width="{2 if tone else 1.4}"'
    if kind == "Choice":
        half_width = box.width / 2 + 6
        half_height = box.height / 2 + 4
        corners = [
            (box.x, box.y - half_height),
            (box.x + half_width, box.y),
            (box.x, box.y + half_height),
            (box.x - half_width, box.y),
        ]
        yield f'<polygon points="{format_points(corners)}" {style}/>'
        return
    radius = box.height / 2 if kind in ("", "Succeed") else 6
    yield _rectangle(
        box,
        0,
        radius,
        style,
    )
    if kind == "Fail":
        yield _rectangle(
            box,
            3,
            4,
            border,
        )


def _rectangle(
    box: Box,
    inset: float,
    radius: float,
    style: str,
) -> str:
    left = box.x - box.width / 2 + inset
    top = box.y - box.height / 2 + inset
    width = box.width - 2 * inset
    height = box.height - 2 * inset
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{radius:g}" {style}/>'
    )


def heading(title: str, margin: float, size: float) -> Iterator[str]:
    """The title in the upper left corner; nothing for an empty one."""
    if title:
        yield (
            f'<text x="{margin}" y="{margin + size}" font-size="{size}" font-weight="600" '
            f'fill="var(--ink)">{html.escape(title)}</text>'
        )


def text_lines(
    lines: Sequence[str],
    x: float,
    y: float,
    size: float,
    colour: str,
) -> Iterator[str]:
    """Lines of text whose middle is at (x, y)."""
    line_height = size + 3
    baseline = y - line_height * (len(lines) - 1) / 2 + size * 0.35
    for line in lines:
        yield (
            f'<text x="{x:.1f}" y="{baseline:.1f}" font-size="{size}" fill="var(--{colour})">'
            f"{html.escape(line)}</text>"
        )
        baseline += line_height
