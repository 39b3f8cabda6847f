"""Data set in flows: rows and columns there and back, counts for nothing, policies in sequence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riverstage.document.fields import field_of
from riverstage.errors import RiverstageError
from riverstage.flow import BatchFlow
from riverstage.runs.runtime import Runtime
from riverstage.types import INT32, INT64, STRING, Column, decimal, timestamp

COLUMNS = [
    Column("id", INT32, nullable=False),
    Column("name", STRING),
    Column("amount", decimal(9, 2)),
    Column("at", timestamp(6)),
]


def schema(flow: BatchFlow, link: Any, columns: list[Column]) -> None:
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(column) for column in columns])


def write(folder: Path, policy: str, lines: list[str]) -> None:
    (folder / "in.csv").write_text("".join(f"{line}\n" for line in lines))
    flow = BatchFlow("write")
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file_plus = ["in.csv"]
    target = flow.add_stage("Data set", "Write")
    target.configuration.file = "x.ds"
    target.configuration.update_policy = policy
    link = source.connect_output_to(target)
    schema(flow, link, COLUMNS)
    result = Runtime(flow.document, "write", folder=folder).run()
    assert result.counts == {link.name: len(lines)}


def read(folder: Path, columns: list[Column] | None = None) -> list[dict[str, Any]]:
    flow = BatchFlow("read")
    source = flow.add_stage("Data set", "Read")
    source.configuration.file = "x.ds"
    collected: list[Any] = []
    link = source.connect_output_to(flow.add_stage("Peek", "Peek"))
    if columns is not None:
        schema(flow, link, columns)
    result = Runtime(flow.document, "read", folder=folder, collect={"Peek": collected}).run()
    rows = [row for batch in collected for row in batch.to_pylist()]
    assert result.counts == {link.name: len(rows)}
    return rows


def test_policies_one_after_the_other(tmp_path: Path) -> None:
    write(tmp_path, "create", ["1,a,1.50,2024-01-02 03:04:05.000006"])
    write(tmp_path, "append", ["2,b,,", "3,c,2,"])
    rows = read(tmp_path)
    assert [(row["id"], row["name"], str(row["amount"])) for row in rows] == [
        (1, "a", "1.50"), (2, "b", "None"), (3, "c", "2.00")
    ]  # fmt: skip
    assert rows[0]["at"].microsecond == 6
    write(tmp_path, "discard_records", ["4,d,,"])
    assert [row["id"] for row in read(tmp_path)] == [4]
    with pytest.raises(RiverstageError, match="exists already"):
        write(tmp_path, "create", ["5,e,,"])
    write(tmp_path, "overwrite", [])
    assert read(tmp_path) == []


def test_read_into_other_columns(tmp_path: Path) -> None:
    write(tmp_path, "overwrite", ["1,a,1.50,", "2,b,2.25,"])
    rows = read(tmp_path, [Column("amount", decimal(5, 1)), Column("id", INT64)])
    assert [(str(row["amount"]), row["id"]) for row in rows] == [("1.5", 1), ("2.3", 2)]


def test_a_value_that_the_link_cannot_hold_fails_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "overwrite", ["1,a,1.50,"])
    with pytest.raises(RiverstageError) as raised:
        read(tmp_path, [Column("id", INT32), Column("name", INT32)])
    assert raised.value.code == "RS-6201"
    assert raised.value.place.column == "name"


def test_a_data_set_that_is_read_and_replaced_in_one_flow(tmp_path: Path) -> None:
    write(tmp_path, "overwrite", ["1,a,,", "2,b,,"])
    flow = BatchFlow("both")
    source = flow.add_stage("Data set", "Read")
    source.configuration.file = "x.ds"
    filtered = flow.add_stage("Filter", "Filter")
    filtered.configuration.where_properties = [{"where": "id > 1", "target": "0"}]
    target = flow.add_stage("Data set", "Write")
    target.configuration.file = "x.ds"
    source.connect_output_to(filtered)
    filtered.connect_output_to(target)
    runtime = Runtime(flow.document, "both", folder=tmp_path)
    assert [finding.severity for finding in runtime.check() if finding.code == "RS-4283"] == ["warning"]
    runtime.run()
    assert [row["id"] for row in read(tmp_path)] == [2]


@pytest.mark.parametrize("policy", ["overwrite", "append", "discard_records"])
def test_what_is_no_data_set_is_not_replaced_by_one(tmp_path: Path, policy: str) -> None:
    (tmp_path / "x.ds").write_text('{"mine": 1}\n')
    with pytest.raises(RiverstageError, match=r"is no(t a)? data set") as raised:
        write(tmp_path, policy, ["1,a,,"])
    assert raised.value.code == "RS-5013"
    assert (tmp_path / "x.ds").read_text() == '{"mine": 1}\n'
    assert sorted(path.name for path in tmp_path.iterdir() if "x.ds" in path.name) == ["x.ds"]


@pytest.mark.parametrize("there", ["", '{"format": "riverstage-data-set", "version": 1, "parts'])
def test_an_empty_file_and_a_damaged_data_set_are_replaced(tmp_path: Path, there: str) -> None:
    (tmp_path / "x.ds").write_text(there)
    write(tmp_path, "overwrite", ["1,a,,"])
    assert [row["id"] for row in read(tmp_path)] == [1]


def test_mends_speak_of_data_sets(tmp_path: Path) -> None:
    write(tmp_path, "create", ["1,a,,"])
    with pytest.raises(RiverstageError) as raised:
        write(tmp_path, "create", ["2,b,,"])
    assert "(update_policy)" in raised.value.mend
    (part,) = (tmp_path / "x.ds.parts").iterdir()
    part.unlink()
    with pytest.raises(RiverstageError, match=f"{part.name}' is missing") as raised:
        read(tmp_path)
    assert "other programs" not in raised.value.mend
