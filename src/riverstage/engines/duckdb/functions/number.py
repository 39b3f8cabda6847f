"""The functions that take numbers apart, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, let, number, sql, text
from riverstage.expressions.functions.number import NUMBER_TEXT
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
_ROUNDINGS = {"ceil": "ceil", "floor": "floor", "round_inf": "round", "trunc_zero": "trunc"}


def _same(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return arguments[0]


def _as_float(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("TRY_CAST(x AS FLOAT)", x=arguments[0])


def _as_integer(arguments: list[exp.Expression], types: _Types, _returns: DataType | None) -> exp.Expression:
    return arguments[0] if types[0].kind == "int64" else sql("CAST(x AS BIGINT)", x=arguments[0])


def _fix(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    digits, mode = constant(arguments[1]), constant(arguments[2])
    if not isinstance(digits, int) or mode != 0:
        return None
    if not 0 <= digits <= 10:
        return sql("CAST(NULL AS DECIMAL(38, 10))")
    return sql(f"TRY_CAST(TRY_CAST(x AS DECIMAL(38, {digits})) AS DECIMAL(38, 10))", x=arguments[0])


def _int32(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    rounding = constant(arguments[1])
    if not isinstance(rounding, str):
        return None
    function = _ROUNDINGS.get(rounding.strip().lower())
    if function is None:
        return sql("CAST(NULL AS INTEGER)")
    return sql("TRY_CAST(f AS INTEGER)", f=call(function, arguments[0]))


def _is_number(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST(f AS INTEGER)", f=call("regexp_full_match", arguments[0], text(NUMBER_TEXT)))


def _mantissa(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    shown = sql("CAST(x AS VARCHAR)", x=arguments[0])
    digits = call("rtrim", call("split_part", shown, text("."), number(2)), text("0"))
    return sql("CAST('0' || d AS DOUBLE)", d=digits)


def _leading_digit(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    def lowered(x: exp.Expression) -> exp.Expression:
        shown = sql("CAST(x AS VARCHAR)", x=x)
        digit = call("regexp_extract", shown, text("[1-9]"))
        return sql(
            "CASE WHEN NOT isfinite(x) THEN NULL WHEN x < 0 THEN -CAST(d AS DOUBLE) WHEN x > 0 THEN CAST(d AS DOUBLE) "
            "WHEN x = 0 THEN CAST(0 AS DOUBLE) END",
            x=x,
            d=digit,
        )

    return let(arguments[0], lowered)


LOWER: dict[str, Lowering] = {
    "asdouble": _same,
    "asfloat": _as_float,
    "asinteger": _as_integer,
    "fix": _fix,
    "int32fromdecimal": _int32,
    "isstrnum": _is_number,
    "isvarnum": _is_number,
    "mantissafromdecimal": _mantissa,
    "mantissafromdfloat": _leading_digit,
}
"""VarCmp is computed in Python: it compares numbers of any length."""
