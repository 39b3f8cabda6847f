"""Delimited text: comma-separated values and their relatives, lines of one field, files of fixed widths.

Options of a read request: ``paths`` (names and patterns), ``missing`` (``error``, ``okay``), ``delimiter``, ``quote``
(empty for none), ``header``, ``encoding``, ``final_delimiter`` (a delimiter stands behind the last field too),
``compression`` (``gzip``, ``none``; unset: by the file's name), ``null`` (the text that stands for null),
``first_rows`` (of each file), ``row_number`` and ``file_name`` (columns that get the number of the record in its file,
not counting records of the wrong shape, and the file), ``on_bad`` (``drop``, ``fail``), ``reason`` (a column of the
rejects), ``widths`` (of the fields, instead of a delimiter), ``whole_file`` (a row a file), formats (``date_format``,
``decimal_separator``, ``rounding`` …), and ``stage`` and ``link`` for messages. Columns overrule formats by their
properties.

Options of a write request: ``path``, ``mode`` (``overwrite``, ``append``, ``create``), ``delimiter``, ``quote``,
``header``, ``encoding``, ``line_end``, ``compression``, ``null``, ``force_quote`` (columns), ``final_delimiter``.

A record is bad, and there is one reject for it however much of it is bad, when it has too few or too many fields, when
its quotes do not pair, when its bytes are no text, or when a field is no value of its column. (DuckDB does not mind an
empty field behind the last, so a delimiter at the end of a record does not make it bad.) The raw record of one
whose quotes or fields are wrong is the record as it stands; of one with a wrong value it is put together again from its
fields, quoted as the file's first records are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riverstage.connectors import _atomic, _text_target
from riverstage.connectors._files import first_records, missing, sample, source_files
from riverstage.connectors._text_scan import text_scan
from riverstage.plan.connector import Described, NativeScan, WriteSession
from riverstage.types import STRING, Column, RowType

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest, WriteRequest

__all__ = ["begin_write", "describe", "native_scan", "read", "recover"]


def describe(request: ReadRequest, *, folder: str) -> Described:
    """Return the columns of the first file: text, named by its first line, else ``column_1`` and so on."""
    options = request.options
    if options.get("whole_file"):
        return Described(RowType((Column("content", STRING, nullable=False),)))
    files = source_files({**options, "missing": "error"}, folder)
    if not files:
        raise missing(files[0], "There is no file to look at.")
    records = first_records(sample(files[0], options), options.get("delimiter", ","), options.get("quote", '"'), 1)
    names = list(records[0]) if records else []
    if names and options.get("final_delimiter") and not names[-1].strip():
        names.pop()
    if not options.get("header"):
        names = [f"column_{number}" for number in range(1, len(names) + 1)]
    columns = [Column(name or f"column_{number}", STRING) for number, name in enumerate(names, 1)]
    columns += _added(options, {column.name for column in columns})
    return Described(RowType(tuple(columns)))


def _added(options: Mapping[str, Any], there: set[str]) -> list[Column]:
    from riverstage.types import INT64

    added = []
    if options.get("row_number") and options["row_number"] not in there:
        added.append(Column(options["row_number"], INT64, nullable=False))
    if options.get("file_name") and options["file_name"] not in there:
        added.append(Column(options["file_name"], STRING, nullable=False))
    return added


def native_scan(request: ReadRequest, engine: str, *, folder: str, reject: bool) -> NativeScan | None:
    """Return the request as a query of DuckDB's."""
    return text_scan(request, folder=folder, reject=reject) if engine == "duckdb" else None


def read(request: ReadRequest, *, folder: str) -> Iterator[pa.RecordBatch]:
    """Return the rows as Arrow batches; bad records are dropped or end it, as the request says."""
    from riverstage.connectors._batches import batches_of

    scan = text_scan(request, folder=folder, reject=False)
    yield from batches_of(scan, request.row)


def begin_write(request: WriteRequest, *, folder: str, run_id: str) -> WriteSession:
    """Start writing a file; sweeps what a killed run left beside it."""
    return _text_target.begin(request, folder=folder, run_id=run_id)


def recover(token: Mapping[str, Any], *, committed: bool) -> None:
    """Finish or undo a file after a crash."""
    _atomic.recover(token, committed=committed)
