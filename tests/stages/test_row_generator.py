"""Row Generator: what a flow as the published client writes it gives, and what no case can say."""

from __future__ import annotations

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.document import Document
from riverstage.runs.runtime import Runtime
from riverstage.stages._generate_directives import Cycle, Draw, Generator, Problem, generator_of
from riverstage.stages._generate_random import key_of, random_below, random_state
from riverstage.stages._generate_units import units_of
from riverstage.types import DATE, INT8, INT64, STRING, UINT64, Column, DataType, decimal, timestamp
from tests.conformance.case import Case, Rows
from tests.conformance.runner import runtime_of

_TYPES = st.sampled_from(
    [
        *(
            DataType(kind)
            for kind in ("int8", "int16", "int32", "int64", "uint8", "uint64", "boolean", "date", "float64")
        ),
        decimal(5, 2),
        decimal(38, 10),
        DataType("time", scale=0),
        timestamp(6),
        STRING,
        DataType("string", length=3, fixed=True),
        DataType("binary", length=4),
    ]
)
_SAID = st.one_of(
    st.integers(-(10**6), 10**6),
    st.text(max_size=5),
    st.sampled_from(["part", "partcount", "0.5", "2024-02-29", "10:00:00"]),
)
_DIRECTIVES = st.fixed_dictionaries(
    {},
    optional={
        "cycle": st.one_of(
            st.just(True),
            st.dictionaries(st.sampled_from(["init", "incr", "limit"]), _SAID),
            st.fixed_dictionaries({"value": st.lists(st.text(max_size=4), max_size=3)}),
        ),
        "random": st.one_of(st.just(True), st.dictionaries(st.sampled_from(["limit", "seed", "signed"]), _SAID)),
        "alphabet": st.text(max_size=4),
        "nulls": _SAID,
        "nullseed": _SAID,
        "invalids": _SAID,
        "zeros": _SAID,
        "epoch": _SAID,
        "scale": _SAID,
        "function": st.sampled_from(["rundate", "other"]),
    },
)


