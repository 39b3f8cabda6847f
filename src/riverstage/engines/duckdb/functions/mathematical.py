"""The mathematical functions on DuckDB: null where they have no finite value."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering, call, let, sql
from riverstage.types import DataType

__all__ = ["LOWER"]

_Types = tuple[DataType, ...]
# The largest arguments whose results are finite doubles.
_LARGEST = "1.7976931348623157e308"
_EXP = "709.782712893384"
_COSH = "710.4758600739439"


def _within(function: str, condition: str) -> Lowering:
    """Return the lowering of a function of one float that has a value where a condition on ``x`` holds."""

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        return let(arguments[0], lambda x: sql(f"CASE WHEN {condition} THEN f END", x=x, f=call(function, x)))

    return lower


def _finite(function: str, *, least: str = f"-{_LARGEST}", most: str = _LARGEST) -> Lowering:
    return _within(function, f"x BETWEEN {least} AND {most}")


def _bigint(x: exp.Expression, kind: DataType) -> exp.Expression:
    return x if kind.kind == "int64" else sql("CAST(x AS BIGINT)", x=x)


def _abs(arguments: list[exp.Expression], types: _Types, _returns: DataType | None) -> exp.Expression:
    x = arguments[0]
    if types[0].kind == "int64":
        return let(x, lambda x: sql("CASE WHEN x <> -9223372036854775808 THEN f END", x=x, f=call("abs", x)))
    if types[0].kind == "uint64":
        return x
    return call("abs", _bigint(x, types[0]) if types[0].is_integer else x)


def _neg(arguments: list[exp.Expression], types: _Types, _returns: DataType | None) -> exp.Expression:
    x = arguments[0]
    if types[0].kind in ("int64", "uint64"):
        return sql("TRY_CAST(-CAST(x AS HUGEINT) AS BIGINT)", x=x)
    return sql("-(x)", x=_bigint(x, types[0]) if types[0].is_integer else x)


def _llabs(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST(f AS UBIGINT)", f=call("abs", sql("CAST(x AS HUGEINT)", x=arguments[0])))


def _whole(function: str) -> Lowering:
    def lower(arguments: list[exp.Expression], types: _Types, _returns: DataType | None) -> exp.Expression:
        x = arguments[0]
        if types[0].is_float:
            return let(
                x,
                lambda x: sql(
                    "CASE WHEN x >= -9223372036854775808.0::DOUBLE AND x < 9223372036854775808.0::DOUBLE "
                    "THEN CAST(f AS BIGINT) END",
                    x=x,
                    f=call(function, x),
                ),
            )
        return sql("TRY_CAST(f AS BIGINT)", f=x if types[0].is_integer else call(function, x))

    return lower


def _choice(operator: str) -> Lowering:
    """Return the lowering of Max or Min; GREATEST and LEAST are no use, they pass over nulls."""

    def lower(arguments: list[exp.Expression], types: _Types, returns: DataType | None) -> exp.Expression:
        first, second = (_as(x, kind, returns) for x, kind in zip(arguments, types, strict=True))
        template = f"CASE WHEN a {operator} b THEN a WHEN NOT (a {operator} b) THEN b END"
        return let(first, lambda a: let(second, lambda b: sql(template, a=a, b=b)))

    return lower


def _as(x: exp.Expression, kind: DataType, returns: DataType | None) -> exp.Expression:
    if returns is None or kind == returns:
        return x
    names = {"float64": "DOUBLE", "float32": "FLOAT", "decimal": f"DECIMAL({returns.precision}, {returns.scale or 0})",
             "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "uint8": "UTINYINT",
             "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT"}  # fmt: skip
    return sql(f"TRY_CAST(x AS {names[returns.kind]})", x=x)


def _mod(arguments: list[exp.Expression], types: _Types, _returns: DataType | None) -> exp.Expression:
    """Lower Mod; a divisor of -1 is kept from DuckDB, which fails for the least number of its type."""
    wide = "HUGEINT" if any(kind.kind == "uint64" for kind in types) else "BIGINT"
    template = "CASE WHEN b <> 0 AND b <> -1 THEN a % b WHEN b = -1 THEN a - a END"
    a, b = (sql(f"CAST(x AS {wide})", x=x) for x in arguments)
    rest = let(a, lambda a: let(b, lambda b: sql(template, a=a, b=b)))
    result = "UBIGINT" if types[0].kind == "uint64" else "BIGINT"
    return rest if wide == result else sql(f"CAST(x AS {result})", x=rest)


def _pair(template: str, function: str) -> Lowering:
    """Return the lowering of a function of two finite floats ``a`` and ``b``, with the call as ``f``."""

    def lower(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
        first, second = arguments
        return let(
            first, lambda a: let(second, lambda b: sql(template, a=a, b=b, f=call(function, a, b)))
        )  # fmt: skip

    return lower


def _div(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    template = (
        f"CASE WHEN a BETWEEN -{_LARGEST} AND {_LARGEST} AND b BETWEEN -{_LARGEST} AND {_LARGEST} AND b <> 0 "
        f"AND (a / b) BETWEEN -{_LARGEST} AND {_LARGEST} THEN f + 0 END"
    )
    first, second = arguments
    return let(
        first,
        lambda a: let(second, lambda b: sql(template, a=a, b=b, f=call("trunc", sql("a / b", a=a, b=b)))),
    )


def _random(_arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return sql("CAST(f AS UINTEGER)", f=call("floor", sql("r * 4294967296", r=call("random"))))


def _rnd(arguments: list[exp.Expression], _types: _Types, _returns: DataType | None) -> exp.Expression:
    return let(
        arguments[0],
        lambda n: sql(
            "CASE WHEN n >= 0 THEN CAST(f AS BIGINT) END", n=n, f=call("floor", sql("r * n", r=call("random"), n=n))
        ),
    )


_BOTH = f"a BETWEEN -{_LARGEST} AND {_LARGEST} AND b BETWEEN -{_LARGEST} AND {_LARGEST}"

LOWER: dict[str, Lowering] = {
    "abs": _abs,
    "acos": _finite("acos", least="-1.0::DOUBLE", most="1.0::DOUBLE"),
    "asin": _finite("asin", least="-1.0::DOUBLE", most="1.0::DOUBLE"),
    "atan": _finite("atan"),
    "atan2": _pair(f"CASE WHEN {_BOTH} THEN f END", "atan2"),
    "ceil": _whole("ceil"),
    "cos": _finite("cos"),
    "cosh": _finite("cosh", least=f"-{_COSH}::DOUBLE", most=f"{_COSH}::DOUBLE"),
    "div": _div,
    "exp": _finite("exp", most=f"{_EXP}::DOUBLE"),
    "fabs": lambda arguments, _types, _returns: call("abs", arguments[0]),
    "floor": _whole("floor"),
    "llabs": _llabs,
    "ln": _within("ln", f"x > 0 AND x <= {_LARGEST}"),
    "log10": _within("log10", f"x > 0 AND x <= {_LARGEST}"),
    "max": _choice(">="),
    "min": _choice("<="),
    "mod": _mod,
    "neg": _neg,
    "pwr": _pair(f"CASE WHEN {_BOTH} AND f BETWEEN -{_LARGEST} AND {_LARGEST} THEN f END", "pow"),
    "rand": _random,
    "random": _random,
    "rnd": _rnd,
    "sin": _finite("sin"),
    "sinh": _finite("sinh", least=f"-{_COSH}::DOUBLE", most=f"{_COSH}::DOUBLE"),
    "sqrt": _within("sqrt", f"x >= 0 AND x <= {_LARGEST}"),
    "tan": _finite("tan"),
    "tanh": _finite("tanh"),
}
"""Ldexp and Srandom are computed in Python: powers of two beyond a double's range, a sequence of Python's own."""
