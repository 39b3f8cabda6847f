"""The layered drawing of a graph: layers, their order, and coordinates. Works on numbers 0 … n-1.

The steps are those of Sugiyama: cycles are opened, longest paths give layers, edges that pass layers get a stand-in in
each, sweeps order the layers so that few edges cross, and least squares straighten what is left.
"""

from __future__ import annotations

import random
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Drawing", "count_inversions", "draw"]

_RESTARTS = 12
_RESTARTS_UP_TO = 300
_WORK = 150_000
"""Edge steps that ordering may take beyond the first sweeps. It bounds the time alike on every machine."""


@dataclass(slots=True)
class _Layers:
    """A graph in layers. Numbers from ``size`` on stand where an edge passes a layer."""

    size: int
    layers: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]
    steps: int


@dataclass(slots=True)
class Drawing:
    """Where everything stands: the layer of each number, and its height in units of the wanted distance."""

    layer: list[int]
    height: list[float]


def count_inversions(values: Iterable[int]) -> int:
    """Return how many pairs of a sequence stand the wrong way round."""
    seen: list[int] = []
    count = 0
    for value in values:
        count += len(seen) - bisect_right(seen, value)
        insort(seen, value)
    return count


def draw(size: int, edges: Iterable[tuple[int, int]]) -> Drawing:
    """Draw a connected graph.

    Args:
        size: How many nodes it has.
        edges: Its edges, by the numbers of their nodes.
    """
    acyclic = _without_cycles(size, edges)
    layer = _assign_layers(size, acyclic)
    graph = _with_stand_ins(size, acyclic, layer)
    _order(graph)
    height = _heights(graph)
    return Drawing(layer, height[:size])


