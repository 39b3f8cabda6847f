"""The conversions of the Transformer language from and to dates, times and timestamps.

Decimals hold them packed: the digits of a format such as ``%yyyy%mm%dd`` one after the other, sign and point ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from riverstage.errors import ExpressionError
from riverstage.expressions.functions import _formats
from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.types import DATE, INT8, STRING, DataType, decimal
from riverstage.types import time as time_type
from riverstage.types import timestamp as timestamp_type

__all__ = ["FUNCTIONS", "PACKED", "packed_format"]

PACKED: dict[_formats.FormatKind, str] = {
    "date": "%yyyy%mm%dd",
    "time": "%hh%nn%ss",
    "timestamp": "%yyyy%mm%dd%hh%nn%ss",
}
"""How dates, times and timestamps are laid out in decimals where no format says otherwise."""

_PACKED_TAGS = frozenset({"yyyy", "yy", "mm", "dd", "ddd", "hh", "nn", "ss"})


def packed_format(text: str | None, kind: _formats.FormatKind) -> tuple[_formats.Format, int]:
    """Return a format of the digits of a decimal, and how many digits it has.

    Raises:
        ExpressionError: For a tag of another width, and for text other than digits.
    """
    found = _formats.compile_format(PACKED[kind] if text is None else text, kind, packed=True)
    width = 0
    for part in found.parts:
        if isinstance(part, str):
            if not (part.isascii() and part.isdigit()):
                raise ExpressionError(f"The format '{found.text}' puts '{part}' in a decimal.", code="RS-3062",
                                      mend="Decimals hold digits only.")  # fmt: skip
            width += len(part)
        elif part.name not in _PACKED_TAGS or part.options:
            mend = "Use %yyyy, %yy, %mm, %dd, %ddd, %hh, %nn, %ss and %ss.N."
            raise ExpressionError(
                f"The format '{found.text}' has %{part.name}, which decimals cannot hold.", code="RS-3062", mend=mend
            )
        else:
            width += part.size + part.digits
    return found, width


def _packed(text: str | None, kind: _formats.FormatKind) -> tuple[_formats.Format, int]:
    """Return a packed format of a row's own; a broken one fails the row."""
    try:
        found = packed_format(text, kind)
        found[0].check_readable()
    except ExpressionError as error:
        raise ConversionFailed(error.message) from error
    return found


def _unpack(number: Decimal, format: str | None, kind: _formats.FormatKind) -> date | time | datetime:
    layout, width = _packed(format, kind)
    digits = f"{number.copy_abs():f}".replace(".", "").lstrip("0")
    if len(digits) > width:
        raise ConversionFailed(f"{number} has more digits than {layout.text}.")
    return layout.read(digits.rjust(width, "0"))


def _pack(value: date | time | datetime, format: str | None, kind: _formats.FormatKind, returns: DataType) -> Decimal:
    try:
        digits = packed_format(format, kind)[0].write(value)
    except ExpressionError as error:
        raise ConversionFailed(error.message) from error
    packed = Decimal(digits)
    if packed >= Decimal(10) ** (returns.precision or 38):
        raise ConversionFailed(f"{digits} does not fit {returns}.")
    return Decimal((0, packed.as_tuple().digits, -(returns.scale or 0)))


def _date_to_decimal(value: date, format: str | None = None, *, returns: DataType) -> Decimal:
    return _pack(value, format, "date", returns)


def _time_to_decimal(value: time, format: str | None = None, *, returns: DataType) -> Decimal:
    return _pack(value, format, "time", returns)


def _timestamp_to_decimal(value: datetime, format: str | None = None, *, returns: DataType) -> Decimal:
    return _pack(value, format, "timestamp", returns)


def _decimal_to_date(number: Decimal, format: str | None = None) -> object:
    return _unpack(number, format, "date")


def _decimal_to_time(number: Decimal, format: str | None = None) -> object:
    return _unpack(number, format, "time")


def _decimal_to_timestamp(number: Decimal, format: str | None = None) -> object:
    return _unpack(number, format, "timestamp")


