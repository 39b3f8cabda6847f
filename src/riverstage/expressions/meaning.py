"""What the language's operators and conversions do to values: the reference that every engine agrees with.

Pure Python on scalars. ``None`` never comes in here: null is decided around it (null in, null out). What cannot be
computed raises ``ConversionFailed``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, TypeVar

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.types import DataType

__all__ = [
    "arithmetic",
    "convert_value",
    "decimal_of",
    "exact_digits",
    "integer_bounds",
    "last_characters",
    "number_text",
    "round_to",
    "substring",
    "text_of",
]

_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\v\f\r]*")
_DATE = re.compile(r" *([0-9]{4})-([0-9]{2})-([0-9]{2}) *")
_CLOCK = r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,6}))?"
_TIME = re.compile(f" *{_CLOCK} *")
_TIMESTAMP = re.compile(f" *([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})(?:[ T]{_CLOCK})? *")
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP, Emax=100_000, Emin=-100_000)

_Made = TypeVar("_Made", date, time, datetime)

_BOUNDS = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}


def integer_bounds(type: DataType) -> tuple[int, int]:
    """Return the smallest and the largest value of an integer type."""
    return _BOUNDS[type.kind]


def number_text(value: float) -> str:
    """Return the default text of a float: the shortest that reads back as the same number, without ``.0``.

    Example:
        >>> number_text(4.0), number_text(0.1), number_text(1e21)
        ('4', '0.1', '1e+21')
    """
    return repr(float(value)).removesuffix(".0")


def decimal_of(text: str) -> Decimal:
    """Return the number that a text says; blanks around it do not matter.

    Raises:
        ConversionFailed: If it is no number.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ConversionFailed(f"'{text}' is no number.")
    try:
        return _EXACT.create_decimal(found.group(1))
    except InvalidOperation as error:
        raise ConversionFailed(f"'{text}' is no number.") from error


def round_to(value: Decimal, scale: int) -> Decimal:
    """Round half away from zero to ``scale`` digits behind the point."""
    try:
        return value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP, context=_EXACT)
    except InvalidOperation as error:
        raise ConversionFailed(f"{value} has too many digits.") from error


def _decimal(value: Decimal, type: DataType) -> Decimal:
    rounded = round_to(value, type.scale or 0)
    if rounded.copy_abs() >= Decimal(10) ** ((type.precision or 38) - (type.scale or 0)):
        raise ConversionFailed(f"{value} does not fit {type}.")
    return rounded if rounded else rounded.copy_abs()


def _integer(value: int, type: DataType) -> int:
    low, high = _BOUNDS[type.kind]
    if not low <= value <= high:
        raise ConversionFailed(f"{value} does not fit {type}.")
    return value


def _exact(value: object) -> Decimal:
    """Return a number, boolean or text as an exact decimal; a float by its shortest text."""
    match value:
        case str():
            return decimal_of(value)
        case float():
            if not math.isfinite(value):
                raise ConversionFailed(f"{value} is no finite number.")
            return Decimal(repr(value))
        case bool() | int():
            return Decimal(int(value))
        case Decimal():
            return value
        case _:
            raise ConversionFailed(f"{value!r} is no number.")


def _to_integer(value: object, target: DataType) -> int:
    if isinstance(value, bool | int):
        return _integer(int(value), target)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ConversionFailed(f"{value} is no finite number.")
        whole = math.floor(abs(value) + 0.5) if abs(value) < 2**52 else int(abs(value))
        if abs(value) == 0.49999999999999994:  # its sum with a half rounds up to one
            whole = 0
        return _integer(whole if value >= 0 else -whole, target)
    return _integer(int(round_to(_exact(value), 0)), target)


def _to_decimal(value: object, target: DataType) -> Decimal:
    return _decimal(_exact(value), target)


def _to_float(value: object, target: DataType) -> float:
    if isinstance(value, str):
        value = float(_checked(value))
    elif isinstance(value, bool | int | Decimal | float):
        value = float(value)
    else:
        raise ConversionFailed(f"{value!r} is no number.")
    return _single(value) if target.kind == "float32" else value


def _checked(text: str) -> str:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ConversionFailed(f"'{text}' is no number.")
    return found.group(1)


def _single(value: float) -> float:
    """Return a double at the precision of a float32."""
    import struct

    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError as error:
        raise ConversionFailed(f"{value} does not fit float32.") from error


def _to_boolean(value: object, _: DataType) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return float(_checked(value)) != 0
    return value != 0


def text_of(value: object, type: DataType) -> str:
    """Return the default text of a value of a type.

    Whole numbers and decimals in full (a decimal with all digits of its scale), floats in the shortest form, true as
    ``1``, dates as ``yyyy-mm-dd``, times as ``hh:nn:ss``, with fractions as far as the type has them.
    """
    match value:
        case str():
            return value
        case bool():
            return "1" if value else "0"
        case float():
            return number_text(value)
        case Decimal():
            return f"{round_to(value, type.scale or 0):f}"
        case datetime():
            return f"{_date_text(value)} {_time_text(value, type.scale or 0)}"
        case date():
            return _date_text(value)
        case time():
            return _time_text(value, type.scale or 0)
        case bytes():
            return _decoded(value)
        case _:
            return str(value)


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConversionFailed("The bytes are no UTF-8 text.") from error


