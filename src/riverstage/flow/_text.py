"""A directed graph as a picture in text: labels in layers, lines between them.

Layers run from left to right where that fits, else from top to bottom. Lines of one stage share their way; where two
that have nothing to do with each other cross, the one across is broken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from riverstage.flow import _layering

__all__ = ["text_picture"]

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_GLYPHS = " ╵╷│╴┘┐┤╶└┌├─┴┬┼"
_LONGEST = 26
_SWEEPS = 6


def text_picture(labels: Mapping[str, str], edges: Sequence[tuple[str, str]], *, width: int = 100) -> list[str]:
    """Return the graph as lines of text.

    Args:
        labels: What to write for each node, by its key.
        edges: Pairs of keys; a pair that names no node is left out.
        width: Widest picture that still runs from left to right.
    """
    if not labels:
        return ["(no stages)"]
    graph = _Layered.of(list(labels), edges)
    said = [_cell(label) for label in labels.values()] + [""] * (len(graph.below) - graph.size)
    across = _paint(graph, said, downwards=False)
    return across if max(map(len, across)) <= width else _paint(graph, said, downwards=True)


def _cell(label: str) -> str:
    text = " ".join(label.split())
    return f"[{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}]"


@dataclass(slots=True)
class _Layered:
    """Nodes in layers, by number; an edge joins neighbouring layers, long ones lead over bends (the last numbers)."""

    layers: list[list[int]]
    below: list[list[int]]
    above: list[list[int]]
    size: int

    @classmethod
    def of(cls, keys: Sequence[str], edges: Sequence[tuple[str, str]]) -> _Layered:
        number = {key: at for at, key in enumerate(keys)}
        known = [(number[a], number[b]) for a, b in dict.fromkeys(edges) if a in number and b in number and a != b]
        acyclic = _layering._without_cycles(len(keys), known)
        graph = _layering._with_stand_ins(len(keys), acyclic, _layering._assign_layers(len(keys), acyclic))
        _layering._order(graph)
        return cls(graph.layers, graph.down, graph.up, len(keys))


def _mean(keys: Sequence[int], place: Sequence[float], otherwise: float) -> float:
    return sum(place[key] for key in keys) / len(keys) if keys else otherwise


def _paint(graph: _Layered, said: Sequence[str], *, downwards: bool) -> list[str]:
    place = _places(graph, said, downwards=downwards)
    canvas = _Canvas(downwards=downwards)
    start = 0
    for number, layer in enumerate(graph.layers):
        deep = 1 if downwards else max(max(len(said[key]) for key in layer), 1)
        for key in layer:
            canvas.node(key, said[key], start, place[key], deep, has_outputs=bool(graph.below[key]))
        if number + 1 < len(graph.layers):
            tracks = _tracks(graph, layer, place)
            room = (max(tracks.values(), default=-1) + 1) + (2 if downwards else 3)
            canvas.gap(graph, layer, place, tracks, start + deep, room)
            start += deep + room
    return canvas.lines()


def _places(graph: _Layered, said: Sequence[str], *, downwards: bool) -> list[int]:
    """Return where each node stands across the layers: near its neighbours, in order, with room between."""

    def room(left: int, right: int) -> int:
        if not downwards:
            return 2 if said[left] or said[right] else 1
        return (len(said[left]) + len(said[right])) // 2 + 3

    place = [0.0] * len(said)
    for layer in graph.layers:
        at = 0
        for number, key in enumerate(layer):
            at += room(layer[number - 1], key) if number else 0
            place[key] = at
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in graph.layers if down else reversed(graph.layers):
            near = graph.above if down else graph.below
            wish = [_mean(near[key], place, place[key]) for key in layer]
            gaps = [0, *(room(left, right) for left, right in pairwise(layer))]
            for key, at in zip(layer, _spread(wish, gaps), strict=True):
                place[key] = at
    least = min(at - (len(said[key]) // 2 if downwards else 0) for key, at in enumerate(place))
    return [round(at - least) for at in place]


def _spread(wish: Sequence[float], gaps: Sequence[int]) -> list[int]:
    """Return whole places nearest to ``wish`` that keep order and gaps."""
    offsets = list(accumulate(gaps))
    flat = _layering._monotone([at - offset for at, offset in zip(wish, offsets, strict=True)], [1.0] * len(offsets))
    return [round(mean) + offset for mean, offset in zip(flat, offsets, strict=True)]


def _tracks(graph: _Layered, layer: Sequence[int], place: Sequence[int]) -> dict[int, int]:
    """Return a track for each stage whose lines turn in this gap, so that no two lie upon each other.

    A stage that leaves at some place must turn before another arrives at that place.
    """
    turning = {key for key in layer if any(place[target] != place[key] for target in graph.below[key])}
    straight = {key for key in layer if any(place[target] == place[key] for target in graph.below[key])}
    after: dict[int, set[int]] = {key: set() for key in turning}
    for key in turning - straight:
        for other in turning - {key}:
            if any(place[target] == place[key] for target in graph.below[other]):
                after[other].add(key)
    tracks: dict[int, int] = {}
    waiting = sorted(turning, key=lambda key: (place[key], key))
    while waiting:
        key = next((one for one in waiting if not after[one] - set(tracks)), waiting[0])
        waiting.remove(key)
        least = max((tracks[one] + 1 for one in after[key] if one in tracks), default=0)
        taken = {tracks[one] for one in tracks if _overlap(graph, place, key, one)}
        tracks[key] = next(track for track in range(least, least + len(turning) + 1) if track not in taken)
    return tracks


def _overlap(graph: _Layered, place: Sequence[int], left: int, right: int) -> bool:
    spans = []
    for key in (left, right):
        ends = [place[key], *(place[target] for target in graph.below[key])]
        spans.append((min(ends), max(ends)))
    return spans[0][0] <= spans[1][1] and spans[1][0] <= spans[0][1]


class _Canvas:
    """Cells by place: text of labels, and for each line which ways it leads out of a cell."""

    def __init__(self, *, downwards: bool) -> None:
        self._downwards = downwards
        self._texts: dict[tuple[int, int], str] = {}
        self._ways: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)

    def _along(self, key: int, cross: int, first: int, last: int) -> None:
        """Draw a line in the direction of the flow."""
        ways = (_UP, _DOWN) if self._downwards else (_LEFT, _RIGHT)
        self._line(key, [(at, cross) for at in range(first, last + 1)], ways)

    def _across(self, key: int, main: int, first: int, last: int) -> None:
        ways = (_LEFT, _RIGHT) if self._downwards else (_UP, _DOWN)
        self._line(key, [(main, at) for at in range(first, last + 1)], ways)

    def _line(self, key: int, cells: Sequence[tuple[int, int]], ways: tuple[int, int]) -> None:
        back, forth = ways
        for number, cell in enumerate(cells):
            mask = (back if number else 0) | (forth if number + 1 < len(cells) else 0)
            self._ways[cell][key] = self._ways[cell].get(key, 0) | mask

    def node(self, key: int, text: str, main: int, cross: int, deep: int, *, has_outputs: bool) -> None:
        if self._downwards:
            if text:
                self._texts[main, cross - len(text) // 2] = text
            else:
                self._along(key, cross, main - 1, main + 1)
            return
        if text:
            self._texts[main, cross] = text
        if has_outputs:
            self._along(key, cross, main + len(text) - 1, main + deep)

    def gap(
        self,
        graph: _Layered,
        layer: Sequence[int],
        place: Sequence[int],
        tracks: Mapping[int, int],
        start: int,
        room: int,
    ) -> None:
        end = start + room - 1
        for key in layer:
            for target in graph.below[key]:
                if place[target] == place[key]:
                    self._along(key, place[key], start - 1, end + 1)
                    continue
                turn = start + tracks[key] + (0 if self._downwards else 1)
                self._along(key, place[key], start - 1, turn)
                self._across(key, turn, *sorted((place[key], place[target])))
                self._along(key, place[target], turn, end + 1)
            for target in graph.below[key]:
                if target < graph.size:
                    self._texts[end, place[target]] = "↓" if self._downwards else "→"

    def lines(self) -> list[str]:
        rows: dict[int, dict[int, str]] = defaultdict(dict)
        for (main, cross), ways in self._ways.items():
            row, column = (main, cross) if self._downwards else (cross, main)
            rows[row][column] = _glyph(list(ways.values()))
        for (main, cross), text in self._texts.items():
            row, column = (main, cross) if self._downwards else (cross, main)
            rows[row].update({column + number: letter for number, letter in enumerate(text)})
        return [
            "".join(rows[row].get(column, " ") for column in range(max(rows[row], default=-1) + 1)).rstrip()
            for row in range(max(rows) + 1)
        ]


def _glyph(masks: Sequence[int]) -> str:
    straight = {_UP | _DOWN, _LEFT | _RIGHT}
    if len(masks) > 1 and set(masks) == straight:
        return "│"
    together = 0
    for mask in masks:
        together |= mask
    return _GLYPHS[together]
