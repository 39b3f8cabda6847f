"""The mathematical functions of the Transformer language.

A function of real numbers fails where it has no finite value: outside its domain, where the result is too large, and
for arguments that are no finite numbers themselves. Angles are in radians.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from riverstage.expressions._types_of import common_number
from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.types import FLOAT64, INT32, INT64, UINT32, UINT64, DataType

__all__ = ["FUNCTIONS"]

_INT64 = (-(2**63), 2**63 - 1)

# The sequence behind Rand, Random and Rnd wherever they are computed in Python.
_sequence = random.Random()  # noqa: S311 - random data, no secrets


def _number(name: str = "number") -> Parameter:
    return Parameter(name, "number")


def _float(name: str = "number") -> Parameter:
    return Parameter(name, "float")


def _real(function: Callable[..., float]) -> Callable[..., float]:
    """Return a function of finite floats that fails wherever there is no finite result."""

    def computed(*arguments: float) -> float:
        if not all(math.isfinite(argument) for argument in arguments):
            raise ConversionFailed("The argument is no finite number.")
        try:
            result = function(*arguments)
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            raise ConversionFailed(f"There is no finite result for {', '.join(map(repr, arguments))}.") from error
        if not math.isfinite(result):
            raise ConversionFailed(f"There is no finite result for {', '.join(map(repr, arguments))}.")
        return float(result)

    return computed


def _same(types: Sequence[DataType]) -> DataType:
    """Return the type of one number without its sign: integers widen, since their least value has no opposite."""
    kind = types[0]
    if kind.kind == "uint64":
        return UINT64
    if kind.is_integer:
        return INT64
    return kind if kind.kind in ("decimal", "float32") else FLOAT64


def _negated(types: Sequence[DataType]) -> DataType:
    kind = _same(types)
    return INT64 if kind.kind == "uint64" else kind


def _common(types: Sequence[DataType]) -> DataType:
    return common_number(types[0], types[1])


def _dividend(types: Sequence[DataType]) -> DataType:
    return UINT64 if types[0].kind == "uint64" else INT64


def _absolute(number: Any) -> Any:
    if number == _INT64[0] and isinstance(number, int):
        raise ConversionFailed(f"The absolute value of {number} does not fit an integer.")
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def _opposite(number: Any) -> Any:
    if isinstance(number, int) and not _INT64[0] <= -number <= _INT64[1]:
        raise ConversionFailed(f"{-number} does not fit an integer.")
    if isinstance(number, Decimal):
        return number.copy_negate() if number else number
    return -number


def _whole(rounded: Callable[[Any], int]) -> Callable[[Any], int]:
    def computed(number: Any) -> int:
        if isinstance(number, float) and not math.isfinite(number):
            raise ConversionFailed(f"{number} is no finite number.")
        result = rounded(number)
        if not _INT64[0] <= result <= _INT64[1]:
            raise ConversionFailed(f"{result} does not fit an integer.")
        return result

    return computed


def _quotient(dividend: float, divisor: float) -> float:
    return float(math.trunc(dividend / divisor)) + 0.0


def _remainder(dividend: int, divisor: int) -> int:
    if divisor == 0:
        raise ConversionFailed("Division by zero.")
    rest = abs(dividend) % abs(divisor)
    return -rest if dividend < 0 else rest


def _scaled(mantissa: float, exponent: int) -> float:
    return math.ldexp(mantissa, exponent)


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)


def _rank(number: Any) -> tuple[bool, Any]:
    """Order numbers of any type; what is not a number comes last, as in every engine."""
    return (isinstance(number, float) and math.isnan(number), number)


def _pick(choose: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def picked(first: Any, second: Any) -> Any:
        if isinstance(first, float) or isinstance(second, float):
            first, second = float(first), float(second)
        return choose(first, second, key=_rank)

    return picked


def _any_uint32() -> int:
    return _sequence.getrandbits(32)


def _below(count: int) -> int:
    """Return a random integer from 0 to ``count`` - 1; 0 for no count."""
    if count < 0:
        raise ConversionFailed(f"Rnd needs a count of numbers to choose from, not {count}.")
    return _sequence.randrange(count) if count else 0


def _seed(seed: int) -> int:
    _sequence.seed(seed)
    return 0


def _of_float(name: str, summary: str, function: Callable[[float], float]) -> Function:
    return Function(name, "mathematical", summary, (_float(),), FLOAT64, _real(function), can_fail=True)


def _random(name: str, aliases: tuple[str, ...] = ()) -> Function:
    summary = "A random integer from 0 to 4294967295."
    return Function(name, "mathematical", summary, (), UINT32, _any_uint32, deterministic=False, aliases=aliases)


FUNCTIONS: tuple[Function, ...] = (
    Function("Abs", "mathematical", "The number without its sign.", (_number(),), _same, _absolute, can_fail=True),
    _of_float("Acos", "The arc cosine, in radians.", math.acos),
    _of_float("Asin", "The arc sine, in radians.", math.asin),
    _of_float("Atan", "The arc tangent, in radians.", math.atan),
    Function(
        "Atan2", "mathematical", "The angle of the point (x, y), in radians.", (_float("y"), _float("x")), FLOAT64,
        _real(math.atan2), can_fail=True,
    ),
    Function(
        "Ceil", "mathematical", "The least whole number that is not below it.", (_number(),), INT64, _whole(math.ceil),
        can_fail=True,
    ),
    _of_float("Cos", "The cosine of an angle in radians.", math.cos),
    _of_float("Cosh", "The hyperbolic cosine.", math.cosh),
    Function(
        "Div", "mathematical", "The whole part of a quotient.", (_float("dividend"), _float("divisor")), FLOAT64,
        _real(_quotient), can_fail=True,
    ),
    _of_float("Exp", "e to the power of the number.", math.exp),
    Function("Fabs", "mathematical", "The floating-point number without its sign.", (_float(),), FLOAT64, math.fabs),
    Function(
        "Floor", "mathematical", "The greatest whole number that is not above it.", (_number(),), INT64,
        _whole(math.floor), can_fail=True,
    ),
    Function(
        "Ldexp", "mathematical", "The mantissa times 2 to the power of the exponent.",
        (_float("mantissa"), Parameter("exponent", "integer")), FLOAT64, _real(_scaled), can_fail=True,
    ),
    Function(
        "Llabs", "mathematical", "The integer without its sign.", (Parameter("number", "integer"),), UINT64, abs,
    ),
    _of_float("Ln", "The natural logarithm.", math.log),
    _of_float("Log10", "The logarithm to base 10.", math.log10),
    Function("Max", "mathematical", "The greater of two numbers.", (_number("first"), _number("second")), _common,
             _pick(max)),
    Function("Min", "mathematical", "The lesser of two numbers.", (_number("first"), _number("second")), _common,
             _pick(min)),
    Function(
        "Mod", "mathematical", "The remainder of a division, with the sign of the dividend.",
        (Parameter("dividend", "integer"), Parameter("divisor", "integer")), _dividend, _remainder, can_fail=True,
    ),
    Function("Neg", "mathematical", "The number with its sign turned.", (_number(),), _negated, _opposite,
             can_fail=True),
    Function(
        "Pwr", "mathematical", "The base to the power of the exponent.", (_float("base"), _float("exponent")), FLOAT64,
        _real(_power), can_fail=True,
    ),
    _random("Rand"),
    _random("Random"),
    Function(
        "Rnd", "mathematical", "A random integer from 0 to the count less 1.", (Parameter("count", "integer"),), INT64,
        _below, can_fail=True, deterministic=False,
    ),
    _of_float("Sin", "The sine of an angle in radians.", math.sin),
    _of_float("Sinh", "The hyperbolic sine.", math.sinh),
    _of_float("Sqrt", "The square root.", math.sqrt),
    Function(
        "Srandom", "mathematical",
        "Start the random numbers that Python computes anew from a seed; 0. Engines that work in parallel do not "
        "follow it.",
        (Parameter("seed", "integer"),), INT32, _seed, deterministic=False,
    ),
    _of_float("Tan", "The tangent of an angle in radians.", math.tan),
    _of_float("Tanh", "The hyperbolic tangent.", math.tanh),
)  # fmt: skip
