"""Join: the same rows as two nested loops find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlglot import exp

from tests.conformance.case import Rows
from tests.stages.chains import Chain

_SIDE = st.lists(st.tuples(st.none() | st.integers(0, 3), st.integers(0, 9)), max_size=6)


def _chain(left: Rows, right: Rows, operator: str, folder: Path) -> Chain:
    return Chain(
        {"x": left, "y": right},
        {"join": ("Join", {"operator": operator, "key_properties": [{"key": "k"}]}), "out": ("Peek", {})},
        [("x", "join", "left", None), ("y", "join", "right", None), ("join", "out", "joined", None)],
        folder,
    )


@hypothesis_settings(max_examples=12)
@given(left=_SIDE, right=_SIDE, operator=st.sampled_from(["innerjoin", "leftouterjoin", "rightouterjoin"]))
def test_it_finds_what_nested_loops_find(
    left: list[tuple[Any, int]], right: list[tuple[Any, int]], operator: str, tmp_path_factory: Any
) -> None:
    chain = _chain(
        Rows("k int32, a int32", left), Rows("k int32, b int32", right), operator, tmp_path_factory.mktemp("j")
    )
    chain.run()
    pairs = [(k, a, b) for k, a in left for other, b in right if k == other]
    if operator == "leftouterjoin":
        pairs += [(k, a, None) for k, a in left if k not in {other for other, _ in right}]
    if operator == "rightouterjoin":
        pairs += [(k, None, b) for k, b in right if k not in {other for other, _ in left}]
        pairs = [(a, k, b) for k, a, b in pairs]
    assert sorted(chain.rows("out"), key=repr) == sorted(pairs, key=repr)


@pytest.mark.parametrize(("nullable", "kind"), [("", exp.NullSafeEQ), (" not null", exp.EQ)])
def test_only_keys_that_can_be_null_cost_a_null_safe_comparison(nullable: str, kind: type, tmp_path: Path) -> None:
    chain = _chain(Rows("k int32, a int32"), Rows(f"k int32{nullable}, b int32"), "innerjoin", tmp_path)
    (join,) = chain.relations("join")["joined"].sql.args["joins"]
    assert isinstance(join.args["on"], kind)
