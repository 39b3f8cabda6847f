"""Generated values on DuckDB: random numbers, values from counted units, and the hash that spreads rows."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, number, sql, text
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
_MASK = 0xFFFFFFFF


def _shifted(x: exp.Expression, bits: int) -> exp.Expression:
    """Return ``x xor (x >> bits)``; DuckDB computes what is written twice once."""
    return call("xor", x, sql(f"x >> {bits}", x=x))


def _times(x: exp.Expression, multiplier: int) -> exp.Expression:
    """Return the lowest 32 bits of a product; the multiplier is taken as signed, so the product fits 64 bits."""
    signed = multiplier - 2**32 if multiplier >= 2**31 else multiplier
    return sql(f"(x * m) & {_MASK}", x=x, m=number(signed))


def _random_state(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    start = sql(f"(n + (n >> 32) * {0x61C88647}) & {_MASK}", n=arguments[0])
    mixed = _times(_shifted(start, 16), 0x7FEB352D)
    return _shifted(_times(_shifted(mixed, 15), 0x846CA68B), 16)


def _stream(key: int, index: int) -> tuple[int, int]:
    mixed = (key + (index + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    mixed ^= mixed >> 31
    multiplier = (mixed & _MASK) | 1
    return multiplier - 2**32 if multiplier >= 2**31 else multiplier, mixed >> 33


def _word(state: exp.Expression, key: int, index: int) -> exp.Expression:
    multiplier, addend = _stream(key, index)
    mixed = sql(f"(s * m + {addend}) & {_MASK}", s=state, m=number(multiplier))
    return _shifted(_times(_shifted(mixed, 15), 0x735A2D97), 16)


def _below(state: exp.Expression, key: int, limit: int, index: int) -> exp.Expression:
    """Return a number below a limit: BIGINT up to 2**63, beyond that DECIMAL(38, 0)."""
    if limit <= 2**31:
        return sql(f"(w * {limit}) >> 32", w=_word(state, key, index))
    if limit <= 2**62:
        high, low = limit >> 31, limit % 2**31
        a, b = (sql("w >> 1", w=_word(state, key, at)) for at in (index, index + 1))
        # The product of two numbers of 62 bits, digit by digit, without what is shifted out.
        carried = sql(f"(a * {low} + b * {high} + ((b * {low}) >> 31)) >> 31", a=a, b=b)
        return sql(f"a * {high} + c", a=a, c=carried)
    whole, rest = limit >> 31, limit % 2**31
    kind = "BIGINT" if limit <= 2**63 else "DECIMAL(38, 0)"
    block = sql(f"CAST(b AS {kind})", b=_below(state, key, whole + (rest > 0), index + 1))
    word = _word(state, key, index)
    place = sql(f"(w * {2**31}) >> 32", w=word)
    if rest:
        short = sql(f"(w * {rest}) >> 32", w=word)
        place = sql(f"CASE WHEN b = CAST({whole} AS {kind}) THEN s ELSE p END", b=block, s=short, p=place)
    return sql(
        f"b * CAST({2**31} AS {kind.replace('38', '10')}) + CAST(p AS {kind.replace('38', '10')})", b=block, p=place
    )


def _random_below(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    key, limit = constant(arguments[1]), constant(arguments[2])
    if not isinstance(key, int) or not isinstance(limit, int):
        return None
    return _below(arguments[0], key, limit, 0)


def _text(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    alphabet, place, length = arguments
    return call("repeat", call("substring", alphabet, sql("p + 1", p=place), number(1)), length)


def _bytes(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    place, length = arguments
    digits = call("repeat", call("printf", text("%02x"), place), length)
    return call("unhex", digits)


def _pick(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    place, *values = arguments
    return call("list_extract", exp.Array(expressions=[value.copy() for value in values]), sql("p + 1", p=place))


def _decimal(arguments: list[exp.Expression], _types: _Types, returns: DataType | None) -> exp.Expression:
    precision, scale = ((returns.precision or 38), (returns.scale or 0)) if returns is not None else (38, 0)
    if not scale:
        return sql(f"CAST(u AS DECIMAL({precision}, 0))", u=arguments[0])
    width = 18 if precision <= 18 else 38
    unit = "0." + "0" * (scale - 1) + "1"
    return sql(
        f"CAST(CAST(u AS DECIMAL({width}, 0)) * CAST('{unit}' AS DECIMAL({scale}, {scale})) "
        f"AS DECIMAL({precision}, {scale}))",
        u=arguments[0],
    )


def _date(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST('1970-01-01' AS DATE) + CAST(d AS INTEGER)", d=arguments[0])


def _time(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST('00:00:00' AS TIME) + i", i=call("to_microseconds", arguments[0]))


def _timestamp(arguments: list[exp.Expression], _types: _Types, returns: DataType | None) -> exp.Expression:
    name = "make_timestamptz" if returns is not None and returns.zone else "make_timestamp"
    return call(name, arguments[0])


def _bucket(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    """Return the remainder of a text's hash: the first 15 hexadecimal digits of the MD5 of its UTF-8 bytes."""
    value, buckets = arguments
    digits = call("left", call("md5", value), number(15))
    return sql("CAST('0x' || d AS BIGINT) % n", d=digits, n=buckets)


LOWER: dict[str, Lowering] = {
    "generated_bytes": _bytes,
    "generated_date": _date,
    "generated_decimal": _decimal,
    "generated_text": _text,
    "generated_time": _time,
    "generated_timestamp": _timestamp,
    "hash_bucket": _bucket,
    "pick": _pick,
    "random_below": _random_below,
    "random_state": _random_state,
}
