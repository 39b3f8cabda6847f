"""Parquet files.

Options of a read request: ``paths``, ``missing``, ``first_rows``, ``row_number``, ``file_name``. Of a write request:
``path``, ``mode`` (``overwrite``, ``create``), ``codec`` and ``row_group_rows``. A Parquet file cannot be added to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage.connectors import _atomic
from riverstage.connectors._batches import batches_of
from riverstage.connectors._files import source_files
from riverstage.connectors._parquet import (
    ParquetFile,
    copy_options,
    metadata_of,
    never_null,
    placed,
    query,
    row_of,
    schema_of,
)
from riverstage.connectors._sql import empty, text
from riverstage.errors import ConnectorError, Place
from riverstage.plan.connector import CopyTarget, Described, NativeScan, WriteSession
from riverstage.types import INT64, STRING, Column

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest, WriteRequest
    from riverstage.types import RowType

__all__ = ["begin_write", "describe", "native_scan", "read", "recover"]


def describe(request: ReadRequest, *, folder: str) -> Described:
    """Return the columns of the first file, and how many rows all have."""
    files = source_files({**request.options, "missing": "error"}, folder)
    footers = [metadata_of(path) for path in files]
    row = row_of(footers[0])
    options = request.options
    if options.get("row_number") and options["row_number"] not in row:
        row = row.with_columns(Column(options["row_number"], INT64, nullable=False))
    if options.get("file_name") and options["file_name"] not in row:
        row = row.with_columns(Column(options["file_name"], STRING, nullable=False))
    return Described(row, _rows(footers, options))


def _rows(footers: list[Any], options: Mapping[str, Any]) -> int:
    first = options.get("first_rows")
    return sum(footer.num_rows if first is None else min(footer.num_rows, int(first)) for footer in footers)


def native_scan(request: ReadRequest, engine: str, *, folder: str, reject: bool) -> NativeScan | None:  # noqa: ARG001
    """Return the request as a query of DuckDB's."""
    return _scan(request, folder=folder) if engine == "duckdb" else None


def _scan(request: ReadRequest, *, folder: str) -> NativeScan:
    options = request.options
    files = source_files(options, folder)
    if not files or not len(request.row):
        return NativeScan(empty(request.row), rows=0)
    footers = [metadata_of(path) for path in files]
    rows = _rows(footers, options)
    schemas = [schema_of(footer) for footer in footers]
    added: dict[str, str] = {}
    if options.get("row_number"):
        added[options["row_number"]] = "file_row_number + 1"
    if not options.get("file_name"):
        first = options.get("first_rows")
        place = placed(request.row, files, schemas) if first is None and not added else None
        sql = query(request.row, files, schemas, added, first=first)
        return NativeScan(sql, rows=rows, placed=place, never_null=never_null(footers))
    parts = [
        query(
            request.row,
            [path],
            [schema],
            {**added, options["file_name"]: text(str(path))},
            first=options.get("first_rows"),
        )
        for path, schema in zip(files, schemas, strict=True)
    ]
    return NativeScan("SELECT * FROM (" + " UNION ALL ".join(f"({part})" for part in parts) + ")", rows=rows)


def read(request: ReadRequest, *, folder: str) -> Iterator[pa.RecordBatch]:
    """Return the rows as Arrow batches."""
    yield from batches_of(_scan(request, folder=folder), request.row)


def begin_write(request: WriteRequest, *, folder: str, run_id: str) -> WriteSession:
    """Start writing a file; sweeps what a killed run left beside it."""
    options = request.options
    mode: _atomic.Mode = options.get("mode") or "overwrite"
    if mode == "append":
        raise ConnectorError(
            f"Rows cannot be added to the Parquet file '{options['path']}'.",
            code="RS-5019",
            place=Place(file=str(options["path"])),
            state="The target is as it was.",
            mend="Replace it, or use a data set, which can be added to.",
        )
    replacement = _atomic.Replacement(str(options["path"]), folder=folder, mode=mode, run_id=run_id)
    return _Session(replacement, request.row, options)


def recover(token: Mapping[str, Any], *, committed: bool) -> None:
    """Finish or undo a file after a crash."""
    _atomic.recover(token, committed=committed)


class _Session:
    """A Parquet file being written."""

    def __init__(self, replacement: _atomic.Replacement, row: RowType, options: Mapping[str, Any]) -> None:
        self._replacement = replacement
        self._options = options
        self._file = ParquetFile(Path(replacement.content), row, options)
        self._rows: int | None = None

    @property
    def token(self) -> Mapping[str, Any]:
        """What ``recover`` needs."""
        return self._replacement.token

    def copy_target(self, engine: str) -> CopyTarget | None:
        """Return where DuckDB may write by itself."""
        return CopyTarget(str(self._replacement.content), copy_options(self._options)) if engine == "duckdb" else None

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows."""
        self._file.write(batch)

    def prepare(self) -> int | None:
        """Make what was written durable; return the rows that the footer says."""
        if self._rows is None:
            self._rows = self._file.finish()
            self._replacement.prepare()
        return self._rows

    def commit(self) -> None:
        """Show the file."""
        self._replacement.commit()

    def abort(self) -> None:
        """Remove what was written."""
        self._file.close()
        self._replacement.abort()
