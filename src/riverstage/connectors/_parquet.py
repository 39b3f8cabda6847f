"""Parquet files: what they hold, as a query, and as targets. Shared by Parquet files and data sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage._arrow import arrow_schema
from riverstage.connectors._files import os_problem
from riverstage.connectors._sql import glob_of, listed, quoted
from riverstage.connectors._types import duckdb_type, row_from_arrow, type_from_arrow
from riverstage.errors import ConnectorError, Place
from riverstage.plan.connector import PLACE
from riverstage.types import RowType

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from riverstage.types import Column

__all__ = [
    "ParquetFile",
    "copy_options",
    "metadata_of",
    "never_null",
    "placed",
    "query",
    "row_of",
    "schema_of",
    "writer",
]

# Chosen by measuring: large enough that compression and footers cost little, small enough to scan on all cores.
ROW_GROUP_ROWS = 122_880

# Bits for the number of a row within its file; the number of the file stands above them.
_FILE_BITS = 40


def metadata_of(path: Path) -> pq.FileMetaData:
    """Return a file's footer.

    Raises:
        ConnectorError: It is not a whole Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(path)
    except PermissionError as error:
        raise os_problem(error, path, "Reading") from error
    except (pa.ArrowException, OSError) as error:
        raise ConnectorError(
            f"The file '{path}' is not a whole Parquet file.",
            code="RS-5011",
            place=Place(file=str(path)),
            mend="Check what wrote it.",
        ) from error


def row_of(metadata: pq.FileMetaData) -> RowType:
    """Return the columns of a file."""
    return row_from_arrow(schema_of(metadata))


def schema_of(metadata: pq.FileMetaData) -> pa.Schema:
    """Return what a file holds in Arrow's types.

    What Arrow takes for bytes and DuckDB does not, intervals and UUIDs, comes as a duration: it is read as text.
    """
    import pyarrow as pa

    schema = metadata.schema.to_arrow_schema()
    for index in range(len(metadata.schema)):
        column = metadata.schema.column(index)
        odd = column.converted_type == "INTERVAL" or column.logical_type.type == "UUID"
        if odd and column.path == column.name:
            place = schema.get_field_index(column.name)
            schema = schema.set(place, pa.field(column.name, pa.duration("us"), schema.field(place).nullable))
    return schema


def query(
    row: RowType, paths: Sequence[Path], schemas: Sequence[pa.Schema], added: Mapping[str, str], *, first: int | None
) -> str:
    """Return the query that gives columns of Parquet files.

    Args:
        row: The columns wanted, found by name.
        paths: The files.
        schemas: What each of them holds.
        added: SQL of columns that no file holds, by name.
        first: How many rows of each file; None for all.
    """
    parts: list[tuple[str, list[Path]]] = []
    for path, schema in zip(paths, schemas, strict=True):
        columns = ", ".join(_selected(column, schema, path, added) for column in row)
        if parts and parts[-1][0] == columns and first is None and not added:
            parts[-1][1].append(path)
        else:
            parts.append((columns, [path]))
    limit = "" if first is None else f" LIMIT {int(first)}"
    queries = [
        f"SELECT {columns} FROM read_parquet({listed(glob_of(str(path)) for path in files)}){limit}"
        for columns, files in parts
    ]
    return queries[0] if len(queries) == 1 else "SELECT * FROM (" + " UNION ALL ".join(f"({q})" for q in queries) + ")"


def placed(row: RowType, paths: Sequence[Path], schemas: Sequence[pa.Schema]) -> str:
    """Return the query of ``query`` with the column ``PLACE``: where each row stands, file by file."""
    parts = [
        f"SELECT {', '.join(_selected(column, schema, path, {}) for column in row)}, "
        f"{index << _FILE_BITS} + file_row_number AS {quoted(PLACE)} FROM read_parquet({listed([glob_of(str(path))])})"
        for index, (path, schema) in enumerate(zip(paths, schemas, strict=True))
    ]
    return parts[0] if len(parts) == 1 else "SELECT * FROM (" + " UNION ALL ".join(f"({part})" for part in parts) + ")"


