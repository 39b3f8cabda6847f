"""The conversion code ``D``: dates as the number of days since 31 December 1967.

``D[n][*m][s][options[modifiers]][E][L]``, after the public manuals of MultiValue BASIC (the server engine's BASIC
reference, OpenQM, jBASE, D3), said in our own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._number_edits import whole_number
from riverstage.expressions.functions._text import quoted_parts

__all__ = ["DateCode", "compile_date"]

_DAY_0 = date(1967, 12, 31)
_MONTHS = (
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER",
    "DECEMBER",
)  # fmt: skip
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_SHORT = 3
_CENTURY = 30
_FRONT = re.compile(r"D([0-4])?(?:([^A-Za-z0-9\[])([0-9]))?([^A-Za-z0-9\[])?", re.IGNORECASE | re.DOTALL)
_OPTION = re.compile(r"YA|NA|MA|MB|WA|WB|Y([0-4])?|[MDWQJNZEL]", re.IGNORECASE)
_MODIFIER = re.compile(r"""\s*(?:([AZ])?([0-9]{1,2})?)\s*(?:'([^']*)'|"([^"]*)")?\s*""", re.IGNORECASE)
_LOCAL = {"YA": "names of Chinese years", "N": "years of an era", "NA": "names of eras", "Z": "names of time zones"}
_DIGITS = {8: (4, 2), 6: (2, 2), 7: (4, 3), 5: (2, 3)}


@dataclass(frozen=True, slots=True)
class _Modifier:
    """How one part of a date is written: as a name, without zeros, so long, with a text behind it."""

    kind: str = ""
    length: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class DateCode:
    """A compiled code ``D``."""

    digits: int = 4
    field: tuple[str, int] | None = None
    separator: str | None = None
    options: tuple[tuple[str, int | None], ...] = ()
    modifiers: tuple[_Modifier, ...] = ()
    european: bool = False
    capitalised: bool = False

    def out(self, value: str) -> str | None:
        """Return the date of a day's number as this code writes it; None if it is no day's number."""
        number = whole_number(self._of_field(value))
        try:
            day = _DAY_0 + timedelta(days=number) if number is not None else None
        except OverflowError:
            day = None
        if day is None:
            return None
        options = self.options or self._usual()
        plain = _Modifier()
        parts = []
        for index, (option, digits) in enumerate(options):
            modifier = self.modifiers[index] if index < len(self.modifiers) else plain
            said = self._part(day, option, digits, modifier, alone=len(options) == 1)
            if said or modifier.text:
                last = index == len(options) - 1
                parts.append((said, modifier.text if modifier.text is not None else "" if last else None))
        between = " " if self.separator is None else self.separator
        joined = "".join(said + (between if behind is None else behind) for said, behind in parts[:-1])
        return joined + (parts[-1][0] + (parts[-1][1] or "") if parts else "")

    def into(self, value: str) -> str | None:
        """Return the number of the day that a text names; None if it names none."""
        day = _read(self._of_field(value), self._order())
        return str((day - _DAY_0).days) if day is not None else None

    def _of_field(self, value: str) -> str:
        if self.field is None:
            return value
        delimiter, skipped = self.field
        fields = value.split(delimiter)
        return fields[skipped] if skipped < len(fields) else ""

    def _usual(self) -> tuple[tuple[str, int | None], ...]:
        if self.separator is None:
            return (("D", None), ("MB", None), ("Y", None))
        first, second = ("D", "M") if self.european else ("M", "D")
        return ((first, None), (second, None), ("Y", None))

    def _order(self) -> str:
        named = "".join(option[0] for option, _ in self.options if option[0] in "DMY")
        if "D" in named and "M" in named:
            return named if "Y" in named else named + "Y"
        return "DMY" if self.european else "MDY"

    def _part(self, day: date, option: str, digits: int | None, modifier: _Modifier, *, alone: bool) -> str:
        name = option if option in ("MA", "MB", "WA", "WB") else option + "A" if modifier.kind == "A" else ""
        if name:
            said = _MONTHS[day.month - 1] if name[0] == "M" else _WEEKDAYS[day.weekday()]
            length = modifier.length or (_SHORT if name[1] == "B" else len(said))
            return (said.capitalize() if self.capitalised else said)[:length]
        if option == "Y":
            length = modifier.length if modifier.length is not None else self.digits if digits is None else digits
            said = f"{day.year:04}".rjust(length, "0")[-length:] if length else ""
            return said.lstrip("0") or said[-1:] if modifier.kind == "Z" else said
        numbers = {"M": day.month, "D": day.day, "W": day.isoweekday(), "Q": (day.month + 2) // 3,
                   "J": day.timetuple().tm_yday}  # fmt: skip
        if modifier.kind == "Z":
            return str(numbers[option])
        padded = option == "D" or (option == "M" and self.separator is not None)
        return str(numbers[option]).rjust(modifier.length or (2 if padded and not alone else 1), "0")


