"""One JSON object a line.

Options are those of ``delimited`` that bear on it: of a read request ``paths``, ``missing``, ``compression``,
``first_rows``, ``row_number``, ``file_name``, ``on_bad``, ``reason`` and formats; of a write request ``path``, ``mode``
and ``compression``. A key that is missing is null. A line that is no JSON object, or holds a value that is none of its
column's, is bad; the reject is the line as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverstage.connectors import _atomic, _text_target
from riverstage.connectors._batches import batches_of
from riverstage.connectors._files import is_gzip, sample, source_files
from riverstage.connectors._sql import empty, quoted, text
from riverstage.connectors._text_scan import Piece, line_reader, scan_of
from riverstage.plan.connector import Described, NativeScan, WriteSession
from riverstage.types import INT64, STRING, Column, RowType

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest, WriteRequest

__all__ = ["begin_write", "describe", "native_scan", "read", "recover"]

_LINES = 1000
# Beyond this many digits a number of JSON is not read exactly by way of a double.
_EXACT_DIGITS = 15


def describe(request: ReadRequest, *, folder: str) -> Described:
    """Return the keys of the first lines, in the order in which they turn up, as text."""
    files = source_files({**request.options, "missing": "error"}, folder)
    names: dict[str, None] = {}
    for path in files:
        lines = sample(path, request.options).splitlines()
        for line in lines[:_LINES]:
            names.update(dict.fromkeys(_object(line)))
    options = request.options
    columns = [Column(name, STRING) for name in names]
    if options.get("row_number") and options["row_number"] not in names:
        columns.append(Column(options["row_number"], INT64, nullable=False))
    if options.get("file_name") and options["file_name"] not in names:
        columns.append(Column(options["file_name"], STRING, nullable=False))
    return Described(RowType(tuple(columns)))


def _object(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def native_scan(request: ReadRequest, engine: str, *, folder: str, reject: bool) -> NativeScan | None:
    """Return the request as a query of DuckDB's."""
    return _scan(request, folder=folder, reject=reject) if engine == "duckdb" else None


def _scan(request: ReadRequest, *, folder: str, reject: bool) -> NativeScan:
    options = {**request.options, "json": True}
    request = replace(request, options=options)
    files = source_files(options, folder)
    if not files or not len(request.row):
        return NativeScan(empty(request.row), rows=0)
    added = (options.get("row_number"), options.get("file_name"))
    wanted = [column for column in request.row if column.name not in added]
    paths = ", ".join(text("$." + json.dumps(column.name, ensure_ascii=False)) for column in wanted)
    alone = bool(options.get("first_rows") or options.get("row_number"))
    groups = [(path,) for path in files] if alone else [tuple(group) for group in _by_compression(request, files)]
    pieces = []
    for group in groups:
        fields = "#values"
        is_object = 'CASE WHEN json_valid("line") THEN json_type("line") = \'OBJECT\' ELSE FALSE END'
        of = {column.name: (f"j{number}", _field(column, number)) for number, column in enumerate(wanted)}
        good = ((is_object, "The line is no JSON object."),)
        reader = line_reader(header=False, gzip=is_gzip(group[0], options))
        values = f'CASE WHEN json_valid("line") THEN json_extract_string("line", [{paths}]) END'
        pieces.append(
            Piece(
                group,
                tuple(str(path) for path in group),
                ("line",),
                of,
                '"line"',
                good,
                reader,
                nulls=True,
                before=f"{values} AS {quoted(fields)}" if wanted else "",
            )
        )
    return scan_of(request, pieces, reject=reject)


def _by_compression(request: ReadRequest, files: list[Any]) -> list[list[Any]]:
    groups: list[list[Any]] = []
    for path in files:
        if groups and is_gzip(groups[-1][0], request.options) == is_gzip(path, request.options):
            groups[-1].append(path)
        else:
            groups.append([path])
    return groups


def _field(column: Column, number: int) -> str:
    """Return the text of a column's value, from the line."""
    value = f"{quoted('#values')}[{number + 1}]"
    if column.type.kind != "decimal":
        return value
    # A number may have been given back as a double: with an exponent, or without its last digits.
    plain = (
        f"CASE WHEN contains({value}, 'e') THEN CAST(TRY_CAST({value} AS DECIMAL(38,18)) AS VARCHAR) ELSE {value} END"
    )
    if (column.type.precision or 38) <= _EXACT_DIGITS:
        return plain
    key = json.dumps(column.name, ensure_ascii=False)
    pattern = f"{_escaped(key)}\\s*:\\s*(-?[0-9]+(\\.[0-9]+)?)\\s*[,}}]"
    exact = f'regexp_extract("line", {text(pattern)}, 1)'
    same = f"TRY_CAST({exact} AS DOUBLE) = TRY_CAST({value} AS DOUBLE)"
    return f"CASE WHEN {same} THEN {exact} ELSE {plain} END"


def _escaped(value: str) -> str:
    return "".join(f"\\{char}" if char in "\\.+*?()|[]{}^$" else char for char in value)


def read(request: ReadRequest, *, folder: str) -> Iterator[pa.RecordBatch]:
    """Return the rows as Arrow batches; bad lines are dropped or end it, as the request says."""
    yield from batches_of(_scan(request, folder=folder, reject=False), request.row)


def begin_write(request: WriteRequest, *, folder: str, run_id: str) -> WriteSession:
    """Start writing a file; sweeps what a killed run left beside it."""
    return _text_target.begin(request, folder=folder, run_id=run_id, json=True)


def recover(token: Mapping[str, Any], *, committed: bool) -> None:
    """Finish or undo a file after a crash."""
    _atomic.recover(token, committed=committed)
