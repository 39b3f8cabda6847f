"""Counted units: whole numbers that stand for the values of a type, so that generators can count and draw them.

Integers count themselves, booleans 0 and 1, decimals their last digit, dates days, times and timestamps microseconds;
dates and timestamps are counted from 1970-01-01. What directives say in numbers is in the unit a person thinks in:
days for dates, seconds for times and timestamps.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from riverstage.expressions.meaning import integer_bounds
from riverstage.types import DataType

__all__ = ["Units", "units_of"]

_SECOND = 1_000_000
_DIGITS = 38
_EPOCH = dt.date(1970, 1, 1)
_START = dt.date(1960, 1, 1)


@dataclass(frozen=True, slots=True)
class Units:
    """How a type is counted.

    Args:
        type: The type.
        low: The smallest value.
        high: The largest value.
        base: What numbers in directives are counted from.
        size: Units in one of what directives count in.
    """

    type: DataType
    low: int
    high: int
    base: int = 0
    size: int = 1

    def counted(self, said: object) -> int:
        """Return what a number or a date in a directive stands for, as a number of units from nought.

        Raises:
            ValueError: It is no such thing; the message says what was expected.
        """
        moment = self._moment(said)
        return self.base + self.steps(said) if moment is None else moment

    def steps(self, said: object) -> int:
        """Return a number in a directive as a number of units.

        Raises:
            ValueError: It is no number, or has digits that the type has no room for.
        """
        exact = _number(said) * self.size
        if self.type.kind == "decimal":
            nearest = int(abs(exact) + Fraction(1, 2))
            return nearest if exact >= 0 else -nearest
        if exact.denominator != 1:
            raise ValueError("a whole number")
        return int(exact)

    def _moment(self, said: object) -> int | None:
        """Return what a date or time of day stands for; None where it is none."""
        if not isinstance(said, str):
            return None
        text = said.strip()
        try:
            if self.type.kind == "date":
                return _days(text)
            if self.type.kind == "time":
                return _micros(dt.time.fromisoformat(text)) if ":" in text else None
            if self.type.kind == "timestamp" and "-" in text[1:]:
                at = dt.datetime.fromisoformat(text).replace(tzinfo=None)
                return (at.date() - _EPOCH).days * 86_400 * _SECOND + _micros(at.time())
        except ValueError as error:
            raise ValueError(f"a {self.type.kind}") from error
        return None


def _days(text: str) -> int | None:
    if "-" not in text[1:]:
        return None
    return (dt.date.fromisoformat(text) - _EPOCH).days


def _micros(at: dt.time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * _SECOND + at.microsecond


def _number(said: object) -> Fraction:
    word = "" if isinstance(said, bool) else str(said).strip().lower()
    if word in ("part", "partcount"):
        # There is one partition, and it is number 0.
        return Fraction(int(word == "partcount"))
    try:
        number = Decimal(word)
    except InvalidOperation as error:
        raise ValueError("a number") from error
    if not number.is_finite() or not -_DIGITS <= number.adjusted() < _DIGITS:
        raise ValueError(f"a number of at most {_DIGITS} digits")
    return Fraction(number)


def units_of(type: DataType, epoch: object = None) -> Units | None:
    """Return how a type is counted, None where it is not (strings, binaries, floats).

    Args:
        type: The type.
        epoch: The day that dates and timestamps start from: ``yyyy-mm-dd``, or the same digits as a number; None for
            1960-01-01.

    Raises:
        ValueError: The epoch is no date.

    Example:
        >>> from riverstage.types import DATE
        >>> units_of(DATE).counted(1), units_of(DATE, 20200131).counted(0)
        (-3652, 18292)
    """
    if type.kind == "boolean":
        return Units(type, 0, 1)
    if type.is_integer:
        return Units(type, *integer_bounds(type))
    if type.kind == "decimal":
        most = 10 ** (type.precision or 38) - 1
        return Units(type, -most, most, size=10 ** (type.scale or 0))
    if type.kind == "time":
        return Units(type, 0, 86_400 * _SECOND - 1, size=_SECOND)
    if type.kind not in ("date", "timestamp"):
        return None
    low, high = (dt.date.min - _EPOCH).days, (dt.date.max - _EPOCH).days
    base = (_epoch(epoch) - _EPOCH).days
    if type.kind == "date":
        return Units(type, low, high, base)
    day = 86_400 * _SECOND
    return Units(type, low * day, (high + 1) * day - 1, base * day, _SECOND)


def _epoch(said: object) -> dt.date:
    if said is None or said == "":
        return _START
    text = str(said).strip()
    if len(text) == 8 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise ValueError("a date as 1960-01-31") from error
