"""The ways between nodes: where they leave a box, their rounded corners, and the heads of their arrows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scones.diagrams.layout import Box, Point

BEND = 10  # radius of a corner
HEAD = 8  # length of an arrow's head


def trimmed(points: Sequence[Point], begin: Box | None, end: Box | None) -> list[Point]:
    """From the edge of one box to the edge of the other, rather than from centre to centre."""
    inner = list(points)
    if begin:
        inner[0] = _crossing(begin, inner[1])
    if end:
        inner[-1] = _crossing(end, inner[-2])
    return inner


def _crossing(box: Box, towards: Point) -> Point:
    """Where the way from the centre of the box leaves it."""
    across, down = towards[0] - box.x, towards[1] - box.y
    if not across and not down:
        return box.x, box.y
    reach = min(
        box.width / 2 / abs(across) if across else math.inf,
        box.height / 2 / abs(down) if down else math.inf,
    )
    return box.x + across * min(1, reach), box.y + down * min(1, reach)


def short_of(end: Point, before: Point, by: float) -> Point:
    length = math.dist(end, before) or 1
    share = min(1, by / length)
    return end[0] + (before[0] - end[0]) * share, end[1] + (before[1] - end[1]) * share


def rounded(points: Sequence[Point]) -> str:
    """A way through the points, its corners rounded."""
    commands = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(BEND, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        (a, b), (c, d) = short_of(corner, before, bend), short_of(corner, after, bend)
        commands.append(f"L{a:.1f} {b:.1f}Q{corner[0]:.1f} {corner[1]:.1f} {c:.1f} {d:.1f}")
    return "".join([*commands, f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"])


def head(points: Sequence[Point], colour: str) -> str:
    (x, y), (fx, fy) = points[-1], points[-2]
    length = math.dist((x, y), (fx, fy)) or 1
    ux, uy = (fx - x) / length, (fy - y) / length
    corners = [
        (x, y),
        *((x + HEAD * ux + side * 4 * uy, y + HEAD * uy - side * 4 * ux) for side in (1, -1)),
    ]
    return f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}" fill="var(--{colour})"/>'
