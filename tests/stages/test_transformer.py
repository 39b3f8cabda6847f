"""Transformer: state from row to row on either side of Numba, findings with their places, what is left to SQL."""

from __future__ import annotations

import json
import pickle
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from riverstage.document import Document
from riverstage.plan import Kernel, Unsupported
from riverstage.runs.runtime import Runtime
from riverstage.stages import transformer
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_RUNNING = [
    {"name": "total", "derivation": "total + NullToZero(in.n)", "sql_type": "BIGINT", "initial_value": "10"},
    {"name": "nth", "derivation": "If in.k = last Then nth + 1 Else 1", "sql_type": "INTEGER"},
    {"name": "last", "derivation": "in.k", "sql_type": "INTEGER"},
]


def _derived(**texts: str) -> dict[str, Any]:
    return {"valueDerivation": [{"columnName": name, "parsedExpression": text} for name, text in texts.items()]}


def _chain(columns: str, rows: list[Any], variables: list[dict[str, str]], out: Rows, folder: Path) -> Chain:
    return Chain(
        {"x": Rows(columns, rows)},
        {"t": ("Transformer", {"stage_variables": variables}), "out": ("Peek", {})},
        [("x", "t", "in", None), ("t", "out", "made", out)],
        folder,
    )


def _running(rows: list[Any], folder: Path) -> Chain:
    out = Rows("total int64, nth int32", output=_derived(total="total", nth="nth"))
    return _chain("k int32, n int32", rows, _RUNNING, out, folder)


def _kernel(chain: Chain) -> Kernel:
    plan, _ = chain.runtime.plan()
    (kernel,) = [node for node in plan.nodes if isinstance(node, Kernel)]
    return kernel


def _by_hand(rows: list[tuple[Any, Any]]) -> list[tuple[int, int]]:
    total, nth, last, made = 10, 0, 0, []
    for k, n in rows:
        total += n or 0
        nth = nth + 1 if k is not None and last is not None and k == last else 1
        last = k
        made.append((total, nth))
    return made


_ROWS = st.lists(st.tuples(st.none() | st.integers(0, 2), st.none() | st.integers(-9, 9)), max_size=25)


@hypothesis_settings(max_examples=10)
@given(rows=_ROWS)
def test_state_lives_from_row_to_row(rows: list[tuple[Any, Any]], tmp_path_factory: Any) -> None:
    chain = _running(rows, tmp_path_factory.mktemp("state"))
    chain.run()
    assert chain.rows("out") == _by_hand(rows)


