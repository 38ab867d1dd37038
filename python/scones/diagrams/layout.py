"""Where the nodes and edges of a graph go: in layers from above, with few crossings (Sugiyama's method)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grandalf.graphs import Edge, Graph, Vertex
from grandalf.layouts import SugiyamaLayout

Point = tuple[float, float]
GAP_ACROSS, GAP_DOWN = 24, 26
THREAD = 8  # how wide an edge is where it passes other nodes
ROUNDS = 12  # of making crossings fewer


@dataclass(frozen=True)
class Box:
    """The centre of a node, its width and its height, in pixels from the upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """The places of all nodes by name, the corners of every edge in the order given, and the size of the whole."""

    boxes: Mapping[str, Box]
    lines: Sequence[Sequence[Point]]
    width: float
    height: float


class _View:
    """What grandalf wants to know of a node, and tells of it."""

    def __init__(self, width: float, height: float) -> None:
        self.w, self.h = width, height
        self.xy: Point = (0, 0)


class _Route:
    """What grandalf tells of an edge."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def setpath(self, points: list[Point]) -> None:
        self.points = list(points)


def layered(
    sizes: Mapping[str, tuple[float, float]], edges: Sequence[tuple[str, str]], root: str
) -> Layout:
    """Lay out nodes of those `sizes` (width, height) so that the root is above; every node is reached from it."""
    vertices = {name: Vertex(name) for name in sizes}
    for name, vertex in vertices.items():
        vertex.view = _View(*sizes[name])
    lines = [Edge(vertices[source], vertices[target]) for source, target in edges]
    for line in lines:
        line.view = _Route()
    [core] = Graph(list(vertices.values()), lines).C
    sugiyama = SugiyamaLayout(core)
    sugiyama.xspace, sugiyama.yspace = GAP_ACROSS, GAP_DOWN
    sugiyama.dw = sugiyama.dh = THREAD
    sugiyama.init_all(roots=[vertices[root]])
    sugiyama.draw(ROUNDS)
    return _moved(
        {name: vertex.view for name, vertex in vertices.items()},
        [line.view.points for line in lines],
    )


def _moved(views: Mapping[str, _View], lines: Sequence[Sequence[Point]]) -> Layout:
    """With the upper left corner at (0, 0)."""
    left = min(
        [view.xy[0] - view.w / 2 for view in views.values()]
        + [x for line in lines for x, _ in line]
    )
    top = min(view.xy[1] - view.h / 2 for view in views.values())
    right = max(
        [view.xy[0] + view.w / 2 for view in views.values()]
        + [x for line in lines for x, _ in line]
    )
    bottom = max(view.xy[1] + view.h / 2 for view in views.values())
    boxes = {
        name: Box(view.xy[0] - left, view.xy[1] - top, view.w, view.h)
        for name, view in views.items()
    }
    moved = [[(x - left, y - top) for x, y in line] for line in lines]
    return Layout(boxes, moved, right - left, bottom - top)
