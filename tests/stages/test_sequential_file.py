"""Sequential file in flows: exact counts whatever lies below, files there and back, targets that are safe."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riverstage.document.fields import field_of
from riverstage.errors import Diagnostic, RiverstageError
from riverstage.flow import BatchFlow
from riverstage.runs.runtime import Runtime
from riverstage.types import INT32, STRING, Column

COLUMNS = [Column("id", INT32, nullable=False), Column("name", STRING), Column("qty", INT32)]
LINES = [f"{number},name {number % 7},{number % 10}" for number in range(1, 1001)]
BAD = ["x,y,1", "1001,z", "1002,z,q"]


def write_input(folder: Path, name: str = "in.csv") -> None:
    (folder / name).write_text("id,name,qty\n" + "\n".join(LINES[:500] + BAD + LINES[500:]) + "\n")


def stage(flow: BatchFlow, kind: str, label: str, **settings: Any) -> Any:
    made = flow.add_stage(kind, label)
    for name, value in settings.items():
        made.configuration[name] = value
    return made


def schema(flow: BatchFlow, link: Any, columns: list[Column]) -> None:
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(column) for column in columns])


def runtime(flow: BatchFlow, folder: Path, collect: Mapping[str, list[Any]] | None = None) -> Runtime:
    return Runtime(flow.document, flow.name, folder=folder, collect=dict(collect or {}))


def reading(flow: BatchFlow, **settings: Any) -> Any:
    return stage(flow, "Sequential file", "Read", file_plus=["in.csv"], first_line_is_column_names="true", **settings)


def test_bad_records_are_counted_exactly_below_a_filter(tmp_path: Path) -> None:
    write_input(tmp_path)
    flow = BatchFlow("f")
    source = reading(flow)
    filtered = stage(flow, "Filter", "Filter", where_properties=[{"where": "qty > 6", "target": "0"}])
    target = stage(flow, "Sequential file", "Write", file=["out.parquet"], file_format="parquet")
    link = source.connect_output_to(filtered)
    schema(flow, link, COLUMNS)
    out = filtered.connect_output_to(target)
    result = runtime(flow, tmp_path).run()
    assert result.counts == {link.name: 1000, out.name: 300}
    assert result.dropped == {"Read": 3}
    assert any("3 records could not be read" in line for line in result.logs())


def test_rejects_flow_on(tmp_path: Path) -> None:
    write_input(tmp_path)
    flow = BatchFlow("f")
    source = reading(flow, reject_mode="save")
    good = stage(flow, "Sequential file", "Good", file=["good.csv"], null_field_value="")
    bad = stage(flow, "Sequential file", "Bad", file=["bad.csv"], quote="none", delimiter="tab")
    link = source.connect_output_to(good)
    schema(flow, link, COLUMNS)
    rejects = source.connect_output_to(bad)
    rejects.reject()
    result = runtime(flow, tmp_path).run()
    assert result.counts == {link.name: 1000, rejects.name: 3}
    assert (tmp_path / "good.csv").read_text().splitlines() == LINES, "rows keep their order"
    assert sorted((tmp_path / "bad.csv").read_text().splitlines()) == sorted(BAD)


def test_a_failed_run_changes_no_target(tmp_path: Path) -> None:
    write_input(tmp_path)
    (tmp_path / "out.csv").write_text("old\n")
    flow = BatchFlow("f")
    source = reading(flow, reject_mode="fail")
    link = source.connect_output_to(stage(flow, "Sequential file", "Write", file=["out.csv"], null_field_value=""))
    schema(flow, link, COLUMNS)
    with pytest.raises(RiverstageError) as raised:
        runtime(flow, tmp_path).run()
    assert raised.value.code.startswith("RS-6")
    assert (tmp_path / "out.csv").read_text() == "old\n"
    assert [path.name for path in tmp_path.iterdir() if "riverstage-" in path.name] == []


@pytest.mark.parametrize("form", ["sequential", "json_lines", "parquet"])
def test_there_and_back_in_the_same_flow_form(form: str, tmp_path: Path) -> None:
    write_input(tmp_path)
    first = BatchFlow("out")
    link = reading(first).connect_output_to(
        stage(first, "Sequential file", "Write", file=["between"], file_format=form, null_field_value="?")
    )
    schema(first, link, COLUMNS)
    runtime(first, tmp_path).run()
    second = BatchFlow("back")
    source = stage(second, "Sequential file", "Read", file_plus=["between"], file_format=form, null_field_value="?")
    collected: list[Any] = []
    back = source.connect_output_to(second.add_stage("Peek", "Peek"))
    schema(second, back, COLUMNS)
    runtime(second, tmp_path, {"Peek": collected}).run()
    rows = [tuple(row.values()) for batch in collected for row in batch.to_pylist()]
    assert rows == [(number, f"name {number % 7}", number % 10) for number in range(1, 1001)]


def test_parquet_without_a_schema_brings_its_own(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": pa.array([1, 2], pa.int16()), "b": ["x", None]}), tmp_path / "in.parquet")
    flow = BatchFlow("f")
    source = stage(flow, "Sequential file", "Read", file_plus=["in.parquet"], file_format="parquet")
    collected: list[Any] = []
    link = source.connect_output_to(flow.add_stage("Peek", "Peek"))
    result = runtime(flow, tmp_path, {"Peek": collected}).run()
    assert [row for batch in collected for row in batch.to_pylist()] == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert result.counts == {link.name: 2}


def found(flow: BatchFlow, folder: Path) -> list[Diagnostic]:
    return list(runtime(flow, folder).check())


def test_two_stages_that_write_one_file_are_found(tmp_path: Path) -> None:
    write_input(tmp_path)
    flow = BatchFlow("f")
    copy = flow.add_stage("Copy", "Copy")
    schema(flow, reading(flow).connect_output_to(copy), COLUMNS)
    for label, name in (("One", "out.csv"), ("Two", "./out.csv")):
        copy.connect_output_to(stage(flow, "Sequential file", label, file=[name], null_field_value=""))
    codes = [finding for finding in found(flow, tmp_path) if finding.code == "RS-4263"]
    assert [(finding.severity, finding.place.stage) for finding in codes] == [("error", "Two")]


def test_reading_what_the_flow_writes_is_said(tmp_path: Path) -> None:
    write_input(tmp_path)
    flow = BatchFlow("f")
    link = reading(flow).connect_output_to(
        stage(flow, "Sequential file", "Write", file=["in.csv"], null_field_value="", first_line_is_column_names="true")
    )
    schema(flow, link, COLUMNS)
    findings = [finding for finding in found(flow, tmp_path) if finding.code == "RS-4263"]
    assert [finding.severity for finding in findings] == ["warning"]
    runtime(flow, tmp_path).run()
    assert (tmp_path / "in.csv").read_text().splitlines()[1:] == LINES


def test_schema_written_by_inference_can_be_run(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,day\n1,2024-01-02\n2,\n")
    from riverstage.connectors.infer import infer

    flow = BatchFlow("f")
    collected: list[Any] = []
    link = reading(flow).connect_output_to(flow.add_stage("Peek", "Peek"))
    schema(flow, link, list(infer("in.csv", folder=str(tmp_path))))
    runtime(flow, tmp_path, {"Peek": collected}).run()
    assert [row["id"] for batch in collected for row in batch.to_pylist()] == [1, 2]


def test_decimals_are_padded_where_a_field_says_so(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [Decimal("2450.00")], "b": [Decimal("2450.00")]}), tmp_path / "rows.parquet")
    flow = BatchFlow("padded")
    source, target = flow.add_stage("Sequential file", "Read"), flow.add_stage("Sequential file", "Write")
    source.configuration.file_plus, source.configuration.file_format = ["rows.parquet"], "parquet"
    target.configuration.file = ["out.csv"]
    schema = source.connect_output_to(target).create_schema()
    fields = [schema.add_field("DECIMAL", name, length=7, scale=2, nullable=True) for name in "ab"]
    assert [field.decimal_padded for field in fields] == [False, False]
    fields[0].decimal_padded = True
    target.configuration.null_field_value = "-"
    flow.save(tmp_path / "flow.json")
    again = BatchFlow.load(tmp_path / "flow.json")
    assert [field.decimal_padded for field in again.links[0].schema.fields] == [True, False]
    again.run(folder=tmp_path, quiet=True)
    assert (tmp_path / "out.csv").read_text() == " 02450.00,2450.00\n"
