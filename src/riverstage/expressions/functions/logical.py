"""The functions of the Transformer language on bits, and Not."""

from __future__ import annotations

import re

from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.types import BOOLEAN, STRING, UINT64

__all__ = ["FUNCTIONS"]


def _unsigned(value: int) -> int:
    if value < 0:
        raise ConversionFailed(f"{value} is negative, and bits are counted in whole numbers from 0.")
    return value


def _and(first: int, second: int) -> int:
    return _unsigned(first) & _unsigned(second)


def _or(first: int, second: int) -> int:
    return _unsigned(first) | _unsigned(second)


def _xor(first: int, second: int) -> int:
    return _unsigned(first) ^ _unsigned(second)


def _compress(text: str) -> int:
    if not re.fullmatch("[01]{1,64}", text):
        raise ConversionFailed(f"'{text}' is not made of 1 to 64 zeros and ones.")
    return int(text, 2)


def _expand(number: int) -> str:
    return f"{_unsigned(number):b}"


def _set_bit(number: int, bits: str, state: int) -> int:
    """Set the listed bits, 1 the least of them, to a state."""
    result = _unsigned(number)
    for part in bits.split(","):
        if not re.fullmatch(" *[0-9]{1,2} *", part) or not 1 <= int(part) <= 64:
            raise ConversionFailed(f"'{bits}' is no list of bits from 1 to 64.")
        bit = 1 << (int(part) - 1)
        result = result | bit if state else result & ~bit
    return result


def _not(value: bool) -> bool:  # noqa: FBT001 - the one argument of Not
    return not value


_NUMBER = Parameter("number", "integer")
_PAIR = (Parameter("first", "integer"), Parameter("second", "integer"))

FUNCTIONS: tuple[Function, ...] = (
    Function("BitAnd", "logical", "The bits that both numbers have.", _PAIR, UINT64, _and, can_fail=True),
    Function("BitOr", "logical", "The bits that either number has.", _PAIR, UINT64, _or, can_fail=True),
    Function("BitXOr", "logical", "The bits that one of two numbers has.", _PAIR, UINT64, _xor, can_fail=True),
    Function("BitCompress", "logical", "The number that a text of zeros and ones says.",
             (Parameter("text", "string"),), UINT64, _compress, can_fail=True),
    Function("BitExpand", "logical", "A number as a text of zeros and ones, without leading zeros.", (_NUMBER,),
             STRING, _expand, can_fail=True),
    Function("SetBit", "logical", "The number with the listed bits (1 is the least) set to a state.",
             (_NUMBER, Parameter("bits", "string"), Parameter("state", "integer")), UINT64, _set_bit, can_fail=True),
    Function("Not", "logical", "The opposite of a condition.", (Parameter("condition", "boolean"),), BOOLEAN, _not),
)  # fmt: skip
