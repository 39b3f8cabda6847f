"""What the conversions of a Modify stage need beside the functions of the Transformer language, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, number, sql, text
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]


def _trim_padding(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    """Take what fixed-length strings are filled up with, blanks and NUL characters, off one end."""
    value, end = arguments
    where = constant(end)
    if where not in ("begin", "end"):
        return None
    padding = sql("' ' || n", n=call("chr", number(0)))
    return call("ltrim" if where == "begin" else "rtrim", value, padding)


def _pad(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    """Fill a text up with blanks to a length, behind it or (``end``: it stands at the end) before it."""
    value, length, end = arguments
    where = constant(end)
    if where not in ("begin", "end"):
        return None
    return call("lpad" if where == "end" else "rpad", value, length, text(" "))


LOWER: dict[str, Lowering] = {
    "pad_text": _pad,
    "trim_padding": _trim_padding,
}
