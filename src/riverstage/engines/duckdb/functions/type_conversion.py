"""The functions that convert between texts, numbers and binaries, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, let, number, sql, text
from riverstage.engines.duckdb.functions._sql_types import type_name
from riverstage.engines.duckdb.functions.conversions import number_text, text_form
from riverstage.engines.duckdb.functions.operators import count_of, finite
from riverstage.expressions.functions.type_conversion import INTEGER_KINDS
from riverstage.types import DataType, decimal

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
_WIDE = decimal(38, 10)


def _char(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    known = constant(arguments[0])
    if isinstance(known, int):
        is_character = 0 <= known <= 0x10FFFF and not 0xD800 <= known <= 0xDFFF
        return call("chr", number(known)) if is_character else sql("CAST(NULL AS VARCHAR)")
    condition = f"n BETWEEN 0 AND {0xD7FF} OR n BETWEEN {0xE000} AND {0x10FFFF}"
    return let(
        arguments[0],
        lambda n: sql(f"CASE WHEN {condition} THEN c END", n=n, c=call("chr", sql("TRY_CAST(n AS INTEGER)", n=n))),
    )


def _sequence(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("unicode", sql("x || nothing", x=arguments[0], nothing=call("chr", number(0))))


def _sequence_at(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    value, index = arguments
    known = constant(index)
    if isinstance(known, int):
        if known < 0:
            return sql("CASE WHEN x IS NOT NULL THEN 0 END", x=value)
        return _sequence([call("substring", value, count_of(number(known + 1), least=1), number(1))], (), None)
    at = let(index, lambda n: sql("CASE WHEN n < 0 OR n > 999999998 THEN 1000000000 ELSE n + 1 END", n=n))
    return _sequence([call("substring", value, at, number(1))], (), None)


def _rounding(tree: exp.Expression) -> str | None:
    known = constant(tree)
    return known.strip(" ").lower() if isinstance(known, str) else None


def _cut(value: exp.Expression, rounding: str, source: DataType, returns: DataType) -> exp.Expression | None:
    """Round a decimal of a known scale to that of the result."""
    scale, given = returns.scale or 0, source.scale or 0
    if given > scale and rounding in ("ceil", "floor"):
        # One unit of the scale more or less, where cutting took something away on the wrong side.
        unit = f"CAST('{'0.' + '0' * (scale - 1) + '1' if scale else '1'}' AS DECIMAL(38, {scale}))"
        beyond, step = ("x > 0", "+") if rounding == "ceil" else ("x < 0", "-")
        return let(
            value,
            lambda x: sql(
                f"TRY_CAST(CASE WHEN {beyond} AND t <> x THEN CAST(t AS DECIMAL(38, {scale})) {step} {unit} "
                f"ELSE CAST(t AS DECIMAL(38, {scale})) END AS {type_name(returns)})",
                x=x,
                t=call("trunc", x, number(scale)),
            ),
        )
    if given > scale and rounding == "trunc_zero":
        value = call("trunc", value, number(scale))
    elif rounding not in ("ceil", "floor", "round_inf", "trunc_zero"):
        return sql(f"CAST(NULL AS {type_name(returns)})")
    return sql(f"TRY_CAST(x AS {type_name(returns)})", x=value)


def _decimal_to_decimal(
    arguments: list[exp.Expression], types: _Types, returns: DataType | None
) -> exp.Expression | None:
    rounding = _rounding(arguments[1])
    if (
        rounding is None
        or returns is None
        or (types[0].precision or 38) - (types[0].scale or 0) + (returns.scale or 0) > 37
    ):
        return None
    return _cut(arguments[0], rounding, types[0], returns)


def _text_to_decimal(value: exp.Expression, rounding: str, returns: DataType) -> exp.Expression | None:
    """Read a text without exponent, cut to the scale where that is asked; the rest is left to the reference."""
    if rounding == "round_inf":
        return sql(f"TRY_CAST(x AS {type_name(returns)})", x=number_text(value))
    if rounding != "trunc_zero":
        return None
    pattern = rf"^[ \t\n\x0b\f\r]*([+-]?[0-9]*\.?[0-9]{{0,{returns.scale or 0}}})[0-9]*[ \t\n\x0b\f\r]*$"
    return sql(f"TRY_CAST(x AS {type_name(returns)})", x=call("regexp_extract", value, text(pattern), number(1)))


def _string_to_decimal(
    arguments: list[exp.Expression], _types: _Types, returns: DataType | None
) -> exp.Expression | None:
    rounding = _rounding(arguments[1])
    return None if rounding is None or returns is None else _text_to_decimal(arguments[0], rounding, returns)


def _float_to_decimal(
    arguments: list[exp.Expression], _types: _Types, returns: DataType | None
) -> exp.Expression | None:
    rounding = _rounding(arguments[1])
    if rounding is None or returns is None:
        return None
    return _text_to_decimal(sql("CAST(x AS VARCHAR)", x=arguments[0]), rounding, returns)


def _to_float(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    if constant(arguments[1]) is None:
        return None
    return sql("CAST(x AS DOUBLE)", x=arguments[0])


def _decimal_to_string(
    arguments: list[exp.Expression], _types: _Types, _returns: DataType | None
) -> exp.Expression | None:
    mode, precision, scale = _rounding(arguments[1]), constant(arguments[2]), constant(arguments[3])
    if mode is None or not isinstance(precision, int) or not isinstance(scale, int):
        return None
    value = arguments[0]
    if mode == "suppress_zero":
        shown = text_form(value, decimal(precision, scale))
        return call("regexp_replace", shown, text(r"\.?0*$"), text("")) if scale else shown
    if mode == "fix_zero":
        precision, scale = _WIDE.precision or 38, _WIDE.scale or 0
        value = sql("TRY_CAST(x AS DECIMAL(38, 10))", x=value)
    elif mode != "full":
        return sql("CAST(NULL AS VARCHAR)")
    width = max(precision - scale, 1) + (scale + 1 if scale else 0)
    return let(
        value,
        lambda x: sql(
            "CASE WHEN x < 0 THEN '-' || d ELSE d END",
            x=x,
            d=call("lpad", text_form(call("abs", x), decimal(precision, scale)), number(width), text("0")),
        ),
    )


def _fixed(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    """Write a float with so many digits; the largest, which no decimal holds, are left to the reference."""
    places = constant(arguments[1])
    if not isinstance(places, int) or not 0 <= places <= 20:
        return None
    return sql(f"CAST(TRY_CAST(CAST(x AS VARCHAR) AS DECIMAL(38, {places})) AS VARCHAR)", x=arguments[0])


def _shortest(arguments: list[exp.Expression], types: _Types, returns: DataType | None) -> exp.Expression | None:
    fixed = _fixed(arguments, types, returns)
    if fixed is None or constant(arguments[1]) == 0:
        return fixed
    return call("regexp_replace", fixed, text(r"\.?0*$"), text(""))


def _to_number(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return finite(sql("TRY_CAST(x AS DOUBLE)", x=number_text(arguments[0])))


def _number_or_zero(arguments: list[exp.Expression], types: _Types, returns: DataType | None) -> exp.Expression:
    return sql(
        "CASE WHEN x IS NOT NULL THEN COALESCE(n, 0) END", x=arguments[0], n=_to_number(arguments, types, returns)
    )


def _encode(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("encode", arguments[0])


def _decode(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return exp.Anonymous(this="try", expressions=[call("decode", arguments[0])])


def _same(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    return arguments[0] if len(arguments) == 1 or constant(arguments[1]) is not None else None


def _is_valid(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    kind = _rounding(arguments[0])
    if len(arguments) > 2 or kind not in INTEGER_KINDS:
        return None
    digits = call("regexp_extract", arguments[1], text(r"^[ \t]*([+-]?[0-9]+)[ \t]*$"), number(1))
    return sql(f"TRY_CAST(x AS {type_name(DataType(kind))}) IS NOT NULL", x=digits)  # type: ignore[arg-type]


def _is_valid_decimal(
    arguments: list[exp.Expression], _types: _Types, _returns: DataType | None
) -> exp.Expression | None:
    zeros = constant(arguments[1])
    if not isinstance(zeros, int):
        return None
    return sql("x IS NOT NULL" if zeros else "COALESCE(x <> 0, FALSE)", x=arguments[0])


LOWER: dict[str, Lowering] = {
    "char": _char,
    "decimaltodecimal": _decimal_to_decimal,
    "decimaltodfloat": _to_float,
    "decimaltostring": _decimal_to_string,
    "dfloattodecimal": _float_to_decimal,
    "dfloattostringnoexp": _fixed,
    "isvalid": _is_valid,
    "isvaliddecimal": _is_valid_decimal,
    "numtostr": _shortest,
    "numtostrfixed": _fixed,
    "rawtostring": _decode,
    "seq": _sequence,
    "seqat": _sequence_at,
    "stringtodecimal": _string_to_decimal,
    "stringtoraw": _encode,
    "stringtoustring": _same,
    "strtonum": _to_number,
    "strtonumornull": _to_number,
    "strtonumorzero": _number_or_zero,
    "unichar": _char,
}
