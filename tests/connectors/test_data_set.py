"""Data sets: replaced as one, killed at any step, read by who holds the old descriptor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riverstage.connectors import load
from riverstage.errors import ConnectorError
from riverstage.plan import ReadRequest, WriteRequest
from riverstage.types import INT32, STRING, Column, RowType

from .conftest import Read, Write

ROW = RowType((Column("a", INT32), Column("b", STRING)))
STEPS = [
    "data-set.begin", "data-set.written", "data-set.part-synced", "file.synced", "data-set.prepared",
    "file.before-rename", "file.renamed", "data-set.committed",
]  # fmt: skip
WRITER = """
import json, sys
import pyarrow as pa
from riverstage.connectors import load
from riverstage.plan import WriteRequest
from riverstage.types import INT32, STRING, Column, RowType

row = RowType((Column("a", INT32), Column("b", STRING)))
request = WriteRequest("data_set", {"path": sys.argv[1], "mode": sys.argv[2]}, row)
session = load("data_set").begin_write(request, folder=".", run_id="r")
session.write(pa.record_batch({"a": pa.array([9], pa.int32()), "b": ["new"]}))
session.prepare()
print(json.dumps(dict(session.token)), flush=True)
session.commit()
"""
OLD = [(1, "old"), (2, None)]
NEW = [(9, "new")]


def rows_of(read: Read) -> list[tuple[Any, ...]]:
    return read("data_set", {"path": "x.ds"}, ROW)[0]


def parts(folder: Path) -> list[str]:
    return sorted(os.listdir(folder / "x.ds.parts"))


def kill_at(step: str, path: Path, mode: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "RIVERSTAGE_FAILPOINT": step, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WRITER, str(path), mode]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("mode", ["overwrite", "append"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_there_is_the_old_or_the_new(step: str, mode: str, tmp_path: Path, read: Read, write: Write) -> None:
    write("data_set", {"path": "x.ds"}, ROW, OLD)
    done = kill_at(step, tmp_path / "x.ds", mode)
    assert done.returncode == 137, done.stderr
    new = NEW if mode == "overwrite" else OLD + NEW
    expected = new if step in ("file.renamed", "data-set.committed") else OLD
    assert rows_of(read) == expected
    write("data_set", {"path": "x.ds", "mode": "append"}, ROW, [(5, "x")])
    assert rows_of(read) == [*expected, (5, "x")]
    said = json.loads((tmp_path / "x.ds").read_text())
    named = {part["file"] for part in said["parts"]} | set(said["before"])
    assert set(parts(tmp_path)) == named, "litter is swept"
    assert not [name for name in os.listdir(tmp_path) if ".riverstage-" in name]


@pytest.mark.parametrize("committed", [True, False])
def test_recovery_finishes_or_undoes(committed: bool, tmp_path: Path, read: Read, write: Write) -> None:
    write("data_set", {"path": "x.ds"}, ROW, OLD)
    token = json.loads(kill_at("file.before-rename", tmp_path / "x.ds", "overwrite").stdout)
    for _ in range(2):
        load("data_set").recover(token, committed=committed)
        assert rows_of(read) == (NEW if committed else OLD)


def test_who_holds_the_old_descriptor_can_still_read(tmp_path: Path, read: Read, write: Write) -> None:
    write("data_set", {"path": "x.ds"}, ROW, OLD)
    scan = load("data_set").native_scan(
        ReadRequest("data_set", {"path": "x.ds"}, ROW), "duckdb", folder=str(tmp_path), reject=False
    )
    assert scan.rows == 2
    write("data_set", {"path": "x.ds"}, ROW, NEW, copy=True)
    import duckdb

    with duckdb.connect() as connection:
        assert connection.execute(scan.sql).fetchall() == OLD
    assert rows_of(read) == NEW
    assert len(parts(tmp_path)) == 2
    write("data_set", {"path": "x.ds"}, ROW, [])
    assert len(parts(tmp_path)) == 2
    assert rows_of(read) == []


def test_described_by_its_descriptor(tmp_path: Path, write: Write) -> None:
    write("data_set", {"path": "x.ds"}, ROW, OLD)
    write("data_set", {"path": "x.ds", "mode": "append"}, ROW, NEW)
    described = load("data_set").describe(ReadRequest("data_set", {"path": "x.ds"}, RowType()), folder=str(tmp_path))
    assert (described.row, described.rows) == (ROW, 3)


def test_an_undone_write_leaves_nothing(tmp_path: Path) -> None:
    session = load("data_set").begin_write(
        WriteRequest("data_set", {"path": "x.ds"}, ROW), folder=str(tmp_path), run_id="r"
    )
    session.prepare()
    session.abort()
    session.abort()
    assert os.listdir(tmp_path) == []


def test_added_to_by_two_at_once(tmp_path: Path, read: Read, write: Write) -> None:
    write("data_set", {"path": "x.ds"}, ROW, OLD)
    request = WriteRequest("data_set", {"path": "x.ds", "mode": "append"}, ROW)
    slow = load("data_set").begin_write(request, folder=str(tmp_path), run_id="slow")
    write("data_set", {"path": "x.ds", "mode": "append"}, ROW, NEW)
    slow.prepare()
    with pytest.raises(ConnectorError) as raised:
        slow.commit()
    assert raised.value.code == "RS-5008"
    slow.abort()
    assert rows_of(read) == OLD + NEW


def test_damage_is_said(tmp_path: Path, write: Write) -> None:
    write("data_set", {"path": "x.ds"}, ROW, OLD)
    (part,) = parts(tmp_path)
    request = ReadRequest("data_set", {"path": "x.ds"}, ROW)
    said = json.loads((tmp_path / "x.ds").read_text())

    def refused(code: str, text: str) -> None:
        (tmp_path / "x.ds").write_text(text)
        with pytest.raises(ConnectorError) as raised:
            load("data_set").native_scan(request, "duckdb", folder=str(tmp_path), reject=False)
        assert raised.value.code == code

    refused("RS-5013", "no JSON")
    refused("RS-5013", "[]")
    refused("RS-5013", json.dumps({**said, "version": 99}))
    refused("RS-5013", json.dumps({**said, "columns": [{}]}))
    refused("RS-5013", json.dumps({**said, "parts": [{"file": part, "rows": 7}]}))
    refused("RS-5013", json.dumps({**said, "parts": [{"file": "part-none.parquet", "rows": 7}]}))
    (tmp_path / "x.ds.parts" / part).write_bytes(b"")
    refused("RS-5011", json.dumps(said))