def never_null(footers: Sequence[pq.FileMetaData]) -> Callable[[str], bool]:
    """Return what tells whether a column has no null in any of some files, as their footers say."""

    def is_never_null(name: str) -> bool:
        return all(_counts_no_null(footer, name) for footer in footers)

    return is_never_null


def _counts_no_null(footer: pq.FileMetaData, name: str) -> bool:
    paths = [footer.schema.column(index).path for index in range(len(footer.schema))]
    if name not in paths:
        return False
    place = paths.index(name)
    if footer.schema.column(place).max_definition_level == 0:
        return True
    found = [footer.row_group(group).column(place).statistics for group in range(footer.num_row_groups)]
    return all(one is not None and one.has_null_count and one.null_count == 0 for one in found)


def _selected(column: Column, schema: pa.Schema, path: Path, added: Mapping[str, str]) -> str:
    index = _index(column.name, schema)
    if index is None:
        if column.name in added:
            return f"{added[column.name]} AS {quoted(column.name)}"
        found = ", ".join(f"'{name}'" for name in schema.names)
        raise ConnectorError(
            f"The file '{path}' has no column '{column.name}'. It has {found}.",
            code="RS-5012",
            place=Place(file=str(path), column=column.name),
            mend="Name the columns of the link as the file does.",
        )
    name = quoted(schema.names[index])
    given = schema.field(index).type
    wanted = duckdb_type(column.type)
    # Some types of Parquet have no counterpart here (nanoseconds, dictionaries, identifiers): they are converted.
    same = duckdb_type(type_from_arrow(given)) == wanted and _is_plain(given)
    value = name if same else f"CAST({name} AS {wanted})"
    return value if value == quoted(column.name) else f"{value} AS {quoted(column.name)}"


def _index(name: str, schema: pa.Schema) -> int | None:
    if name in schema.names:
        return int(schema.names.index(name))
    folded = [item.casefold() for item in schema.names]
    return folded.index(name.casefold()) if folded.count(name.casefold()) == 1 else None


def _is_plain(given: pa.DataType) -> bool:
    from riverstage._arrow import arrow_type

    return bool(given.equals(arrow_type(type_from_arrow(given))))


def copy_options(options: Mapping[str, Any]) -> str:
    """Return how DuckDB writes a Parquet file."""
    said = {
        "FORMAT": "parquet",
        "COMPRESSION": str(options.get("codec") or "snappy"),
        "ROW_GROUP_SIZE": str(int(options.get("row_group_rows") or ROW_GROUP_ROWS)),
        "USE_TMP_FILE": "false",
    }
    if said["COMPRESSION"] == "none":
        said["COMPRESSION"] = "uncompressed"
    return ", ".join(f"{name} {value}" for name, value in said.items())


def writer(path: Path, row: RowType, options: Mapping[str, Any]) -> pq.ParquetWriter:
    """Return what writes batches to a Parquet file."""
    import pyarrow.parquet as pq

    codec = str(options.get("codec") or "snappy")
    return pq.ParquetWriter(path, arrow_schema(row), compression="none" if codec == "uncompressed" else codec)


class ParquetFile:
    """A Parquet file being written: by DuckDB's COPY, or from batches.

    Args:
        path: Where.
        row: Its columns.
        options: ``codec`` and ``row_group_rows``.
    """

    def __init__(self, path: Path, row: RowType, options: Mapping[str, Any]) -> None:
        self.path = path
        self._row = row
        self._options = options
        self._writer: Any = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows."""
        if self._writer is None:
            self._writer = writer(self.path, self._row, self._options)
        schema = arrow_schema(self._row)
        self._writer.write_batch(batch if batch.schema.equals(schema) else batch.cast(schema))

    def finish(self) -> int:
        """Make the file whole; return its rows."""
        if self._writer is None and (not self.path.exists() or self.path.stat().st_size == 0):
            self._writer = writer(self.path, self._row, self._options)
        self.close()
        return int(metadata_of(self.path).num_rows)

    def close(self) -> None:
        """Let the file go, whole or not."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
