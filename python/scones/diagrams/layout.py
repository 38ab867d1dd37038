"""Lays out a graph in layers from the top with few crossing edges (Sugiyama's method)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

from grandalf.graphs import Edge, Graph, Vertex
from grandalf.layouts import SugiyamaLayout

Point = tuple[float, float]
GAP_ACROSS, GAP_DOWN = 24, 26
EDGE_WIDTH = 8  # of an edge that passes other nodes
ROUNDS = 12  # of reducing crossings


@dataclass(frozen=True)
class Box:
    """The centre of a node, its width and its height, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """The boxes of all nodes by name, the points of all edges in order, and the total size."""

    boxes: Mapping[str, Box]
    lines: Sequence[Sequence[Point]]
    width: float
    height: float


class _EdgeView:
    """The points of an edge, which grandalf sets."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def setpath(self, points: list[Point]) -> None:
        self.points = list(points)


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    edges: Sequence[tuple[str, str]],
    root: str,
) -> Layout:
    """Lay out nodes of those `sizes` (width, height) below the root, which leads to every node."""
    vertices: dict[str, Vertex] = {}
    for name, (width, height) in sizes.items():
        vertices[name] = Vertex(name)
        # grandalf reads the size of a node, and sets its centre `xy`.
        vertices[name].view = SimpleNamespace(w=width, h=height, xy=(0, 0))
    lines = []
    for source, target in edges:
        line = Edge(vertices[source], vertices[target])
        line.view = _EdgeView()
        lines.append(line)
    [component] = Graph(list(vertices.values()), lines).C
    sugiyama = SugiyamaLayout(component)
    sugiyama.xspace = GAP_ACROSS
    sugiyama.yspace = GAP_DOWN
    sugiyama.dw = sugiyama.dh = EDGE_WIDTH
    sugiyama.init_all(roots=[vertices[root]])
    sugiyama.draw(ROUNDS)
    boxes = {}
    for name, vertex in vertices.items():
        x, y = vertex.view.xy
        boxes[name] = Box(x, y, *sizes[name])
    return _move_to_origin(boxes, [line.view.points for line in lines])


def _move_to_origin(boxes: Mapping[str, Box], lines: Sequence[Sequence[Point]]) -> Layout:
    """Move everything so that the upper left corner is at (0, 0)."""
    x_values = [x for line in lines for x, _ in line]
    y_values = []
    for box in boxes.values():
        half_width = box.width / 2
        half_height = box.height / 2
        x_values += [box.x - half_width, box.x + half_width]
        y_values += [box.y - half_height, box.y + half_height]
    left = min(x_values)
    top = min(y_values)
    return Layout(
        boxes={name: replace(box, x=box.x - left, y=box.y - top) for name, box in boxes.items()},
        lines=[[(x - left, y - top) for x, y in line] for line in lines],
        width=max(x_values) - left,
        height=max(y_values) - top,
    )
