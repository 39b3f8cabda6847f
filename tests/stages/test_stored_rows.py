"""Rows that are stored with their columns, Parquet and data sets: what a link's column cannot hold ends the run."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riverstage import BatchFlow, RiverstageError
from riverstage._wiring import runtime_of

_ROWS = pa.table({"a": pa.array([1, None], pa.int64()), "b": ["x", "much too long"]})
_KINDS = ["parquet", "data_set"]


def _stored(kind: str, folder: Path) -> str:
    if kind == "parquet":
        pq.write_table(_ROWS, folder / "rows.parquet")
        return "rows.parquet"
    flow = BatchFlow("store")
    made = flow.add_stage("Row Generator", "made")
    target = flow.add_stage("Data set", "stored")
    target.configuration.file = "rows.ds"
    link = made.connect_output_to(target)
    link.create_schema().add_field("BIGINT", "a", nullable=True)
    link.schema.add_field("VARCHAR", "b", nullable=True)
    runtime_of(flow, folder=folder, tables={"made": _ROWS}).run()
    return "rows.ds"


def _reading(kind: str, name: str, *, reject: bool = False) -> BatchFlow:
    flow = BatchFlow("read")
    source = flow.add_stage("Data set" if kind == "data_set" else "Sequential file", "stored")
    source.configuration.file = name if kind == "data_set" else [name]
    if kind == "parquet":
        source.configuration.file_format = "parquet"
    source.connect_output_to(flow.add_stage("Peek", "shown"), name="out")
    if reject:
        source.connect_output_to(flow.add_stage("Peek", "rejected"), name="bad").reject()
    return flow


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("type_", ["BIGINT", "INTEGER"])
def test_a_null_for_a_column_that_takes_none_ends_the_run(kind: str, type_: str, tmp_path: Path) -> None:
    flow = _reading(kind, _stored(kind, tmp_path))
    flow.links[0].create_schema().add_field(type_, "a", nullable=False)
    with pytest.raises(RiverstageError) as raised:
        runtime_of(flow, folder=tmp_path).run()
    error = raised.value
    assert (error.code, error.place.stage, error.place.link, error.place.column) == ("RS-6201", "stored", "out", "a")


def test_a_reject_link_of_parquet_changes_nothing_in_that(tmp_path: Path) -> None:
    flow = _reading("parquet", _stored("parquet", tmp_path), reject=True)
    next(link for link in flow.links if link.name == "out").create_schema().add_field("INTEGER", "a", nullable=False)
    with pytest.raises(RiverstageError, match="RS-6201"):
        runtime_of(flow, folder=tmp_path).run()


@pytest.mark.parametrize("kind", _KINDS)
def test_nulls_pass_into_a_column_that_takes_them(kind: str, tmp_path: Path) -> None:
    flow = _reading(kind, _stored(kind, tmp_path))
    flow.links[0].create_schema().add_field("INTEGER", "a", nullable=True)
    assert runtime_of(flow, folder=tmp_path).run().counts == {"out": 2}


def _propagated(folder: Path, kind: str, *, propagate: bool, **settings: object) -> pa.Table:
    flow = _reading(kind, "rows.csv" if kind == "text" else _stored(kind, folder))
    flow.use_runtime_column_propagation(propagate)
    for name, value in settings.items():
        flow.stages[0].configuration[name] = value
    flow.links[0].create_schema().add_field("INTEGER", "a", nullable=True)
    return runtime_of(flow, folder=folder).run().links["out"].to_arrow()


@pytest.mark.parametrize("kind", _KINDS)
def test_columns_that_a_link_does_not_name_are_carried_where_columns_are_propagated(kind: str, tmp_path: Path) -> None:
    assert _propagated(tmp_path, kind, propagate=False).column_names == ["a"]
    assert _propagated(tmp_path, kind, propagate=True).column_names == ["a", "b"]


def test_so_are_those_that_the_first_line_of_a_text_names(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("b,A,n\nx,1,\n'y',2,7\n")
    header = {"first_line_is_column_names": True}
    assert _propagated(tmp_path, "text", propagate=False, **header).to_pylist() == [{"a": 1}, {"a": 2}]
    table = _propagated(tmp_path, "text", propagate=True, **header, row_number_column="n")
    assert {field.name: str(field.type) for field in table.schema} == {"a": "int32", "b": "string", "n": "int64"}
    assert table.to_pylist() == [{"a": 1, "b": "x", "n": 1}, {"a": 2, "b": "'y'", "n": 2}]
    (tmp_path / "rows.csv").write_text("1\n2\n")
    assert _propagated(tmp_path, "text", propagate=True).to_pylist() == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize(("column", "length"), [("b", 12), ("b", 13)])
def test_a_text_that_is_too_long_ends_the_run(kind: str, column: str, length: int, tmp_path: Path) -> None:
    flow = _reading(kind, _stored(kind, tmp_path))
    flow.links[0].create_schema().add_field("VARCHAR", column, length=length, nullable=True)
    runtime = runtime_of(flow, folder=tmp_path)
    if length >= len("much too long"):
        assert runtime.run().counts == {"out": 2}
        assert runtime.rows("out")["b"].to_pylist() == ["x", "much too long"]
        return
    with pytest.raises(RiverstageError, match="'much too long'") as raised:
        runtime.run()
    error = raised.value
    assert (error.code, error.place.stage, error.place.link, error.place.column) == ("RS-6201", "stored", "out", "b")


def test_a_number_whose_digits_have_no_room_ends_the_run(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [12, 12345]}), tmp_path / "rows.parquet")
    for length, fits in ((5, True), (4, False)):
        flow = _reading("parquet", "rows.parquet")
        flow.links[0].create_schema().add_field("VARCHAR", "a", length=length)
        if fits:
            assert runtime_of(flow, folder=tmp_path).rows("out")["a"].to_pylist() == ["12", "12345"]
            continue
        with pytest.raises(RiverstageError, match="'12345'"):
            runtime_of(flow, folder=tmp_path).run()
