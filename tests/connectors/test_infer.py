"""Inference: what is inferred can be read, with room for what the sample does not show."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riverstage.connectors import load
from riverstage.connectors.infer import infer
from riverstage.errors import ConnectorError
from riverstage.plan import ReadRequest

from .conftest import Read

TEXT = """id,zip,amount,big,ratio,day,at,seen,ok,note,mixed,gap
1,01234,1.50,12345678901234567890.12,0.1234567890123,2024-01-02,2024-01-02 03:04:05,03:04:05,true,a,1,
2,00007,-20.125,1,1e-3,2024-01-03,2024-01-02T03:04:05.25,23:59,false,"b,c",x,7
"""
TYPES = [
    "int64", "string", "decimal(18,3)", "decimal(38,2)", "float64", "date", "timestamp(2)", "time", "boolean",
    "string", "string", "int64",
]  # fmt: skip


def kinds(path: str, folder: Path) -> list[str]:
    return [str(column.type) for column in infer(path, folder=str(folder))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_types_and_dialects(delimiter: str, tmp_path: Path, read: Read) -> None:
    text = TEXT.replace('"b,c"', "b").replace(",", delimiter)
    (tmp_path / "in.csv").write_text(text)
    row = infer("in.csv", folder=str(tmp_path))
    assert [str(column.type) for column in row] == TYPES
    assert all(column.nullable for column in row)
    rows, rejects, count = read("delimited", {"paths": ["in.csv"], "delimiter": delimiter, "header": True}, row)
    assert (len(rows), rejects, count) == (2, [], 0)


def test_what_is_known_of_the_format_holds(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("31/12/1999 1,5\n01/01/2000 2\n")
    options = {"delimiter": " ", "header": False, "decimal_separator": ",", "date_format": "%dd/%mm/%yyyy"}
    row = infer("in.txt", options, folder=str(tmp_path))
    assert [(column.name, str(column.type)) for column in row] == [("column_1", "date"), ("column_2", "decimal(18,1)")]


def test_other_files(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([1], pa.int16()), "b": ["x"]}), tmp_path / "x.parquet")
    assert kinds("x.parquet", tmp_path) == ["int16", "string"]
    (tmp_path / "x.jsonl").write_text('{"a":1,"b":2.5,"c":true,"d":"x","e":[1]}\n{"a":null}\n')
    assert kinds("x.jsonl", tmp_path) == ["int64", "decimal(18,1)", "boolean", "string", "string"]
    (tmp_path / "empty.csv").write_text("")
    assert kinds("empty.csv", tmp_path) == []
    (tmp_path / "names.csv").write_text("a,b\n")
    assert kinds("names.csv", tmp_path) == ["string", "string"]
    with pytest.raises(ConnectorError):
        infer("none.csv", folder=str(tmp_path))


def test_describe_asks_for_no_types(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(TEXT)
    request = ReadRequest("delimited", {"paths": ["in.csv"], "header": True}, infer("in.csv", folder=str(tmp_path)))
    assert {str(column.type) for column in load("delimited").describe(request, folder=str(tmp_path)).row} == {"string"}


@pytest.mark.parametrize(
    ("data", "mend"),
    [
        (bytes(range(256)) * 40, "Name a file of delimited text"),
        (b"\x1f\x8b\x08\x00" + bytes(range(128, 256)), "It looks like a gzip file"),
        (b"PK\x03\x04" + bytes(200), "It looks like a zip file"),
        ("a,b\n1,2\n".encode("utf-16"), "It looks like UTF-16"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, mend: str) -> None:
    (tmp_path / "in.csv").write_bytes(data)
    with pytest.raises(ConnectorError, match="is no text that can be read") as caught:
        infer(tmp_path / "in.csv")
    assert caught.value.code == "RS-5020"
    assert caught.value.mend.startswith(mend)


def test_text_in_another_character_set_is_text(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes("id,name\n1,Ada\n2,Zoë\n".encode("latin-1"))
    assert infer(tmp_path / "in.csv").names == ("id", "name")
    (tmp_path / "in.csv").write_bytes("id,name\n1,Zoë\n".encode("utf-16"))
    assert infer(tmp_path / "in.csv", {"encoding": "utf-16"}).names == ("id", "name")