def _rows(columns: str, records: int, properties: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    into: dict[str, list[Any]] = {}
    case = Case("", "Row Generator", {}, {"records": records}, {"out": Rows(columns, properties=properties)})
    runtime_of(case, folder, into).run()
    return [row for batch in into["out"] for row in batch.to_pylist()]


def test_a_flow_of_the_published_client_runs(tmp_path: Path) -> None:
    folder = os.environ.get("RIVERSTAGE_REFERENCE")
    if not folder:
        pytest.skip("RIVERSTAGE_REFERENCE names no folder with the reference material")
    text = (Path(folder) / "reference" / "captured" / "rowgen_generator_options.json").read_text("utf-8")
    document = Document(json.loads(text))
    runtime = Runtime(document, "captured", folder=tmp_path)
    rows = runtime.rows("Link_1", None).to_pylist()
    result = runtime.run()
    assert result.counts["Link_1"] == 25
    assert [row["id"] for row in rows] == list(range(1, 26))
    assert [row["name"] for row in rows[:4]] == ["Ann", "Bob", "Cy", "Ann"]
    key = key_of("5", "amt", "value")
    assert [row["amt"] for row in rows] == [
        Decimal(random_below(random_state(place), key, 10_001)).scaleb(-2) for place in range(25)
    ]
    assert {row["d"] for row in rows} <= {dt.date.today(), dt.date.today() - dt.timedelta(days=1)}


def test_two_runs_give_the_same_rows(tmp_path: Path) -> None:
    columns = "a int32, b string(9), c decimal(9,3), d date, e float64"
    properties = {name: {"random": True, "nulls": 20} for name in "acde"}
    first, second = (_rows(columns, 500, properties, tmp_path) for _ in range(2))
    assert first == second


def test_more_rows_begin_with_the_same_ones(tmp_path: Path) -> None:
    properties = {"a": {"random": {"seed": 3}}}
    few, many = (_rows("a int64", records, properties, tmp_path) for records in (10, 5000))
    assert many[:10] == few


def test_the_widest_decimals(tmp_path: Path) -> None:
    properties = {
        "a": {"cycle": {"init": str(10**38 - 2)}},
        "b": {"random": True},
        "c": {"random": {"signed": True}},
        "d": {"cycle": {"init": str(-(10**38) + 1), "incr": str(10**37)}},
    }
    rows = _rows("a decimal(38,0), b decimal(38,0), c decimal(38,0), d decimal(38,0)", 3, properties, tmp_path)
    most = 10**38 - 1
    assert [row["a"] for row in rows] == [most - 1, most, most - 1]
    keys = {name: key_of("0", column, name) for name, column in (("value", "b"), ("sign", "c"))}
    states = [random_state(place) for place in range(3)]
    assert [row["b"] for row in rows] == [random_below(state, keys["value"], 10**38) for state in states]
    sizes = [random_below(state, key_of("0", "c", "value"), 10**38) for state in states]
    signs = [random_below(state, keys["sign"], 2) for state in states]
    assert [row["c"] for row in rows] == [-size if sign else size for size, sign in zip(sizes, signs, strict=True)]
    assert [row["d"] for row in rows] == [-most + number * 10**37 for number in range(3)]


def test_the_runs_moment(tmp_path: Path) -> None:
    before = dt.datetime.now().replace(microsecond=0)
    said = {"function": "rundate"}
    rows = _rows("d date, t time, s timestamp", 2, {"d": said, "t": said, "s": said}, tmp_path)
    after = dt.datetime.now()
    assert rows[0] == rows[1]
    assert before <= rows[0]["s"] <= after
    assert rows[0]["d"] == rows[0]["s"].date()
    assert rows[0]["t"] == rows[0]["s"].time()


def test_nulls_are_about_as_many_as_asked_for(tmp_path: Path) -> None:
    rows = _rows("a int32", 20_000, {"a": {"nulls": "12.5%"}}, tmp_path)
    assert abs(sum(row["a"] is None for row in rows) - 2500) < 250


@given(_TYPES, _DIRECTIVES)
def test_any_directives_are_read_or_refused(kind: DataType, directives: dict[str, Any]) -> None:
    assert isinstance(generator_of(Column("c", kind, properties=directives)), Generator | Problem)


@settings(max_examples=25, deadline=None)
@given(kind=_TYPES, directives=_DIRECTIVES)
def test_whatever_is_read_can_be_made(
    tmp_path_factory: pytest.TempPathFactory, kind: DataType, directives: Any
) -> None:
    if not isinstance(generator_of(Column("c", kind, properties=directives)), Generator):
        return
    folder = tmp_path_factory.mktemp("made")
    assert len(_rows(f"c {kind}", 3, {"c": directives}, folder)) == 3


@given(st.sampled_from([INT8, INT64, UINT64, decimal(7, 2), DATE]), st.integers(), st.integers(), st.integers())
def test_a_cycle_stays_within_its_limits(kind: DataType, first: int, step: int, limit: int) -> None:
    units = units_of(kind)
    assert units is not None
    said = {"cycle": {"init": first, "incr": step, "limit": limit}}
    made = generator_of(Column("c", kind, properties=said))
    if isinstance(made, Problem):
        return
    how = made.how
    assert isinstance(how, Cycle)
    assert how.count is None or how.count >= 1
    last = how.first + how.step * ((how.count or 1) - 1)
    assert units.low <= min(how.first, last) <= max(how.first, last) <= units.high


@given(st.sampled_from([INT8, INT64, decimal(7, 2), DATE, timestamp(0)]), st.integers(0, 10**20), st.booleans())
def test_random_values_stay_within_the_type(kind: DataType, limit: int, signed: bool) -> None:
    units = units_of(kind)
    assert units is not None
    made = generator_of(Column("c", kind, properties={"random": {"limit": limit, "signed": signed}}))
    if isinstance(made, Problem):
        return
    how = made.how
    assert isinstance(how, Draw)
    assert units.low <= how.first
    assert how.first + how.step * (how.count - 1) <= units.high


@pytest.mark.parametrize(
    ("said", "asks"),
    [({"nulls": 10}, "nulls"), ({"invalids": 10}, "invalid values, in whose place it would be null")],
)
def test_nulls_in_a_column_that_cannot_be_null(said: dict[str, int], asks: str, tmp_path: Path) -> None:
    case = Case("", "Row Generator", {}, {"records": 1}, {"out": Rows("a int32 not null", properties={"a": said})})
    (found,) = runtime_of(case, tmp_path, {}).check()
    assert found.message == f"The column 'a' cannot be null, but asks for {asks}."
