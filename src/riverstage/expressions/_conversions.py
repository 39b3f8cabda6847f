"""The conversions that typing puts into a tree, and the folding of those of constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from riverstage.errors import ExpressionError, Place
from riverstage.expressions._types_of import is_number, unified
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.meaning import convert_value, decimal_of, integer_bounds
from riverstage.expressions.typed import Compare, Constant, Convert, Typed, constant
from riverstage.types import BOOLEAN, FLOAT64, INT8, INT32, INT64, NULL, STRING, DataType, decimal

__all__ = ["can_fail", "converted", "is_true", "number", "same_values", "text", "unify"]

_NUMBERS = frozenset(
    {
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "decimal",
        "float32",
        "float64",
        "boolean",
    }
)
_FROM: dict[str, frozenset[str]] = {
    **dict.fromkeys(_NUMBERS, _NUMBERS | {"string"}),
    "string": _NUMBERS | {"string", "date", "time", "timestamp", "binary"},
    "binary": frozenset({"binary", "string"}),
    "date": frozenset({"date", "timestamp", "string"}),
    "time": frozenset({"time", "string"}),
    "timestamp": frozenset({"timestamp", "date", "time", "string"}),
}
_OFFERS = {
    ("date", "number"): "DaysSinceFromDate, DateOffsetByDays and the like compute with dates.",
    (
        "timestamp",
        "number",
    ): "SecondsSinceFromTimestamp, TimestampOffsetBySeconds and the like compute with timestamps.",
    ("time", "number"): "MidnightSecondsFromTime, TimeOffsetBySeconds and the like compute with times.",
}


def same_values(source: DataType, target: DataType) -> bool:
    """Return whether every value of one type is a value of the other as it stands, so that nothing is converted."""
    if source == target:
        return True
    if source.kind != target.kind:
        return False
    if source.kind in ("string", "binary"):
        return target.length is None or (source.length is not None and source.length <= target.length)
    if source.kind in ("time", "timestamp"):
        return (source.scale or 0) <= (target.scale or 0) and source.zone == target.zone
    return source.kind in ("list", "struct")


def can_fail(source: DataType, target: DataType) -> bool:
    """Return whether some value of one type has no counterpart in the other."""
    if source.kind == "null" or (target.kind in ("string", "boolean") and source.kind not in ("string", "binary")):
        return False
    if source.kind == "string":
        return target.kind not in ("string", "binary")
    if target.is_float:
        return target.kind == "float32" and source.kind != "float32"
    if target.is_integer:
        return _may_exceed(source, target)
    if target.kind == "decimal":
        return _decimal_may_exceed(source, target)
    return source.kind == "binary" and target.kind == "string"


def _may_exceed(source: DataType, target: DataType) -> bool:
    low, high = integer_bounds(target)
    if source.kind == "boolean":
        return False
    if source.is_integer:
        source_low, source_high = integer_bounds(source)
        return source_low < low or source_high > high
    if source.kind == "decimal":
        reach = _reach(source)
        return -reach < low or reach > high
    return True


def _reach(type: DataType) -> int:
    """Return the smallest whole number that is too big for a decimal type."""
    return int(10 ** ((type.precision or 38) - (type.scale or 0)))


def _decimal_may_exceed(source: DataType, target: DataType) -> bool:
    room = _reach(target)
    if source.kind == "boolean":
        return room < 2
    if source.is_integer:
        return max(abs(bound) for bound in integer_bounds(source)) >= room
    if source.kind == "decimal":
        reach = _reach(source)
        return reach > room or (reach == room and (source.scale or 0) > (target.scale or 0))
    return True


def converted(value: Typed, target: DataType) -> Typed:
    """Return a value as a type, by the language's rules; a constant becomes another constant.

    Raises:
        ExpressionError: If no value of its type can be one of the target's, or this constant cannot.
    """
    if same_values(value.type, target):
        return value
    if isinstance(value, Constant):
        return _folded(value, target)
    source = value.type.kind
    if source != "null" and target.kind not in _FROM.get(source, frozenset()):
        raise _unfit(value, target)
    nullable = value.nullable or can_fail(value.type, target)
    return Convert(target, nullable, value, start=value.start, end=value.end)


def _unfit(value: Typed, target: DataType) -> ExpressionError:
    wanted = "number" if target.is_numeric else str(target)
    return ExpressionError(
        f"A {value.type} is no {wanted}.",
        code="RS-3005",
        place=Place(position=value.start),
        mend=_OFFERS.get((value.type.kind, wanted), ""),
    )


def _folded(value: Constant, target: DataType) -> Constant:
    if value.value is not None and target.kind not in _FROM.get(value.type.kind, frozenset()):
        raise _unfit(value, target)
    try:
        result = convert_value(value.value, value.type, target)
    except ConversionFailed as error:
        raise ExpressionError(str(error), code="RS-3005", place=Place(position=value.start)) from error
    return replace(value, type=target, value=result)


def number(value: Typed, beside: DataType) -> Typed:
    """Return an operand of arithmetic as a number; ``beside`` is the type of the other, which null takes.

    A constant text is the number that it says; any other text is a float.
    """
    if value.type == NULL:
        return replace(value, type=beside if beside.is_numeric else INT32)
    if value.type.kind == "boolean":
        return converted(value, INT8)
    if value.type.is_text:
        return _constant_number(value) if isinstance(value, Constant) else converted(value, FLOAT64)
    if not value.type.is_numeric:
        raise _unfit(value, FLOAT64)
    return value


def _constant_number(value: Constant) -> Constant:
    if value.value is None:
        return replace(value, type=INT32)
    try:
        exact = decimal_of(str(value.value))
    except ConversionFailed as error:
        raise ExpressionError(str(error), code="RS-3005", place=Place(position=value.start)) from error
    _, digits, exponent = exact.as_tuple()
    if not isinstance(exponent, int) or exponent > 0 or max(len(digits), -exponent) > 38:
        return replace(value, type=FLOAT64, value=float(exact))
    if exponent == 0 and -(2**63) <= exact < 2**63:
        whole = int(exact)
        return replace(value, type=INT32 if -(2**31) <= whole < 2**31 else INT64, value=whole)
    return replace(value, type=decimal(max(len(digits), -exponent), -exponent), value=exact)


def text(value: Typed) -> Typed:
    """Return a value in its default text form."""
    return converted(value, STRING)


def is_true(value: Typed) -> Typed:
    """Return a value as a condition: a number is true unless it is 0, a text is read as a number."""
    if value.type.kind == "boolean":
        return value
    if value.type == NULL:
        return replace(value, type=BOOLEAN)
    counted = number(value, INT32)
    if isinstance(counted, Constant):
        known = None if counted.value is None else counted.value != 0
        return constant(BOOLEAN, known, start=value.start, end=value.end)
    zero = converted(constant(INT8, 0, start=value.start, end=value.end), counted.type)
    return Compare(BOOLEAN, counted.nullable, "<>", counted, zero, start=value.start, end=value.end)


def unify(values: Sequence[Typed]) -> list[Typed]:
    """Return values of which one will be taken, all with the type that they have in common.

    A constant does not widen the type of the others where it has a place in it.
    """
    shared = NULL
    for value in values:
        if not isinstance(value, Constant):
            shared = unified(shared, value.type)
    for value in values:
        if isinstance(value, Constant) and not _has_place(value, shared):
            shared = unified(shared, value.type)
    return [_labelled(converted(value, shared), shared) for value in values]


def _labelled(value: Typed, type: DataType) -> Typed:
    """Return a value under a wider type that its values are values of as they stand."""
    return value if value.type == type else replace(value, type=type)


def _has_place(value: Constant, type: DataType) -> bool:
    """Return whether a constant is a value of the type without loss."""
    if value.value is None:
        return True
    if type.is_text:
        return value.type.is_text and same_values(value.type, type)
    if not (is_number(type) and is_number(value.type)) or type.kind == "boolean":
        return False
    try:
        result = convert_value(value.value, value.type, type)
    except ConversionFailed:
        return False
    if isinstance(result, Decimal) and isinstance(value.value, float):
        return False
    return bool(result == value.value)
