"""Switch: how it is planned, its law, and that its hash is the one that was written down."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.engines.duckdb.lowering import lower
from riverstage.expressions.nodes import call, column, literal
from tests.conformance.case import Rows
from tests.stages.chains import Chain

_COLUMNS = "id int32, k string(5)"
_ROWS = [(3, "b"), (1, "a"), (2, None), (4, "a"), (5, "c")]


def _switch(
    folder: Path | None, outputs: int, *, reject: bool = False, rows: Any = _ROWS, **configuration: Any
) -> Chain:
    peeks = [f"out{number}" for number in range(outputs)] + (["rest"] if reject else [])
    links = [
        ("switch", name, name, Rows("", schema=False, kind="reject") if name == "rest" else None) for name in peeks
    ]
    return Chain(
        {"in": Rows(_COLUMNS, rows)},
        {"switch": ("Switch", configuration), **{name: ("Peek", {}) for name in peeks}},
        [("in", "switch", "all", None), *links],
        folder,
    )


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.text(max_size=8).filter(lambda text: "\0" not in text), min_size=1, max_size=20), st.integers(1, 128)
)
def test_the_hash_is_the_one_that_is_written_down(texts: list[str], buckets: int) -> None:
    sql = lower(call("hash_bucket", column("t"), literal(buckets))).sql("duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE texts(i INTEGER, t VARCHAR)")
        connection.executemany("INSERT INTO texts VALUES (?, ?)", list(enumerate(texts)))
        found = connection.execute(f"SELECT {sql} FROM texts ORDER BY i").fetchall()
    expected = [int(hashlib.md5(text.encode()).hexdigest()[:15], 16) % buckets for text in texts]
    assert [value for (value,) in found] == expected


def test_rows_that_are_left_out_are_counted(tmp_path: Path) -> None:
    chain = _switch(tmp_path, 1, key="k", case=["a=0", "b=9"], discard=9, if_not_found="ignore")
    plan, _ = chain.runtime.plan()
    assert dict(plan.dropped) == {
        "switch#discarded": "rows discarded, as 'discard' says",
        "switch#not found": "rows dropped: no case fits them",
    }
    (law,) = [law for law in plan.laws if law.stage == "switch"]
    assert dict(law.terms) == {"out0": 1, "switch#discarded": 1, "switch#not found": 1, "all": -1}
    result = chain.run()
    assert result.counts["out0"] == 2
    assert dict(result.dropped) == {"switch": 3}


def test_cases_are_found_once(tmp_path: Path) -> None:
    relations = _switch(tmp_path, 2, key="k", case=["a=0", "b=1"], if_not_found="ignore").relations("switch")
    assert list(relations) == ["switch#outputs", "out0", "out1"]


def test_auto_keeps_the_order_only_where_somebody_wants_it(tmp_path: Path) -> None:
    relations = _switch(tmp_path, 4, key="k", selection="auto").relations("switch")
    # A Peek wants it.
    assert "switch#numbered" in relations
    chain = _switch(tmp_path, 4, key="k", selection="auto")
    chain.run()
    assert chain.rows("out1") == [(1, "a"), (4, "a")]


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 9), st.none() | st.sampled_from("abcde")), max_size=12),
    cases=st.dictionaries(st.sampled_from("abcde"), st.integers(0, 2), min_size=1),
)
def test_every_row_goes_to_one_place(rows: list[tuple[Any, Any]], cases: dict[str, int]) -> None:
    said = [f"{value}={target}" for value, target in cases.items()]
    chain = _switch(None, 3, reject=True, rows=rows, key="k", case=said, if_not_found="allow")
    chain.run()
    for number in range(3):
        assert chain.rows(f"out{number}") == [row for row in rows if cases.get(row[1]) == number]
    assert chain.rows("rest") == [row for row in rows if row[1] not in cases]
