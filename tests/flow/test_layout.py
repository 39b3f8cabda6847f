"""Layout: left to right, nothing on top of anything, few crossings, and what has a place keeps it."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.flow._layering import count_inversions
from riverstage.flow.layout import STAGE_SIZE, X_PITCH, Y_PITCH, Wall, arrange, crossings

Edges = list[tuple[str, str]]


def random_dag(size: int, seed: int, reach: int = 15) -> tuple[list[str], Edges]:
    chance = random.Random(seed)
    edges = {
        (str(chance.randrange(max(0, node - reach), node)), str(node))
        for node in range(1, size)
        for _ in range(chance.choice([1, 1, 1, 2, 2]))
    }
    return [str(node) for node in range(size)], sorted(edges)


def overlaps(
    positions: dict[str, tuple[float, float]], names: list[str], width: int, height: int
) -> list[tuple[str, str]]:
    found = []
    for name in names:
        x, y = positions[name]
        for other, (x2, y2) in positions.items():
            if other != name and abs(x - x2) < width and abs(y - y2) < height:
                found.append((name, other))
    return found


def test_a_chain_is_a_straight_line() -> None:
    nodes = list("abcd")
    found = arrange(nodes, list(pairwise(nodes)))
    assert list(found) == nodes
    assert [x for x, _ in found.values()] == [100, 348, 596, 844]
    assert len({y for _, y in found.values()}) == 1


def test_a_fork_is_even() -> None:
    found = arrange(["a", "b", "c"], [("a", "b"), ("a", "c")])
    assert found["b"][0] == found["c"][0] == found["a"][0] + X_PITCH
    assert found["c"][1] - found["b"][1] == Y_PITCH
    assert found["a"][1] == (found["b"][1] + found["c"][1]) / 2


def test_nothing_and_strangers() -> None:
    assert arrange([], []) == {}
    assert arrange(["a"], [("a", "a"), ("a", "gone"), ("gone", "a")]) == {"a": (100, 100)}
    assert len(set(arrange(["a", "b"], [("a", "b"), ("b", "a")]).values())) == 2
    assert len(set(arrange(["a", "b", "c"], []).values())) == 3


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [1, 5, 40, 120])
def test_links_run_to_the_right_and_stages_stand_apart(size: int, seed: int) -> None:
    nodes, edges = random_dag(size, seed)
    found = arrange(nodes, edges)
    assert list(found) == nodes
    assert all(isinstance(part, int) for place in found.values() for part in place)
    assert all(found[target][0] - found[source][0] >= X_PITCH for source, target in edges)
    assert not overlaps(found, nodes, X_PITCH, Y_PITCH)
    assert arrange(nodes, edges) == found


# Crossings of straight links in drawings of the same graphs by elkjs 0.12 (layered, 72 px and 200 px apart), each the
# sum over six seeds.
ELK = {30: 68, 100: 374, 300: 1411}


@pytest.mark.parametrize("size", sorted(ELK))
def test_as_few_links_cross_as_in_the_best_drawings(size: int) -> None:
    count = 0
    for seed in range(6):
        nodes, edges = random_dag(size, seed)
        count += crossings(arrange(nodes, edges), edges)
    assert 0 < count <= ELK[size]


def test_a_thousand_stages() -> None:
    nodes, edges = random_dag(1000, 1)
    found = arrange(nodes, edges)
    assert not overlaps(found, nodes[::20], X_PITCH, Y_PITCH)
    assert crossings(found, edges) < 1500


def test_a_planar_grid_has_no_crossing() -> None:
    nodes = [f"{row}.{column}" for row in range(4) for column in range(6)]
    edges = [(f"{row}.{column}", f"{row}.{column + 1}") for row in range(4) for column in range(5)]
    edges += [(f"{row}.{column}", f"{row + 1}.{column + 1}") for row in range(3) for column in range(5)]
    random.Random(3).shuffle(edges)
    assert crossings(arrange(nodes, edges), edges) == 0


@given(st.integers(1, 25), st.integers(0, 1000), st.data())
def test_fixed_stages_stay_and_new_ones_keep_clear(size: int, seed: int, data: st.DataObject) -> None:
    nodes, edges = random_dag(size, seed, 6)
    places = st.tuples(st.integers(-500, 2000), st.integers(-500, 2000))
    fixed = data.draw(st.dictionaries(st.sampled_from(nodes), places, max_size=size))
    found = arrange(nodes, edges, fixed=fixed)
    assert list(found) == nodes
    assert {name: found[name] for name in fixed} == fixed
    assert not overlaps(found, [name for name in nodes if name not in fixed], 2 * STAGE_SIZE, 2 * STAGE_SIZE)


def test_a_new_stage_goes_behind_what_it_reads_and_in_between() -> None:
    fixed = {"a": (100.5, 300.0), "b": (1000.0, 300.0)}
    assert arrange(["a", "b", "c"], [("a", "c")], fixed=fixed)["c"] == (348, 300)
    assert arrange(["a", "b", "c"], [("c", "b")], fixed=fixed)["c"] == (752, 300)
    near = {"a": (100.0, 300.0), "b": (348.0, 300.0)}
    assert arrange(["a", "b", "c"], [("a", "c"), ("c", "b")], fixed=near)["c"] == (224, 300)
    again = arrange(["a", "b", "c"], [("a", "c")], fixed=near)
    assert again["c"][0] == 348
    assert abs(again["c"][1] - 300) == Y_PITCH * 2 / 3


@given(st.integers(1, 12), st.integers(0, 10**6), st.data())
def test_new_stages_stay_out_of_boxes_around_others(size: int, seed: int, data: st.DataObject) -> None:
    nodes, edges = random_dag(size, seed, 6)
    corner = st.integers(-500, 1500)
    fixed = data.draw(st.dictionaries(st.sampled_from(nodes), st.tuples(corner, corner), max_size=size))
    sides = st.tuples(corner, corner, st.integers(60, 900), st.integers(60, 900))
    around = st.frozensets(st.sampled_from(nodes), max_size=2)
    walls = [
        Wall(x, y, x + width, y + height, data.draw(around))
        for x, y, width, height in data.draw(st.lists(sides, max_size=3))
    ]
    found = arrange(nodes, edges, fixed=fixed, walls=walls)
    assert {name: found[name] for name in fixed} == fixed
    new = [name for name in nodes if name not in fixed]
    assert not any(wall.stops(name, found[name]) for wall in walls for name in new)


def test_new_stages_that_hang_with_none_go_below() -> None:
    found = arrange(["a", "x", "y"], [("x", "y")], fixed={"a": (700.0, 50.0)})
    assert found["x"] == (700, 50 + Y_PITCH)
    assert found["y"] == (700 + X_PITCH, 50 + Y_PITCH)


@given(st.lists(st.integers(0, 9), max_size=12))
def test_inversions_are_counted(values: list[int]) -> None:
    size = len(values)
    wanted = sum(values[i] > values[j] for i in range(size) for j in range(i + 1, size))
    assert count_inversions(values) == wanted


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=7),
    st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg")), max_size=8),
)
def test_crossings_are_counted(places: dict[str, tuple[int, int]], edges: Edges) -> None:
    positions = {name: (float(x * 100), float(y * 7)) for name, (x, y) in places.items()}
    kept = [edge for edge in dict.fromkeys(edges) if edge[0] in places and edge[1] in places and edge[0] != edge[1]]
    wanted = 0
    for index, first in enumerate(kept):
        for second in kept[index + 1 :]:
            (a, b), (c, d) = (
                ((positions[s][0] + STAGE_SIZE, positions[s][1]), positions[t]) for s, t in (first, second)
            )
            turn = [
                (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
                for p, q, r in ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
            ]
            wanted += turn[0] * turn[1] < 0 and turn[2] * turn[3] < 0
    assert crossings(positions, edges) == wanted
