"""The functions that take and give nulls, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, sql
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]


def _or_value(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return exp.Coalesce(this=arguments[0], expressions=[arguments[1]])


def _make_null(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return exp.Nullif(this=arguments[0], expression=arguments[1])


def _is_null(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("x IS NULL", x=arguments[0])


def _is_not_null(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("x IS NOT NULL", x=arguments[0])


def _null(_arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return exp.Null()


LOWER: dict[str, Lowering] = {
    "handlenull": _or_value,
    "isnotnull": _is_not_null,
    "isnull": _is_null,
    "makenull": _make_null,
    "nulltoempty": _or_value,
    "nulltovalue": _or_value,
    "nulltozero": _or_value,
    "setnull": _null,
}
