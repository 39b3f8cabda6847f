"""What tests of connectors share: reading and writing by a family, without a flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from riverstage._arrow import arrow_schema
from riverstage.connectors import load
from riverstage.plan import ReadRequest, WriteRequest
from riverstage.types import RowType

Read = Callable[..., tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], int | None]]
Write = Callable[..., int | None]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads by a family on DuckDB: rows, rejects, their count."""

    def run(family: str, options: Mapping[str, Any], row: RowType, query: str = "SELECT * FROM ({})") -> Any:
        scan = load(family).native_scan(ReadRequest(family, options, row), "duckdb", folder=str(tmp_path), reject=True)
        with duckdb.connect() as connection:
            for statement in scan.setup:
                connection.execute(statement)
            rows = connection.execute(query.format(scan.sql)).fetchall()
            rejects = connection.execute(scan.rejects).fetchall() if scan.rejects else []
            count = connection.execute(scan.reject_count).fetchall()[0][0] if scan.reject_count else None
        return rows, rejects, count

    return run


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes rows by a family: from batches, or by DuckDB's COPY."""

    def run(
        family: str,
        options: Mapping[str, Any],
        row: RowType,
        rows: list[tuple[Any, ...]],
        *,
        copy: bool = False,
        run_id: str = "run",
    ) -> int | None:
        session = load(family).begin_write(WriteRequest(family, options, row), folder=str(tmp_path), run_id=run_id)
        table = pa.Table.from_pylist([dict(zip(row.names, item, strict=True)) for item in rows], arrow_schema(row))
        if copy:
            target = session.copy_target("duckdb")
            with duckdb.connect() as connection:
                connection.register("given", table)
                connection.execute(f"COPY (SELECT * FROM given) TO '{target.path}' ({target.options})")
        else:
            for batch in table.to_batches(2):
                session.write(batch)
        written: int | None = session.prepare()
        session.commit()
        return written

    return run