def _without_cycles(size: int, edges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the edges once each, without loops, those that close a cycle turned round."""
    targets: list[list[int]] = [[] for _ in range(size)]
    has_source = [False] * size
    for source, target in dict.fromkeys(edges):
        if source != target:
            targets[source].append(target)
            has_source[target] = True
    state = [0] * size  # 0 unseen, 1 on the path, 2 done
    kept: dict[tuple[int, int], None] = {}
    for start in sorted(range(size), key=has_source.__getitem__):
        if state[start]:
            continue
        state[start] = 1
        path = [(start, iter(targets[start]))]
        while path:
            node, rest = path[-1]
            target = next(rest, -1)
            if target < 0:
                state[node] = 2
                path.pop()
            elif state[target] == 1:
                kept[target, node] = None
            else:
                kept[node, target] = None
                if not state[target]:
                    state[target] = 1
                    path.append((target, iter(targets[target])))
    return list(kept)


def _assign_layers(size: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the layer of each node: as far left as its sources let it, then nearer to where its edges pull it."""
    sources: list[list[int]] = [[] for _ in range(size)]
    targets: list[list[int]] = [[] for _ in range(size)]
    waiting = [0] * size
    for source, target in edges:
        targets[source].append(target)
        sources[target].append(source)
        waiting[target] += 1
    order = [node for node in range(size) if not waiting[node]]
    layer = [0] * size
    for node in order:
        for target in targets[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    for _ in range(4):
        moved = False
        for node in reversed(order):
            if len(targets[node]) > len(sources[node]):
                latest = min(layer[target] for target in targets[node]) - 1
                moved |= latest != layer[node]
                layer[node] = latest
        for node in order:
            if len(sources[node]) > len(targets[node]):
                earliest = max(layer[source] for source in sources[node]) + 1
                moved |= earliest != layer[node]
                layer[node] = earliest
        if not moved:
            break
    least = min(layer, default=0)
    return [each - least for each in layer]


def _with_stand_ins(size: int, edges: Sequence[tuple[int, int]], layer: Sequence[int]) -> _Layers:
    """Return the layers with a stand-in wherever an edge passes one; edges from one node share theirs."""
    layers: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for node in range(size):
        layers[layer[node]].append(node)
    up: list[list[int]] = [[] for _ in range(size)]
    down: list[list[int]] = [[] for _ in range(size)]
    for source, target in edges:
        before = source
        for at in range(layer[source] + 1, layer[target]):
            stand_in = len(up)
            up.append([before])
            down.append([])
            down[before].append(stand_in)
            layers[at].append(stand_in)
            before = stand_in
        down[before].append(target)
        up[target].append(before)
    return _Layers(size, layers, up, down, sum(map(len, down)))


# Order ----------------------------------------------------------------------------------------------------------------


def _order(graph: _Layers) -> None:
    """Order every layer so that few edges cross: sweeps from several beginnings, the best is kept."""
    first = _depth_first(graph)
    restarts = _RESTARTS if graph.size <= _RESTARTS_UP_TO else 1
    budget = _WORK if graph.size <= _RESTARTS_UP_TO else _WORK // 2
    chance = random.Random(graph.size)  # noqa: S311 - the same graph is drawn alike every time
    best, least = first, _crossings(graph, first)
    spent = 0
    for restart in range(restarts):
        layers = [list(layer) for layer in first]
        if restart:
            for layer in layers:
                chance.shuffle(layer)
        found, count, cost = _sweep(graph, layers, is_backwards=restart % 2 == 1)
        if count < least:
            best, least = found, count
        spent += cost
        if spent > budget or not least:
            break
    graph.layers = best


def _depth_first(graph: _Layers) -> list[list[int]]:
    """Return the layers in the order in which a walk along the edges meets their nodes."""
    rank: dict[int, int] = {}
    for start in graph.layers[0] if graph.layers else ():
        stack = [start]
        while stack:
            node = stack.pop()
            if node not in rank:
                rank[node] = len(rank)
                stack.extend(reversed([*graph.down[node], *graph.up[node]]))
    return [sorted(layer, key=lambda node: rank.get(node, len(rank))) for layer in graph.layers]


def _places(graph: _Layers, layers: list[list[int]]) -> list[int]:
    place = [0] * len(graph.up)
    for layer in layers:
        for at, node in enumerate(layer):
            place[node] = at
    return place


def _crossings(graph: _Layers, layers: list[list[int]]) -> int:
    place = _places(graph, layers)
    get = place.__getitem__
    return sum(
        count_inversions(each for node in layer for each in sorted(map(get, graph.down[node]))) for layer in layers[:-1]
    )


def _sweep(graph: _Layers, layers: list[list[int]], *, is_backwards: bool) -> tuple[list[list[int]], int, int]:
    """Sweep to and fro until it no longer helps; return the best order, its crossings and the work done."""
    place = _places(graph, layers)
    best, least = [list(layer) for layer in layers], _crossings(graph, layers)
    idle = cost = 0
    patience = 5 if graph.steps < 3000 else 2
    most = 40 if graph.steps < 3000 else 10 if graph.steps < 15_000 else 4
    for turn in range(most):
        goes_down = (turn % 2 == 0) != is_backwards
        uses_median = turn % 4 >= 2
        _sweep_once(graph, layers, place, goes_down=goes_down, uses_median=uses_median)
        cost += 2 * graph.steps
        if graph.steps < 6000:
            cost += _transpose(graph, layers, place)
        count = _crossings(graph, layers)
        if count < least:
            best, least, idle = [list(layer) for layer in layers], count, 0
        else:
            idle += 1
        if idle > patience or not least:
            break
    if graph.steps >= 6000:
        cost += _transpose(graph, best, _places(graph, best))
        least = _crossings(graph, best)
    return best, least, cost


def _sweep_once(
    graph: _Layers, layers: list[list[int]], place: list[int], *, goes_down: bool, uses_median: bool
) -> None:
    """Order each layer by where the neighbours in the one before it stand."""
    beside = graph.up if goes_down else graph.down
    for at in range(1, len(layers)) if goes_down else range(len(layers) - 2, -1, -1):
        layer = layers[at]
        keys: dict[int, float] = {}
        for node in layer:
            neighbours = beside[node]
            if not neighbours:
                keys[node] = place[node]
            elif len(neighbours) == 1:
                keys[node] = place[neighbours[0]]
            elif uses_median:
                ranks = sorted(place[each] for each in neighbours)
                middle = len(ranks) // 2
                keys[node] = ranks[middle] if len(ranks) % 2 else (ranks[middle - 1] + ranks[middle]) / 2
            else:
                keys[node] = sum(place[each] for each in neighbours) / len(neighbours)
        layer.sort(key=keys.__getitem__)
        for index, node in enumerate(layer):
            place[node] = index


def _transpose(graph: _Layers, layers: list[list[int]], place: list[int]) -> int:
    """Swap neighbours in a layer while that takes crossings away; return the work done."""
    up, down = graph.up, graph.down
    cost = 0
    dirty = [True] * len(layers)
    for _ in range(12):
        changed = [False] * len(layers)
        for at, layer in enumerate(layers):
            if not dirty[at]:
                continue
            above = [sorted([place[each] for each in up[node]]) for node in layer]
            below = [sorted([place[each] for each in down[node]]) for node in layer]
            rows: tuple[list[Any], ...] = (layer, above, below)
            cost += len(layer) * 3
            for index in range(len(layer) - 1):
                gain = _gain(above[index], above[index + 1]) + _gain(below[index], below[index + 1])
                if gain > 0:
                    for row in rows:
                        row[index], row[index + 1] = row[index + 1], row[index]
                    place[layer[index]], place[layer[index + 1]] = index, index + 1
                    changed[at] = True
        if not any(changed):
            break
        dirty = [any(changed[max(at - 1, 0) : at + 2]) for at in range(len(layers))]
    return cost


def _gain(left: list[int], right: list[int]) -> int:
    """Return how many crossings go when two nodes with these neighbours change places."""
    if not left or not right or left[-1] <= right[0]:
        # Nothing crosses now, or one of the two has no edge on this side.
        return -sum(len(right) - bisect_right(right, each) for each in left) if left and right else 0
    gain = 0
    for each in left:
        for other in right:
            gain += (each > other) - (each < other)
    return gain


# Heights --------------------------------------------------------------------------------------------------------------

_ROOM = (1.0, 0.75, 0.5)
"""The distance between neighbours in a layer, by how many of the two are stand-ins of passing edges."""


def _heights(graph: _Layers) -> list[float]:
    """Return a height for everything, at least one unit apart in a layer, near those it is joined with."""
    height = [0.0] * len(graph.up)
    offsets: list[list[float]] = []
    for layer in graph.layers:
        at, row = 0.0, []
        for index, node in enumerate(layer):
            if index:
                stand_ins = (node >= graph.size) + (layer[index - 1] >= graph.size)
                at += _ROOM[stand_ins]
            row.append(at)
        offsets.append(row)
        middle = at / 2
        for node, each in zip(layer, row, strict=True):
            height[node] = each - middle
    rounds = 8 if graph.steps < 3000 else 4 if graph.steps < 15_000 else 2
    for turn in range(2 * rounds):
        goes_down = turn % 2 == 0
        is_last = turn >= 2 * rounds - 2
        order = range(len(graph.layers)) if goes_down else range(len(graph.layers) - 1, -1, -1)
        for at in order:
            _settle_layer(graph, at, offsets[at], height, goes_down=goes_down, looks_both=is_last)
    return height


def _settle_layer(
    graph: _Layers, at: int, offsets: list[float], height: list[float], *, goes_down: bool, looks_both: bool
) -> None:
    """Move a layer to where its neighbours want it, as near as distances allow (least squares)."""
    layer = graph.layers[at]
    wants, weights = [], []
    for index, node in enumerate(layer):
        above, below = graph.up[node], graph.down[node]
        beside = [*above, *below] if looks_both else (above or below) if goes_down else (below or above)
        if beside:
            heights = sorted(height[each] for each in beside)
            middle = len(heights) // 2
            wanted = heights[middle] if len(heights) % 2 else (heights[middle - 1] + heights[middle]) / 2
            passes = node >= graph.size and beside[0] >= graph.size
            weights.append(8.0 if passes else 2.0 if node >= graph.size else 1.0 * len(beside))
        else:
            wanted = height[node]
            weights.append(0.1)
        wants.append(wanted - offsets[index])
    for node, offset, value in zip(layer, offsets, _monotone(wants, weights), strict=True):
        height[node] = value + offset


def _monotone(wants: list[float], weights: list[float]) -> list[float]:
    """Return the rising sequence nearest to ``wants`` (pooling neighbours that would fall)."""
    means: list[float] = []
    masses: list[float] = []
    counts: list[int] = []
    for want, weight in zip(wants, weights, strict=True):
        mean, mass, count = want, weight, 1
        while means and means[-1] > mean:
            other = masses.pop()
            mean = (means.pop() * other + mean * mass) / (other + mass)
            mass += other
            count += counts.pop()
        means.append(mean)
        masses.append(mass)
        counts.append(count)
    made: list[float] = []
    for mean, count in zip(means, counts, strict=True):
        made.extend([mean] * count)
    return made
