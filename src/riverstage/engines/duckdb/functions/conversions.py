"""The language's one conversion between types, on DuckDB."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, is_cheap, let, number, sql, text
from riverstage.engines.duckdb.functions._sql_types import type_name
from riverstage.types import DataType

__all__ = ["LOWER", "number_text", "text_form"]

_Types = tuple[DataType, ...]

# DuckDB reads more texts as numbers than the language does: 1_000, 0x1F, inf. None of them is made of these alone.
_NUMBER = r"^[-+0-9.eE \t\n\x0b\f\r]*$"
_DAY = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{2}-[0-9]{2}"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]{1,6})?"


def number_text(value: exp.Expression) -> exp.Expression:
    """Return a text if it is made of what numbers are made of, otherwise an empty one."""
    return call("regexp_extract", value, text(_NUMBER))


def text_form(value: exp.Expression, source: DataType) -> exp.Expression:
    """Return the default text form of a value."""
    shown = sql("CAST(x AS VARCHAR)", x=value)
    match source.kind:
        case "string":
            return value
        case "boolean":
            return sql("CAST(CAST(x AS INTEGER) AS VARCHAR)", x=value)
        case "float32":
            return text_form(sql("CAST(x AS DOUBLE)", x=value), DataType("float64"))
        case "float64":
            return call("regexp_replace", shown, text(r"\.0$"), text(""))
        case "decimal" if source.precision == source.scale:
            return call("regexp_replace", shown, text(r"^(-?)\."), text(r"\10."))
        case "timestamp":
            return _timestamp_text(value, source.scale or 0)
        case "time" if source.scale:
            moment = sql("CAST('2000-01-01' AS DATE) + x", x=value)
            return call("left", call("strftime", moment, text("%H:%M:%S.%f")), number(9 + source.scale))
        case "time":
            return call("left", shown, number(8))
        case "binary":
            return exp.Anonymous(this="try", expressions=[call("decode", value)])
    return shown


def _timestamp_text(value: exp.Expression, scale: int) -> exp.Expression:
    if not scale:
        return call("strftime", value, text("%Y-%m-%d %H:%M:%S"))
    return call("left", call("strftime", value, text("%Y-%m-%d %H:%M:%S.%f")), number(20 + scale))


def _tried(value: exp.Expression, target: DataType) -> exp.Expression:
    return sql(f"TRY_CAST(x AS {type_name(target)})", x=value)


def _to_string(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    form = text_form(value, source)
    if target.length is None:
        return form
    cut = call("left", form, number(target.length))
    if not is_cheap(form):
        return cut
    # The length in bytes is known without a look at the text, and most texts are short enough by that.
    fits = exp.LTE(this=call("strlen", form.copy()), expression=number(target.length))
    return exp.Case(ifs=[exp.If(this=fits, true=form.copy())], default=cut)


def _to_integer(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    if source.is_text:
        digits = number_text(value)
        # -0.4 is 0, which an unsigned integer has a place for: DuckDB looks at the sign first.
        return _tried(sql("TRY_CAST(x AS HUGEINT)", x=digits) if target.kind.startswith("u") else digits, target)
    if source.is_float:
        return _tried(call("round", sql("CAST(x AS DOUBLE)", x=value)), target)
    return _tried(value, target)


def _to_decimal(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    if source.is_text:
        # DuckDB reads no exponent below -38 as a decimal.
        small = f"COALESCE(TRY_CAST(x AS {type_name(target)}), TRY_CAST(TRY_CAST(x AS DOUBLE) AS {type_name(target)}))"
        return let(number_text(value), lambda x: sql(small, x=x))
    if source.is_float:
        return _tried(sql("CAST(CAST(x AS DOUBLE) AS VARCHAR)", x=value), target)
    return _tried(value, target)


def _to_float(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    return _tried(number_text(value) if source.is_text else value, target)


def _to_boolean(value: exp.Expression, source: DataType, _target: DataType) -> exp.Expression:
    counted = _tried(number_text(value), DataType("float64")) if source.is_text else value
    return sql("x <> 0", x=counted)


def _to_date(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    if source.is_text:
        pattern = f"^ *({_DAY})(?:[ T]{_CLOCK}{_FRACTION})? *$"
        return _tried(call("regexp_extract", value, text(pattern), number(1)), target)
    return sql("CAST(x AS DATE)", x=value)


def _to_time(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    scale = target.scale or 0
    if source.is_text:
        pattern = f"^ *({_CLOCK}{_FRACTION}) *$"
        value = call("regexp_extract", value, text(pattern), number(1))
        return _tried(call("left", value, number(9 + scale if scale else 8)), target)
    clock = sql("CAST(x AS TIME)", x=value)
    if scale >= (source.scale or 0):
        return clock
    shown = sql("CAST(x AS VARCHAR)", x=clock)
    return _tried(call("left", shown, number(9 + scale if scale else 8)), target)


def _to_timestamp(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression:
    scale = target.scale or 0
    if source.is_text:
        pattern = f"^ *({_DAY}(?:[ T]{_CLOCK}{_FRACTION})?) *$"
        value = call("regexp_extract", value, text(pattern), number(1))
        return _tried(call("left", value, number(20 + scale if scale else 19)), target)
    moment = sql(f"CAST(x AS {type_name(target)})", x=value)
    if source.kind == "date" or scale >= (source.scale or 0):
        return moment
    if not scale:
        return call("date_trunc", text("second"), moment)
    return _tried(_timestamp_text(moment, scale), target)


def _to_binary(value: exp.Expression, source: DataType, target: DataType) -> exp.Expression | None:
    if target.length is not None:
        return None
    return call("encode", value) if source.is_text else value


_TARGETS = {
    "string": _to_string, "decimal": _to_decimal, "float32": _to_float, "float64": _to_float,
    "boolean": _to_boolean, "date": _to_date, "time": _to_time, "timestamp": _to_timestamp, "binary": _to_binary,
}  # fmt: skip


def _convert(arguments: list[exp.Expression], types: _Types, returns: DataType | None) -> exp.Expression | None:
    if returns is None or not types:
        return None
    lowered = _to_integer if returns.is_integer else _TARGETS.get(returns.kind)
    return _tried(arguments[0], returns) if lowered is None else lowered(arguments[0], types[0], returns)


LOWER: dict[str, Lowering] = {"convert_value": _convert}
