"""The functions on bits, and Not, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, sql
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]


def _unsigned(value: exp.Expression) -> exp.Expression:
    return sql("TRY_CAST(x AS UBIGINT)", x=value)


def _bits(operator: str) -> Lowering:
    def lowered(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        first, second = (_unsigned(argument) for argument in arguments)
        if operator == "xor":
            return call("xor", first, second)
        return sql(f"a {operator} b", a=first, b=second)

    return lowered


def _expand(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("bin", _unsigned(arguments[0]))


def _not(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("NOT x", x=arguments[0])


LOWER: dict[str, Lowering] = {
    "bitand": _bits("&"),
    "bitexpand": _expand,
    "bitor": _bits("|"),
    "bitxor": _bits("xor"),
    "not": _not,
}
