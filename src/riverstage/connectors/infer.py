"""Find out what a file holds, with types: an act of its own, whose answer is written to a link's schema.

Flows never infer when they run: a delimited file without a schema has text columns. Types are taken from DuckDB's
sniffer over the first records and then tried on a larger sample by the same rules by which a run reads, so that what is
inferred can be read: a column that a record of the sample does not fit becomes a wider type, at last text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from riverstage.connectors import load
from riverstage.connectors._batches import batches_of
from riverstage.connectors._files import sample, source_files
from riverstage.connectors._text_scan import text_scan
from riverstage.errors import ConnectorError, Place
from riverstage.plan.nodes import ReadRequest
from riverstage.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    STRING,
    TIME,
    Column,
    DataType,
    RowType,
    decimal,
    string,
    timestamp,
)

__all__ = ["infer", "infer_request"]

_SAMPLE_ROWS = 20_480
# Numbers with more places are measurements, not amounts: they are doubles.
_MOST_DECIMAL_PLACES = 9
_FAMILIES = {".parquet": "parquet", ".jsonl": "json_lines", ".ndjson": "json_lines", ".ds": "data_set"}
_DELIMITERS = {".tsv": "\t", ".psv": "|"}
# Tried in this order; a column gets the first that all its fields are.
_CANDIDATES: tuple[DataType, ...] = (BOOLEAN, INT64, DATE, TIME, timestamp(6))


_NO_CHARACTER, _BLANK, _MOST_BAD = "\ufffd", "\t\n\v\f\r\x1a\x1c\x1d\x1e\x1f", 0.1
_LOOKS = (
    (b"\x1f\x8b", "It looks like a gzip file: let its name end with .gz."),
    (b"PAR1", "It looks like a Parquet file: let its name end with .parquet."),
    (b"PK\x03\x04", "It looks like a zip file or a workbook: save what is in it as delimited text."),
    (b"\xff\xfe", "It looks like UTF-16: save it as UTF-8, or say its character set on a Sequential file stage."),
    (b"\xfe\xff", "It looks like UTF-16: save it as UTF-8, or say its character set on a Sequential file stage."),
)


def infer(path: str | Path, options: Mapping[str, Any] | None = None, *, folder: str = ".") -> RowType:
    """Return the columns of a file with types.

    Args:
        path: The file, or a pattern: ``.parquet``, ``.jsonl``, ``.ds``, or delimited text (also ``.gz``).
        options: What is known of its format, in the terms of its connector family; what is not said of delimited text
            (``delimiter``, ``header``) is found out.
        folder: Where a relative name starts.

    Raises:
        ConnectorError: It is missing, or not what its name says.
    """
    path = str(path)
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    plain = [suffix for suffix in suffixes if suffix not in (".gz", ".gzip")]
    family = str((options or {}).get("family") or _FAMILIES.get(plain[-1] if plain else "", "delimited"))
    said: dict[str, Any] = {key: value for key, value in (options or {}).items() if key != "family"}
    if family == "data_set":
        return infer_request(ReadRequest(family, {"path": path, **said}, RowType()), folder=folder)
    said = {"paths": [path], **said}
    if family == "delimited":
        said = {**_dialect(said, plain, folder), **said}
    return infer_request(ReadRequest(family, said, RowType()), folder=folder)


def infer_request(request: ReadRequest, *, folder: str) -> RowType:
    """Return the columns of what a request reads, with types.

    Args:
        request: What to read; its row does not matter.
        folder: Where relative names start.

    Raises:
        ConnectorError: It cannot be read.
    """
    connector = load(request.family)
    if request.family in ("delimited", "json_lines"):
        _require_text(request.options, folder)
    described: RowType = connector.describe(request, folder=folder).row
    if request.family not in ("delimited", "json_lines") or request.options.get("whole_file"):
        return described
    # Bad records of the sample are left out; the formats that the request says still hold.
    options = {**request.options, "on_bad": "drop", "first_rows": _SAMPLE_ROWS, "row_number": None, "file_name": None}
    added = (request.options.get("row_number"), request.options.get("file_name"))
    columns = [column for column in described if column.name not in added]
    fields = _fields(replace(request, options=options, row=RowType(tuple(columns))), folder)
    typed = [replace(column, type=_type_of(fields[column.name], options)) for column in columns]
    # Every column may be null: a sample proves nothing of the rest.
    kept = [column for column in described if column.name in added]
    return RowType(tuple(typed + kept))


def _require_text(options: Mapping[str, Any], folder: str) -> None:
    """Raise where a file is no text in the character set that is said.

    Text of another one-byte character set passes: some letters are none then, and the records that hold them are bad.
    """
    for path in source_files(options, folder):
        start = sample(path, options)
        bad = sum(
            1 for character in start if character == _NO_CHARACTER or (character < " " and character not in _BLANK)
        )
        if "\0" not in start and bad <= len(start) * _MOST_BAD:
            continue
        with path.open("rb") as file:
            first = file.read(4)
        looks = next((said for mark, said in _LOOKS if first.startswith(mark)), None)
        raise ConnectorError(
            f"'{path}' is no text that can be read: it holds bytes that are no characters.",
            code="RS-5020",
            place=Place(file=str(path)),
            mend=looks or "Name a file of delimited text, JSON lines or Parquet, or a data set.",
        )


def _fields(request: ReadRequest, folder: str) -> dict[str, list[str | None]]:
    from riverstage.connectors import json_lines

    if request.family == "json_lines":
        scan = json_lines._scan(request, folder=folder, reject=False)
    else:
        scan = text_scan(request, folder=folder, reject=False)
    found: dict[str, list[str | None]] = {name: [] for name in request.row.names}
    for batch in batches_of(scan, request.row):
        for name in found:
            found[name].extend(batch.column(batch.schema.get_field_index(name)).to_pylist())
    return found


def _type_of(fields: Sequence[str | None], options: Mapping[str, Any]) -> DataType:
    """Return the type that all fields of a column are, with room for others; text where there is nothing to go by."""
    given = [field for field in fields if field and field != options.get("null")]
    if not given:
        return STRING
    for candidate in _CANDIDATES:
        if _all_are(given, candidate, options):
            return candidate if candidate.kind != "timestamp" else timestamp(_fraction(given))
    number = _number_type(given, options)
    return number if number is not None else string()


def _all_are(fields: Sequence[str], type: DataType, options: Mapping[str, Any]) -> bool:
    if type.kind == "boolean":
        return {field.lower() for field in fields} <= {"true", "false"}
    if type.is_integer:
        bits = int(type.kind[3:])
        return all(_is_whole(field) and -(2 ** (bits - 1)) <= int(field) < 2 ** (bits - 1) for field in fields)
    return _fit(fields, type, options)


def _is_whole(field: str) -> bool:
    """Return whether a field is a whole number, and no key with leading zeros, which would be lost."""
    digits = field[1:] if field[:1] in "+-" else field
    return digits.isascii() and digits.isdigit() and not (len(digits) > 1 and digits[0] == "0")


def _number_type(fields: Sequence[str], options: Mapping[str, Any]) -> DataType | None:
    whole = scale = 0
    exact = True
    for field in fields:
        digits = field.lstrip("+-")
        before, _, after = digits.partition(str(options.get("decimal_separator") or "."))
        if not (before or after) or (len(before) > 1 and before[0] == "0"):
            return None
        if not (before.isascii() and (before + after).isdigit()):
            exact = False
        whole, scale = max(whole, len(before)), max(scale, len(after))
    if exact and scale <= _MOST_DECIMAL_PLACES and whole + scale <= 38:
        return decimal(18 if whole + scale <= 15 else 38, scale)
    return FLOAT64 if _fit(fields, FLOAT64, options) else None


def _fit(fields: Sequence[str], type: DataType, options: Mapping[str, Any]) -> bool:
    """Return whether all fields are values of a type by the rules by which a run reads."""
    import pyarrow as pa

    from riverstage.connectors._reading import of_column
    from riverstage.connectors._sql import connect

    connection: Any = connect()
    try:
        connection.register("given", pa.table({"f": pa.array(fields, pa.string())}))
        reading = of_column(Column("f", type, nullable=False), options, "f", "p")
        first = f"SELECT f, {reading.first or 'NULL'} AS p FROM given"
        (bad,) = connection.execute(f"SELECT count_if(NOT ({reading.good})) FROM ({first})").fetchall()[0]
    finally:
        connection.close()
    return bool(bad == 0)


def _fraction(fields: Sequence[str]) -> int:
    return min(6, max(len(field.rstrip("Z").partition(".")[2]) for field in fields))


def _dialect(options: Mapping[str, Any], suffixes: Sequence[str], folder: str) -> dict[str, Any]:
    """Return the delimiter, the quote and whether there is a header, as DuckDB's sniffer sees them."""
    import duckdb

    from riverstage.connectors._files import is_gzip, sample, source_files
    from riverstage.connectors._sql import connect, glob_of, text

    files = source_files(options, folder)
    if not files:
        raise ConnectorError("There is no file to look at.", code="RS-5001", place=Place(file=str(options["paths"])))
    delimiter = options.get("delimiter") or (_DELIMITERS.get(suffixes[-1]) if suffixes else None)
    if not sample(files[0], options).strip():
        return {"delimiter": delimiter or ",", "quote": '"', "header": True}
    given = f", delim = {text(delimiter)}" if delimiter else ""
    if is_gzip(files[0], options):
        given += ", compression = 'gzip'"
    connection: Any = connect()
    try:
        sniffed = connection.execute(
            f"SELECT Delimiter, Quote, HasHeader FROM sniff_csv({text(glob_of(str(files[0])))}{given})"
        ).fetchall()[0]
    except duckdb.Error:
        return {"delimiter": delimiter or ",", "quote": '"', "header": True}
    finally:
        connection.close()
    quote = '"' if sniffed[1] in ("", "\0", "(empty)") else sniffed[1]
    return {"delimiter": delimiter or sniffed[0], "quote": quote, "header": bool(sniffed[2])}
