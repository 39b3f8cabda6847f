"""The types of results: which type two values have in common, and what an operator gives.

Exact stays exact: integers grow to int64 and decimals to 38 digits; where that is not enough a decimal keeps at least
ten digits behind the point (or all it has) and is rounded half away from zero.
"""

from __future__ import annotations

from riverstage.types import FLOAT64, INT8, INT32, INT64, NULL, DataType, decimal, string

__all__ = ["arithmetic_type", "as_decimal", "common_number", "compared", "is_number", "unified"]

_DIGITS = {
    "boolean": 1, "int8": 3, "int16": 5, "int32": 10, "int64": 19,
    "uint8": 3, "uint16": 5, "uint32": 10, "uint64": 20,
}  # fmt: skip
_BITS = {"int8": 8, "uint8": 9, "int16": 16, "uint16": 17, "int32": 32, "uint32": 33, "int64": 64, "boolean": 2}
_KEPT = 10


def is_number(type: DataType) -> bool:
    """Return whether values of the type count as numbers; true is 1 and false is 0."""
    return type.is_numeric or type.kind == "boolean"


def as_decimal(type: DataType) -> DataType:
    """Return the decimal type that holds every value of an integer, boolean or decimal type."""
    return type if type.kind == "decimal" else decimal(_DIGITS.get(type.kind, 38), 0)


def _fitted(whole: int, scale: int) -> DataType:
    """Return the decimal of so many digits before and behind the point, cut to 38."""
    if whole + scale > 38:
        scale = max(min(scale, _KEPT), 38 - whole)
    return decimal(min(whole + scale, 38), scale)


def _integer_type(*types: DataType) -> DataType:
    """Return int32 or int64, whichever holds values of all those integer types."""
    if all(_BITS.get(each.kind, 65) <= 32 for each in types):
        return INT32
    return INT64


def arithmetic_type(operator: str, left: DataType, right: DataType) -> DataType:
    """Return the type of ``left operator right`` for two numbers."""
    if operator in ("/", "^") or left.is_float or right.is_float:
        return FLOAT64
    if left.kind != "decimal" and right.kind != "decimal":
        if "uint64" in (left.kind, right.kind):
            return _exact(operator, as_decimal(left), as_decimal(right))
        small = all(_BITS[each.kind] <= 17 for each in (left, right))
        return INT32 if small and operator != "*" else INT64
    return _exact(operator, as_decimal(left), as_decimal(right))


def _exact(operator: str, left: DataType, right: DataType) -> DataType:
    (wide, scale), (other_wide, other_scale) = _shape(left), _shape(right)
    if operator == "*":
        return _fitted(wide + other_wide, scale + other_scale)
    return _fitted(max(wide, other_wide) + 1, max(scale, other_scale))


def _shape(type: DataType) -> tuple[int, int]:
    scale = type.scale or 0
    return (type.precision or 38) - scale, scale


def common_number(left: DataType, right: DataType) -> DataType:
    """Return the type that holds numbers of both types."""
    if left == right:
        return left
    if left.is_float or right.is_float:
        return FLOAT64
    if left.kind != "decimal" and right.kind != "decimal":
        if "uint64" in (left.kind, right.kind):
            return decimal(20, 0)
        return INT8 if {left.kind, right.kind} <= {"int8", "boolean"} else _integer_type(left, right)
    (wide, scale), (other_wide, other_scale) = _shape(as_decimal(left)), _shape(as_decimal(right))
    return _fitted(max(wide, other_wide), max(scale, other_scale))


def unified(left: DataType, right: DataType) -> DataType:
    """Return the type of a value that is one of two, as the branches of an If; unlike types meet as text."""
    if left == right or right == NULL:
        return left
    if left == NULL:
        return right
    if left.is_text and right.is_text:
        return string(None if None in (left.length, right.length) else max(left.length or 0, right.length or 0))
    if is_number(left) and is_number(right):
        return common_number(left, right)
    if left.kind == right.kind and left.is_temporal:
        return left if (left.scale or 0) >= (right.scale or 0) else right
    if {left.kind, right.kind} == {"date", "timestamp"}:
        return left if left.kind == "timestamp" else right
    if left.kind == right.kind == "binary":
        return DataType("binary")
    return string()


def compared(left: DataType, right: DataType) -> tuple[DataType, DataType] | None:
    """Return the types that two sides are compared as, or None if they cannot be.

    Whole numbers and decimals stay as they are: they are compared by value; beside a float, and where no decimal holds
    both, both are floats. A text beside a number is read as a number, beside a date, time or timestamp as one.
    """
    if left == NULL or right == NULL:
        return left, right
    if is_number(left) and is_number(right):
        return _compared_numbers(left, right)
    if left.kind == right.kind and left.kind not in ("list", "struct"):
        return left, right
    if left.is_text and right.kind != "string":
        other = _read_as(right)
        return None if other is None else (other, right)
    if right.is_text:
        other = _read_as(left)
        return None if other is None else (left, other)
    if {left.kind, right.kind} == {"date", "timestamp"}:
        return (left, left) if left.kind == "timestamp" else (right, right)
    return None


def _compared_numbers(left: DataType, right: DataType) -> tuple[DataType, DataType]:
    if left.kind == right.kind and left.kind != "decimal":
        return left, right
    if left.is_float or right.is_float:
        return FLOAT64, FLOAT64
    left, right = (INT8 if each.kind == "boolean" else each for each in (left, right))
    if "decimal" in (left.kind, right.kind) or "uint64" in (left.kind, right.kind):
        (wide, scale), (other_wide, other_scale) = _shape(as_decimal(left)), _shape(as_decimal(right))
        if max(wide, other_wide) + max(scale, other_scale) > 38:
            return FLOAT64, FLOAT64
    return left, right


def _read_as(type: DataType) -> DataType | None:
    """Return what a text is read as beside a value of that type."""
    if type.is_float:
        return FLOAT64
    if is_number(type):
        return decimal(38, _KEPT)
    if type.is_temporal:
        return DataType(type.kind, scale=6, zone=type.zone) if type.kind != "date" else type
    return type if type.kind in ("binary", "boolean") else None
