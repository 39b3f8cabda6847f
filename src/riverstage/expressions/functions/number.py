"""The functions of the Transformer language that take numbers apart and change their type."""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.types import FLOAT32, FLOAT64, INT32, INT64, decimal

__all__ = ["FUNCTIONS", "NUMBER_TEXT", "ROUNDING"]

NUMBER_TEXT = r"[ \t\n\v\f\r]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t\n\v\f\r]*"
"""The texts that are numbers, as a pattern for Python and RE2."""

ROUNDING = {"ceil": ROUND_CEILING, "floor": ROUND_FLOOR, "round_inf": ROUND_HALF_UP, "trunc_zero": ROUND_DOWN}
"""The rounding types of the language, and what Python calls them."""

_NUMBER = re.compile(NUMBER_TEXT)
_EXACT = Context(prec=200, Emax=100_000, Emin=-100_000)
_PLACES = 10


def _is_number(text: str) -> int:
    return int(_NUMBER.fullmatch(text) is not None)


def _same(number: Any) -> Any:
    return number


def _rounded(number: Decimal, rounding: str, scale: int = 0) -> Decimal:
    name = ROUNDING.get(rounding.strip().lower())
    if name is None:
        raise ConversionFailed(f"'{rounding}' is no rounding type: it is ceil, floor, round_inf or trunc_zero.")
    return number.quantize(Decimal(1).scaleb(-scale), rounding=name, context=_EXACT)


def _int32(number: Decimal, rounding: str) -> int:
    whole = int(_rounded(number, rounding))
    if not -(2**31) <= whole < 2**31:
        raise ConversionFailed(f"{whole} does not fit int32.")
    return whole


def _fix(number: Decimal, digits: int, mode: int) -> Decimal:
    if not 0 <= digits <= _PLACES:
        raise ConversionFailed(f"Fix keeps 0 to {_PLACES} digits behind the point, not {digits}.")
    fixed = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN if mode else ROUND_HALF_UP, context=_EXACT)
    if fixed.copy_abs() >= Decimal(10) ** 28:
        raise ConversionFailed(f"{number} is too large.")
    return fixed if fixed else fixed.copy_abs()


def _fraction_digits(number: Decimal) -> float:
    digits = f"{number.copy_abs():f}".partition(".")[2].rstrip("0")
    return float(digits or 0)


def _leading_digit(number: float) -> float:
    if not math.isfinite(number):
        raise ConversionFailed(f"{number} is no finite number.")
    if number == 0:
        return 0.0
    return math.copysign(float(Decimal(repr(abs(number))).as_tuple().digits[0]), number)


def _compare(left: str, right: str, _: int) -> int:
    first: Any = left
    second: Any = right
    if _is_number(left) and _is_number(right):
        first, second = _EXACT.create_decimal(left.strip()), _EXACT.create_decimal(right.strip())
    return int(first > second) - int(first < second)


_TEXT = Parameter("text", "string")

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "AsDouble", "number", "The value as a double-precision number.", (Parameter("number", "float"),), FLOAT64,
        _same,
    ),
    Function(
        "AsFloat", "number", "The value as a single-precision number.", (Parameter("number", "float"),), FLOAT32,
        _same, can_fail=True,
    ),
    Function(
        "AsInteger", "number", "The value as the nearest integer, halves away from zero.",
        (Parameter("number", "integer"),), INT64, _same,
    ),
    Function(
        "Fix", "number", "The number with so many digits behind the point, rounded, or cut where the mode is not 0.",
        (
            Parameter("number", "decimal"), Parameter("digits", "integer", optional=True, default=4),
            Parameter("mode", "integer", optional=True, default=0),
        ),
        decimal(38, _PLACES), _fix, can_fail=True,
    ),
    Function(
        "Int32FromDecimal", "number", "The whole number that a decimal rounds to.",
        (
            Parameter("number", "decimal"),
            Parameter("rounding", "string", optional=True, default="trunc_zero"),
        ),
        INT32, _int32, can_fail=True,
    ),
    Function("IsStrNum", "number", "Whether a text is a number.", (_TEXT,), INT32, _is_number),
    Function("IsVarNum", "number", "Whether a text is a number.", (_TEXT,), INT32, _is_number),
    Function(
        "MantissaFromDecimal", "number",
        "The digits behind the point as a whole number, zeros at their end left out.",
        (Parameter("number", "decimal"),), FLOAT64, _fraction_digits,
    ),
    Function(
        "MantissaFromDFloat", "number", "The digit before the point in scientific notation, with the number's sign.",
        (Parameter("number", "float"),), FLOAT64, _leading_digit, can_fail=True,
    ),
    Function(
        "VarCmp", "number",
        "-1, 0 or 1 as the first text is less than, equal to or greater than the second: as numbers where both are.",
        (Parameter("first", "string"), Parameter("second", "string"), Parameter("digits", "integer", optional=True,
                                                                              default=0)),
        INT32, _compare, can_fail=True,
    ),
)  # fmt: skip
