"""Numbers as people write them: scaled, rounded, with separators, a currency sign and a sign of their own.

What ``Fmt`` and the conversion codes ``MD``, ``ML`` and ``MR`` share. The options and what they mean are those of the
public manuals of MultiValue BASIC (the server engine's BASIC reference, OpenQM, jBASE, D3), said in our own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._text import quoted_parts
from riverstage.expressions.functions.number import NUMBER_TEXT

__all__ = ["EXACT", "SIGNS", "Edit", "edited", "plain", "read_edited", "read_number", "take_convention", "whole_number"]

EXACT = Context(prec=2000, Emax=100_000, Emin=-100_000)
_LONGEST = 500
_NUMBER = re.compile(NUMBER_TEXT)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")

SIGNS: dict[str, tuple[str, str, str, str]] = {
    "": ("-", "", "", ""),
    "none": ("", "", "", ""),
    "minus": ("", "-", "", " "),
    "angles": ("<", ">", "", " "),
    "angles, both": ("<", ">", " ", " "),
    "CR": ("", "CR", "", "  "),
    "DB": ("", "DB", "", "  "),
    "DB, positive": ("", "  ", "", "DB"),
    "cr": ("", "cr", "", "  "),
    "db": ("", "db", "", "  "),
    "db, positive": ("", "  ", "", "db"),
}
"""What stands before and behind a negative number, then before and behind any other, by the style's name."""


@dataclass(frozen=True, slots=True)
class Edit:
    """How a number is written.

    Args:
        places: How many digits stand behind the point; None for as many as the number has.
        scale: The power of ten that the number is divided by.
        thousands: What stands between groups of three digits.
        point: What stands before the fraction.
        prefix: What stands before the digits, a currency sign.
        suffix: What stands behind them.
        sign: The style of the sign, one of ``SIGNS``.
        blank_zero: Whether zero is an empty text.
        truncates: Whether excess digits are cut, not rounded.
        keeps_point: Whether a number that has a point already is not scaled.
    """

    places: int | None = None
    scale: int = 0
    thousands: str = ""
    point: str = "."
    prefix: str = ""
    suffix: str = ""
    sign: str = ""
    blank_zero: bool = False
    truncates: bool = False
    keeps_point: bool = False

    def rounded(self, number: Decimal, places: int) -> Decimal:
        """Return a number with so many digits behind the point."""
        rounding = ROUND_DOWN if self.truncates else ROUND_HALF_UP
        return number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=EXACT)


def read_number(text: str) -> Decimal | None:
    """Return the number that a text is, or None; blanks around it do not matter."""
    if len(text) > _LONGEST or _NUMBER.fullmatch(text) is None:
        return None
    number = Decimal(text.strip())
    return number if abs(number.adjusted()) <= _LONGEST else None


def whole_number(text: str) -> int | None:
    """Return the whole number that a text is, or None."""
    number = read_number(text)
    return int(number) if number is not None and number == number.to_integral_value(context=EXACT) else None


def plain(number: Decimal) -> str:
    """Return a number in plain digits, without zeros at the end of its fraction."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def edited(number: Decimal, edit: Edit, *, scaled: bool = True) -> str:
    """Return a number as an edit writes it.

    Example:
        >>> edited(Decimal(987654), Edit(places=2, scale=2, thousands=",", prefix="$"))
        '$9,876.54'
    """
    value = number.scaleb(-edit.scale, EXACT) if scaled and edit.scale else number
    if edit.places is not None:
        value = edit.rounded(value, edit.places)
    if edit.blank_zero and not value:
        return ""
    whole, _, fraction = f"{value.copy_abs():f}".partition(".")
    if edit.thousands:
        whole = f"{int(whole):,}".replace(",", edit.thousands)
    digits = edit.prefix + whole + (edit.point + fraction if fraction else "") + edit.suffix
    before, behind, before_other, behind_other = SIGNS[edit.sign]
    return before + digits + behind if value < 0 else before_other + digits + behind_other


def read_edited(text: str, edit: Edit) -> Decimal | None:
    """Return the number that a text says in the way of an edit, or None; any style of sign is understood."""
    negative, said = _without_sign(text.strip(" "), edit)
    if edit.suffix:
        said = said.removesuffix(edit.suffix).rstrip(" ")
    if edit.thousands or edit.point != ".":
        said = "".join({edit.thousands or ",": ",", edit.point: "."}.get(character, character) for character in said)
    if _GROUPED.fullmatch(said):
        said = said.replace(",", "")
    number = read_number(said)
    if number is None:
        return None
    return -number if negative else number


def _without_sign(said: str, edit: Edit) -> tuple[bool, str]:
    """Return whether a text is negative, and the text without its sign and currency sign."""
    negative = False
    if (said[:1] == "<" and said[-1:] == ">") or (said[:1] == "(" and said[-1:] == ")"):
        negative, said = True, said[1:-1].strip(" ")
    elif said[-2:].upper() in ("CR", "DB"):
        credit = said[-2:].upper() == "CR"
        negative, said = credit or "positive" not in edit.sign, said[:-2].rstrip(" ")
    elif said[-1:] in ("-", "+") and len(said) > 1:
        negative, said = said[-1] == "-", said[:-1].rstrip(" ")
    if not negative and said[:1] in ("-", "+"):
        negative, said = said[0] == "-", said[1:].lstrip(" ")
    for mark in (edit.prefix, "$"):
        if mark and said.startswith(mark):
            said = said[len(mark) :].lstrip(" ")
            break
    if not negative and said[:1] == "-":
        negative, said = True, said[1:]
    return negative, said


def take_convention(edit: Edit, said: str) -> Edit:
    """Return an edit with the signs that ``prefix,thousands,point,suffix`` names; each may be in quotes or left out.

    Raises:
        ConversionFailed: If there are more.
    """
    parts = quoted_parts(said)
    if len(parts) > 4:
        raise ConversionFailed(f"'[{said}]' names more than a prefix, a thousands separator, a point and a suffix.")
    bare = [_unquoted(part.strip(" ")) for part in parts] + [""] * (4 - len(parts))
    return replace(
        edit,
        prefix=bare[0] or edit.prefix,
        thousands=bare[1] or edit.thousands,
        point=bare[2] or edit.point,
        suffix=bare[3] or edit.suffix,
    )


def _unquoted(part: str) -> str:
    return part[1:-1] if len(part) > 1 and part[0] == part[-1] and part[0] in "'\"" else part
