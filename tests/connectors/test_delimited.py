"""Delimited text: what is bad is bad whoever looks, nothing is lost on the way there and back."""

from __future__ import annotations

import datetime as dt
import string
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverstage import types as t
from riverstage.connectors import load
from riverstage.errors import ConnectorError
from riverstage.plan import ReadRequest
from riverstage.types import DATE, FLOAT64, INT32, INT64, STRING, TIMESTAMP, Column, RowType

from .conftest import Read, Write

ROW = RowType((Column("a", INT32), Column("b", STRING), Column("d", DATE)))
BAD = "1,x,2024-01-02\ny,x,2024-01-02\n2,x,2024-13-02\n3,x\n4,x,,z\n5,\xff,\nz,z,z\n6,x,\n".encode("latin-1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT * FROM ({})", 2),
        ("SELECT a FROM ({})", 2),
        ("SELECT 1 FROM ({})", 2),
        ("SELECT * FROM ({}) WHERE a > 5", 1),
        ("SELECT * FROM ({}) WHERE TRY_CAST(b AS INTEGER) IS NULL", 2),
        ("SELECT b FROM ({}) JOIN (SELECT 6 AS a) USING (a)", 1),
        ("WITH x AS MATERIALIZED (SELECT * FROM ({})) SELECT a FROM x WHERE a = 1 UNION ALL SELECT a FROM x", 3),
    ],
)
def test_what_is_bad_does_not_depend_on_who_asks(query: str, expected: int, tmp_path: Path, read: Read) -> None:
    (tmp_path / "in.csv").write_bytes(BAD)
    rows, rejects, count = read("delimited", {"paths": ["in.csv"]}, ROW, query)
    assert len(rows) == expected
    assert count == 6
    assert sorted(line for (line,) in rejects) == sorted(
        ["y,x,2024-01-02", "2,x,2024-13-02", "3,x", "4,x,,z", "5,?,", "z,z,z"]
    )


def test_a_text_that_is_cast_later_keeps_its_rows(tmp_path: Path, read: Read) -> None:
    (tmp_path / "in.csv").write_text("1\nx\n")
    row = RowType((Column("a", STRING),))
    rows, _, count = read("delimited", {"paths": ["in.csv"]}, row, "SELECT TRY_CAST(a AS INTEGER) FROM ({})")
    assert rows == [(1,), (None,)]
    assert count == 0


def test_a_source_that_is_never_read_has_no_rejects(tmp_path: Path, read: Read) -> None:
    (tmp_path / "in.csv").write_bytes(BAD)
    assert read("delimited", {"paths": ["in.csv"]}, ROW, "SELECT * FROM ({}) LIMIT 0") == ([], [], 0)


def test_bad_records_in_a_large_file_are_counted_on_all_threads(tmp_path: Path, read: Read) -> None:
    lines = [f"{number},text {number},2024-01-02" if number % 100 else f"x{number},,\n1,2" for number in range(200_000)]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    rows, rejects, count = read("delimited", {"paths": ["in.csv"]}, ROW, "SELECT count(*), sum(a) FROM ({})")
    assert rows == [(198_000, sum(number for number in range(200_000) if number % 100))]
    assert count == len(rejects) == 4_000
    assert len({line for (line,) in rejects}) == 2_001


def test_names_with_characters_of_patterns(tmp_path: Path, read: Read) -> None:
    (tmp_path / "a[1]*?.csv").write_text("1\n")
    (tmp_path / "a1x.csv").write_text("2\n")
    row = RowType((Column("a", INT32),))
    assert read("delimited", {"paths": ["a[1]*?.csv"]}, row)[0] == [(1,)]


def test_quotes_in_names_do_no_harm(tmp_path: Path, read: Read) -> None:
    (tmp_path / "it's.csv").write_text('"a \'b\' ""c""",;drop\n1,x\ny,z\n')
    row = RowType((Column("a 'b' \"c\"", INT32), Column(";drop", STRING)))
    options = {"paths": ["it's.csv"], "header": True, "reason": "why's", "stage": "it's"}
    rows, rejects, _ = read("delimited", options, row)
    assert rows == [(1, "x")]
    assert rejects == [("y,z", "The column 'a 'b' \"c\"' has no int32.")]