def _timestamp_or_null(text: str | None, format: str | None = None) -> datetime | None:
    try:
        return None if text is None else _formats.read_timestamp(text, format)
    except ConversionFailed:
        return None


def _is_valid(value: object) -> int:
    return int(value is not None)


def _date_of(value: datetime) -> date:
    return value.date()


def _time_of(value: datetime) -> time:
    return value.time()


def _fraction(types: Sequence[DataType]) -> DataType:
    return time_type(types[0].scale or 0)


_FORMAT = Parameter("format", "string", optional=True)


def _convert(
    name: str,
    summary: str,
    accepts: Literal["string", "decimal", "date", "time", "timestamp"],
    returns: DataType,
    python: Callable[..., object],
    *,
    targeted: bool = False,
) -> Function:
    value = "text" if accepts == "string" else "number" if accepts == "decimal" else accepts
    parameters = (Parameter(value, accepts), _FORMAT)
    return Function(
        name, "type_conversion", summary, parameters, returns, python, can_fail=True, targeted=targeted
    )  # fmt: skip


def _valid(name: str, kind: Literal["date", "time", "timestamp"]) -> Function:
    summary = f"Whether the value is a {kind}: 0 for null and for what could not be converted to one."
    return Function(
        name, "type_conversion", summary, (Parameter("value", kind),), INT8, _is_valid, nulls="handled", catches=True
    )  # fmt: skip


_TIME = time_type(6)
_TIMESTAMP = timestamp_type(6)
_DIGITS = decimal(38)

FUNCTIONS: tuple[Function, ...] = (
    _convert("DateToDecimal", "A date as the digits of a decimal.", "date", _DIGITS, _date_to_decimal, targeted=True),
    _convert("DateToString", "A date as text.", "date", STRING, _formats.write),
    _convert("DecimalToDate", "The date that the digits of a decimal say.", "decimal", DATE, _decimal_to_date),
    _convert("DecimalToTime", "The time that the digits of a decimal say.", "decimal", _TIME, _decimal_to_time),
    _convert(
        "DecimalToTimestamp", "The timestamp that the digits of a decimal say.", "decimal", _TIMESTAMP,
        _decimal_to_timestamp,
    ),
    _valid("IsValidDate", "date"),
    _valid("IsValidTime", "time"),
    _valid("IsValidTimestamp", "timestamp"),
    _convert("StringToDate", "The date that a text says.", "string", DATE, _formats.read_date),
    _convert("StringToTime", "The time that a text says.", "string", _TIME, _formats.read_time),
    _convert("StringToTimestamp", "The timestamp that a text says.", "string", _TIMESTAMP, _formats.read_timestamp),
    _convert(
        "StrToTimestampOrInvalid", "The timestamp that a text says; the row fails where it says none.", "string",
        _TIMESTAMP, _formats.read_timestamp,
    ),
    Function(
        "StrToTimestampOrNull", "type_conversion", "The timestamp that a text says, or null.",
        (Parameter("text", "string"), _FORMAT), _TIMESTAMP, _timestamp_or_null, nulls="handled",
    ),
    Function(
        "TimestampToDate", "type_conversion", "The date of a timestamp.", (Parameter("timestamp", "timestamp"),), DATE,
        _date_of,
    ),
    _convert(
        "TimestampToDecimal", "A timestamp as the digits of a decimal.", "timestamp", _DIGITS, _timestamp_to_decimal,
        targeted=True,
    ),
    _convert("TimestampToString", "A timestamp as text.", "timestamp", STRING, _formats.write),
    Function(
        "TimestampToTime", "type_conversion", "The time of a timestamp.", (Parameter("timestamp", "timestamp"),),
        _fraction, _time_of,
    ),
    _convert("TimeToDecimal", "A time as the digits of a decimal.", "time", _DIGITS, _time_to_decimal, targeted=True),
    _convert("TimeToString", "A time as text.", "time", STRING, _formats.write),
)  # fmt: skip
