"""The functions of the Transformer language that convert between texts, numbers and binaries.

Those of dates, times and timestamps are in ``date_conversion``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Context, Decimal
from typing import Any

from riverstage.expressions.functions import _formats
from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.expressions.functions.number import ROUNDING
from riverstage.expressions.meaning import convert_value, decimal_of, integer_bounds
from riverstage.types import (
    BOOLEAN,
    FLOAT32,
    FLOAT64,
    INT32,
    STRING,
    DataType,
    binary,
    decimal,
    string,
)

__all__ = ["FUNCTIONS", "INTEGER_KINDS"]

INTEGER_KINDS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
"""The integer types that IsValid knows."""

_EXACT = Context(prec=200, Emax=100_000, Emin=-100_000)
_WIDE = decimal(38, 10)
_MOST_DIGITS = 38


def _char(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ConversionFailed(f"{code} is the code of no character.")
    return chr(code)


def _char_of(code: int, _allow: int) -> str:
    return _char(code)


def _sequence(text: str) -> int:
    return ord(text[0]) if text else 0


def _sequence_at(text: str, index: int) -> int:
    return ord(text[index]) if 0 <= index < len(text) else 0


def _rounded(number: Decimal, rounding: str, returns: DataType) -> Decimal:
    mode = ROUNDING.get(rounding.strip(" ").lower())
    if mode is None:
        raise ConversionFailed(f"'{rounding}' is no rounding type: it is ceil, floor, round_inf or trunc_zero.")
    scale = returns.scale or 0
    if number.adjusted() > _MOST_DIGITS:
        raise ConversionFailed(f"{number} does not fit {returns}.")
    result = number.quantize(Decimal(1).scaleb(-scale), rounding=mode, context=_EXACT)
    if result.copy_abs() >= Decimal(10) ** ((returns.precision or _MOST_DIGITS) - scale):
        raise ConversionFailed(f"{number} does not fit {returns}.")
    return result if result else result.copy_abs()


def _decimal_to_decimal(number: Decimal, rounding: str, *, returns: DataType) -> Decimal:
    return _rounded(number, rounding, returns)


def _string_to_decimal(text: str, rounding: str, *, returns: DataType) -> Decimal:
    return _rounded(decimal_of(text), rounding, returns)


def _float_to_decimal(number: float, rounding: str, *, returns: DataType) -> Decimal:
    if not math.isfinite(number):
        raise ConversionFailed(f"{number} is no finite number.")
    return _rounded(Decimal(repr(number)), rounding, returns)


def _decimal_to_float(number: Decimal, _zero: str) -> float:
    return float(number)


def _decimal_to_string(number: Decimal, mode: str, precision: int, scale: int) -> str:
    """Write a decimal with all digits of its type, or of decimal(38,10), or without needless zeros."""
    kind = mode.strip(" ").lower()
    if kind == "suppress_zero":
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if kind == "fix_zero":
        precision, scale = _WIDE.precision or 38, _WIDE.scale or 0
        number = convert_value(number, _WIDE, _WIDE)
    elif kind != "full":
        raise ConversionFailed(f"DecimalToString has no option '{mode}': it is fix_zero or suppress_zero.")
    digits = f"{number.copy_abs():.{scale}f}"
    width = max(precision - scale, 1) + (scale + 1 if scale else 0)
    return ("-" if number < 0 else "") + digits.rjust(width, "0")


def _fixed(number: float, places: int) -> str:
    if not math.isfinite(number) or not 0 <= places <= _MOST_DIGITS:
        raise ConversionFailed(f"{number} cannot be written with {places} digits behind the point.")
    result = convert_value(number, FLOAT64, DataType("decimal", precision=400, scale=places))
    return f"{result:.{places}f}"


def _shortest(number: float, places: int) -> str:
    text = _fixed(number, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _to_number(text: str) -> float:
    result = float(convert_value(text, STRING, FLOAT64))
    if not math.isfinite(result):
        raise ConversionFailed(f"'{text}' is too large.")
    return result


def _number_or_null(text: str) -> float | None:
    try:
        return _to_number(text)
    except ConversionFailed:
        return None


def _number_or_zero(text: str) -> float:
    try:
        return _to_number(text)
    except ConversionFailed:
        return 0.0


def _decimal_or_null(text: str, whole: int, scale: int, *, returns: DataType) -> Decimal | None:
    """Return the decimal of at most ``whole`` digits before the point, rounded to ``scale`` behind it."""
    if whole < 0 or not 0 <= scale <= _MOST_DIGITS or whole + scale > _MOST_DIGITS:
        return None
    try:
        fitted = convert_value(text, STRING, decimal(max(whole + scale, 1), scale))
        return Decimal(convert_value(fitted, returns, returns))
    except ConversionFailed:
        return None


def _encoded(text: str) -> bytes:
    return text.encode()


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ConversionFailed("The bytes are no UTF-8 text.") from error


def _same(text: str, *_: str) -> str:
    return text


def _is_valid(kind: str | None, value: str | None, *rest: str | None) -> bool:
    """Return whether a text is a value of a type; a whole number has no point and no exponent."""
    if kind is None or value is None or None in rest:
        return False
    name = kind.strip(" ").lower()
    try:
        if name in INTEGER_KINDS:
            return _is_integer(value, DataType(name))  # type: ignore[arg-type]
        match name:
            case "decimal":
                convert_value(value, STRING, _WIDE)
            case "dfloat" | "sfloat":
                convert_value(value, STRING, FLOAT64 if name == "dfloat" else FLOAT32)
            case "date":
                _formats.read_date(value, *[part for part in rest if part is not None])
            case "time":
                _formats.read_time(value, *[part for part in rest if part is not None])
            case "timestamp":
                _formats.read_timestamp(value, *[part for part in rest if part is not None])
            case "raw" | "string" | "ustring":
                pass
            case _:
                return False
    except ConversionFailed:
        return False
    return True


def _is_integer(value: str, type: DataType) -> bool:
    if not re.fullmatch(r"[ \t]*[+-]?[0-9]+[ \t]*", value):
        return False
    low, high = integer_bounds(type)
    return low <= int(value) <= high if len(value) < 1000 else False


def _is_valid_decimal(number: Decimal | None, zeros_valid: int | None) -> bool:
    return number is not None and (zeros_valid != 0 or number != 0)


def _precision(types: Sequence[DataType]) -> int:
    return types[0].precision or _MOST_DIGITS


def _scale(types: Sequence[DataType]) -> int:
    return types[0].scale or 0


def _as_text(text: Sequence[DataType]) -> DataType:
    return string(text[0].length)


def _function(
    name: str, summary: str, parameters: tuple[Parameter, ...], returns: Any, python: Any, **more: Any
) -> Function:
    return Function(name, "type_conversion", summary, parameters, returns, python, **more)


_TEXT = Parameter("text", "string")
_CODE = Parameter("code", "integer")
_MAP = Parameter("map", "string", optional=True)
_FLOAT = Parameter("number", "float")
_DECIMAL = Parameter("number", "decimal")
_PLACES = Parameter("places", "integer")
_ROUNDING = Parameter("rounding", "string", optional=True, default="trunc_zero")

FUNCTIONS: tuple[Function, ...] = (
    _function("Char", "The character of a code.", (_CODE, Parameter("allow8bits", "integer", optional=True, default=0)),
              string(1), _char_of, can_fail=True),
    _function("UniChar", "The character of a Unicode code point.", (_CODE,), string(1), _char, can_fail=True),
    _function("Seq", "The code of the first character, 0 where there is none.", (_TEXT,), INT32, _sequence,
              aliases=("UniSeq",)),
    _function("SeqAt", "The code of a character, counted from 0; 0 where there is none.",
              (_TEXT, Parameter("index", "integer")), INT32, _sequence_at),
    _function("DecimalToDecimal", "The decimal in the precision and scale of its column, rounded in a way.",
              (_DECIMAL, _ROUNDING), _WIDE, _decimal_to_decimal, can_fail=True, targeted=True),
    _function("StringToDecimal", "The decimal that a text says, rounded in a way.", (_TEXT, _ROUNDING), _WIDE,
              _string_to_decimal, can_fail=True, targeted=True),
    _function("DFloatToDecimal", "The float as a decimal, rounded in a way.", (_FLOAT, _ROUNDING), _WIDE,
              _float_to_decimal, can_fail=True, targeted=True),
    _function("DecimalToDFloat", "The decimal as a float.",
              (_DECIMAL, Parameter("zero", "string", optional=True, default="")), FLOAT64, _decimal_to_float),
    _function("DecimalToString", "The decimal as text with all its digits, or without needless zeros.",
              (_DECIMAL, Parameter("mode", "string", optional=True, default="full"),
               Parameter("_precision", "integer", default=_precision), Parameter("_scale", "integer", default=_scale)),
              STRING, _decimal_to_string, can_fail=True),
    _function("DFloatToStringNoExp", "The float as text without exponent, with so many digits behind the point.",
              (_FLOAT, _PLACES), STRING, _fixed, can_fail=True),
    _function("NumToStr", "The float as text without exponent, with at most so many digits behind the point.",
              (_FLOAT, _PLACES), STRING, _shortest, can_fail=True),
    _function("NumToStrFixed", "The float as text without exponent, with so many digits behind the point.",
              (_FLOAT, _PLACES), STRING, _fixed, can_fail=True),
    _function("StrToNum", "The float that a text says.", (_TEXT,), FLOAT64, _to_number, can_fail=True),
    _function("StrToNumOrNull", "The float that a text says, or null.", (_TEXT,), FLOAT64, _number_or_null),
    _function("StrToNumOrZero", "The float that a text says, or 0.", (_TEXT,), FLOAT64, _number_or_zero),
    _function("StrToDecimalOrNull", "The decimal that a text says, or null: digits before and behind the point.",
              (_TEXT, Parameter("whole", "integer"), Parameter("scale", "integer")), _WIDE, _decimal_or_null,
              targeted=True),
    _function("StringToRaw", "The bytes of a text in UTF-8.", (_TEXT,), binary(), _encoded),
    _function("RawToString", "The text that bytes in UTF-8 say.", (Parameter("raw", "binary"),), STRING, _decoded,
              can_fail=True),
    _function("StringToUString", "The text: every text is Unicode here.", (_TEXT, _MAP), _as_text, _same,
              aliases=("UStringToString",)),
    _function("IsValid", "Whether a text is a value of a type.",
              (Parameter("type", "string"), _TEXT, Parameter("format", "string", optional=True)), BOOLEAN, _is_valid,
              nulls="handled", catches=True),
    _function("IsValidDecimal", "Whether the value is a decimal, and not 0 where that is asked.",
              (_DECIMAL, Parameter("zeros_valid", "integer", optional=True, default=1)), BOOLEAN, _is_valid_decimal,
              nulls="handled", catches=True),
)  # fmt: skip
