"""SQL text for DuckDB, with every name and value quoted."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from riverstage.connectors._types import duckdb_type
from riverstage.types import RowType

__all__ = ["connect", "empty", "fresh_name", "glob_of", "listed", "quoted", "text"]

_numbers = itertools.count(1)


def quoted(name: str) -> str:
    """Return a name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a string literal."""
    return "'" + value.replace("'", "''") + "'"


def listed(values: Iterable[str]) -> str:
    """Return a list of string literals."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def fresh_name(stem: str) -> str:
    """Return a name that no other read of this process has."""
    return f"{stem}_{next(_numbers)}"


def glob_of(path: str) -> str:
    """Return a path so that DuckDB takes its special characters as they are."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


def empty(row: RowType) -> str:
    """Return a query with the columns of a row and no rows."""
    columns = ", ".join(f"CAST(NULL AS {duckdb_type(column.type)}) AS {quoted(column.name)}" for column in row)
    return f"SELECT {columns or '0 AS nothing'} WHERE FALSE"


def connect() -> object:
    """Return a small database of one's own: for a connector's work outside an engine."""
    import duckdb

    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    connection.execute("SET TimeZone = 'UTC'")
    return connection
