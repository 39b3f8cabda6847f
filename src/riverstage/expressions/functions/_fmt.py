"""The masks of ``Fmt``: ``[width][fill]justification[edit][mask]``, or a code ``D`` of dates.

After the public manuals of MultiValue BASIC (the server engine's BASIC reference, OpenQM, jBASE), said in our own
words; ``docs/expressions.md`` says what was decided where they disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from riverstage.expressions.functions._date_codes import DateCode, compile_date
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._marks import TEXT_MARK, Measure, fold, pieces
from riverstage.expressions.functions._masks import Mask, compile_mask
from riverstage.expressions.functions._number_edits import EXACT, Edit, edited, plain, read_number, take_convention
from riverstage.expressions.functions._text import LONGEST

__all__ = ["Format", "compile_fmt", "take_edit"]

_FRONT = re.compile(
    r"""(?P<width>[0-9]{1,7})?(?P<fill>'.'|"."|(?<=[0-9])[^LRTUQlrtuq])?(?P<justify>QR|QL|Q|L|R|T|U)""",
    re.IGNORECASE | re.DOTALL,
)
_DIGITS = re.compile(r"([0-9])?([0-9])?")
_EXPONENT = re.compile(r"([0-9])(?:(E)(-?[0-9])|\.([0-9]))?|", re.IGNORECASE)
_OPTION = re.compile(r"\[([^\]]*)\]|[$FYIZECDBNMT,]", re.IGNORECASE)
_PRECISION = 4
_Exponent = tuple[int, int, int | None] | None
_SIGNS = {"E": "angles", "C": "cr", "D": "db, positive", "B": "db", "N": "none", "M": "minus"}
_CURRENCIES = {"$": "$", "F": "F", "Y": "\u00a5", "I": "USD"}


@dataclass(frozen=True, slots=True)
class Format:
    """What a mask of ``Fmt`` asks for.

    Args:
        width: How wide the field is; None for as wide as the value.
        fill: What fills it.
        right: Whether the value stands at its right.
        words: Whether lines are broken at blanks.
        edit: How a number is written; None for as it is.
        exponent: For a number with an exponent: the digits before the point, those behind it, and the exponent (None
            for the one that leaves so many digits before the point).
        mask: What it is put into.
        dates: The code of dates that stands in place of all of these.
    """

    width: int | None = None
    fill: str = " "
    right: bool = False
    words: bool = False
    edit: Edit | None = None
    exponent: _Exponent = None
    mask: Mask | None = None
    dates: DateCode | None = None

    def __call__(self, value: str, measure: Measure = len) -> str:
        """Return a value in this format."""
        if self.dates is not None:
            found = self.dates.out(value)
            return value if found is None else found
        text = self.as_number(value)
        if self.mask is not None:
            text = self.mask.applied(text, right=self.right, measure=measure)
        return text if self.width is None else self._in_field(text, self.width, measure)

    def as_number(self, value: str) -> str:
        """Return a value as a number is written; a text that is no number stays."""
        if self.edit is None and self.exponent is None:
            return value
        number = read_number(value)
        if number is None:
            return value
        edit = self.edit or Edit()
        return edited(number, edit) if self.exponent is None else _scientific(number, edit, *self.exponent)

    def _in_field(self, text: str, width: int, measure: Measure) -> str:
        lines = fold(text, width, measure) if self.words else pieces(text, width, measure)
        padded = []
        for line in lines:
            more = self.fill * (max(width - measure(line), 0) // max(measure(self.fill), 1))
            padded.append(more + line if self.right else line + more)
        return TEXT_MARK.join(padded)


def _scientific(number: Decimal, edit: Edit, before: int, places: int, exponent: int | None) -> str:
    """Return a number with an exponent: its own, so that ``before`` digits stand before the point, or a given one."""
    if not number:
        if edit.blank_zero:
            return ""
        power = exponent or 0
    else:
        power = number.adjusted() - before + 1 if exponent is None else exponent
    mantissa = edit.rounded(number.scaleb(-power, EXACT), places)
    if exponent is None and mantissa and mantissa.adjusted() >= before:
        power += 1
        mantissa = edit.rounded(number.scaleb(-power, EXACT), places)
    if edit.blank_zero:
        mantissa = Decimal(plain(mantissa))
        return edited(mantissa, edit) + (f"E{power}" if power else "")
    return edited(mantissa, edit) + f"E{power}"


def take_edit(text: str, signs: dict[str, str], edit: Edit) -> tuple[Edit, int]:
    """Read the options of an edit; return it and where they end."""
    at = 0
    while found := _OPTION.match(text, at):
        letter = found[0][0].upper()
        if letter == "[":
            edit = take_convention(edit, found[1])
        elif letter in signs:
            edit = replace(edit, sign=signs[letter])
        elif letter in _CURRENCIES:
            edit = replace(edit, prefix=_CURRENCIES[letter])
        elif letter == ",":
            edit = replace(edit, thousands=edit.thousands or ",")
        elif letter == "Z":
            edit = replace(edit, blank_zero=True)
        elif letter == "T":
            edit = replace(edit, truncates=True)
        else:
            break
        at = found.end()
    return edit, at


@lru_cache(maxsize=256)
def compile_fmt(text: str) -> Format:
    """Return the format that a mask of ``Fmt`` asks for.

    Raises:
        ConversionFailed: If it asks for none.

    Example:
        >>> compile_fmt("10*R2$,")("1234.5"), compile_fmt("R##-##-##")("236986")
        ('*$1,234.50', '23-69-86')
    """
    if text[:1] in ("D", "d"):
        return Format(dates=compile_date(text))
    front = _FRONT.match(text)
    if front is None:
        if not re.search(r"[#%*]", text) or text[:1].isdigit():
            raise ConversionFailed(f"'{text}' is no mask of Fmt: it is [width][fill]L, R, T, U or Q[edit][mask].")
        return Format(mask=compile_mask(_bare(text)))
    width = int(front["width"]) if front["width"] else None
    if width is not None and not 0 < width <= LONGEST:
        raise ConversionFailed(f"A field of Fmt is 1 to {LONGEST} wide, not {width}.")
    fill = (front["fill"] or " ")[len(front["fill"] or "") // 2]
    justify = front["justify"].upper()
    rest = text[front.end() :]
    exponent, edit, at = _exponential(rest) if justify[0] == "Q" else _decimal(rest)
    mask = compile_mask(_bare(rest[at:]), fill) if rest[at:] else None
    right = justify in ("R", "Q", "QR")
    return Format(width, fill, right, justify == "T", edit, exponent, mask)


def _bare(mask: str) -> str:
    """Return a mask without brackets around the whole of it."""
    inside = mask[1:-1]
    return inside if mask[:1] == "(" and mask[-1:] == ")" and "(" not in inside and ")" not in inside else mask


def _decimal(text: str) -> tuple[_Exponent, Edit | None, int]:
    digits = _DIGITS.match(text)
    places, scale = digits.groups() if digits else (None, None)
    edit = Edit(places=int(places or 0), scale=int(scale) - _PRECISION if scale else 0)
    start = digits.end() if digits else 0
    edit, used = take_edit(text[start:], _SIGNS, edit)
    return None, edit if start or used else None, start + used


def _exponential(text: str) -> tuple[_Exponent, Edit | None, int]:
    found = _EXPONENT.match(text)
    first, fixed, power, behind = found.groups() if found else (None, None, None, None)
    start = found.end() if found else 0
    if behind is not None:
        exponent: _Exponent = (int(first or 1), int(behind), None)
    else:
        exponent = (1, int(first) if first else _PRECISION, int(power or 0) if fixed else None)
    edit, used = take_edit(text[start:], _SIGNS, Edit())
    return exponent, edit, start + used
