"""Where stages stand on the canvas: flows run from left to right, with few crossings; what has a place keeps it."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from riverstage.flow._layering import draw

__all__ = ["STAGE_SIZE", "X_PITCH", "Y_PITCH", "Wall", "arrange", "crossings"]

STAGE_SIZE = 48
X_PITCH = 248
Y_PITCH = 144
"""From one stage down to the next: room for a label, and for a comment around one row that leaves the next alone."""

_START = (100, 100)
_CLEAR = (100, 96)
"""How near, in x and in y, a new stage may come to a stage that stands already."""
_ROOM = 24
"""How near a new stage may come to a box that is around others."""

Point = tuple[float, float]


class Wall(NamedTuple):
    """A box around some stages that other stages stay out of."""

    left: float
    top: float
    right: float
    bottom: float
    stages: frozenset[str]

    def stops(self, node: str, place: Point) -> bool:
        """Return whether a stage that is none of its own would stand in it or too near."""
        x, y = place
        beside = x + STAGE_SIZE + _ROOM <= self.left or x - _ROOM >= self.right
        apart = y + STAGE_SIZE + _ROOM <= self.top or y - _ROOM >= self.bottom
        return not (beside or apart or node in self.stages)


def arrange(
    nodes: Sequence[str],
    edges: Sequence[tuple[str, str]],
    *,
    fixed: Mapping[str, Point] | None = None,
    walls: Sequence[Wall] = (),
) -> dict[str, Point]:
    """Return a place for every stage.

    Stages stand in columns 248 px apart, each to the right of what it reads from. Stages in ``fixed`` stay where they
    are; new ones are put beside those they are linked with, overlapping none.

    Args:
        nodes: The ids of the stages.
        edges: The links, from and to; those that name no stage are left out.
        fixed: The places of stages that have one.
        walls: Boxes that new stages stay out of, but for those that they are around.

    Example:
        >>> arrange(["rows", "peek"], [("rows", "peek")])
        {'rows': (100, 100), 'peek': (348, 100)}
    """
    known = dict.fromkeys(nodes)
    placed = {node: place for node, place in (fixed or {}).items() if node in known}
    links = [edge for edge in edges if edge[0] in known and edge[1] in known]
    new = [node for node in known if node not in placed]
    groups = _components(new, [edge for edge in links if edge[0] not in placed and edge[1] not in placed])
    found: dict[str, Point] = {}
    taken = _Taken(placed.values())
    loose: list[dict[str, Point]] = []
    beside: dict[str, list[tuple[str, str]]] = {}
    for edge in links:
        for node in dict.fromkeys(edge):
            beside.setdefault(node, []).append(edge)
    for group in groups:
        own = [edge for node in group for edge in beside.get(node, ()) if edge[0] == node]
        inner = [edge for edge in own if edge[1] not in placed]
        drawn = _draw(group, inner)
        outer = [edge for node in group for edge in beside.get(node, ()) if (edge[0] in placed) != (edge[1] in placed)]
        if not outer:
            loose.append(drawn)
            continue
        for node, place in _anchored(drawn, outer, placed).items():
            found[node] = taken.nearest(place, [wall for wall in walls if node not in wall.stages])
            taken.add(found[node])
    top = taken.bottom + Y_PITCH if placed or found else float(_START[1])
    left = min((x for x, _ in [*placed.values(), *found.values()]), default=float(_START[0]))
    for drawn in loose:
        top = _below(drawn, left, top, walls)
        bottom = top
        for node, (x, y) in drawn.items():
            found[node] = (round(left + x), round(top + y))
            bottom = max(bottom, top + y)
        top = bottom + Y_PITCH
    return {node: placed[node] if node in placed else found[node] for node in known}


def _below(drawn: Mapping[str, Point], left: float, top: float, walls: Iterable[Wall]) -> float:
    """Return how far down a group stands, at least at ``top``, so that no wall stops one of its stages."""
    while True:
        places = [(node, (left + x, top + y)) for node, (x, y) in drawn.items()]
        lowest = max(
            (wall.bottom - place[1] for wall in walls for node, place in places if wall.stops(node, place)),
            default=None,
        )
        if lowest is None:
            return top
        top += lowest + _ROOM


def _components(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the groups of nodes that hang together, each in the order of ``nodes``."""
    beside: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        beside[source].append(target)
        beside[target].append(source)
    group: dict[str, int] = {}
    groups: list[list[str]] = []
    for start in nodes:
        if start in group:
            continue
        stack = [start]
        group[start] = len(groups)
        while stack:
            for other in beside[stack.pop()]:
                if other not in group:
                    group[other] = len(groups)
                    stack.append(other)
        groups.append([])
    for node in nodes:
        groups[group[node]].append(node)
    return groups


