"""Plain text: Arrow's reader gives what reading field by field gives, or it gives up."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from riverstage import types as t
from riverstage.connectors import load
from riverstage.flow import BatchFlow
from riverstage.plan import NativeScan, NotPlain, PlainReader, ReadRequest
from riverstage.types import Column, RowType

_ROW = RowType(
    (
        Column("a", t.INT32),
        Column("b", t.DataType("string", length=6)),
        Column("c", t.FLOAT64),
        Column("d", t.DATE),
        Column("e", t.INT64, nullable=False),
        Column("f", t.DataType("decimal", precision=8, scale=2)),
        Column("g", t.TIMESTAMP),
        Column("h", t.DataType("int8")),
        Column("i", t.FLOAT32),
    )
)
_TOKENS = {
    "a": ["1", "-5", "0", "2147483647"],
    "b": ["x", "", "Ärger", "0x1", "a b"],
    "c": ["1.5", "-0.25", "1e5", "7", ""],
    "d": ["2024-02-29", "1899-12-31", "0001-01-01", "9999-12-31", ""],
    "e": ["9", "-9223372036854775808", "12345678901234"],
    "f": ["1.25", "-3", "100.5", ""],
    "g": ["2024-05-27 14:30:00", "2024-05-27T14:30", ""],
    "h": ["1", "-128", "127"],
    "i": ["0.1", "3.4e38", "-2"],
}
_ODD = [
    "", "NA", "0x10", "-0X1f", "+3", " 4", "4 ", "007", "12.0", "12.7", "1e3", "9_9", "1_000", "99999999999", "inf",
    "-Infinity", "nan", "nan(1)", "1e999", "1e-400", ".5", "5.", "1_0.5", "0000-01-01", "2024-02-30", "2024-2-3",
    "20240203", "2024-05-27 14", "2024-05-27 14:30:00Z", "2024-05-27 14:30:00.1234567", "long text of many words",
    "äöüäöü", "äöüäöüä", "true", "1e5", "1.234", "-", "128", "a\rb", "\t1", "\0",
]  # fmt: skip
_BLANKS = st.sampled_from(["", " ", "\t", "  ", " \t ", "\v", "\xa0"])


def _scan(options: Mapping[str, Any], row: RowType, folder: Path) -> NativeScan:
    scan = load("delimited").native_scan(
        ReadRequest("delimited", options, row), "duckdb", folder=str(folder), reject=False
    )
    assert isinstance(scan, NativeScan)
    return scan


def _plainly(scan: NativeScan) -> list[tuple[Any, ...]] | None:
    """Return what plain reading gives, or None where it gives up."""
    if scan.plain is None:
        return None
    reader = PlainReader(2, lambda: None)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("s", pa.RecordBatchReader.from_batches(scan.plain.schema, scan.plain.open(reader)))
        try:
            rows: list[tuple[Any, ...]] = connection.execute(scan.plain.query("s")).fetchall()
        except duckdb.Error as error:
            assert NotPlain.said in str(error)
            return None
    assert (reader.rows, reader.is_done) == (len(rows), True)
    return rows


def _exactly(scan: NativeScan) -> tuple[list[tuple[Any, ...]], int]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for statement in scan.setup:
            connection.execute(statement)
        rows = connection.execute(scan.sql).fetchall()
        return rows, connection.execute(scan.reject_count or "SELECT 0").fetchall()[0][0]


def _same(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> bool:
    return [tuple(map(_told, row)) for row in left] == [tuple(map(_told, row)) for row in right]


def _told(value: object) -> object:
    return repr(value) if isinstance(value, float) and (math.isnan(value) or not value) else value


def test_usual_text_is_plain(tmp_path: Path) -> None:
    lines = [",".join(_TOKENS[column.name][number % 3] for column in _ROW) for number in range(12)]
    (tmp_path / "in.csv").write_text("\n".join([",".join(_ROW.names), *lines, ""]))
    scan = _scan({"paths": ["in.csv"], "header": True}, _ROW, tmp_path)
    rows = _plainly(scan)
    assert rows is not None
    assert len(rows) == 12
    assert _exactly(scan) == (rows, 0)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_plain_reading_gives_what_reading_by_field_gives(tmp_path: Path, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(_ROW.names), min_size=2, max_size=4, unique=True))
    odd = data.draw(st.sampled_from([0, 0, 1, 3]))
    lines = []
    for _ in range(data.draw(st.integers(1, 4))):
        lines.append([data.draw(st.sampled_from(_TOKENS[name])) for name in names])
    for _ in range(odd):
        line = data.draw(st.sampled_from(lines))
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.sampled_from(_ODD))
    for _ in range(data.draw(st.sampled_from([0, 0, 1, 2]))):
        line = data.draw(st.sampled_from(lines))
        place = data.draw(st.integers(0, len(line) - 1))
        line[place] = data.draw(_BLANKS) + line[place] + data.draw(_BLANKS)
    structure = data.draw(st.sampled_from(["", "", "", "more", "fewer", "empty", "quoted", "cr", "behind"]))
    if structure == "more":
        lines[-1].append("z")
    elif structure == "fewer":
        lines[-1].pop()
    elif structure == "empty":
        lines.insert(1, [""])
    elif structure == "quoted":
        lines[-1][0] = f'"{lines[-1][0]}"'
    elif structure == "behind":
        lines[-1].append("")
    end = data.draw(st.sampled_from(["\n", "\n", "\r\n"]))
    text = end.join(",".join(line) for line in [names, *lines]) + data.draw(st.sampled_from([end, "", end * 2]))
    if structure == "cr":
        text = text.replace(end, "\r", 1)
    if data.draw(st.booleans()):
        text = "\ufeff" + text
    (tmp_path / "in.csv").write_bytes(text.encode())
    options: dict[str, Any] = {"paths": ["in.csv"], "header": True}
    if data.draw(st.booleans()):
        options["null"] = data.draw(st.sampled_from(["NA", "", "0"]))
    row = RowType(tuple(column for column in _ROW if column.name in data.draw(st.just(names))))
    scan = _scan(options, row, tmp_path)
    plain = _plainly(scan)
    event(f"odd {odd}, {structure or 'usual'}: {'given up' if plain is None else 'plain'}")
    if plain is not None:
        rows, bad = _exactly(scan)
        assert _same(plain, rows), text
        assert bad == 0, text


_BLANKS_AROUND = ["{} ", " {}", "\t{}", "{}\t", " \t{}  "]


@pytest.mark.parametrize("around", _BLANKS_AROUND)
def test_blanks_around_a_value_do_not_make_its_fate_depend_on_the_way_of_reading(around: str, tmp_path: Path) -> None:
    for column in (Column("n", t.INT32), Column("n", t.DATE), Column("n", t.FLOAT64)):
        token = _TOKENS[{"int32": "a", "date": "d", "float64": "c"}[column.type.kind]][0]
        (tmp_path / "in.csv").write_text(f"1,{around.format(token)}\n2,{token}\n")
        scan = _scan({"paths": ["in.csv"]}, RowType((Column("k", t.INT32), column)), tmp_path)
        rows, bad = _exactly(scan)
        assert (len(rows), rows[0][1], bad) == (2, rows[1][1], 0), column
        assert _plainly(scan) == rows, column


@pytest.mark.parametrize("short", ["2024-2-3  ", "  2024-2-3", "2024-02-3 ", "200-01-01 ", "\t2024-2-03", " 2024-2-3 "])
def test_blanks_do_not_stand_for_digits_of_a_date(short: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f"1,{short}\n2,2024-02-03\n")
    scan = _scan({"paths": ["in.csv"]}, RowType((Column("k", t.INT32), Column("d", t.DATE))), tmp_path)
    assert (_plainly(scan), _exactly(scan)[1]) == (None, 1)


@pytest.mark.parametrize("bad", ["x", "12.7", "0x10", '"5"'])
def test_a_run_starts_again_where_text_is_not_plain(bad: str, tmp_path: Path) -> None:
    lines = [f"{number},row {number}" for number in range(200_000)]
    lines[150_000] = f"{bad},odd"
    (tmp_path / "in.csv").write_text("\n".join(["id,name", *lines, ""]))
    flow = BatchFlow("again")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = [str(tmp_path / "in.csv")]
    source.configuration.first_line_is_column_names = True
    target = flow.add_stage("Sequential file", "Write")
    target.configuration.file = [str(tmp_path / "out.csv")]
    peek = flow.add_stage("Peek", "Look")
    copy = flow.add_stage("Copy", "Both")
    link = source.connect_output_to(copy).set_name("rows")
    schema = link.create_schema()
    schema.add_field("INTEGER", "id")
    schema.add_field("VARCHAR", "name")
    copy.connect_output_to(target).set_name("written")
    copy.connect_output_to(peek).set_name("seen")
    result = flow.run(quiet=True)
    expected = 200_000 - (bad != '"5"')
    assert (result.counts["rows"], result.counts["written"]) == (expected, expected)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == expected
    assert sum(result.dropped.values()) == 200_000 - expected
    assert len([entry for entry in result.log if "row 0" in entry.text]) == 1


def test_rows_that_are_handed_over_come_once(tmp_path: Path) -> None:
    """By then many batches were handed over, which nobody can take back."""
    lines = [f"{number},row {number}" for number in range(400_000)]
    lines[390_000] = "x,odd"
    (tmp_path / "in.csv").write_text("\n".join([*lines, ""]))
    flow = BatchFlow("once")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = [str(tmp_path / "in.csv")]
    schema = source.connect_output_to(flow.add_stage("Peek", "Look")).set_name("rows").create_schema()
    schema.add_field("INTEGER", "id")
    schema.add_field("VARCHAR", "name")
    assert flow.run(quiet=True).links["rows"].to_arrow()["id"].to_pylist() == [
        number for number in range(400_000) if number != 390_000
    ]
