"""Sort: how it is planned, and that it sorts as Python does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.case import Rows
from tests.stages.chains import Chain

_NAMES = st.none() | st.text(alphabet="abAB ä", max_size=2)
_KEY = {"key_properties": [{"key": "k"}]}


def _sorted(columns: str, rows: list[tuple[Any, ...]], folder: Path, **configuration: Any) -> Chain:
    return Chain(
        {"in": Rows(columns, rows)},
        {"sort": ("Sort", {**_KEY, **configuration}), "out": ("Peek", {})},
        [("in", "sort", "a", None), ("sort", "out", "b", None)],
        folder,
    )


def test_rows_that_come_in_an_order_are_numbered_so_that_equal_ones_stay_in_it(tmp_path: Path) -> None:
    relations = _sorted("k int32, v int32", [], tmp_path).relations("sort")
    assert list(relations) == ["sort#numbered", "b"]
    order = relations["b"].sql.args["order"]
    assert [term.this.name for term in order.expressions] == ["k", "#row"]


def test_no_row_is_numbered_where_equal_rows_cannot_be_told_apart(tmp_path: Path) -> None:
    assert list(_sorted("k int32", [], tmp_path).relations("sort")) == ["b"]


def test_no_row_is_numbered_where_that_is_not_asked_for(tmp_path: Path) -> None:
    assert list(_sorted("k int32, v int32", [], tmp_path, stable="nonStable").relations("sort")) == ["b"]


def _behind_a_join(kind: str, configuration: dict[str, Any], folder: Path) -> Chain:
    return Chain(
        {"x": Rows("k int32, v int32", [(2, 1), (1, 2)]), "y": Rows("k int32", [(1,), (2,)])},
        {
            "join": ("Join", _KEY),
            "sort": ("Sort", _KEY),
            "next": (kind, configuration),
            "out": ("Peek", {}),
        },
        [
            ("x", "join", "left", None),
            ("y", "join", "right", None),
            ("join", "sort", "joined", None),
            ("sort", "next", "sorted", None),
            ("next", "out", "done", None),
        ],
        folder,
    )


def test_no_row_is_numbered_where_the_input_has_no_order(tmp_path: Path) -> None:
    chain = _behind_a_join("Copy", {}, tmp_path)
    assert list(chain.relations("sort")) == ["sorted"]
    chain.run()
    assert chain.rows("out") == [(1, 2), (2, 1)]


def test_nothing_is_sorted_for_a_stage_that_pays_no_heed(tmp_path: Path) -> None:
    sums = {**_KEY, "reduce_properties": [[{"reduce": "v"}, {"sum": "s"}]]}
    chain = _behind_a_join("Aggregator", sums, tmp_path)
    assert chain.relations("sort")["sorted"].sql.args.get("order") is None
    chain.run()
    assert sorted(chain.rows("out")) == [(1, 2.0), (2, 1.0)]


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(_NAMES, st.none() | st.integers(-3, 3)), max_size=12),
    descending=st.booleans(),
    last=st.booleans(),
    caseless=st.booleans(),
)
def test_it_sorts_as_python_does(
    rows: list[tuple[Any, Any]], descending: bool, last: bool, caseless: bool, tmp_path_factory: Any
) -> None:
    numbered = [(*row, index) for index, row in enumerate(rows)]
    key = {"key": "k"}
    key |= {"asc-desc": "desc"} if descending else {}
    key |= {"nulls": "last"} if last else {}
    key |= {"ci-cs": "ci"} if caseless else {}
    folder = tmp_path_factory.mktemp("sort")
    chain = _sorted("k string(5), n int32, i int32", numbered, folder, key_properties=[key, {"key": "n"}])
    chain.run()
    want = sorted(numbered, key=lambda row: (row[1] is not None, row[1] or 0))
    want.sort(key=lambda row: (row[0] or "").lower() if caseless else row[0] or "", reverse=descending)
    want.sort(key=lambda row: (row[0] is None) == last)
    assert chain.rows("out") == want
