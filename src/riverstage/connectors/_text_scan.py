"""A request for text as a query of DuckDB's: fields read as text, turned into values, bad records kept aside.

The layers of the query, from the inside out: the reader, which finds records of the wrong shape and keeps them in its
reject store; the fields; what is computed first; values and the verdict; a barrier; the good rows.

A record with a wrong value is counted, and its text kept, by writing it to the database's log in the only branch of the
verdict that such records reach: nothing else tells it apart in one parallel pass. The barrier, a sample of everything,
keeps the optimiser from moving filters of the flow below the verdict, where they would hide bad records from it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage.connectors._files import (
    codec_of,
    first_records,
    has_mixed_line_ends,
    is_gzip,
    recoded,
    sample,
    source_files,
)
from riverstage.connectors._reading import of_column
from riverstage.connectors._sql import empty, fresh_name, glob_of, listed, quoted, text
from riverstage.connectors._text_plain import plain_scan
from riverstage.connectors._types import duckdb_type
from riverstage.errors import ConnectorError, Place
from riverstage.plan.connector import NativeScan

if TYPE_CHECKING:
    from riverstage.plan.nodes import ReadRequest
    from riverstage.types import Column

__all__ = ["LINE_DELIMITER", "Piece", "scan_of", "text_scan"]

LINE_DELIMITER = "\x1c\x1d\x1e\x1f"
"""What splits no line: the reader's delimiter where a line is one field."""

_LOG = "riverstage"
_MOST_SHOWN = 80
_DELIMITERS = {"\t": "tab", " ": "space"}
_MARK = "\x1f"
_VERDICT, _FILE, _ROW = "#bad", "#file", "#row"


@dataclass(frozen=True, slots=True)
class Piece:
    """Files that are read by one call of the reader.

    Args:
        files: The files; after recoding.
        names: What they are called in the flow, where that is not the name they are read by.
        fields: The names of the reader's columns.
        of: For each column of the request, the name of its text and the SQL that makes it from the reader's columns.
        raw: SQL of the record as it stood, from the reader's columns.
        good: Further conditions on a record, from the reader's columns.
        reader: Options of the reader that differ between pieces.
        nulls: Whether a missing text means null (JSON).
        before: What is computed from the reader's columns before the texts.
    """

    files: tuple[Path, ...]
    names: tuple[str, ...]
    fields: tuple[str, ...]
    of: Mapping[str, tuple[str, str]]
    raw: str
    good: tuple[tuple[str, str], ...] = ()
    reader: Mapping[str, str] = field(default_factory=dict)
    nulls: bool = False
    before: str = ""


def text_scan(request: ReadRequest, *, folder: str, reject: bool) -> NativeScan:
    """Return a request of the family ``delimited`` as a query.

    Raises:
        ConnectorError: A file is missing, or its first line lacks a column.
    """
    options = request.options
    files = source_files(options, folder)
    if not files or not len(request.row):
        return NativeScan(empty(request.row), rows=0)
    if options.get("whole_file"):
        return _whole_files(request, files)
    pieces = list(_pieces(request, files))
    scan = scan_of(request, pieces, reject=reject)
    if reject or request.options.get("widths"):
        # Whoever links a reject link has bad records: then the plain way would mostly be in vain.
        return scan
    return replace(scan, plain=plain_scan(request, [part for piece in pieces for part in _parts(request, piece)]))


def _parts(request: ReadRequest, piece: Piece) -> Iterator[tuple[Path, int, tuple[int, ...]]]:
    """Yield the files of a piece with how many fields their records have, and which of them the columns are."""
    names = [piece.of[column.name][0] for column in request.row if column.name in piece.of]
    for file in piece.files:
        yield file, len(piece.fields), tuple(piece.fields.index(name) for name in names)


def _whole_files(request: ReadRequest, files: Sequence[Path]) -> NativeScan:
    options = request.options
    paths = [recoded(path, options) if _needs_recoding(options) or is_gzip(path, options) else path for path in files]
    names = {str(path): str(file) for path, file in zip(paths, files, strict=True)}
    columns = []
    for column in request.row:
        value = "content"
        if column.name == options.get("file_name"):
            value = _name_of(names, "filename")
        elif column.name == options.get("row_number"):
            value = "1"
        columns.append(f"CAST({value} AS {duckdb_type(column.type)}) AS {quoted(column.name)}")
    source = f"read_text({listed(glob_of(str(path)) for path in paths)})"
    return NativeScan(f"SELECT {', '.join(columns)} FROM {source}", rows=len(files))


