"""The conversions from and to dates, times and timestamps on DuckDB.

A format must be a constant to become SQL; where rows bring their own, the conversion is computed in Python.
"""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions import _temporal
from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, let, number, sql, text
from riverstage.expressions.functions._formats import (
    DATE_FORMAT,
    TIME_FORMAT,
    TIMESTAMP_FORMAT,
    FormatKind,
    compile_format,
)
from riverstage.expressions.functions.date_conversion import PACKED, packed_format
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
_WRITTEN = {"date": DATE_FORMAT, "time": TIME_FORMAT, "timestamp": TIMESTAMP_FORMAT}


def _format(arguments: list[exp.Expression], default: str) -> str | None:
    """Return the constant format of a call, or None if it is none."""
    if len(arguments) < 2:
        return default
    known = constant(arguments[1])
    return known if isinstance(known, str) else None


def _reads(kind: FormatKind) -> Lowering:
    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
        if len(arguments) < 2:
            return _temporal.read_default(arguments[0], kind)
        format_ = _format(arguments, "")
        return None if format_ is None else _temporal.read(arguments[0], compile_format(format_, kind))

    return lower


def _writes(kind: FormatKind) -> Lowering:
    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
        format_ = _format(arguments, _WRITTEN[kind])
        return None if format_ is None else _temporal.write(arguments[0], compile_format(format_, kind))

    return lower


def _unpacks(kind: FormatKind) -> Lowering:
    """Return the lowering of a date from the digits of a decimal, sign and point left out."""

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
        format_ = _format(arguments, PACKED[kind])
        if format_ is None:
            return None
        layout, width = packed_format(format_, kind)
        shown = sql("CAST(x AS VARCHAR)", x=call("abs", arguments[0]))
        digits = call("ltrim", call("replace", shown, text("."), text("")), text("0"))
        padded = let(
            digits,
            lambda d: sql(
                f"CASE WHEN n <= {width} THEN f END", n=call("length", d), f=call("lpad", d, number(width), text("0"))
            ),
        )
        return _temporal.read(padded, layout)

    return lower


def _packs(kind: FormatKind) -> Lowering:
    """Return the lowering of the digits of a decimal, of which the last are those behind its point."""

    def lower(arguments: list[exp.Expression], _types: _Types, returns: DataType | None) -> exp.Expression | None:
        format_ = _format(arguments, PACKED[kind])
        if format_ is None or returns is None:
            return None
        layout, width = packed_format(format_, kind)
        precision, scale = returns.precision or 38, returns.scale or 0
        digits = _temporal.write(arguments[0], layout)
        if scale:
            digits = call("lpad", digits, number(max(width, scale + 1)), text("0"))
            digits = let(
                digits,
                lambda d: sql(
                    "a || '.' || b", a=call("left", d, number(max(width, scale + 1) - scale)),
                    b=call("right", d, number(scale)),
                ),
            )  # fmt: skip
        return sql(f"TRY_CAST(d AS DECIMAL({precision}, {scale}))", d=digits)

    return lower


def _valid(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST(x IS NOT NULL AS TINYINT)", x=arguments[0])


def _cast(kind: str) -> Lowering:
    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return sql(f"CAST(x AS {kind})", x=arguments[0])

    return lower


LOWER: dict[str, Lowering] = {
    "datetodecimal": _packs("date"),
    "datetostring": _writes("date"),
    "decimaltodate": _unpacks("date"),
    "decimaltotime": _unpacks("time"),
    "decimaltotimestamp": _unpacks("timestamp"),
    "isvaliddate": _valid,
    "isvalidtime": _valid,
    "isvalidtimestamp": _valid,
    "stringtodate": _reads("date"),
    "stringtotime": _reads("time"),
    "stringtotimestamp": _reads("timestamp"),
    "strtotimestamporinvalid": _reads("timestamp"),
    "strtotimestampornull": _reads("timestamp"),
    "timestamptodate": _cast("DATE"),
    "timestamptodecimal": _packs("timestamp"),
    "timestamptostring": _writes("timestamp"),
    "timestamptotime": _cast("TIME"),
    "timetodecimal": _packs("time"),
    "timetostring": _writes("time"),
}
