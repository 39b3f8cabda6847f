"""Parquet files: every type there and back, odd types as text, counts from footers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riverstage import types as t
from riverstage.connectors import load
from riverstage.errors import ConnectorError
from riverstage.plan import ReadRequest, WriteRequest
from riverstage.types import BOOLEAN, DATE, INT32, INT64, STRING, TIME, Column, RowType

from .conftest import Read, Write

ROW = RowType(
    (
        Column("a", INT32),
        Column("m", t.decimal(20, 3)),
        Column("d", DATE),
        Column("c", TIME),
        Column("s", t.timestamp(6)),
        Column("b", BOOLEAN),
        Column("l", t.list_of(INT64)),
        Column("o", t.struct(Column("x", STRING), Column("y", t.list_of(t.struct(Column("z", INT32)))))),
        Column("y", t.binary()),
    )
)
ROWS = [
    (
        1, Decimal("1.250"), dt.date(2024, 1, 2), dt.time(3, 4, 5), dt.datetime(2024, 1, 2, 3, 4, 5, 6), True,
        [1, None], {"x": "é", "y": [{"z": 1}]}, b"\0\xff",
    ),
    (None,) * 9,
]  # fmt: skip


@pytest.mark.parametrize("copy", [True, False])
@pytest.mark.parametrize("codec", ["snappy", "zstd", "gzip", "none"])
def test_there_and_back(copy: bool, codec: str, read: Read, write: Write, tmp_path: Path) -> None:
    assert write("parquet", {"path": "x.parquet", "codec": codec}, ROW, ROWS, copy=copy) == 2
    rows, rejects, count = read("parquet", {"paths": ["x.parquet"]}, ROW)
    assert (rows, rejects, count) == (ROWS, [], None)
    described = load("parquet").describe(
        ReadRequest("parquet", {"paths": ["*.parquet"]}, RowType()), folder=str(tmp_path)
    )
    assert described.rows == 2
    assert [(column.name, column.type.kind) for column in described.row] == [(c.name, c.type.kind) for c in ROW]


def test_types_without_a_counterpart_are_converted(read: Read, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT uuid '00000000-0000-0000-0000-000000000001' AS u, INTERVAL 2 DAY AS i, "
            f"TIMESTAMP_NS '2024-01-02 03:04:05.123456789' AS n, 'a'::ENUM('a') AS e, 1::UTINYINT AS t) "
            f"TO '{tmp_path / 'x.parquet'}' (FORMAT parquet)"
        )
    request = ReadRequest("parquet", {"paths": ["x.parquet"]}, RowType())
    row = load("parquet").describe(request, folder=str(tmp_path)).row
    assert [str(column.type) for column in row] == ["string", "string", "timestamp(6)", "string", "uint8"]
    rows, _, _ = read("parquet", {"paths": ["x.parquet"]}, row)
    stamp = dt.datetime(2024, 1, 2, 3, 4, 5, 123457)  # rounded
    assert rows == [("00000000-0000-0000-0000-000000000001", "2 days", stamp, "a", 1)]


def test_columns_are_found_by_name_in_every_file(read: Read, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"B": ["y", "z"], "c": [0, 0], "a": [2, 3]}), tmp_path / "2.parquet")
    row = RowType((Column("b", STRING), Column("a", INT64), Column("n", INT64), Column("f", STRING)))
    options = {"paths": ["*.parquet"], "row_number": "n", "file_name": "f", "first_rows": 1}
    rows, _, _ = read("parquet", options, row)
    assert rows == [("x", 1, 1, str(tmp_path / "1.parquet")), ("y", 2, 1, str(tmp_path / "2.parquet"))]
    scan = load("parquet").native_scan(
        ReadRequest("parquet", options, row), "duckdb", folder=str(tmp_path), reject=False
    )
    assert scan.rows == 2


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"no Parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "y.parquet")
    for code, path in (("RS-5011", "x.parquet"), ("RS-5012", "y.parquet"), ("RS-5001", "z.parquet")):
        request = ReadRequest("parquet", {"paths": [path]}, RowType((Column("z", INT32),)))
        with pytest.raises(ConnectorError) as raised:
            load("parquet").native_scan(request, "duckdb", folder=str(tmp_path), reject=False)
        assert raised.value.code == code
    with pytest.raises(ConnectorError) as raised:
        load("parquet").begin_write(
            WriteRequest("parquet", {"path": "y.parquet", "mode": "append"}, ROW), folder=str(tmp_path), run_id="r"
        )
    assert raised.value.code == "RS-5019"


def test_what_a_copy_left_broken_is_not_committed(tmp_path: Path) -> None:
    session = load("parquet").begin_write(
        WriteRequest("parquet", {"path": "x.parquet"}, ROW), folder=str(tmp_path), run_id="r"
    )
    Path(session.copy_target("duckdb").path).write_bytes(b"half a file")
    with pytest.raises(ConnectorError):
        session.prepare()
    session.abort()
    assert list(tmp_path.iterdir()) == []


def test_no_rows_at_all(read: Read, write: Write) -> None:
    assert write("parquet", {"path": "x.parquet"}, ROW, []) == 0
    assert read("parquet", {"paths": ["x.parquet"]}, ROW)[0] == []