def test_several_files_with_several_layouts(tmp_path: Path, read: Read) -> None:
    (tmp_path / "1.csv").write_text("a,b,d\n1,x,\nbad,,\n")
    (tmp_path / "2.csv").write_text("d,extra,B,a\n,e,y,2\n,,,bad\n")
    (tmp_path / "3.csv").write_bytes(b"")
    options = {"paths": ["*.csv"], "header": True, "file_name": "file"}
    row = RowType((*ROW.columns, Column("file", STRING)))
    rows, rejects, count = read("delimited", options, row)
    assert sorted(rows) == [(1, "x", None, str(tmp_path / "1.csv")), (2, "y", None, str(tmp_path / "2.csv"))]
    assert sorted(rejects) == [(",,,bad",), ("bad,,",)]
    assert count == 2


@pytest.mark.parametrize("encoding", ["windows-1252", "latin-1", "UTF-16", "utf-16-be", "cp037"])
def test_character_sets(encoding: str, tmp_path: Path, read: Read) -> None:
    row = RowType((Column("a", INT32), Column("b", STRING)))
    (tmp_path / "in.csv").write_bytes("a,b\n1,é ß\n2,x\n".encode(encoding))
    options = {"paths": ["in.csv"], "header": True, "encoding": encoding, "file_name": "f", "row_number": "n"}
    row = row.with_columns(Column("f", STRING), Column("n", INT64))
    rows, _, count = read("delimited", options, row)
    assert rows == [(1, "é ß", str(tmp_path / "in.csv"), 1), (2, "x", str(tmp_path / "in.csv"), 2)]
    assert count == 0


def test_bytes_without_meaning_in_a_character_set_are_bad(tmp_path: Path, read: Read) -> None:
    (tmp_path / "in.csv").write_bytes("1,€\n".encode("cp1252") + b"2,\x81\n")
    row = RowType((Column("a", INT32), Column("b", STRING)))
    rows, rejects, _ = read("delimited", {"paths": ["in.csv"], "encoding": "windows-1252"}, row)
    assert rows == [(1, "€")]
    assert len(rejects) == 1


def problem(code: str, options: dict[str, Any], tmp_path: Path, row: RowType = ROW) -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        load("delimited").native_scan(
            ReadRequest("delimited", options, row), "duckdb", folder=str(tmp_path), reject=False
        )
    assert raised.value.code == code
    return raised.value


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b\n")
    (tmp_path / "broken.csv.gz").write_bytes(b"no gzip")
    assert str(tmp_path / "none.csv") in problem("RS-5001", {"paths": ["none.csv"]}, tmp_path).message
    problem("RS-5001", {"paths": ["none*.csv"]}, tmp_path)
    assert problem("RS-5001", {"paths": ["."]}, tmp_path).mend
    said = problem("RS-5002", {"paths": ["in.csv"], "header": True}, tmp_path).message
    assert "'d'" in said
    assert "'a', 'b'" in said
    problem("RS-5010", {"paths": ["in.csv"], "encoding": "klingon"}, tmp_path)
    problem("RS-5009", {"paths": ["broken.csv.gz"]}, tmp_path)
    nested = RowType((Column("l", t.list_of(INT32)),))
    problem("RS-5018", {"paths": ["in.csv"]}, tmp_path, nested)
    weeks = {"paths": ["in.csv"], "date_format": "%yyyy %WW %e"}
    problem("RS-5017", weeks, tmp_path, RowType((Column("d", DATE),)))


def test_an_unknown_family_is_said() -> None:
    for name in ("nothing", "_atomic", "../x", ""):
        with pytest.raises(ConnectorError) as raised:
            load(name)
        assert raised.value.code == "RS-5016"