def _read(text: str, order: str) -> date | None:
    """Return the day that a text names: digits alone, or numbers in an order, or with the month's name."""
    said = text.strip()
    if said.isascii() and said.isdigit() and len(said) in _DIGITS:
        return _read_digits(said)
    if not said.isascii():
        return None
    tokens = re.findall(r"[0-9]+|[A-Za-z]+", said)
    names = [token.upper() for token in tokens if token.isalpha()]
    numbers = [token for token in tokens if token.isdigit()]
    months = [month for name in names if (month := _named(name, _MONTHS)) is not None]
    if len(months) + sum(_named(name, _WEEKDAYS) is not None for name in names) != len(names):
        return None
    if len(months) == 1 and len(numbers) == 2:
        first, second = numbers
        day, year = (second, first) if len(first) == 4 else (first, second)
        return _made(year, months[0] + 1, int(day[:4]))
    if months or len(numbers) != 3:
        return None
    parts = dict(zip("YMD" if len(numbers[0]) == 4 else order, numbers, strict=True))
    return _made(parts["Y"], int(parts["M"][:4]), int(parts["D"][:4]))


def _read_digits(said: str) -> date | None:
    years, rest = _DIGITS[len(said)]
    if rest == 2:
        return _made(said[:years], int(said[years : years + 2]), int(said[years + 2 :]))
    first = _made(said[:years], 1, 1)
    ordinal = int(said[years:])
    if first is None or not 1 <= ordinal <= (first.replace(month=12, day=31) - first).days + 1:
        return None
    return first + timedelta(days=ordinal - 1)


def _named(name: str, names: tuple[str, ...]) -> int | None:
    found = [index for index, full in enumerate(names) if len(name) >= _SHORT and full.startswith(name)]
    return found[0] if found else None


def _made(year: str, month: int, day: int) -> date | None:
    number = int(year) if len(year) in (1, 2, 4) else 0
    if len(year) <= 2:
        number += 2000 if number < _CENTURY else 1900
    try:
        return date(number, month, day)
    except ValueError:
        return None


def compile_date(code: str) -> DateCode:
    """Return what a code ``D`` asks for.

    Raises:
        ConversionFailed: If it is none.

    Example:
        >>> compile_date("D2").out("9166"), compile_date("D4/E").out("9166"), compile_date("D/E").into("3/2/93")
        ('03 FEB 93', '03/02/1993', '9166')
    """
    front = _FRONT.match(code)
    if front is None:
        raise ConversionFailed(f"'{code}' is no conversion code of dates.")
    digits, delimiter, skipped, separator = front.groups()
    options: list[tuple[str, int | None]] = []
    european = capitalised = False
    modifiers: tuple[_Modifier, ...] = ()
    at = front.end()
    while at < len(code):
        if code[at] == "[" and code.find("]", at) > 0 and not modifiers:
            end = code.rindex("]") + 1
            modifiers = _modifiers(code, code[at + 1 : end - 1])
            at = end
            continue
        found = _OPTION.match(code, at)
        option = found[0].upper() if found else ""
        if option in _LOCAL:
            raise ConversionFailed(f"The option {option} of '{code}' needs {_LOCAL[option]}, which there are not here.")
        if found is None or (option not in ("E", "L") and len(options) == 5):
            raise ConversionFailed(f"'{code}' is no conversion code of dates: '{code[at:]}' is no option.")
        european, capitalised = european or option == "E", capitalised or option == "L"
        if option not in ("E", "L"):
            options.append((option[:1] if found[1] else option, int(found[1]) if found[1] else None))
        at = found.end()
    shown = options or [("D", None), ("M", None), ("Y", None)]
    for (option, _), modifier in zip(shown, modifiers, strict=False):
        if modifier.kind == "A" and option[0] not in "MW":
            raise ConversionFailed(f"'{code}' asks for a name where there is only a number.")
    if len(modifiers) > len(shown):
        raise ConversionFailed(f"'{code}' has more modifiers than parts of a date.")
    field = (delimiter, int(skipped)) if delimiter else None
    return DateCode(
        int(digits or 4), field, separator, tuple(options), modifiers, european=european, capitalised=capitalised
    )


def _modifiers(code: str, said: str) -> tuple[_Modifier, ...]:
    found = []
    for part in quoted_parts(said):
        read = _MODIFIER.fullmatch(part)
        if read is None:
            raise ConversionFailed(f"'{code}' has a modifier '{part.strip()}', which is none.")
        kind, length, single, double = read.groups()
        text = single if single is not None else double
        found.append(_Modifier((kind or "").upper(), int(length) if length else None, text))
    return tuple(found)