def _name_of(names: Mapping[str, str], column: str) -> str:
    """Return the name of a row's file as the flow knows it."""
    other = {path: name for path, name in names.items() if path != name}
    if not other:
        return column
    branches = " ".join(f"WHEN {text(path)} THEN {text(name)}" for path, name in other.items())
    return f"CASE {column} {branches} ELSE {column} END"


def _needs_recoding(options: Mapping[str, Any]) -> bool:
    return codec_of(options.get("encoding")) not in ("utf-8", "ascii", "utf-8-sig")


def _pieces(request: ReadRequest, files: Sequence[Path]) -> Iterator[Piece]:
    options = request.options
    alone = bool(options.get("first_rows") or options.get("row_number"))
    numbered = [(_layout(request, path), path, index if alone else 0) for index, path in enumerate(files)]
    for (layout, _), group in groupby(numbered, lambda item: (item[0], item[2])):
        members = tuple(path for _, path, _ in group)
        if options.get("widths"):
            yield _fixed_piece(request, layout, members)
        else:
            yield _delimited_piece(request, layout, members)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What must be the same for files to be read by one call."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    always_quoted: tuple[bool, ...]
    mixed: bool
    gzip: bool


def _layout(request: ReadRequest, path: Path) -> _Layout:
    options = request.options
    wanted = _wanted(request)
    start = sample(path, options)
    records = first_records(start, options.get("delimiter", ","), options.get("quote", '"'))
    names: tuple[str, ...] = tuple(column.name for column in wanted)
    positions = tuple(range(len(wanted)))
    if options.get("header") and records and not options.get("widths"):
        names = tuple(records[0])
        if options.get("final_delimiter") and names and not names[-1].strip():
            names = names[:-1]
        positions = tuple(_position(column.name, names, path, wanted) for column in wanted)
    mixed = has_mixed_line_ends(path, options) and not _needs_recoding(options)
    zipped = is_gzip(path, options) and not _needs_recoding(options)
    return _Layout(names, positions, _always_quoted(start, options, len(names)), mixed, zipped)


def _wanted(request: ReadRequest) -> list[Column]:
    added = (request.options.get("row_number"), request.options.get("file_name"))
    return [column for column in request.row if column.name not in added]


def _position(name: str, header: Sequence[str], path: Path, wanted: Sequence[Column]) -> int:
    if name in header:
        return list(header).index(name)
    folded = [item.strip().casefold() for item in header]
    if folded.count(name.casefold()) == 1:
        return folded.index(name.casefold())
    expected = ", ".join(f"'{column.name}'" for column in wanted)
    found = ", ".join(f"'{item}'" for item in header)
    raise ConnectorError(
        f"The first line of '{path}' does not name the column '{name}'. It says {found}; expected were {expected}.",
        code="RS-5002",
        place=Place(file=str(path), column=name),
        mend="Name the columns of the link as the file does, or say that the first line holds no names.",
    )


def _always_quoted(start: str, options: Mapping[str, Any], width: int) -> tuple[bool, ...]:
    """Return which fields the file quotes whether they need it or not, by its first records."""
    quote, delimiter = options.get("quote", '"'), options.get("delimiter", ",")
    lines = [line for line in start.splitlines() if line][:50]
    records = [line.split(delimiter or None) for line in lines[1 if options.get("header") else 0 :]]
    records = [record for record in records if len(record) == width]
    if not quote or not records or quote not in start or options.get("widths"):
        return (False,) * width
    return tuple(all(record[index].startswith(quote) for record in records) for index in range(width))


def _delimited_piece(request: ReadRequest, layout: _Layout, files: tuple[Path, ...]) -> Piece:
    options = request.options
    fields = tuple(f"c{index}" for index in range(len(layout.names)))
    read = tuple(recoded(path, options) for path in files) if _needs_recoding(options) else files
    of = {
        column.name: (fields[position], quoted(fields[position]))
        for column, position in zip(_wanted(request), layout.positions, strict=True)
    }
    quote, delimiter = str(options.get("quote", '"')), str(options.get("delimiter", ","))
    shown = [
        _as_written(quoted(name), delimiter, quote, always=always)
        for name, always in zip(fields, layout.always_quoted, strict=True)
    ]
    end = (quoted("end"),) if options.get("final_delimiter") else ()
    raw = f"concat_ws({', '.join([text(delimiter), *shown, *end])})"
    reader = {
        "delim": text(delimiter),
        "quote": text(quote),
        "escape": text(quote),
        "header": "true" if options.get("header") else "false",
        "strict_mode": "false" if layout.mixed else "true",
        "compression": text("gzip" if layout.gzip else "none"),
    }
    last = ("end",) if options.get("final_delimiter") else ()
    good = ((f'"end" = {text("")}', "There is a field too many."),) if last else ()
    return Piece(read, tuple(str(path) for path in files), fields + last, of, raw, good, reader)


