"""Sort, Join and Lookup against plain Python over random rows with nulls and duplicates."""

from __future__ import annotations

import functools
import itertools
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.case import Rows
from tests.stages.chains import Chain

_EXAMPLES = 400 if os.environ.get("RIVERSTAGE_SOAK") else 15
_COLUMNS = "k int32, s string(4), x int32"
_KEY = st.none() | st.integers(-2, 3)
_TEXT = st.none() | st.text(alphabet="aAbBé 1", max_size=2)
_ROWS = st.lists(st.tuples(_KEY, _TEXT, st.integers(0, 99)), max_size=25)
_SORT_KEY = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["k", "s", "x"]),
        "asc-desc": st.sampled_from(["asc", "desc"]),
        "nulls": st.sampled_from(["first", "last"]),
        "ci-cs": st.sampled_from(["ci", "cs"]),
    }
)
_PLACE = {"k": 0, "s": 1, "x": 2}


def _compare(left: Any, right: Any, key: dict[str, str]) -> int:
    """Return how two values stand to each other under a sort key."""
    if left is None or right is None:
        nulls = (right is None) - (left is None)
        return nulls if key["nulls"] == "first" else -nulls
    if key["key"] == "s" and key["ci-cs"] == "ci":
        left, right = left.casefold(), right.casefold()
    order = (left > right) - (left < right)
    return -order if key["asc-desc"] == "desc" else order


def _in_order(left: tuple[Any, ...], right: tuple[Any, ...], keys: list[dict[str, str]]) -> int:
    orders = (_compare(left[_PLACE[key["key"]]], right[_PLACE[key["key"]]], key) for key in keys)
    return next((order for order in orders if order), 0)


@settings(max_examples=_EXAMPLES)
@given(rows=_ROWS, keys=st.lists(_SORT_KEY, min_size=1, max_size=3, unique_by=lambda key: key["key"]))
def test_sort_is_a_stable_permutation_in_order(
    rows: list[tuple[Any, ...]], keys: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    chain = Chain(
        {"in": Rows(_COLUMNS, rows)},
        {"sort": ("Sort", {"key_properties": keys}), "out": ("Peek", {})},
        [("in", "sort", "a", None), ("sort", "out", "b", None)],
        tmp_path_factory.mktemp("sort"),
    )
    chain.run()
    given_back = chain.rows("out")
    assert Counter(given_back) == Counter(rows)
    assert all(_in_order(left, right, keys) <= 0 for left, right in itertools.pairwise(given_back))
    assert given_back == sorted(rows, key=functools.cmp_to_key(lambda left, right: _in_order(left, right, keys)))


@settings(max_examples=_EXAMPLES)
@given(
    left=_ROWS,
    right=_ROWS,
    operator=st.sampled_from(["innerjoin", "leftouterjoin", "rightouterjoin", "fullouterjoin"]),
    two=st.booleans(),
)
def test_join_finds_what_nested_loops_find(
    left: list[tuple[Any, ...]],
    right: list[tuple[Any, ...]],
    operator: str,
    two: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    keys = [{"key": "k"}, {"key": "s"}] if two else [{"key": "k"}]
    output = {
        "valueDerivation": [
            {"columnName": "l", "sourceColumn": "left.x"},
            {"columnName": "r", "sourceColumn": "right.y"},
        ]
    }
    chain = Chain(
        {"p": Rows(_COLUMNS, left), "q": Rows("k int32, s string(4), y int32", right)},
        {"join": ("Join", {"operator": operator, "key_properties": keys}), "out": ("Peek", {})},
        [
            ("p", "join", "left", None),
            ("q", "join", "right", None),
            ("join", "out", "joined", Rows("l int32, r int32", output=output)),
        ],
        tmp_path_factory.mktemp("join"),
    )
    chain.run()
    width = 2 if two else 1
    expected: Counter[tuple[Any, Any]] = Counter()
    found_right = set()
    for one in left:
        matches = [place for place, other in enumerate(right) if one[:width] == other[:width]]
        expected.update((one[2], right[place][2]) for place in matches)
        found_right.update(matches)
        if not matches and operator in ("leftouterjoin", "fullouterjoin"):
            expected[one[2], None] += 1
    if operator in ("rightouterjoin", "fullouterjoin"):
        expected.update((None, other[2]) for place, other in enumerate(right) if place not in found_right)
    assert Counter(chain.rows("out")) == expected


@settings(max_examples=_EXAMPLES)
@given(main=_ROWS, reference=_ROWS, action=st.sampled_from(["continue", "drop", "reject"]), many=st.booleans())
def test_lookup_finds_what_a_search_finds(
    main: list[tuple[Any, ...]],
    reference: list[tuple[Any, ...]],
    action: str,
    many: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    port: dict[str, Any] = {
        "lookupDerivation": [{"columnName": "k", "parsedExpression": "main.k", "keyType": "="}],
        "lookupFail": action,
        **({"allow_dups": "allow_dups"} if many else {}),
    }
    links: list[Any] = [
        ("m", "lookup", "main", None),
        ("r", "lookup", "ref", Rows("k int32, t string(4), y int32", kind="reference", input=port)),
        ("lookup", "out", "done", Rows("k int32, s string(4), x int32, y int32")),
    ]
    stages: dict[str, Any] = {"lookup": ("Lookup", {}), "out": ("Peek", {})}
    if action == "reject":
        stages["bad"] = ("Peek", {})
        links.append(("lookup", "bad", "rejected", Rows(_COLUMNS, schema=False, kind="reject")))
    chain = Chain(
        {"m": Rows(_COLUMNS, main), "r": Rows("k int32, t string(4), y int32", reference, kind="reference")},
        stages,
        links,
        tmp_path_factory.mktemp("lookup"),
    )
    chain.run()
    expected: list[tuple[Any, ...]] = []
    missed = []
    for row in main:
        matches = [other for other in reference if other[0] == row[0]]
        matches = matches if many else matches[:1]
        expected += [(*row, other[2]) for other in matches]
        if not matches:
            missed.append(row)
            if action == "continue":
                expected.append((*row, None))
    assert Counter(chain.rows("out")) == Counter(expected)
    if not many:
        assert chain.rows("out") == expected
    if action == "reject":
        assert chain.rows("bad") == missed
