"""The conversion codes of numbers: ``MD``, ``ML``, ``MR``, ``Q`` and those of bases.

After the public manuals of MultiValue BASIC (the server engine's BASIC reference, OpenQM, jBASE, D3), said in our own
words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from riverstage.expressions.functions._fmt import Format, compile_fmt, take_edit
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._masks import Mask, compile_mask
from riverstage.expressions.functions._number_edits import (
    EXACT,
    Edit,
    edited,
    plain,
    read_edited,
    read_number,
    whole_number,
)

__all__ = ["BASES", "Base", "Justified", "MaskedDecimal", "Scientific", "compile_decimal", "compile_justified",
           "compile_scientific"]  # fmt: skip

_DECIMAL = re.compile(r"MD([0-9])?([0-9])?", re.IGNORECASE)
_JUSTIFIED = re.compile(r"M([LR])([0-9])?([0-9])?", re.IGNORECASE)
_FIELD = re.compile(r"(?:([0-9]{1,3})(.)?|([#*%])([0-9]{1,3}))", re.DOTALL)
_MD_SIGNS = {"C": "CR", "D": "DB"}
_MARKED_SIGNS = {"-": "minus", "<": "angles, both"}
_M_SIGNS = {"C": "CR", "D": "DB, positive", "E": "angles", "M": "minus", "N": "none"}
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class MaskedDecimal:
    """A compiled code ``MD``: how the number is written, and the field that it stands in, at the right."""

    edit: Edit
    width: int = 0
    fill: str = " "

    def out(self, value: str) -> str | None:
        """Return a number as this code writes it; None if it is none."""
        number = read_number(value)
        if number is None:
            return None
        scaled = not (self.edit.keeps_point and "." in value)
        return edited(number, self.edit, scaled=scaled).rjust(self.width, self.fill)

    def into(self, value: str) -> str | None:
        """Return the number that a text says, scaled to a whole one; None if it says none."""
        number = read_edited(value.strip(" ").lstrip(self.fill), self.edit)
        if number is None:
            return None
        if self.edit.keeps_point and self.edit.point in value:
            return plain(number)
        return plain(self.edit.rounded(number.scaleb(self.edit.scale, EXACT), 0))


def compile_decimal(code: str) -> MaskedDecimal:
    """Return what a code ``MD`` asks for.

    Raises:
        ConversionFailed: If it is none.

    Example:
        >>> compile_decimal("MD2,$").out("987654"), compile_decimal("MD2").into("9,876.54")
        ('$9,876.54', '987654')
    """
    front = _DECIMAL.match(code)
    places, scale = (front[1], front[2]) if front else (None, None)
    edit = Edit(places=int(places or 0), scale=int(scale or places or 0))
    at = front.end() if front else 0
    while at < len(code):
        letter = code[at].upper()
        if letter in _MARKED_SIGNS:
            edit = replace(edit, sign=_MARKED_SIGNS[letter])
            at += 1
        elif letter == "P":
            edit = replace(edit, keeps_point=True)
            at += 1
        elif field := _FIELD.fullmatch(code, at):
            width = int(field[1] or field[4])
            return MaskedDecimal(edit, width, field[2] or {"*": "*", "%": "0"}.get(field[3] or "", " "))
        else:
            edit, used = take_edit(code[at:], _MD_SIGNS, edit)
            if not used:
                raise ConversionFailed(f"'{code}' is no conversion code of numbers: '{code[at:]}' is no option of MD.")
            at += used
    return MaskedDecimal(edit)


@dataclass(frozen=True, slots=True)
class Justified:
    """A compiled code ``ML`` or ``MR``: how the number is written, if in any way, and the mask that it is put into."""

    edit: Edit | None
    mask: Mask | None
    right: bool

    def out(self, value: str) -> str | None:
        """Return a value as this code writes it; None if it has to be a number and is none."""
        text = value
        if self.edit is not None:
            number = read_number(value)
            if number is None:
                return None
            text = edited(number, self.edit)
        return text if self.mask is None else self.mask.applied(text, right=self.right)

    def into(self, value: str) -> str | None:
        """Return the number that a text says, or what stands in the mask; None if it says nothing."""
        text: str | None = value
        if self.mask is not None and (self.edit is None or any(not is_place for _, is_place in self.mask.places)):
            text = self.mask.read(value)
        if self.edit is None or text is None:
            return text
        number = read_edited(text.strip(" *"), self.edit)
        return None if number is None else plain(self.edit.rounded(number.scaleb(self.edit.scale, EXACT), 0))


def compile_justified(code: str) -> Justified:
    """Return what a code ``ML`` or ``MR`` asks for.

    Raises:
        ConversionFailed: If its mask is too long.

    Example:
        >>> compile_justified("MR2,#12").out("987654"), compile_justified("ML(###-##)").out("12345")
        ('    9,876.54', '123-45')
    """
    front = _JUSTIFIED.match(code)
    side, places, scale = front.groups() if front else ("L", None, None)
    edit = Edit(places=int(places or 0), scale=int(scale or places or 0))
    at = front.end() if front else 0
    edit, used = take_edit(code[at:], _M_SIGNS, edit)
    mask = code[at + used :]
    if mask and mask[0] not in "#%*(":
        raise ConversionFailed(f"'{code}' is no conversion code of numbers: '{mask}' is no option and no mask.")
    if mask[:1] == "(" and mask[-1:] == ")":
        mask = mask[1:-1]
    plain_value = places is None and not used
    return Justified(None if plain_value else edit, compile_mask(mask) if mask else None, side.upper() == "R")


@dataclass(frozen=True, slots=True)
class Scientific:
    """A compiled code ``Q``: numbers with an exponent."""

    format: Format

    def out(self, value: str) -> str | None:
        """Return a number with its exponent; None if it is none."""
        return None if read_number(value) is None else self.format(value)

    def into(self, value: str) -> str | None:
        """Return the number that a text says in plain digits; None if it says none."""
        number = read_edited(value, self.format.edit or Edit())
        return None if number is None else plain(number)


def compile_scientific(code: str) -> Scientific:
    """Return what a code ``Q``, ``QR``, ``QL`` or ``QX`` asks for.

    Raises:
        ConversionFailed: If it is none.
    """
    if code.upper() == "QX":
        return Scientific(Format(edit=Edit()))
    return Scientific(compile_fmt(code))


@dataclass(frozen=True, slots=True)
class Base:
    """A code of another base: whole numbers, or the bytes of a text in UTF-8 (``units`` digits each) or UTF-16."""

    base: int
    letter: str
    units: int = 0
    encoding: str = "utf-8"

    def out(self, value: str) -> str | None:
        """Return a number, or the bytes of a text, in this base; None if it is no whole number from 0."""
        if self.units:
            data = value.encode(self.encoding, errors="surrogatepass")
            return "".join(format(byte, f"0{self.units}{self.letter}") for byte in data)
        number = whole_number(value)
        return None if number is None or number < 0 else format(number, self.letter)

    def into(self, value: str) -> str | None:
        """Return the number, or the text, that digits of this base say; None if they say none."""
        digits = value.strip()
        known = "0123456789abcdef"[: self.base]
        if not digits or not set(digits.lower()) <= set(known):
            return None
        if not self.units:
            return str(int(digits, self.base)) if len(digits) <= _LONGEST else None
        if len(digits) % self.units:
            return None
        numbers = [int(digits[at : at + self.units], self.base) for at in range(0, len(digits), self.units)]
        try:
            return bytes(numbers).decode(self.encoding)
        except ValueError:
            return None


def _turned(base: Base) -> tuple[Callable[[str], str | None], Callable[[str], str | None]]:
    return base.out, base.into


_HEX = Base(16, "X")
_TEXT = Base(16, "X", 2)
_BINARY, _OCTAL = Base(2, "b"), Base(8, "o")

BASES: dict[str, tuple[Callable[[str], str | None], Callable[[str], str | None]]] = {
    **{name: (base.into, base.out) for name, base in (
        ("MX", _HEX), ("MO", _OCTAL), ("MB", _BINARY), ("MCD", _HEX), ("MCDX", _HEX), ("MX0C", _TEXT),
        ("MO0C", Base(8, "o", 3)), ("MB0C", Base(2, "b", 8)), ("MU0C", Base(16, "X", 2, "utf-16-be")))},
    **dict.fromkeys(("MCX", "MCXD"), _turned(_HEX)),
    "MY": _turned(_TEXT),
}  # fmt: skip
"""What each code of a base does on input and on output."""
