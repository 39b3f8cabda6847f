"""Lookup: references that need no search for duplicates, and what a failure says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from riverstage.errors import RunFailed
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_MAIN = Rows("k int32, v string(5)", [(1, "a"), (2, "b")])
_REF = Rows("k int32, n int32", [(1, 10), (2, 20), (1, 30)])


def _port(action: str) -> dict[str, Any]:
    key = {"columnName": "k", "parsedExpression": "main.k", "keyType": "="}
    return {"lookupDerivation": [key], "lookupFail": action}


def _chain(above: tuple[str, dict[str, Any]], folder: Path, action: str = "continue") -> Chain:
    return Chain(
        {"m": _MAIN, "r": _REF},
        {"above": above, "lookup": ("Lookup", {}), "out": ("Peek", {})},
        [
            ("m", "lookup", "main", None),
            ("r", "above", "raw", None),
            ("above", "lookup", "ref", Rows("k int32, n int32", kind="reference", input=_port(action))),
            ("lookup", "out", "done", None),
        ],
        folder,
    )


@pytest.mark.parametrize(
    "above",
    [
        ("Remove Duplicates", {"key_properties": [{"key": "k"}]}),
        ("Sort", {"key_properties": [{"key": "k"}], "unique": "unique"}),
        ("Aggregator", {"key_properties": [{"key": "k"}], "reduce_properties": [[{"reduce": "n"}, {"min": "n"}]]}),
    ],
    ids=["remove duplicates", "sort, unique", "aggregator"],
)
def test_a_reference_that_is_unique_already_is_not_searched(above: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    chain = _chain(above, tmp_path)
    assert not [key for key in chain.relations("lookup") if key.startswith("lookup#first")]
    chain.run()
    assert chain.rows("out") == [(1, "a", 10), (2, "b", 20)]


@pytest.mark.parametrize(
    "above",
    [("Copy", {}), ("Remove Duplicates", {"key_properties": [{"key": "k"}, {"key": "n"}]})],
    ids=["copy", "remove duplicates by more keys"],
)
def test_any_other_reference_is(above: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    chain = _chain(above, tmp_path)
    assert [key for key in chain.relations("lookup") if key.startswith("lookup#first")]
    result = chain.run()
    assert chain.rows("out") == [(1, "a", 10), (2, "b", 20)]
    assert any("the same keys as an earlier row" in line for line in result.logs())


def test_a_failure_names_the_link_and_the_key(tmp_path: Path) -> None:
    above = ("Remove Duplicates", {"key_properties": [{"key": "k"}]})
    chain = _chain(above, tmp_path, action="fail")
    chain.run()
    chain = Chain(
        {"m": Rows("k int32, v string(5)", [(7, "x")]), "r": _REF},
        {"lookup": ("Lookup", {}), "out": ("Peek", {})},
        [
            ("m", "lookup", "main", None),
            ("r", "lookup", "ref", Rows("", kind="reference", input=_port("fail"))),
            ("lookup", "out", "done", None),
        ],
        tmp_path,
    )
    with pytest.raises(RunFailed, match=r"Nothing is found in 'ref' for main\.k = '7'") as caught:
        chain.run()
    assert caught.value.code == "RS-6210"
    assert caught.value.place.stage == "lookup"
    assert caught.value.place.link == "ref"


_KEYS = st.none() | st.integers(0, 4)


@hypothesis_settings(max_examples=12)
@given(
    main=st.lists(st.tuples(_KEYS, st.integers(0, 9)), max_size=8),
    reference=st.lists(st.tuples(_KEYS, st.integers(0, 9)), max_size=8),
    action=st.sampled_from(["continue", "drop"]),
    many=st.booleans(),
)
def test_it_finds_what_python_finds(
    main: list[tuple[Any, int]], reference: list[tuple[Any, int]], action: str, many: bool, tmp_path_factory: Any
) -> None:
    port = {**_port(action), "allow_dups": "allow_dups" if many else " "}
    chain = Chain(
        {"m": Rows("k int32, v int32", main), "r": Rows("k int32, n int32", reference)},
        {"lookup": ("Lookup", {}), "out": ("Peek", {})},
        [
            ("m", "lookup", "main", None),
            ("r", "lookup", "ref", Rows("", kind="reference", input=port)),
            ("lookup", "out", "done", None),
        ],
        tmp_path_factory.mktemp("lookup"),
    )
    chain.run()
    want: list[tuple[Any, ...]] = []
    for key, value in main:
        found = [number for other, number in reference if other == key]
        found = found if many else found[:1]
        want += [(key, value, number) for number in found]
        if not found and action == "continue":
            want.append((key, value, None))
    assert chain.rows("out") == want