def _draw(group: Sequence[str], edges: Iterable[tuple[str, str]]) -> dict[str, Point]:
    """Draw one group of linked nodes, its upper left at 0, 0."""
    number = {node: index for index, node in enumerate(group)}
    drawing = draw(len(group), [(number[source], number[target]) for source, target in edges])
    columns: dict[int, list[int]] = {}
    for index in range(len(group)):
        columns.setdefault(drawing.layer[index], []).append(index)
    least = min(drawing.height)
    heights = [0] * len(group)
    for column in columns.values():
        last: int | None = None
        for index in sorted(column, key=drawing.height.__getitem__):
            at = round((drawing.height[index] - least) * Y_PITCH)
            heights[index] = at if last is None else max(at, last + Y_PITCH)
            last = heights[index]
    return {node: (drawing.layer[index] * X_PITCH, heights[index]) for node, index in number.items()}


def _anchored(
    drawn: Mapping[str, Point], outer: Iterable[tuple[str, str]], placed: Mapping[str, Point]
) -> dict[str, Point]:
    """Move a drawn group beside the placed stages that it is linked with."""
    least, most, rises = [], [], []
    for source, target in outer:
        if source in placed:
            least.append(placed[source][0] + X_PITCH - drawn[target][0])
            rises.append(placed[source][1] - drawn[target][1])
        else:
            most.append(placed[target][0] - X_PITCH - drawn[source][0])
            rises.append(placed[target][1] - drawn[source][1])
    rises.sort()
    if least and most:
        # Between two stages: behind the one where there is room, else in the middle.
        shift = max(least) if max(least) <= min(most) else (max(least) + min(most)) / 2
    else:
        shift = max(least) if least else min(most)
    middle = len(rises) // 2
    rise = rises[middle] if len(rises) % 2 else (rises[middle - 1] + rises[middle]) / 2
    return {node: (round(x + shift), round(y + rise)) for node, (x, y) in drawn.items()}


class _Taken:
    """The places of stages, found by where they are."""

    def __init__(self, places: Iterable[Point]) -> None:
        self._cells: dict[tuple[int, int], list[Point]] = {}
        self.bottom = 0.0
        for place in places:
            self.add(place)

    def add(self, place: Point) -> None:
        """Take a place."""
        self.bottom = max(self.bottom, place[1]) if self._cells else place[1]
        self._cells.setdefault(self._cell(place), []).append(place)

    @staticmethod
    def _cell(place: Point) -> tuple[int, int]:
        return int(place[0] // _CLEAR[0]), int(place[1] // _CLEAR[1])

    def _is_free(self, place: Point) -> bool:
        column, row = self._cell(place)
        for x in (column - 1, column, column + 1):
            for y in (row - 1, row, row + 1):
                for other in self._cells.get((x, y), ()):
                    if abs(other[0] - place[0]) < _CLEAR[0] and abs(other[1] - place[1]) < _CLEAR[1]:
                        return False
        return True

    def nearest(self, place: Point, walls: Sequence[Wall] = ()) -> Point:
        """Return the free place nearest below or above one, out of all walls."""

        def is_free(place: Point) -> bool:
            return self._is_free(place) and not any(wall.stops("", place) for wall in walls)

        if is_free(place):
            return place
        step = 1
        while True:
            for sign in (1, -1):
                tried = (place[0], place[1] + sign * step * (Y_PITCH // 3))
                if is_free(tried):
                    return tried
            step += 1


def crossings(positions: Mapping[str, Point], edges: Iterable[tuple[str, str]]) -> int:
    """Return how many pairs of links cross, drawn straight from the right of one stage to the left of the next.

    Links that meet at a stage do not count as crossing.

    Args:
        positions: The places of the stages.
        edges: The links, from and to.
    """
    lines = []
    for source, target in dict.fromkeys(edges):
        if source in positions and target in positions and source != target:
            (x1, y1), (x2, y2) = positions[source], positions[target]
            start, end = (x1 + STAGE_SIZE, y1), (x2, y2)
            lines.append((start, end) if start <= end else (end, start))
    lines.sort()
    count = 0
    active: list[tuple[float, int]] = []
    for index, (start, end) in enumerate(lines):
        active = [each for each in active if each[0] > start[0]]
        count += sum(_cross(lines[other], (start, end)) for _, other in active)
        insort(active, (end[0], index))
    return count


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    return _side(one, other[0]) * _side(one, other[1]) < 0 and _side(other, one[0]) * _side(other, one[1]) < 0


def _side(line: tuple[Point, Point], point: Point) -> int:
    (x1, y1), (x2, y2) = line
    turn = (x2 - x1) * (point[1] - y1) - (y2 - y1) * (point[0] - x1)
    return (turn > 0) - (turn < 0)