def _as_written(name: str, delimiter: str, quote: str, *, always: bool) -> str:
    if not quote:
        return name
    doubled = f"{text(quote)} || replace({name}, {text(quote)}, {text(quote * 2)}) || {text(quote)}"
    if always:
        return doubled
    needs = " OR ".join(f"contains({name}, {text(mark)})" for mark in (delimiter, quote, "\n", "\r"))
    return f"CASE WHEN {needs} THEN {doubled} ELSE {name} END"


def _fixed_piece(request: ReadRequest, layout: _Layout, files: tuple[Path, ...]) -> Piece:
    options = request.options
    of = {}
    start = 1
    for column, width in zip(_wanted(request), options["widths"], strict=True):
        part = f'substr("line", {start}, {int(width)})'
        of[column.name] = (f"f{start}", part if column.type.fixed or not column.type.is_text else f"rtrim({part})")
        start += int(width)
    read = tuple(recoded(path, options) for path in files) if _needs_recoding(options) else files
    characters = "1 character" if start == 2 else f"{start - 1} characters"
    good = ((f'length("line") >= {start - 1}', f"The record is shorter than {characters}."),)
    reader = line_reader(header=bool(options.get("header")), gzip=layout.gzip)
    return Piece(read, tuple(str(path) for path in files), ("line",), of, '"line"', good, reader)


def line_reader(*, header: bool, gzip: bool) -> dict[str, str]:
    """Return the reader's options for lines of one field."""
    return {
        "delim": text(LINE_DELIMITER),
        "quote": "''",
        "escape": "''",
        "header": "true" if header else "false",
        "strict_mode": "false",
        "compression": text("gzip" if gzip else "none"),
    }


def scan_of(request: ReadRequest, pieces: Sequence[Piece], *, reject: bool) -> NativeScan:
    """Return pieces as one query, with the queries for what was bad."""
    options = request.options
    fails = options.get("on_bad") == "fail"
    read_id = fresh_name("read")
    tables = [fresh_name("riverstage_rejects") for _ in pieces]
    keep = reject and not fails
    parts = [
        _query(request, piece, None if fails else table, read_id, keep_text=keep)
        for piece, table in zip(pieces, tables, strict=True)
    ]
    sql = parts[0] if len(parts) == 1 else "SELECT * FROM (" + " UNION ALL ".join(f"({part})" for part in parts) + ")"
    files = tuple(str(path) for path in pieces[0].files) if len(pieces) == 1 else ()
    if fails:
        return NativeScan(sql, files=files)
    setup = (
        "SET enable_logging = true",
        "SET logging_mode = 'enable_selected'",
        f"SET enabled_log_types = {text(_LOG)}",
        # A scan that a flow never reaches makes no tables; one of nothing makes them.
        *(f"SELECT 1 FROM read_csv({text(os.devnull)}, {_reader_options({}, ('a',), table)})" for table in tables),
    )
    logged = f"FROM duckdb_logs WHERE type = {text(_LOG)} AND starts_with(message, {text(read_id + _MARK)})"
    lines = [f"SELECT DISTINCT file_id, line FROM {quoted(table)}" for table in tables]
    counts = [f"(SELECT count(*) {logged})", *(f"(SELECT count(*) FROM ({line}))" for line in lines)]
    rejects = " UNION ALL ".join([*(_shapeless(table, number) for number, table in enumerate(tables)), _logged(logged)])
    said = f", reason AS {quoted(options['reason'])}" if options.get("reason") else ""
    return NativeScan(
        sql,
        # Where a record with a wrong value stood is not known; a rerun gives the same rejects in the same order.
        rejects=f"SELECT rejected{said} FROM ({rejects}) ORDER BY piece, file, line, rejected, reason",
        reject_count=f"SELECT CAST({' + '.join(counts)} AS BIGINT)",
        reject_reasons=f"SELECT reason, count(*) AS n FROM ({rejects}) GROUP BY reason ORDER BY n DESC, reason",
        reject_example=_example(pieces, tables),
        setup=setup,
        files=files,
        lost=f"SELECT count(*) {logged}",
        stays=True,
    )


