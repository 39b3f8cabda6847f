"""Funnel: what is said about its order, and how it is planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.plan import Ordering, OrderKey
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_COLUMNS = "k int32, v string(3)"


def _funnel(folder: Path | None, first: Any, second: Any, last: str = "Peek", **configuration: Any) -> Chain:
    return Chain(
        {"x": Rows(_COLUMNS, first), "y": Rows(_COLUMNS, second)},
        {"funnel": ("Funnel", configuration), "out": (last, {})},
        [("x", "funnel", "a", None), ("y", "funnel", "b", None), ("funnel", "out", "c", None)],
        folder,
    )


_KEY = [{"key": "k", "asc-desc": "desc"}]


@pytest.mark.parametrize(
    ("kind", "ordering"),
    [
        ("funnel", Ordering()),
        ("sequence", Ordering(known=True)),
        ("sortfunnel", Ordering(known=True, keys=(OrderKey("k", descending=True),))),
    ],
)
def test_the_kind_says_the_order(kind: str, ordering: Ordering, tmp_path: Path) -> None:
    plan, _ = _funnel(tmp_path, [], [], operator=kind, key_properties=_KEY).runtime.plan()
    assert plan.types["c"].ordering == ordering


def test_nothing_is_sorted_where_nobody_wants_the_order(tmp_path: Path) -> None:
    chain = Chain(
        {"x": Rows(_COLUMNS, []), "y": Rows(_COLUMNS, [])},
        {
            "funnel": ("Funnel", {"operator": "sortfunnel", "key_properties": _KEY}),
            "sum": (
                "Aggregator",
                {
                    "key_properties": [{"key": "k"}],
                    "selection": "countField",
                    "count_field_properties": [[{"countField": "n"}]],
                },
            ),
            "out": ("Peek", {}),
        },
        [
            ("x", "funnel", "a", None),
            ("y", "funnel", "b", None),
            ("funnel", "sum", "c", None),
            ("sum", "out", "d", None),
        ],
        tmp_path,
    )
    assert list(chain.relations("funnel")) == ["c"]


_ROWS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.sampled_from("abc")), max_size=8)


@settings(max_examples=15, deadline=None)
@given(first=_ROWS, second=_ROWS)
def test_it_merges_as_a_stable_sort_does(first: list[tuple[Any, Any]], second: list[tuple[Any, Any]]) -> None:
    chain = _funnel(None, first, second, operator="sortfunnel", key_properties=[{"key": "k"}])
    result = chain.run()
    assert chain.rows("out") == sorted([*first, *second], key=lambda row: (row[0] is not None, row[0] or 0))
    assert result.counts["c"] == len(first) + len(second)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("string(2)", "string(5)", "string(5)"),
        ("string(5)", "string(2)", "string(5)"),
        ("string(2)", "string", "string"),
        ("string(2)", "int32", "string"),
        ("string", "string(2)", "string"),
    ],
)
def test_without_a_schema_texts_are_as_long_as_any_input_has_them(
    first: str, second: str, expected: str, tmp_path: Path
) -> None:
    value: Any = 12345 if second == "int32" else "abcde" if second != "string(2)" else "ab"
    chain = Chain(
        {"x": Rows(f"v {first}", [("ab",)]), "y": Rows(f"v {second}", [(value,)])},
        {"funnel": ("Funnel", {"operator": "sequence"}), "out": ("Peek", {})},
        [("x", "funnel", "a", None), ("y", "funnel", "b", None), ("funnel", "out", "c", None)],
        tmp_path,
    )
    plan, _ = chain.runtime.plan()
    assert str(plan.types["c"].row.columns[0].type) == expected
    chain.runtime.run()
    assert [row["v"] for batch in chain.into["out"] for row in batch.to_pylist()] == ["ab", str(value)]
