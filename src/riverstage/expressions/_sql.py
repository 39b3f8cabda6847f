"""Small SQL trees that the translation is built of: types, constants, conditions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal

from sqlglot import exp

from riverstage.expressions.meaning import text_of
from riverstage.expressions.nodes import copied
from riverstage.types import DataType

__all__ = ["all_of", "any_of", "cast", "constant", "is_null", "paren", "sql_type"]

_SQL_TYPES = {
    "string": "TEXT", "binary": "VARBINARY", "boolean": "BOOLEAN",
    "int8": "TINYINT", "int16": "SMALLINT", "int32": "INT", "int64": "BIGINT",
    "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINT", "uint64": "UBIGINT",
    "float32": "FLOAT", "float64": "DOUBLE", "date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP",
    "null": "INT",
}  # fmt: skip


def sql_type(type: DataType) -> exp.DataType:
    """Return a type as SQL; strings and binaries without their length, which the language sees to."""
    if type.kind == "decimal":
        parameters = [
            exp.DataTypeParam(this=exp.Literal.number(part)) for part in (type.precision or 38, type.scale or 0)
        ]
        return exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=parameters, nested=False)
    if type.kind == "list" and type.element is not None:
        return exp.DataType(this=exp.DataType.Type.ARRAY, expressions=[sql_type(type.element)], nested=True)
    if type.kind == "struct":
        fields = [
            exp.ColumnDef(this=exp.Identifier(this=column.name, quoted=True), kind=sql_type(column.type))
            for column in type.fields
        ]
        return exp.DataType(this=exp.DataType.Type.STRUCT, expressions=fields, nested=True)
    if type.kind == "timestamp" and type.zone:
        return exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ, nested=False)
    return exp.DataType(this=exp.DataType.Type[_SQL_TYPES[type.kind]], nested=False)


def cast(value: exp.Expression, type: DataType) -> exp.Expression:
    """Return a cast that cannot fail."""
    return exp.Cast(this=value, to=sql_type(type))


def constant(value: object, type: DataType) -> exp.Expression:
    """Return a Python scalar as a constant of exactly that type."""
    match value:
        case None:
            return exp.Null() if type.kind == "null" else cast(exp.Null(), type)
        case bool():
            return exp.Boolean(this=value)
        case str():
            return exp.Literal.string(value)
        case bytes():
            return exp.HexString(this=value.hex())
        case int() if type.kind in ("int32", "null"):
            return _signed(str(value))
        case int():
            return cast(_signed(str(value)), type)
        case float():
            return cast(exp.Literal.string(repr(value)), type)
        case Decimal():
            return cast(_signed(text_of(value, type)), type)
        case datetime() | date() | time():
            return cast(exp.Literal.string(text_of(value, type)), type)
    raise TypeError(f"{value!r} is no scalar")


def _signed(text: str) -> exp.Expression:
    if text.startswith("-"):
        return exp.Neg(this=exp.Literal.number(text[1:]))
    return exp.Literal.number(text)


def is_null(value: exp.Expression) -> exp.Expression:
    """Return the condition that a value (copied) is null."""
    return exp.Is(this=paren(copied(value)), expression=exp.Null())


def paren(value: exp.Expression) -> exp.Expression:
    """Return a value in brackets where an operator beside it could take it apart."""
    if isinstance(value, exp.Binary | exp.Unary | exp.Between | exp.In) and not isinstance(value, exp.Paren | exp.Dot):
        return exp.Paren(this=value)
    return value


def any_of(conditions: Iterable[exp.Expression | None]) -> exp.Expression | None:
    """Return the condition that one of those holds; None for none of them."""
    found: exp.Expression | None = None
    for condition in conditions:
        if condition is None:
            continue
        found = condition if found is None else exp.Or(this=found, expression=_or_side(condition))
    return found


def _or_side(condition: exp.Expression) -> exp.Expression:
    return exp.Paren(this=condition) if isinstance(condition, exp.Or) else condition


def all_of(conditions: Iterable[exp.Expression]) -> exp.Expression | None:
    """Return the condition that all of those hold; None for none of them."""
    found: exp.Expression | None = None
    for condition in conditions:
        side = exp.Paren(this=condition) if isinstance(condition, exp.Or) else condition
        found = side if found is None else exp.And(this=found, expression=side)
    return found