def test_state_lives_from_batch_to_batch(tmp_path: Path) -> None:
    rows = [(index // 7, 1) for index in range(280_000)]
    chain = _running(rows, tmp_path)
    chain.run()
    assert chain.rows("out") == _by_hand(rows)


def test_numba_gives_the_same_rows(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    chance = random.Random(8)
    rows = [(chance.choice([None, 0, 1, 2]), chance.choice([None, -5, 0, 7])) for _ in range(500)]
    kernel = _kernel(_running(rows, tmp_path))
    last = [0, *(row[0] for row in rows[:-1])]
    by_kind = {
        "boolean": [None if None in (row[0], old) else row[0] == old for row, old in zip(rows, last, strict=True)],
        "int32": [row[1] or 0 for row in rows],
    }
    # What needs no state comes to the kernel ready: whether the key is the last one, and the number to add.
    inputs = kernel.program.inputs
    assert sorted(kind.kind for _, kind in inputs) == ["boolean", "int32"]
    types = {"boolean": pa.bool_(), "int32": pa.int32()}
    arrays = [pa.array(by_kind[kind.kind], types[kind.kind]) for _, kind in inputs]
    batch = pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in inputs])
    results = []
    for use_numba in (True, False):
        program = replace(kernel.program, passing=(), use_numba=use_numba)
        results.append(program.open().process(batch).to_pylist())
    assert results[0] == results[1]
    assert [(row["#v.total"], row["#v.nth"]) for row in results[0]] == _by_hand(rows)


def test_a_kernel_travels(tmp_path: Path) -> None:
    kernel = _kernel(_running([(1, 1)], tmp_path))
    assert pickle.loads(pickle.dumps(kernel.program)).inputs == kernel.program.inputs
    assert kernel.reason == "stage variables that remember earlier rows: 'total', 'nth'"


def test_what_needs_no_state_is_left_to_sql(tmp_path: Path) -> None:
    variables = [
        {"name": "hits", "derivation": "If UpCase(in.s) = 'A' Then hits + 1 Else hits", "sql_type": "INTEGER"},
        {"name": "shown", "derivation": "in.s : hits", "sql_type": "VARCHAR", "length": "20"},
        {"name": "alone", "derivation": "DownCase(in.s)", "sql_type": "VARCHAR", "length": "20"},
    ]
    out = Rows("shown string(20), alone string(20)", output=_derived(shown="shown", alone="alone"))
    chain = _chain("s string(5), unused string(5)", [("a", "-"), ("b", "-"), ("A", "-")], variables, out, tmp_path)
    kernel = _kernel(chain)
    assert [(name, str(kind)) for name, kind in kernel.program.inputs] == [("#e.0", "boolean")]
    assert "unused" not in kernel.row
    chain.run()
    assert chain.rows("out") == [("a1", "a"), ("b1", "b"), ("A2", "a")]


def test_without_state_there_is_no_kernel(tmp_path: Path) -> None:
    variables = [{"name": "v", "derivation": "in.n * 2"}, {"name": "w", "derivation": "v + v"}]
    out = Rows("w int64", output=_derived(w="w"))
    chain = _chain("n int32", [(3,)], variables, out, tmp_path)
    plan, _ = chain.runtime.plan()
    assert not [node for node in plan.nodes if isinstance(node, Kernel)]
    chain.run()
    assert chain.rows("out") == [(12,)]


def test_the_row_before_alone_needs_no_kernel(tmp_path: Path) -> None:
    variables = [
        {"name": "isnew", "derivation": "If in.k = last Then 0 Else 1"},
        {"name": "gap", "derivation": "in.n - before"},
        {"name": "last", "derivation": "in.k", "initial_value": "'?'"},
        {"name": "before", "derivation": "in.n"},
        {"name": "twoago", "derivation": "before - older"},
        {"name": "older", "derivation": "oldest"},
        {"name": "oldest", "derivation": "in.n * 10"},
    ]
    out = Rows(
        "k string(5), isnew int32, gap decimal(9,2), twoago decimal(9,2)",
        output=_derived(isnew="isnew", gap="gap", twoago="twoago"),
    )
    rows = [("a", "1.50"), ("a", "2.00"), (None, "4.00"), ("b", None), ("b", "1.00")]
    chain = _chain("k string(5), n decimal(7,2)", rows, variables, out, tmp_path)
    plan, _ = chain.runtime.plan()
    assert not [node for node in plan.nodes if isinstance(node, Kernel)]
    chain.run()
    # The last column subtracts ten times what came two rows earlier, as older saw oldest a row before.
    assert [
        (row[0], row[1], *(None if value is None else str(value) for value in row[2:])) for row in chain.rows("out")
    ] == [
        ("a", 1, "1.50", "1.50"),
        ("a", 0, "0.50", "2.00"),
        (None, 1, "2.00", "-11.00"),
        ("b", 1, None, None),
        ("b", 0, None, "-39.00"),
    ]


def test_findings_say_where(tmp_path: Path) -> None:
    out = Rows(
        "a int32, b int32",
        output={**_derived(a="in.n + in.m", b="Tirm(in.n)"), "TransformerConstraint": "in.n >"},
    )
    chain = _chain("n int32", [], [{"name": "v", "derivation": "in.n + nn"}], out, tmp_path)
    found = {
        (item.code, item.place.property, item.place.link, item.place.column, item.place.position)
        for item in chain.runtime.check()
    }
    assert found == {
        ("RS-3004", "stage_variables", None, "v", 7),
        ("RS-3001", "transformer_constraint", "made", None, 6),
        ("RS-3004", "value_derivation", "made", "a", 7),
        ("RS-3002", "value_derivation", "made", "b", 0),
    }
    assert all(item.place.stage == "t" for item in chain.runtime.check())


def test_a_near_name_is_suggested(tmp_path: Path) -> None:
    out = Rows("a string(5)", output=_derived(a="Tirm(in.n)"))
    (found,) = _chain("n string(5)", [], [], out, tmp_path).runtime.check()
    assert "Trim" in found.mend


def test_state_over_rows_in_no_order_is_warned_about(tmp_path: Path) -> None:
    chain = Chain(
        {"x": Rows("k int32, n int32"), "y": Rows("k int32")},
        {
            "j": ("Join", {"key_properties": [{"key": "k"}]}),
            "t": ("Transformer", {"stage_variables": _RUNNING}),
            "out": ("Peek", {}),
        },
        [("x", "j", "a", None), ("y", "j", "b", None), ("j", "t", "in", None), ("t", "out", "made", None)],
        tmp_path,
    )
    assert [(item.code, item.severity) for item in chain.runtime.check()] == [("RS-4549", "warning")]


def test_what_does_not_run_says_so_when_it_is_planned(tmp_path: Path) -> None:
    chain = _chain("n int32", [], [], Rows("n int32"), tmp_path)
    binding, _ = chain.runtime.bind()
    ctx = binding.contexts["t"]
    stage = replace(ctx.stage, properties={**ctx.stage.properties, "loop_while": "@ITERATION < 3"})
    reason = transformer.plan(replace(ctx, stage=stage))
    assert isinstance(reason, Unsupported)
    assert reason.property == "loop_while"


def test_a_flow_of_the_vendors_client_is_understood(reference: Path) -> None:
    path = reference / "reference" / "captured" / "orders_join_xfm_sort_agg_seqfile.json"
    document = Document(json.loads(path.read_text(encoding="utf-8")))
    found = Runtime(document, "orders", folder=reference).check(touch_sources=False)
    ours = [item for item in found if item.place.stage in ("Join_1", "Xfm", "Sort_1", "Agg_1")]
    assert [str(item) for item in ours if item.severity == "error"] == []
