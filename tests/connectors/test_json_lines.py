"""JSON lines: values by key, nested ones too, bad lines as they stand."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

from riverstage import types as t
from riverstage.connectors import load
from riverstage.plan import ReadRequest
from riverstage.types import DATE, INT32, INT64, STRING, Column, RowType

from .conftest import Read, Write

ROW = RowType(
    (
        Column("a b", INT32),
        Column('q"t', STRING),
        Column("m", t.decimal(30, 4)),
        Column("d", DATE),
        Column("l", t.list_of(INT64)),
        Column("o", t.struct(Column("x", STRING))),
    )
)
ROWS = [(1, 'é"\n', Decimal("12345678901234567890.1234"), dt.date(2024, 1, 2), [1, None], {"x": "y"}), (None,) * 6]


def test_there_and_back(read: Read, write: Write, tmp_path: Path) -> None:
    for copy in (True, False):
        write("json_lines", {"path": "x.jsonl"}, ROW, ROWS, copy=copy)
        assert json.loads((tmp_path / "x.jsonl").read_text().splitlines()[0])["l"] == [1, None]
        rows, rejects, count = read("json_lines", {"paths": ["x.jsonl"]}, ROW)
        assert (rows, rejects, count) == (ROWS, [], 0)


def test_numbers_keep_their_digits(read: Read, tmp_path: Path) -> None:
    lines = ['{"m":0.00000012}', '{"m": 99999999999999999999.5 }', '{"m":"7.25"}', '{"m":1e3}', '{"x":{"m":9.0},"m":1}']
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    row = RowType((Column("m", t.decimal(30, 8)),))
    rows, rejects, _ = read("json_lines", {"paths": ["x.jsonl"]}, row)
    assert [f"{value:f}" for (value,) in rows] == [
        "0.00000012", "99999999999999999999.50000000", "7.25000000", "1000.00000000", "1.00000000"
    ]  # fmt: skip
    assert rejects == []


def test_bad_lines_are_kept_as_they_stand(read: Read, tmp_path: Path) -> None:
    bad = ['{"a":"x"}', '{ "a" : 1.5 }', "not json", "[1]", '"text"', '{"a":1']
    (tmp_path / "x.jsonl").write_text("\n".join(['{"a":1}', *bad, '{"a":null,"b":2}']) + "\n")
    options = {"paths": ["x.jsonl"], "reason": "why", "file_name": "f", "row_number": "n"}
    row = RowType((Column("a", INT32), Column("f", STRING), Column("n", INT64)))
    rows, rejects, count = read("json_lines", options, row)
    assert rows == [(1, str(tmp_path / "x.jsonl"), 1), (None, str(tmp_path / "x.jsonl"), 8)]
    assert sorted(line for line, _ in rejects) == sorted(bad)
    assert {why for _, why in rejects} == {"The column 'a' has no int32.", "The line is no JSON object."}
    assert count == 6


def test_described_by_its_keys_and_read_in_batches(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"b":1}\n\n{"a":{"x":1},"b":null}\n')
    request = ReadRequest("json_lines", {"paths": ["x.jsonl"], "file_name": "f"}, RowType())
    row = load("json_lines").describe(request, folder=str(tmp_path)).row
    assert [column.name for column in row] == ["b", "a", "f"]
    wanted = ReadRequest("json_lines", {"paths": ["x.jsonl"]}, RowType(row.columns[:2]))
    batches = load("json_lines").read(wanted, folder=str(tmp_path))
    assert [row for batch in batches for row in batch.to_pylist()] == [
        {"b": "1", "a": None},
        {"b": None, "a": '{"x":1}'},
    ]
