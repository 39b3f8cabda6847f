"""The functions about the run, and checksums, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, number, sql
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]


def _partitions(_arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return number(1)


def _partition(_arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return number(0)


def _md5(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("md5", arguments[0])


def _raw_length(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST(x AS INTEGER)", x=call("octet_length", arguments[0]))


LOWER: dict[str, Lowering] = {
    "getnumofpartitions": _partitions,
    "getpartitionnum": _partition,
    "rawlength": _raw_length,
    "stringtomd5": _md5,
}