def test_described_by_the_first_line(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text('x,"y z",\n1,2,3\n')
    request = ReadRequest("delimited", {"paths": ["in.csv"], "header": True, "row_number": "n"}, RowType())
    row = load("delimited").describe(request, folder=str(tmp_path)).row
    assert [(column.name, column.type) for column in row] == [
        ("x", STRING), ("y z", STRING), ("column_3", STRING), ("n", INT64)
    ]  # fmt: skip


def test_batches_for_other_engines(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(BAD)
    request = ReadRequest("delimited", {"paths": ["in.csv"]}, ROW)
    batches = list(load("delimited").read(request, folder=str(tmp_path)))
    assert [tuple(row.values()) for batch in batches for row in batch.to_pylist()] == [
        (1, "x", dt.date(2024, 1, 2)),
        (6, "x", None),
    ]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1a\r"), max_size=12)
VALUES = st.lists(
    st.tuples(
        st.integers(-(2**31), 2**31 - 1),
        TEXT,
        st.decimals(-99999, 99999, places=2, allow_nan=False),
        st.dates(),
        st.datetimes(dt.datetime(1, 1, 1)).map(lambda value: value.replace(microsecond=0, fold=0)),
        st.floats(allow_nan=False),
    ),
    max_size=8,
)
WIDE = RowType(
    (
        Column("i", INT32, nullable=False),
        Column("s", STRING, nullable=False),
        Column("m", t.decimal(7, 2), nullable=False),
        Column("d", DATE, nullable=False),
        Column("ts", TIMESTAMP, nullable=False),
        Column("f", FLOAT64, nullable=False),
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    rows=VALUES,
    delimiter=st.sampled_from([",", "\t", "|", ";", "||"]),
    quote=st.sampled_from(['"', "'"]),
    header=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n"]),
    copy=st.booleans(),
)
def test_there_and_back(
    rows: list[tuple[Any, ...]],
    delimiter: str,
    quote: str,
    header: bool,
    line_end: str,
    copy: bool,
    tmp_path: Path,
    read: Read,
    write: Write,
) -> None:
    rows = [(*row[:1], row[1].replace("\n", " ") if line_end == "\r\n" else row[1], *row[2:]) for row in rows]
    options = {"delimiter": delimiter, "quote": quote, "header": header}
    written = write("delimited", {"path": "x.csv", "line_end": line_end, **options}, WIDE, rows, copy=copy)
    assert written == (None if copy or not rows else len(rows))
    back, rejects, count = read("delimited", {"paths": ["x.csv"], **options}, WIDE)
    assert (sorted(map(repr, back)), rejects, count) == (sorted(map(repr, rows)), [], 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(field=st.text(string.digits + "+-. _eEx", max_size=8))
def test_a_whole_number_is_what_it_says(field: str, tmp_path: Path, read: Read) -> None:
    (tmp_path / "in.csv").write_text(f"{field},\n")
    row = RowType((Column("a", INT32, nullable=False), Column("b", STRING)))
    rows, rejects, _ = read("delimited", {"paths": ["in.csv"]}, row)
    try:
        value = Decimal(field) if not set(field) & set("eE_") else None
    except ArithmeticError:
        value = None
    is_whole = value is not None and value == value.to_integral_value() and abs(value) < 2**31
    is_whole = is_whole and not field.lstrip(" +-").startswith(".")
    assert rows == ([(int(value), "")] if is_whole and value is not None else [])
    assert len(rejects) == (0 if is_whole else 1)


def test_rejects_come_in_the_same_order_each_time(tmp_path: Path, read: Read) -> None:
    lines = [f"{number},x,2024-01-02" if number % 7 else f"bad {number % 91:03},x," for number in range(60_000)]
    lines[100], lines[50_000] = "short", "1,x,,more"
    (tmp_path / "in.csv").write_text("\n".join([*lines, ""]))
    first, again = (read("delimited", {"paths": ["in.csv"]}, ROW)[1] for _ in range(2))
    assert first == again
    assert first[:2] == [("short",), ("1,x,,more",)]
    assert first[2:] == sorted(first[2:])
