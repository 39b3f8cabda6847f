"""Text without anything out of the ordinary, read by Arrow's reader, which is much faster than checking every field.

Arrow's reader takes no ``12.7`` for a whole number and gives up at the first record that it cannot read. What it takes
and we do not is looked for in the bytes and in the batches: quotes (it forgives what stands behind a closing one),
``0x10``, numbers without end, the year 0, strings that are too long, lone carriage returns. At any of these
``NotPlain`` is raised, and the whole text is read again field by field (``_text_scan``), where bad records are told
from good ones. So plain reading never decides about a record: it gives what the other way would give, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from riverstage.connectors._ahead import ahead
from riverstage.connectors._files import codec_of, is_gzip
from riverstage.connectors._reading import Reading, of_column, setting
from riverstage.connectors._sql import quoted, text
from riverstage.plan.connector import NotPlain, PlainReader, PlainScan

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest
    from riverstage.types import Column

__all__ = ["plain_scan"]

_BLOCK = 1 << 20
"""Bytes a block; a record longer than a block is not plain, and one of twice as many is bad in the other way."""
_SAMPLE = 1 << 16
_ZERO = ord("0")
_UNUSUAL = ("widths", "whole_file", "first_rows", "row_number", "file_name", "final_delimiter", "json")
_FIRST_DAY = -719_162
"""The first day of the year 1, as days since 1970."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file to read.

    Args:
        path: Where it is.
        fields: How many fields its records have.
        positions: Of each column of the request, which field it is.
        header: Whether its first line is none of them.
        ends: What ends its lines.
    """

    path: Path
    fields: int
    positions: tuple[int, ...]
    header: bool
    ends: bytes


def plain_scan(request: ReadRequest, files: Sequence[tuple[Path, int, tuple[int, ...]]]) -> PlainScan | None:
    """Return a request of the family ``delimited`` as one of plain text, or None where its format is not that plain.

    Args:
        request: The request.
        files: Each file with how many fields its records have and which of them the columns are.
    """
    options = request.options
    delimiter = str(options.get("delimiter", ","))
    if len(delimiter.encode()) != 1 or delimiter in "\r\n" or any(options.get(name) for name in _UNUSUAL):
        return None
    if codec_of(options.get("encoding")) not in ("utf-8", "utf-8-sig"):
        return None
    known: list[_File] = []
    for path, fields, positions in files:
        start = b"" if is_gzip(path, options) else _start(path)
        ends = b"\r\n" if b"\r\n" in start else b"\n"
        strange = ends not in start or _is_odd(start, options, ends)
        if fields < 2 or len(set(positions)) != len(positions) or strange:
            return None
        known.append(_File(path, fields, positions, bool(options.get("header")), ends))
    columns = _columns(request)
    return PlainScan(
        schema=_schema(columns),
        query=lambda stream: _query(columns, stream),
        size=sum(file.path.stat().st_size for file in known),
        open=lambda reader: ahead(lambda: _batches(request, columns, known, reader)),
    )


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_SAMPLE)


def _is_odd(data: bytes, options: Mapping[str, Any], ends: bytes) -> bool:
    """Return whether bytes hold what is not plain: a quote, a carriage return that ends no line."""
    quote = str(options.get("quote", '"')).encode()
    if quote and quote in data:
        return True
    return b"\r" in data if ends == b"\n" else not data.count(b"\r") == data.count(b"\r\n") == data.count(b"\n")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the request.

    Args:
        column: The column.
        name: Its name in the stream.
        reading: How its text becomes a value; None where Arrow makes the value.
        is_checked: Whether the batches are looked at instead of asking ``reading.good``.
    """

    column: Column
    name: str
    reading: Reading | None
    is_checked: bool


def _columns(request: ReadRequest) -> list[_Column]:
    options = request.options
    columns = []
    for number, column in enumerate(request.row):
        name, type_ = f"f{number}", column.type
        null = setting(column, options, "null", "null_field", "null_field_value")
        own_null = null is not None and str(null) != str(options.get("null"))
        separator = setting(column, options, "decimal_separator") or "."
        is_date = type_.kind == "date" and not setting(column, options, "date_format", "format_string")
        is_float = type_.kind in ("float32", "float64") and separator == "."
        if (type_.is_integer or is_float or is_date) and not own_null:
            columns.append(_Column(column, name, None, is_checked=True))
            continue
        reading = of_column(column, options, name, f"p{number}")
        is_plain = type_.kind == "string" and not type_.fixed and (null is None or column.nullable)
        columns.append(_Column(column, name, reading, is_checked=is_plain))
    return columns


def _schema(columns: Sequence[_Column]) -> pa.Schema:
    import pyarrow as pa

    from riverstage._arrow import arrow_type

    return pa.schema(
        [pa.field(item.name, arrow_type(item.column.type) if item.reading is None else pa.string()) for item in columns]
    )


