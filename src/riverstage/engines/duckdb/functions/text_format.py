"""How values look in text files, where that is not how DuckDB writes them.

``text_by_format`` writes a date, time or timestamp by a format; ``text_of_decimal`` a decimal with another sign before
its places, or padded (a place for the sign, then as many digits as it has at most: `` 02450.00``); ``text_holds`` says
whether a text has one of some characters; ``text_record`` joins fields to a record, null being nothing.
"""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions import _temporal
from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, number, sql, text
from riverstage.expressions.functions._formats import FormatKind, compile_format
from riverstage.types import DataType

__all__ = ["LOWER"]


def _text_by_format(
    arguments: list[exp.Expression], types: tuple[DataType, ...], _returns: DataType | None
) -> exp.Expression:
    kind: FormatKind = "date" if types[0].kind == "date" else "time" if types[0].kind == "time" else "timestamp"
    return _temporal.write(arguments[0], compile_format(str(constant(arguments[1])), kind))


def _text_of_decimal(
    arguments: list[exp.Expression], types: tuple[DataType, ...], _returns: DataType | None
) -> exp.Expression:
    value, separator = arguments[0], str(constant(arguments[1]))
    shown = sql("CAST(v AS VARCHAR)", v=value)
    if str(constant(arguments[2])) != "padded":
        return call("replace", shown, text("."), text(separator))
    precision, scale = types[0].precision or 38, types[0].scale or 0
    digits = call(
        "lpad", call("regexp_replace", shown, text("[-.]"), text(""), text("g")), number(precision), text("0")
    )
    # A number below one is shown with a zero before the point, one digit more than a type without whole digits has.
    digits = call("right", digits, number(precision))
    return sql(
        "CASE WHEN v < 0 THEN '-' ELSE ' ' END || w || p || f",
        v=value,
        w=call("left", digits, number(precision - scale)),
        p=text(separator),
        f=call("right", digits, number(scale)) if scale else text(""),
    )


def _text_holds(
    arguments: list[exp.Expression], _types: tuple[DataType, ...], _returns: DataType | None
) -> exp.Expression:
    tests = [call("contains", arguments[0], part) for part in arguments[1:]]
    found = tests[0]
    for test in tests[1:]:
        found = exp.Or(this=found, expression=test)
    return call("coalesce", found, exp.false())


def _text_record(
    arguments: list[exp.Expression], _types: tuple[DataType, ...], _returns: DataType | None
) -> exp.Expression:
    delimiter, quote = arguments[0], str(constant(arguments[1]))
    fields = [_field(value, delimiter, quote) for value in arguments[2:]]
    return call("concat_ws", delimiter, *fields)


def _field(value: exp.Expression, delimiter: exp.Expression, quote: str) -> exp.Expression:
    shown = call("coalesce", sql("CAST(v AS VARCHAR)", v=value), text(""))
    if not quote:
        return shown
    return sql(
        "CASE WHEN a OR b OR c OR d THEN q || r || q ELSE s END",
        a=call("contains", shown, delimiter),
        b=call("contains", shown, text(quote)),
        c=call("contains", shown, text("\n")),
        d=call("contains", shown, text("\r")),
        q=text(quote),
        r=call("replace", shown, text(quote), text(quote * 2)),
        s=shown,
    )


LOWER: dict[str, Lowering] = {
    "text_by_format": _text_by_format,
    "text_of_decimal": _text_of_decimal,
    "text_holds": _text_holds,
    "text_record": _text_record,
}