def _date_text(value: date) -> str:
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def _time_text(value: time | datetime, scale: int) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return f"{text}.{f'{value.microsecond:06d}'[:scale]}" if scale else text


def _to_string(value: object, target: DataType, source: DataType) -> str:
    text = text_of(value, source)
    return text if target.length is None else text[: target.length]


def _to_binary(value: object, target: DataType) -> bytes:
    if isinstance(value, str):
        value = value.encode("utf-8")
    if not isinstance(value, bytes):
        raise ConversionFailed(f"{value!r} is no binary.")
    return value if target.length is None else value[: target.length]


def _micro(value: int, scale: int) -> int:
    """Cut microseconds to ``scale`` digits."""
    unit = int(10 ** (6 - min(scale, 6)))
    return value - value % unit


def _to_date(value: object, _: DataType) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        found = _DATE.fullmatch(value) or _TIMESTAMP.fullmatch(value)
        if found is not None:
            return _made(date, "date", value, *(int(part) for part in found.groups()[:3]))
    raise ConversionFailed(f"{value!r} is no date.")


def _to_time(value: object, target: DataType) -> time:
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, str):
        found = _TIME.fullmatch(value)
        if found is None:
            raise ConversionFailed(f"'{value}' is no time.")
        hour, minute, second, fraction = found.groups()
        value = _made(time, "time", value, int(hour), int(minute), int(second), int((fraction or "0").ljust(6, "0")))
    if not isinstance(value, time):
        raise ConversionFailed(f"{value!r} is no time.")
    return value.replace(microsecond=_micro(value.microsecond, target.scale or 0))


def _to_timestamp(value: object, target: DataType) -> datetime:
    if isinstance(value, str):
        found = _TIMESTAMP.fullmatch(value)
        if found is None:
            raise ConversionFailed(f"'{value}' is no timestamp.")
        *whole, fraction = found.groups()
        micro = int((fraction or "0").ljust(6, "0"))
        value = _made(datetime, "timestamp", value, *(int(part or 0) for part in whole), micro)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise ConversionFailed(f"{value!r} is no timestamp.")
    return value.replace(microsecond=_micro(value.microsecond, target.scale or 0))


def _made(make: Callable[..., _Made], kind: str, text: str, *parts: int) -> _Made:
    try:
        return make(*parts)
    except ValueError as error:
        raise ConversionFailed(f"'{text}' is no {kind}: the calendar has no such day.") from error


_CONVERT: dict[str, Callable[[object, DataType], object]] = {
    **dict.fromkeys(_BOUNDS, _to_integer),
    "decimal": _to_decimal,
    "float32": _to_float,
    "float64": _to_float,
    "boolean": _to_boolean,
    "binary": _to_binary,
    "date": _to_date,
    "time": _to_time,
    "timestamp": _to_timestamp,
}


def convert_value(value: object, source: DataType, target: DataType) -> Any:
    """Return a value of one type as another; None stays None.

    Digits that the target has no room for behind the point are rounded half away from zero; texts that are too long
    are cut; fractions of seconds are cut.

    Raises:
        ConversionFailed: If there is no such value of the target's type.
    """
    if value is None:
        return None
    if target.kind == "string":
        return _to_string(value, target, source)
    if target.kind not in _CONVERT:
        return value
    return _CONVERT[target.kind](value, target)


def arithmetic(operator: str, left: Any, right: Any, returns: DataType) -> Any:
    """Return ``left operator right`` for ``+ - * / ^`` as a value of the type that the typing gave.

    Raises:
        ConversionFailed: For a zero divisor, a power without finite result, and a result that does not fit.
    """
    if returns.is_float:
        return _float_arithmetic(operator, float(left), float(right))
    if returns.is_integer:
        return _integer(_combined(operator, left, right), returns)
    exact = {"+": _EXACT.add, "-": _EXACT.subtract, "*": _EXACT.multiply}[operator]
    return _decimal(exact(_exact(left), _exact(right)), returns)


def _combined(operator: str, left: Any, right: Any) -> Any:
    if operator == "+":
        return left + right
    return left - right if operator == "-" else left * right


def _float_arithmetic(operator: str, left: float, right: float) -> float:
    if operator == "/":
        if right == 0:
            raise ConversionFailed("Division by zero.")
        return left / right
    if operator != "^":
        return float(_combined(operator, left, right))
    try:
        result = math.pow(left, right)
    except (OverflowError, ValueError) as error:
        raise ConversionFailed(f"{left} ^ {right} has no finite result.") from error
    if not math.isfinite(result):
        raise ConversionFailed(f"{left} ^ {right} has no finite result.")
    return result


def exact_digits(operator: str, left: DataType, right: DataType) -> int:
    """Return how many digits every exact result of two decimals fits, for ``+ - *``."""
    scales = [each.scale or 0 for each in (left, right)]
    whole = [(each.precision or 38) - scale for each, scale in zip((left, right), scales, strict=True)]
    return sum(whole) + sum(scales) if operator == "*" else max(whole) + max(scales) + 1


def substring(text: str, first: int, length: int) -> str:
    """Return ``length`` characters from ``first``, counted from 1; a position before the first is the first."""
    begin = max(first, 1) - 1
    return text[begin : begin + max(length, 0)]


def last_characters(text: str, length: int) -> str:
    """Return the last ``length`` characters."""
    return text[max(len(text) - length, 0) :] if length > 0 else ""
