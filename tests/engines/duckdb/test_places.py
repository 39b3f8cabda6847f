"""Where rows stand in Parquet files, carried to a stable sort instead of being counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riverstage.flow import BatchFlow, StageNode


def _files(folder: Path, count: int = 3) -> list[str]:
    paths = []
    for number in range(count):
        rows = pa.table({"k": [(index * 7 + number) % 3 for index in range(500)], "n": range(500)})
        rows = rows.append_column("file", pa.array([number] * 500))
        path = folder / f"part{number}.parquet"
        pq.write_table(rows, path, row_group_size=64)
        paths.append(str(path))
    return paths


def _sorted(folder: Path, between: str | None = None, *, readers: int = 1) -> BatchFlow:
    flow = BatchFlow("places")
    source = flow.add_stage("Sequential file", "Source")
    source.configuration.file_plus = _files(folder)
    source.configuration.file_format = "parquet"
    last: StageNode = source
    if between is not None:
        middle = flow.add_stage(between, "Middle")
        last.connect_output_to(middle).set_name("source")
        last = middle
    sort = flow.add_stage("Sort", "Sort")
    last.connect_output_to(sort).set_name("into")
    if between == "Filter":
        middle.configuration.where_properties = [{"where": "n > 3", "target": 0}]
    for number in range(1, readers):
        last.connect_output_to(flow.add_stage("Peek", f"Other {number}"))
    sort.configuration.key_properties = ["k"]
    sort.connect_output_to(flow.add_stage("Peek", "End")).set_name("sorted")
    return flow


def _rows(flow: BatchFlow) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = flow.run(quiet=True).links["sorted"].to_arrow().to_pylist()
    return rows


def _statements(flow: BatchFlow) -> str:
    return "\n".join(flow.compile().sql)


@pytest.mark.parametrize("between", [None, "Filter", "Copy"])
def test_places_keep_equal_rows_in_the_order_of_files_and_rows(tmp_path: Path, between: str | None) -> None:
    flow = _sorted(tmp_path, between)
    rows = _rows(flow)
    assert "file_row_number" in _statements(flow)
    assert "row_number() OVER" not in _statements(flow).replace("ROW_NUMBER", "row_number")
    assert list(rows[0]) == ["k", "n", "file"]
    assert rows == sorted(rows, key=lambda row: (row["k"], row["file"], row["n"]))
    assert len(rows) == (1488 if between == "Filter" else 1500)


def test_where_others_read_the_rows_too_they_are_counted(tmp_path: Path) -> None:
    flow = _sorted(tmp_path, "Copy", readers=2)
    rows = _rows(flow)
    assert rows == sorted(rows, key=lambda row: (row["k"], row["file"], row["n"]))


def test_behind_a_sort_the_new_order_counts_not_that_of_the_file(tmp_path: Path) -> None:
    flow = _sorted(tmp_path, "Sort")
    flow.stages.get(label="Middle").configuration.key_properties = [{"key": "n", "asc-desc": "desc"}]
    rows = _rows(flow)
    assert "file_row_number" in _statements(flow)
    assert rows == sorted(rows, key=lambda row: (row["k"], -row["n"], row["file"]))
