"""What the engine says becomes an error that names the file, the value and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from riverstage.engines.duckdb._errors import as_run_error
from riverstage.errors import RunFailed


def _raised(sql: str) -> duckdb.Error:
    with pytest.raises(duckdb.Error) as raised, duckdb.connect() as connection:
        connection.execute(sql).fetchall()
    return raised.value


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_full_disk_is_named_by_its_file() -> None:
    error = as_run_error(_raised("COPY (SELECT range FROM range(100000)) TO '/dev/full' (FORMAT csv)"), "flow")
    assert isinstance(error, RunFailed)
    assert (error.code, error.place.file) == ("RS-6112", "/dev/full")
    assert error.message == "The disk that holds '/dev/full' is full."
    assert "another disk" in error.mend


def test_a_target_is_named_as_the_flow_names_it() -> None:
    temporary = "/data/.out.csv.riverstage-ab12-0a1b2c3d-42-777-1.tmp"
    error = as_run_error(
        duckdb.IOException(f'IO Error: Could not write file "{temporary}": No space left on device'), "f"
    )
    assert (error.code, error.place.file) == ("RS-6112", "/data/out.csv")
    error = as_run_error(duckdb.IOException(f'IO Error: Could not write file "{temporary}": Input/output error'), "f")
    assert (
        error.message == 'A file could not be read or written: Could not write file "/data/out.csv": Input/output error'
    )
    assert (error.code, error.place.file) == ("RS-6113", "/data/out.csv")
    assert error.mend.startswith("Check that")


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    error = as_run_error(_raised(f"COPY (SELECT 1) TO '{tmp_path}/no/x.csv' (FORMAT csv)"), "flow")
    assert (error.code, error.place.file) == ("RS-6113", f"{tmp_path}/no/x.csv")
    assert error.mend


def _ours(values: str, **said: str) -> RunFailed:
    told = json.dumps({"code": "RS-6201", "message": "It is \0.", **said}).replace("'", "''")
    error = as_run_error(_raised(f"SELECT error('{told}' || to_json([{values}]))"), "flow", secrets=["hush-hush"])
    assert isinstance(error, RunFailed)
    return error


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("'a''b'", "'a'b'"),
        ("NULL", "null"),
        ("''", "''"),
        ("'" + "x" * 80 + "'", "'" + "x" * 80 + "'"),
        ("'" + "x" * 81 + "'", "'" + "x" * 80 + "…'"),
        ("'two' || chr(10) || 'lines'", "'two\\nlines'"),
        ("'größe \"q\" \\\\'", "'größe \"q\" \\\\'"),
        ("'my hush-hush word'", "********"),
        ("'" + "x" * 77 + "hush'", "********"),
    ],
)
def test_values_in_messages_are_short_and_no_secrets(value: str, shown: str) -> None:
    assert _ours(value).message == f"It is {shown}."


def test_null_has_a_message_of_its_own() -> None:
    error = _ours("NULL", null="Null it is.", null_mend="Take another.", mend="Do this.")
    assert (error.message, error.mend) == ("Null it is.", "Take another.")
    error = _ours("'x'", null="Null it is.", null_mend="Take another.", mend="Do this.")
    assert (error.message, error.mend) == ("It is 'x'.", "Do this.")
