"""Files that are not there: the check says so, and names the stage; so does a run that meets one later."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from riverstage import BatchFlow, RiverstageError
from riverstage._wiring import runtime_of


def _copy(source: str, target: str, file_format: str = "sequential") -> BatchFlow:
    flow = BatchFlow("copy")
    reader = flow.add_stage("Sequential file", "orders")
    reader.configuration.file = [source]
    reader.configuration.file_format = file_format
    writer = flow.add_stage("Sequential file", "saved")
    writer.configuration.file = [target]
    reader.connect_output_to(writer).create_schema().add_field("INTEGER", "id")
    return flow


def _found(flow: BatchFlow, folder: Path) -> list[tuple[str, str | None, str | None]]:
    found = runtime_of(flow, folder=folder).check()
    return [(item.code, item.place.stage, item.place.file) for item in found]


@pytest.mark.parametrize("file_format", ["sequential", "json_lines"])
def test_a_source_that_is_not_there(tmp_path: Path, file_format: str) -> None:
    flow = _copy("orders.txt", "saved.csv", file_format)
    assert _found(flow, tmp_path) == [("RS-5001", "orders", str(tmp_path / "orders.txt"))]
    flow.stages[0].configuration.missing_file_mode = "okay"
    assert _found(flow, tmp_path) == []
    flow.stages[0].configuration.missing_file_mode = "error"
    (tmp_path / "orders.txt").write_text("1\n")
    assert _found(flow, tmp_path) == []


def test_one_of_several_sources_and_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1\n")
    flow = _copy("a.csv", "saved.csv")
    flow.stages[0].configuration.file = ["a.csv", "b.csv"]
    assert _found(flow, tmp_path) == [("RS-5001", "orders", str(tmp_path / "b.csv"))]
    flow.stages[0].configuration.file = ["x*.csv"]
    assert _found(flow, tmp_path) == [("RS-5001", "orders", str(tmp_path / "x*.csv"))]


def test_a_character_set_that_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1\n")
    flow = _copy("a.csv", "saved.csv")
    flow.stages[0].configuration.map_name = "ASCL_C1_CONTROLS"
    assert [found[:2] for found in _found(flow, tmp_path)] == [("RS-5010", "orders")]


@pytest.mark.parametrize("kind", ["Sequential file", "Data set"])
def test_a_target_folder_that_is_not_there(tmp_path: Path, kind: str) -> None:
    flow = BatchFlow("make")
    rows = flow.add_stage("Row Generator", "rows")
    saved = flow.add_stage(kind, "saved")
    saved.configuration.file = "out/made.csv" if kind == "Data set" else ["out/made.csv"]
    rows.connect_output_to(saved).create_schema().add_field("INTEGER", "id")
    assert _found(flow, tmp_path) == [("RS-5004", "saved", str(tmp_path / "out/made.csv"))]
    (tmp_path / "out").mkdir()
    assert _found(flow, tmp_path) == []
    runtime_of(flow, folder=tmp_path).run()


def test_nothing_is_looked_at_where_tables_stand_in(tmp_path: Path) -> None:
    flow = _copy("gone.csv", "nowhere/saved.csv")
    into: list[pa.RecordBatch] = []
    table = pa.table({"id": pa.array([1, 2], pa.int32())})
    runtime_of(flow, folder=tmp_path, tables={"orders": table}, collect={"saved": into}).run()
    assert [row for batch in into for row in batch.to_pylist()] == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize(("gone", "stage", "code"), [("a.csv", "orders", "RS-5001"), ("out", "saved", "RS-5004")])
def test_what_goes_after_the_check_is_named_by_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str, stage: str, code: str
) -> None:
    (tmp_path / "a.csv").write_text("1\n")
    (tmp_path / "out").mkdir()
    runtime = runtime_of(_copy("a.csv", "out/saved.csv"), folder=tmp_path)
    planned = runtime.plan()
    monkeypatch.setattr(type(runtime), "plan", lambda _: planned)
    (tmp_path / gone).rename(tmp_path / "elsewhere")
    with pytest.raises(RiverstageError) as raised:
        runtime.run()
    assert (raised.value.code, raised.value.place.flow, raised.value.place.stage) == (code, "copy", stage)
    assert f"flow 'copy', stage '{stage}'" in str(raised.value)


def _two_targets(kind: str, first: str, second: str) -> BatchFlow:
    flow = BatchFlow("twice")
    for number, name in enumerate((first, second)):
        rows = flow.add_stage("Row Generator", f"rows {number}")
        target = flow.add_stage(kind, f"saved {number}")
        target.configuration.file = name if kind == "Data set" else [name]
        rows.connect_output_to(target).create_schema().add_field("INTEGER", "id")
    return flow


@pytest.mark.parametrize(("kind", "code"), [("Sequential file", "RS-4263"), ("Data set", "RS-4283")])
def test_two_names_of_one_target(tmp_path: Path, kind: str, code: str) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "short").symlink_to(tmp_path / "real", target_is_directory=True)
    (tmp_path / "real" / "there").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "there")
    for first, second in (
        ("real/rows", "short/rows"),
        ("real/rows", str(tmp_path / "real" / "rows")),
        ("link", "real/../short/there"),
    ):
        (found,) = runtime_of(_two_targets(kind, first, second), folder=tmp_path).check()
        assert (found.code, found.severity) == (code, "error")
        assert f"'{first}'" in found.message or f"'{second}'" in found.message
    assert list(runtime_of(_two_targets(kind, "real/a", "short/b"), folder=tmp_path).check()) == []


def test_a_source_that_is_written_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "orders.txt").write_text("1\n")
    (tmp_path / "same").symlink_to(tmp_path / "orders.txt")
    (found,) = runtime_of(_copy("orders.txt", "same"), folder=tmp_path).check()
    assert (found.code, found.severity) == ("RS-4263", "warning")
    assert "writes 'same', which is 'orders.txt'; what is read" in found.message


def test_an_empty_file_that_should_name_its_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    (tmp_path / "b.csv").write_text("")
    flow = _copy("a.csv", "saved.csv")
    flow.stages[0].configuration.file = ["a.csv", "b.csv"]
    assert _found(flow, tmp_path) == []
    flow.stages[0].configuration.first_line_is_column_names = True
    (found,) = runtime_of(flow, folder=tmp_path).check()
    assert (found.code, found.severity, found.place.link) == ("RS-4271", "warning", flow.links[0].name)
    assert "'b.csv' is empty" in found.message
    result = runtime_of(flow, folder=tmp_path).run()
    assert result.counts[flow.links[0].name] == 1
    assert any("'b.csv' is empty" in line for line in result.logs())


@pytest.mark.parametrize("file_format", ["sequential", "json_lines"])
def test_an_empty_file_without_a_schema(tmp_path: Path, file_format: str) -> None:
    (tmp_path / "a.csv").write_text("")
    flow = _copy("a.csv", "saved.csv", file_format)
    flow.links[0].schema = None
    assert [found[:2] for found in _found(flow, tmp_path)] == [("RS-4272", "orders")]