def _query(columns: Sequence[_Column], stream: str) -> str:
    """Return the query over the stream of a name."""
    firsts, values, conditions = [], [], []
    for number, item in enumerate(columns):
        if item.reading is None:
            values.append(f"{quoted(item.name)} AS {quoted(item.column.name)}")
            continue
        if item.reading.first:
            firsts.append(f"{item.reading.first} AS p{number}")
        values.append(f"{item.reading.value} AS {quoted(item.column.name)}")
        if not item.is_checked:
            conditions.append(f"({item.reading.good})")
    source = stream
    if firsts:
        source = f"(SELECT *, {', '.join(firsts)} FROM {source})"
    if not conditions:
        return f"SELECT {', '.join(values)} FROM {source}"
    names = ", ".join(quoted(item.column.name) for item in columns)
    otherwise = f"CAST(error({text(NotPlain.said)}) AS BOOLEAN)"
    good = f"CASE WHEN {' AND '.join(conditions)} THEN TRUE ELSE {otherwise} END"
    judged = f'SELECT {", ".join(values)}, {good} AS "#good" FROM {source}'
    # The sample of everything keeps filters of the flow behind the verdict.
    return f'SELECT {names} FROM (SELECT * FROM ({judged}) TABLESAMPLE SYSTEM (100 PERCENT)) WHERE "#good"'


def _batches(
    request: ReadRequest, columns: Sequence[_Column], files: Sequence[_File], reader: PlainReader
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of all files.

    Raises:
        NotPlain: Something in them is out of the ordinary.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    options = request.options
    schema = _schema(columns)
    nulls = [""] if options.get("null") in (None, "") else ["", str(options["null"])]
    has_numbers = any(item.column.type.is_integer and item.reading is None for item in columns)
    for file in files:
        fields = [f"u{position}" for position in range(file.fields)]
        for position, item in zip(file.positions, columns, strict=True):
            fields[position] = item.name
        try:
            with file.path.open("rb") as opened:
                yield from _checked(
                    pc.open_csv(
                        _Watched(opened, options, file.ends, reader, has_numbers=has_numbers),
                        pc.ReadOptions(
                            use_threads=reader.threads != 1,
                            block_size=_BLOCK,
                            column_names=fields,
                            skip_rows=1 if file.header else 0,
                        ),
                        pc.ParseOptions(delimiter=str(options.get("delimiter", ",")), quote_char=False),
                        pc.ConvertOptions(
                            column_types=schema,
                            include_columns=schema.names,
                            null_values=nulls,
                            strings_can_be_null=False,
                        ),
                    ),
                    columns,
                    reader,
                )
        except pa.ArrowInvalid as error:
            raise NotPlain(NotPlain.said) from error
    reader.is_done = True


class _Watched:
    """A file whose bytes are looked at as they are read."""

    closed = False

    def __init__(
        self, file: IO[bytes], options: Mapping[str, Any], ends: bytes, reader: PlainReader, *, has_numbers: bool
    ) -> None:
        self._file = file
        self._options = options
        self._ends = ends
        self._reader = reader
        self._before = f"{options.get('delimiter', ',')}\n \t-".encode() if has_numbers else b""
        self._last = b""

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            NotPlain: They hold what is out of the ordinary.
        """
        self._reader.check()
        data = self._file.read(size)
        self._reader.bytes += len(data)
        # What stands across the edge of two reads is seen with the later one.
        seen = self._last + data if self._last else data
        self._last = data[-3:].lstrip(b"\n")
        if seen.endswith(b"\r"):
            seen = seen[:-1]
        if _is_odd(seen, self._options, self._ends):
            raise NotPlain(NotPlain.said)
        if self._before and (_has_hex(seen, b"x", self._before) or _has_hex(seen, b"X", self._before)):
            raise NotPlain(NotPlain.said)
        return data

    def close(self) -> None:
        """Nothing: the file is closed by who opened it."""


def _has_hex(data: bytes, mark: bytes, before: bytes) -> bool:
    """Return whether a field may begin as a number in hexadecimal digits: ``0``, a mark, one of ``before`` in front."""
    # Looking for one byte is much faster than for two, where there are few of them.
    wanted, back = (mark, 1) if data.count(mark, 0, 1 << 16) < 100 else (b"0" + mark, 0)
    found = data.find(wanted)
    while found >= 0:
        start = found - back
        if start >= 0 and data[start] == _ZERO and (not start or data[start - 1] in before):
            return True
        found = data.find(wanted, found + 1)
    return False


def _checked(
    batches: Iterator[pa.RecordBatch], columns: Sequence[_Column], reader: PlainReader
) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for item, values in zip(columns, batch.columns, strict=True):
            if item.is_checked and not _is_plain(item.column, values):
                raise NotPlain(NotPlain.said)
        reader.rows += batch.num_rows
        yield batch


def _is_plain(column: Column, values: pa.Array) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.type.kind == "string":
        limit = column.type.length
        if limit is None or (pc.max(pc.binary_length(values)).as_py() or 0) <= limit:
            return True
        return bool(pc.max(pc.utf8_length(values)).as_py() <= limit)
    if values.null_count and not column.nullable:
        return False
    if column.type.kind == "date":
        first = pc.min(values.cast(pa.int32())).as_py()
        return first is None or bool(first >= _FIRST_DAY)
    if pa.types.is_floating(values.type):
        return pc.all(pc.is_finite(values)).as_py() is not False
    return True