def _shapeless(table: str, piece: int) -> str:
    """Return the query for the records that the reader itself refused: one a record, with its first fault."""
    first = "row_number() OVER (PARTITION BY file_id, line ORDER BY byte_position, column_idx)"
    reason = (
        "CASE CAST(error_type AS VARCHAR) WHEN 'MISSING COLUMNS' THEN 'There are too few fields.' "
        "WHEN 'TOO MANY COLUMNS' THEN 'There are too many fields.' "
        "WHEN 'UNQUOTED VALUE' THEN 'The quotes do not pair.' "
        "WHEN 'INVALID ENCODING' THEN 'The bytes are no text.' WHEN 'LINE SIZE OVER MAXIMUM' THEN 'The record is too "
        "long.' ELSE 'The record cannot be read.' END"
    )
    inner = (
        f"SELECT rtrim(csv_line, chr(10) || chr(13)) AS rejected, {reason} AS reason, file_id, line, {first} AS n "
        f"FROM {quoted(table)}"
    )
    return f"SELECT rejected, reason, {piece} AS piece, file_id AS file, line FROM ({inner}) WHERE n = 1"


def _example(pieces: Sequence[Piece], tables: Sequence[str]) -> str:
    """Return the query for a sentence on the first record that has too few or too many fields."""
    parts = []
    for number, (piece, table) in enumerate(zip(pieces, tables, strict=True)):
        names = dict(zip((str(path) for path in piece.files), piece.names, strict=True))
        delimiter = piece.reader.get("delim", "''")[1:-1].replace("''", "'")
        parts.append(
            f"SELECT {number} AS piece, file_id, line, {_name_of(names, 'file_path')} AS file, csv_line, "
            f"error_message, {text(_DELIMITERS.get(delimiter, delimiter))} AS delimiter "
            f"FROM {quoted(table)} JOIN {quoted(table + '_scan')} USING (scan_id, file_id) "
            "WHERE CAST(error_type AS VARCHAR) IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')"
        )
    record = "rtrim(csv_line, chr(10) || chr(13))"
    shown = f"CASE WHEN length({record}) > {_MOST_SHOWN} THEN left({record}, {_MOST_SHOWN}) || '…' ELSE {record} END"
    found, wanted = (f"regexp_extract(error_message, '{word}: ([0-9]+)', 1)" for word in ("Found", "Columns"))
    words = (
        text("The first with a wrong number of fields is line "), "line", text(" of '"), "file", text("', with "),
        found, text(" instead of "), wanted, text(": '"), shown,
        text("'. Is the delimiter ("), "delimiter", text(") right?"),
    )  # fmt: skip
    rows = " UNION ALL ".join(parts)
    return f"SELECT concat({', '.join(words)}) FROM ({rows}) ORDER BY piece, file_id, line LIMIT 1"


def _logged(logged: str) -> str:
    mark = text(_MARK)
    rest = f"substr(message, instr(message, {mark}) + 1)"
    inner = f"SELECT {rest} AS rest {logged}"
    return (
        f"SELECT substr(rest, instr(rest, {mark}) + 1) AS rejected, "
        f"substr(rest, 1, instr(rest, {mark}) - 1) AS reason, NULL AS piece, NULL AS file, NULL AS line FROM ({inner})"
    )


def _reader_options(piece: Mapping[str, str], fields: Sequence[str], table: str | None, **more: str) -> str:
    columns = ", ".join(f"{text(name)}: 'VARCHAR'" for name in fields)
    options = {"auto_detect": "false", "header": "false", **piece, **more}
    options["columns"] = "{" + columns + "}"
    options["force_not_null"] = listed(fields)
    if table is not None:
        options |= {
            "store_rejects": "true",
            "rejects_table": text(table),
            "rejects_scan": text(table + "_scan"),
        }
    return ", ".join(f"{name} = {value}" for name, value in options.items())


def _query(request: ReadRequest, piece: Piece, table: str | None, read_id: str, *, keep_text: bool) -> str:
    options = request.options
    more = {"parallel": "false"} if options.get("first_rows") or options.get("row_number") else {}
    files = listed(glob_of(str(path)) for path in piece.files)
    names = dict(zip((str(path) for path in piece.files), piece.names, strict=True))
    is_named = options.get("file_name") or (options.get("on_bad") == "fail" and len(piece.files) > 1)
    file = f", {_name_of(names, 'filename')} AS {quoted(_FILE)}" if is_named else ""
    source = f"SELECT *{file} FROM read_csv({files}, {_reader_options(piece.reader, piece.fields, table, **more)})"
    if options.get("first_rows"):
        source += f" LIMIT {int(options['first_rows'])}"
    if piece.before:
        source = f"SELECT *, {piece.before} FROM ({source})"
    made = {name: sql for name, sql in piece.of.values() if sql != quoted(name)}
    if made:
        fields = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in made.items())
        source = f"SELECT *, {fields} FROM ({source})"
    return _rows(request, piece, source, _Verdict(options, piece, read_id, keep_text=keep_text))


