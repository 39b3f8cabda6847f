"""The language's operators on DuckDB: arithmetic that cannot raise, patterns, parts of texts, failures."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, constant, let, number, sql, text
from riverstage.engines.duckdb.functions._sql_types import type_name
from riverstage.expressions.functions._patterns import regex
from riverstage.expressions.meaning import exact_digits
from riverstage.types import DataType, decimal

__all__ = ["LOWER", "count_of", "finite"]

_Types = tuple[DataType, ...]
_LONGEST = 1_000_000_000


def count_of(value: exp.Expression, *, least: int = 0) -> exp.Expression:
    """Return a number of characters or a position as DuckDB takes it: not below ``least``, not beyond 32 bits."""
    known = constant(value)
    if isinstance(known, int):
        return number(min(max(known, least), _LONGEST))
    template = f"CASE WHEN n < {least} THEN {least} WHEN n > {_LONGEST} THEN {_LONGEST} ELSE n END"
    return let(value, lambda n: sql(template, n=n))


def finite(value: exp.Expression) -> exp.Expression:
    """Return a double, null where it is infinite or no number."""
    for odd in ("inf", "-inf", "nan"):
        value = exp.Nullif(this=value, expression=sql(f"CAST('{odd}' AS DOUBLE)"))
    return value


def _integer(operator: str) -> Lowering:
    """Compute with 128 bits, which two of 64 bits cannot exceed."""

    def lowered(arguments: list[exp.Expression], _types: _Types, returns: DataType | None) -> exp.Expression:
        target = type_name(returns) if returns is not None else "BIGINT"
        left, right = arguments
        return sql(f"TRY_CAST(CAST(a AS HUGEINT) {operator} CAST(b AS HUGEINT) AS {target})", a=left, b=right)

    return lowered


def _decimal(operator: str) -> Lowering:
    """Compute with all digits where 38 hold the result, and leave the rest to the reference."""

    def lowered(arguments: list[exp.Expression], types: _Types, returns: DataType | None) -> exp.Expression | None:
        if returns is None:
            return None
        scales = [each.scale or 0 for each in types]
        digits = exact_digits(operator, *types)
        if digits <= 38:
            # DuckDB keeps 64 bits where both sides have them, whether the result does or not.
            left, right = arguments
            if digits <= 18:
                return sql(f"a {operator} b", a=left, b=right)
            wide = type_name(decimal(digits, scales[0]))
            return sql(f"CAST(CAST(a AS {wide}) {operator} b AS {type_name(returns)})", a=left, b=right)
        if operator == "*":
            if sum(scales) > 38:
                return None
            sides = arguments
        else:
            shared = type_name(decimal(38, max(scales)))
            sides = [sql(f"TRY_CAST(x AS {shared})", x=side) for side in arguments]
        exact = exp.Anonymous(this="try", expressions=[sql(f"a {operator} b", a=sides[0], b=sides[1])])
        return sql(f"TRY_CAST(x AS {type_name(returns)})", x=exact)

    return lowered


def _power(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return finite(call("pow", *arguments))


def _matches(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression | None:
    pattern = constant(arguments[1])
    if not isinstance(pattern, str):
        return None
    return call("regexp_full_match", arguments[0], text(regex(pattern)[0]))


def _substring(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("substring", arguments[0], count_of(arguments[1], least=1), count_of(arguments[2]))


def _last_characters(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return call("right", arguments[0], count_of(arguments[1]))


LOWER: dict[str, Lowering] = {
    "decimal_add": _decimal("+"),
    "decimal_multiply": _decimal("*"),
    "decimal_subtract": _decimal("-"),
    "integer_add": _integer("+"),
    "integer_multiply": _integer("*"),
    "integer_subtract": _integer("-"),
    "last_characters": _last_characters,
    "matches": _matches,
    "power": _power,
    "substring": _substring,
}
