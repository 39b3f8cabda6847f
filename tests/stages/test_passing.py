"""Copy, Peek, Head, Tail and Column Generator: the order that they hand on, and how they are planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.plan import Law
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_ROWS = [(2, "x"), (1, "y"), (3, None), (1, "z")]


def _behind_a_sort(kind: str, output: Rows, folder: Path, **configuration: Any) -> Chain:
    return Chain(
        {"in": Rows("k int32, v string(3)", _ROWS)},
        {
            "sort": ("Sort", {"key_properties": [{"key": "k"}, {"key": "v"}]}),
            "next": (kind, configuration),
            "out": ("Peek", {}),
        },
        [("in", "sort", "a", None), ("sort", "next", "b", None), ("next", "out", "c", output)],
        folder,
    )


@pytest.mark.parametrize("kind", ["Copy", "Peek", "Head", "Tail", "Filter", "Switch"])
@pytest.mark.parametrize(
    ("columns", "keys"),
    [
        ("k int32, v string(3)", ["k", "v"]),
        ("v string(3), k int64", ["k", "v"]),
        ("k float64, v string(3)", ["k"]),
        ("k int32, v string(2)", ["k", "v"]),
        ("k string(3), v string(3)", []),
        ("v string(3)", []),
    ],
)
def test_an_order_is_said_as_far_as_it_still_holds(kind: str, columns: str, keys: list[str], tmp_path: Path) -> None:
    said: dict[str, Any] = {}
    if kind == "Filter":
        said = {"where_properties": [{"where": "true"}]}
    if kind == "Switch":
        said = {"key": "k", "case": ["1=0"], "if_not_found": "ignore"}
    plan, _ = _behind_a_sort(kind, Rows(columns), tmp_path, **said).runtime.plan()
    ordering = plan.types["c"].ordering
    assert ordering.known
    assert [key.column for key in ordering.keys] == keys


def test_a_renamed_key_goes_on_under_its_new_name(tmp_path: Path) -> None:
    renamed = Rows("n int32", output={"valueDerivation": [{"columnName": "n", "parsedExpression": "b.k"}]})
    plan, _ = _behind_a_sort("Copy", renamed, tmp_path).runtime.plan()
    assert [key.column for key in plan.types["c"].ordering.keys] == ["n"]


def test_a_column_made_anew_is_no_key_any_more(tmp_path: Path) -> None:
    chain = _behind_a_sort("Column Generator", Rows("k int32, v string(3)"), tmp_path, schema_=["k"])
    plan, _ = chain.runtime.plan()
    assert plan.types["c"].ordering.keys == ()
    chain.run()
    assert chain.rows("out") == [(0, "y"), (1, "z"), (2, "x"), (3, None)]


def test_made_columns_stand_before_those_that_propagate(tmp_path: Path) -> None:
    chain = _behind_a_sort(
        "Column Generator", Rows("n int64"), tmp_path, schema_=["n"], runtime_column_propagation=True
    )
    chain.run()
    assert chain.rows("out") == [(0, 1, "y"), (1, 1, "z"), (2, 2, "x"), (3, 3, None)]


def test_rows_in_no_order_are_numbered_once_only(tmp_path: Path) -> None:
    """Numbering rows that come in no order again could give other numbers."""
    chain = Chain(
        {"x": Rows("k int32", [(1,)]), "y": Rows("k int32", [(1,)])},
        {
            "join": ("Join", {"key_properties": [{"key": "k"}]}),
            "make": ("Column Generator", {}),
            "out": ("Peek", {}),
        },
        [
            ("x", "join", "a", None),
            ("y", "join", "b", None),
            ("join", "make", "c", None),
            ("make", "out", "d", Rows("k int32, n int32")),
        ],
        tmp_path,
    )
    plan, _ = chain.runtime.plan()
    known = plan.types["c"].ordering.known
    assert plan.types["d"].deterministic is known
    assert chain.relations("make")["make#generated"].deterministic is known


@pytest.mark.parametrize(
    ("configuration", "law"),
    [
        ({"all": True}, Law({"c": 1, "b": -1}, 0, "next")),
        ({"nrecs": 0}, Law({"c": 1}, 0, "next")),
        ({"all": True, "part": [2], "selection": "part"}, Law({"c": 1}, 0, "next")),
        ({"nrecs": 5}, None),
        ({"all": True, "skip": 1}, None),
    ],
)
def test_what_head_knows_about_its_rows(configuration: dict[str, Any], law: Law | None, tmp_path: Path) -> None:
    plan, _ = _behind_a_sort("Head", Rows("", schema=False), tmp_path, **configuration).runtime.plan()
    assert [found for found in plan.laws if found.stage == "next"] == ([law] if law else [])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=15), st.integers(0, 6), st.integers(0, 6), st.integers(1, 4))
def test_head_is_a_slice(values: list[int], limit: int, skip: int, period: int) -> None:
    chain = Chain(
        {"in": Rows("n int32", [(value,) for value in values])},
        {"head": ("Head", {"nrecs": limit, "skip": skip, "period": period}), "out": ("Peek", {})},
        [("in", "head", "a", None), ("head", "out", "b", None)],
    )
    chain.run()
    assert [value for (value,) in chain.rows("out")] == values[skip::period][:limit]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=15), st.integers(0, 18))
def test_tail_is_a_slice(values: list[int], limit: int) -> None:
    chain = Chain(
        {"in": Rows("n int32", [(value,) for value in values])},
        {"tail": ("Tail", {"nrecs": limit}), "out": ("Peek", {})},
        [("in", "tail", "a", None), ("tail", "out", "b", None)],
    )
    chain.run()
    assert [value for (value,) in chain.rows("out")] == (values[-limit:] if limit else [])