def _rows(request: ReadRequest, piece: Piece, source: str, verdict: _Verdict) -> str:
    options = request.options
    firsts: list[str] = []
    values: list[str] = []
    for number, column in enumerate(request.row):
        if column.name == options.get("row_number") and column.name not in piece.of:
            values.append(f"CAST({quoted(_ROW)} AS {duckdb_type(column.type)}) AS {quoted(column.name)}")
            firsts.append(f"row_number() OVER () AS {quoted(_ROW)}")
            continue
        if column.name == options.get("file_name") and column.name not in piece.of:
            values.append(f"{quoted(_FILE)} AS {quoted(column.name)}")
            continue
        name, _ = piece.of[column.name]
        reading = of_column(column, options, name, f"p{number}")
        if reading.first:
            firsts.append(f"{reading.first} AS p{number}")
        values.append(f"{reading.value} AS {quoted(column.name)}")
        verdict.add(column, reading.good, quoted(name))
    if firsts:
        source = f"SELECT *, {', '.join(firsts)} FROM ({source})"
    judged = f"SELECT {', '.join(values)}, {verdict.sql()} AS {quoted(_VERDICT)} FROM ({source})"
    fenced = f"SELECT * FROM ({judged}) TABLESAMPLE SYSTEM (100 PERCENT)"
    columns = ", ".join(quoted(column.name) for column in request.row)
    return f"SELECT {columns} FROM ({fenced}) WHERE {quoted(_VERDICT)} = 0"


class _Verdict:
    """The SQL that is 0 for a good record and sees to it that a bad one is known."""

    def __init__(self, options: Mapping[str, Any], piece: Piece, read_id: str, *, keep_text: bool) -> None:
        self._options = options
        self._piece = piece
        self._read_id = read_id
        self._keep_text = keep_text
        self._conditions = list(piece.good)

    def add(self, column: Column, good: str, field: str) -> None:
        """Add the condition of a column."""
        if self._piece.nulls:
            good = f"CASE WHEN {field} IS NULL THEN {'TRUE' if column.nullable else 'FALSE'} ELSE {good} END"
        self._conditions.append((good, f"The column '{column.name}' has no {column.type}."))

    def sql(self) -> str:
        """Return the verdict."""
        if not self._keep_text and self._options.get("on_bad") != "fail":
            # Each condition stands once: the engine would compute one that stands twice for every record.
            branches = " ".join(
                f"WHEN ({condition}) IS NOT TRUE THEN {self._log(text(self._read_id + _MARK + said + _MARK))}"
                for condition, said in self._conditions
            )
            return f"CASE {branches} ELSE 0 END" if branches else "0"
        good = " AND ".join(f"({condition})" for condition, _ in self._conditions) or "TRUE"
        return f"CASE WHEN {good} THEN 0 ELSE {self._bad()} END"

    def _reason(self) -> str:
        branches = " ".join(f"WHEN NOT ({condition}) THEN {text(said)}" for condition, said in self._conditions)
        return f"CASE {branches} ELSE '' END"

    def _bad(self) -> str:
        if self._options.get("on_bad") == "fail":
            return self._failure()
        marks = text(self._read_id + _MARK), text(_MARK)
        return self._log(f"{marks[0]} || {self._reason()} || {marks[1]} || {self._piece.raw}")

    @staticmethod
    def _log(message: str) -> str:
        return f"write_log({message}, log_type := {text(_LOG)}, level := 'info', return_value := 1)"

    def _failure(self) -> str:
        """Return the SQL that ends the run, with a message that engines know as ours."""
        said = {
            "code": "RS-6230",
            "stage": self._options.get("stage"),
            "link": self._options.get("link"),
            "mend": "Mend the file, or set the stage's reject mode to continue or save.",
        }
        shown = f"left({self._piece.raw}, 200)"
        message = f"'A record cannot be read: ' || {self._reason()} || ' The record is: ' || {shown}"
        file = text(self._piece.names[0]) if len(self._piece.names) == 1 else quoted(_FILE)
        told = [text(json.dumps(said)[:-1] + ', "file": '), f"CAST(to_json({file}) AS VARCHAR)"]
        told += [text(', "message": '), f"CAST(to_json({message}) AS VARCHAR)", text("}")]
        return f"CAST(error({' || '.join(told)}) AS INTEGER)"
