"""A directed graph as a picture in text: labels in layers, lines between them.

Layers run from left to right where that fits, else from top to bottom. Lines of one stage share their way; where two
that have nothing to do with each other cross, the one across is broken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

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
    said = {key: _cell(labels[key]) if key in labels else "" for layer in graph.layers for key in layer}
    across = _paint(graph, said, downwards=False)
    return across if max(map(len, across)) <= width else _paint(graph, said, downwards=True)


def _cell(label: str) -> str:
    text = " ".join(label.split())
    return f"[{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}]"


@dataclass(slots=True)
class _Layered:
    """Nodes in layers; an edge joins neighbouring layers, long ones lead over bends (keys that begin with a null)."""

    layers: list[list[str]]
    below: dict[str, list[str]] = field(default_factory=dict)
    above: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: list[str], edges: Sequence[tuple[str, str]]) -> _Layered:
        rank = _ranks(keys, edges)
        layers: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
        for key in keys:
            layers[rank[key]].append(key)
        graph = cls(layers, defaultdict(list), defaultdict(list))
        for number, (source, target) in enumerate(dict.fromkeys(edges)):
            if source in rank and target in rank and rank[source] < rank[target]:
                graph._join(source, target, rank, number)
        graph._untangle()
        return graph

    def _join(self, source: str, target: str, rank: Mapping[str, int], number: int) -> None:
        last = source
        for layer in range(rank[source] + 1, rank[target]):
            bend = f"\0{number}.{layer}"
            self.layers[layer].append(bend)
            self._edge(last, bend)
            last = bend
        self._edge(last, target)

    def _edge(self, source: str, target: str) -> None:
        self.below[source].append(target)
        self.above[target].append(source)

    def _untangle(self) -> None:
        """Order each layer by the mean place of its neighbours, down and up a few times."""
        for sweep in range(_SWEEPS):
            near = self.above if sweep % 2 == 0 else self.below
            order = range(1, len(self.layers)) if sweep % 2 == 0 else range(len(self.layers) - 2, -1, -1)
            for number in order:
                place = {key: at for at, key in enumerate(self.layers[number - 1 if sweep % 2 == 0 else number + 1])}
                own = {key: at for at, key in enumerate(self.layers[number])}
                self.layers[number].sort(key=lambda key: (_mean(near[key], place, own[key]), own[key]))


def _mean(keys: Sequence[str], place: Mapping[str, float], otherwise: float) -> float:
    return sum(place[key] for key in keys) / len(keys) if keys else otherwise


def _ranks(keys: list[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the layer of each node: one more than its last predecessor; edges that close a cycle do not count."""
    below: dict[str, list[str]] = {key: [] for key in keys}
    waiting = dict.fromkeys(keys, 0)
    for source, target in dict.fromkeys(edges):
        if source in below and target in below and source != target:
            below[source].append(target)
            waiting[target] += 1
    rank: dict[str, int] = {}
    ready = [key for key in keys if not waiting[key]]
    level = dict.fromkeys(keys, 0)
    while len(rank) < len(keys):
        if not ready:
            ready = [next(key for key in keys if key not in rank)]
        key = ready.pop()
        rank[key] = level[key]
        for target in below[key]:
            if target not in rank:
                level[target] = max(level[target], rank[key] + 1)
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
    targets = {target for some in below.values() for target in some}
    for key in keys:
        nearest = [rank[target] for target in below[key] if rank[target] > rank[key]]
        if nearest and key not in targets:
            rank[key] = min(nearest) - 1
    return rank


def _paint(graph: _Layered, said: Mapping[str, str], *, downwards: bool) -> list[str]:
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


def _places(graph: _Layered, said: Mapping[str, str], *, downwards: bool) -> dict[str, int]:
    """Return where each node stands across the layers: near its neighbours, in order, with room between."""

    def room(left: str, right: str) -> int:
        if not downwards:
            return 2 if said[left] or said[right] else 1
        return (len(said[left]) + len(said[right])) // 2 + 3

    place: dict[str, float] = {}
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
            place.update(zip(layer, _spread(wish, gaps), strict=True))
    least = min(at - (len(said[key]) // 2 if downwards else 0) for key, at in place.items())
    return {key: round(at - least) for key, at in place.items()}


def _spread(wish: Sequence[float], gaps: Sequence[int]) -> list[int]:
    """Return whole places nearest to ``wish`` (least squares) that keep order and gaps (pool adjacent violators)."""
    offsets = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    pools: list[tuple[float, int]] = []
    for at, offset in zip(wish, offsets, strict=True):
        pools.append((at - offset, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, many), (more, others) = pools[-2], pools[-1]
            pools[-2:] = [((mean * many + more * others) / (many + others), many + others)]
    flat = [mean for mean, many in pools for _ in range(many)]
    return [round(mean) + offset for mean, offset in zip(flat, offsets, strict=True)]


def _tracks(graph: _Layered, layer: Sequence[str], place: Mapping[str, int]) -> dict[str, int]:
    """Return a track for each stage whose lines turn in this gap, so that no two lie upon each other.

    A stage that leaves at some place must turn before another arrives at that place.
    """
    turning = {key for key in layer if any(place[target] != place[key] for target in graph.below[key])}
    straight = {key for key in layer if any(place[target] == place[key] for target in graph.below[key])}
    after: dict[str, set[str]] = {key: set() for key in turning}
    for key in turning - straight:
        for other in turning - {key}:
            if any(place[target] == place[key] for target in graph.below[other]):
                after[other].add(key)
    tracks: dict[str, int] = {}
    waiting = sorted(turning, key=lambda key: (place[key], key))
    while waiting:
        key = next((one for one in waiting if not after[one] - set(tracks)), waiting[0])
        waiting.remove(key)
        least = max((tracks[one] + 1 for one in after[key] if one in tracks), default=0)
        taken = {tracks[one] for one in tracks if _overlap(graph, place, key, one)}
        tracks[key] = next(track for track in range(least, least + len(turning) + 1) if track not in taken)
    return tracks


def _overlap(graph: _Layered, place: Mapping[str, int], left: str, right: str) -> bool:
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
        self._ways: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)

    def _along(self, key: str, cross: int, first: int, last: int) -> None:
        """Draw a line in the direction of the flow."""
        ways = (_UP, _DOWN) if self._downwards else (_LEFT, _RIGHT)
        self._line(key, [(at, cross) for at in range(first, last + 1)], ways)

    def _across(self, key: str, main: int, first: int, last: int) -> None:
        ways = (_LEFT, _RIGHT) if self._downwards else (_UP, _DOWN)
        self._line(key, [(main, at) for at in range(first, last + 1)], ways)

    def _line(self, key: str, cells: Sequence[tuple[int, int]], ways: tuple[int, int]) -> None:
        back, forth = ways
        for number, cell in enumerate(cells):
            mask = (back if number else 0) | (forth if number + 1 < len(cells) else 0)
            self._ways[cell][key] = self._ways[cell].get(key, 0) | mask

    def node(self, key: str, text: str, main: int, cross: int, deep: int, *, has_outputs: bool) -> None:
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
        layer: Sequence[str],
        place: Mapping[str, int],
        tracks: Mapping[str, int],
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
                if not target.startswith("\0"):
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
