"""Remove Duplicates: the same rows whether they are sorted or not, as plain Python keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from tests.conformance.case import Rows
from tests.stages.chains import Chain

_COLUMNS = "k string(3), m int32, i int32"
_KEYS = [{"key": "k"}, {"key": "m"}]


def _chain(rows: list[tuple[Any, ...]], keep: str, folder: Path, *, sort: list[dict[str, str]] | None = None) -> Chain:
    stages: dict[str, Any] = {
        "only": ("Remove Duplicates", {"key_properties": _KEYS, "keep": keep}),
        "out": ("Peek", {}),
    }
    links: list[Any] = [("in", "only", "a", None), ("only", "out", "c", None)]
    if sort is not None:
        stages["sort"] = ("Sort", {"key_properties": sort})
        links = [("in", "sort", "a", None), ("sort", "only", "b", None), ("only", "out", "c", None)]
    return Chain({"in": Rows(_COLUMNS, rows)}, stages, links, folder)


def _kept(rows: list[tuple[Any, ...]], keep: str) -> list[tuple[Any, ...]]:
    last = {row[:2]: row for row in rows}
    first = {row[:2]: row for row in reversed(rows)}
    chosen = set((last if keep == "last" else first).values())
    return [row for row in rows if row in chosen]


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(st.none() | st.sampled_from(["a", "A", "b"]), st.none() | st.integers(0, 2)), max_size=15),
    keep=st.sampled_from(["first", "last"]),
)
def test_it_keeps_what_python_keeps(rows: list[tuple[Any, Any]], keep: str, tmp_path_factory: Any) -> None:
    numbered = [(*row, index) for index, row in enumerate(rows)]
    chain = _chain(numbered, keep, tmp_path_factory.mktemp("plain"))
    chain.run()
    assert chain.rows("out") == _kept(numbered, keep)
    order = [{"key": "m", "asc-desc": "desc"}, {"key": "k", "nulls": "last"}, {"key": "i"}]
    chain = _chain(numbered, keep, tmp_path_factory.mktemp("sorted"), sort=order)
    chain.run()
    assert chain.rows("out") == _kept(_in_order(numbered), keep)


def _in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    rows = sorted(rows, key=lambda row: row[2])
    rows.sort(key=lambda row: (row[0] is None, row[0] or ""))
    return sorted(rows, key=lambda row: (row[1] is not None, -(row[1] or 0)))


@pytest.mark.parametrize("keep", ["first", "last"])
def test_sorted_rows_are_compared_with_their_neighbours_only(keep: str, tmp_path: Path) -> None:
    chain = _chain([], keep, tmp_path, sort=[{"key": "m"}, {"key": "k"}])
    windows = list(chain.relations("only")["only#marked"].sql.find_all(exp.Window))
    assert windows
    assert not any(window.args.get("partition_by") for window in windows)


def test_rows_sorted_by_something_else_are_grouped(tmp_path: Path) -> None:
    chain = _chain([], "first", tmp_path, sort=[{"key": "k"}, {"key": "i"}, {"key": "m"}])
    windows = list(chain.relations("only")["only#marked"].sql.find_all(exp.Window))
    assert all(window.args.get("partition_by") for window in windows)
