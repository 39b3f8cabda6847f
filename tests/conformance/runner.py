"""Run a conformance case through the whole product: SDK, document, compiler, engine."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from riverstage._arrow import arrow_schema
from riverstage.document.fields import field_of
from riverstage.errors import RiverstageError
from riverstage.flow import BatchFlow
from riverstage.runs.result import RunResult
from riverstage.runs.runtime import Runtime
from riverstage.types import Column, DataType, RowType, type_named

from .case import Case, Row, Rows


def row_of(rows: Rows) -> RowType:
    """Return the row type that a case's columns say."""
    columns = []
    for said in re.split(r",(?![^(]*\))", rows.columns):
        words = said.strip()
        if not words:
            continue
        key = words.endswith(" key") or " key " in words
        words = words.replace(" key", "")
        nullable = not words.endswith(" not null")
        name, _, kind = words.removesuffix(" not null").partition(" ")
        columns.append(Column(name, type_named(kind), nullable, key, dict(rows.properties.get(name, {}))))
    return RowType(tuple(columns))


def value_of(value: Any, kind: DataType) -> Any:
    """Return a case's value as the Python object that the type holds."""
    if value is None:
        return None
    if kind.kind == "decimal":
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-(kind.scale or 0)))
    if isinstance(value, str):
        if kind.kind == "date":
            return dt.date.fromisoformat(value)
        if kind.kind == "time":
            return dt.time.fromisoformat(value)
        if kind.kind == "timestamp":
            return dt.datetime.fromisoformat(value)
    return float(value) if kind.is_float else value


def table_of(rows: Rows) -> pa.Table:
    """Return a case's rows as an Arrow table."""
    row = row_of(rows)
    schema = arrow_schema(row)
    columns = [
        pa.array([value_of(given[index], column.type) for given in rows.rows], schema.field(index).type)
        for index, column in enumerate(row)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def build(case: Case) -> BatchFlow:
    """Return the flow of a case: generators stand for its inputs, peeks for its outputs."""
    flow = BatchFlow("case")
    if case.propagate:
        flow.use_runtime_column_propagation(True)
    stage = flow.add_stage(case.stage, "Stage")
    for name in case.parameters:
        flow.add_local_parameter(parameter_type="string", name=name, value="")
    for name, rows in case.inputs.items():
        source = flow.add_stage("Row Generator", f"in {name}")
        link = source.connect_output_to(stage)
        link.set_name(name)
        if rows.kind == "reference":
            link.reference()
        _describe(flow, link, rows, always=True)
    for name, rows in case.outputs.items():
        target = flow.add_stage("Peek", f"out {name}")
        link = stage.connect_output_to(target)
        link.set_name(name)
        if rows.kind == "reject":
            link.reject()
        _describe(flow, link, rows, always=False)
    for name, value in case.configuration.items():
        stage.configuration[name] = value
    return flow


def _describe(flow: BatchFlow, link: Any, rows: Rows, *, always: bool) -> None:
    document = flow.document
    (ref,) = document.link_named(document.primary_pipeline, link.name)
    if rows.schema or always:
        document.set_link_schema(ref, [field_of(column) for column in row_of(rows)])
    if rows.output:
        ref.source_port.setdefault("parameters", {}).update(rows.output)
    if rows.input:
        ref.target_port.setdefault("parameters", {}).update(rows.input)


def runtime_of(case: Case, folder: Path, into: dict[str, list[Any]]) -> Runtime:
    """Return what runs a case's flow in a folder; its outputs go to ``into`` by link name."""
    flow = build(case)
    for name, content in case.files.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / name).write_bytes(data)
    return Runtime(
        flow.document,
        "case",
        folder=folder,
        parameters=case.parameters,
        tables={f"in {name}": table_of(rows) for name, rows in case.inputs.items()},
        collect={f"out {name}": into.setdefault(name, []) for name in case.outputs},
    )


def check_case(case: Case, folder: Path, engine: str) -> None:
    """Run a case on an engine and compare everything that it promises."""
    into: dict[str, list[Any]] = {}
    runtime = runtime_of(case, folder, into)
    if case.problems:
        found = {finding.code for finding in runtime.check()}
        assert set(case.problems) <= found, f"found {sorted(map(str, runtime.check()))}"
        return
    errors = [str(finding) for finding in runtime.check() if finding.severity == "error"]
    assert errors == []
    if case.fails is not None:
        try:
            runtime.run(engine=engine)
        except RiverstageError as error:
            assert error.code == case.fails, str(error)
            return
        message = f"the run should have failed with {case.fails}"
        raise AssertionError(message)
    result = runtime.run(engine=engine)
    for name, rows in case.outputs.items():
        compare(name, rows, into[name], ordered=case.ordered)
    _compare_counts(case, result)
    for text in case.log:
        assert any(text in line for line in result.logs()), f"no line with {text!r} in {result.logs()}"
    _compare_files(case, folder)


def compare(name: str, expected: Rows, batches: list[Any], *, ordered: bool) -> None:
    """Compare rows with what a case expects: names, types, values; in order or as a multiset."""
    row = row_of(expected)
    schema = arrow_schema(row)
    table = pa.Table.from_batches(batches) if batches else schema.empty_table()
    assert table.schema.names == list(row.names), f"columns of {name}"
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds == {field.name: str(field.type) for field in schema}, f"types of {name}"
    got: list[Row] = [tuple(_plain(value) for value in item.values()) for item in table.to_pylist()]
    want: list[Row] = [
        tuple(_plain(value_of(value, column.type)) for value, column in zip(given, row, strict=True))
        for given in expected.rows
    ]
    if ordered:
        assert got == want, f"rows of {name}"
    else:
        assert Counter(got) == Counter(want), f"rows of {name}"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return tuple(_plain(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _plain(item)) for key, item in value.items())
    return value


def _compare_counts(case: Case, result: RunResult) -> None:
    expected = {name: len(rows.rows) for name, rows in (*case.inputs.items(), *case.outputs.items())}
    expected.update({name: rows for name, rows in case.counts.items() if "#" not in name})
    assert {name: result.counts.get(name) for name in expected} == expected, "counts of links"
    dropped: Counter[str] = Counter()
    for name, rows in case.counts.items():
        stage, mark, _ = name.partition("#")
        if mark:
            dropped[stage] += rows
    assert {stage: result.dropped.get(stage, 0) for stage in dropped} == dropped, "counts of dropped rows"


def _compare_files(case: Case, folder: Path) -> None:
    for name, content in case.written.items():
        path = folder / name
        if callable(content):
            assert content(path), f"content of {name}"
        elif isinstance(content, bytes):
            assert path.read_bytes() == content
        else:
            assert path.read_bytes().decode("utf-8") == content
