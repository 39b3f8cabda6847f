"""The conversion codes of ``Iconv``, ``Oconv`` and ``Conversion``: found by their letters, one behind the other.

A code turns a text from how people write it to how it is stored, and back. As in BASIC a text that cannot be converted
gives an empty text on input and itself on output (the server engine's public BASIC reference says so of both).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from riverstage.expressions.functions._date_codes import compile_date
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._marks import VALUE_MARK
from riverstage.expressions.functions._number_codes import (
    BASES,
    compile_decimal,
    compile_justified,
    compile_scientific,
)
from riverstage.expressions.functions._text_codes import CHARACTERS, compile_text
from riverstage.expressions.functions._time_codes import compile_time

__all__ = ["compile_codes", "converted", "read"]

_Way = Callable[[str], str | None]
_KNOWN = (
    "D, G, L, MB, MCA, MC/A, MCD, MCL, MCM, MC/M, MCN, MC/N, MCP, MCT, MCU, MCW, MCX, MD, ML, MO, MR, MT, MU0C, MX, "
    "MY, P, Q, R, S, T"
)


def _compile(code: str) -> tuple[_Way, _Way]:
    """Return what one code does on input and on output."""
    letters = code.upper()
    known = BASES.get(letters) or CHARACTERS.get(letters)
    if known is not None:
        return known
    if letters.startswith("D"):
        dates = compile_date(code)
        return dates.into, dates.out
    if letters.startswith("MT"):
        times = compile_time(code)
        return times.into, times.out
    if letters.startswith("MD"):
        decimals = compile_decimal(code)
        return decimals.into, decimals.out
    if letters.startswith(("ML", "MR")):
        justified = compile_justified(code)
        return justified.into, justified.out
    if letters.startswith("Q"):
        scientific = compile_scientific(code)
        return scientific.into, scientific.out
    text = compile_text(code)
    if text is None:
        raise ConversionFailed(f"'{code}' is no conversion code: there are {_KNOWN}.")
    return text, text


@lru_cache(maxsize=256)
def compile_codes(codes: str) -> tuple[tuple[_Way, _Way], ...]:
    """Return what codes do, those that value marks separate one behind the other.

    Raises:
        ConversionFailed: If one is no code.
    """
    return tuple(_compile(code) for code in codes.split(VALUE_MARK))


def read(value: str, codes: str) -> str:
    """Return a text as it is stored; an empty one for a text that cannot be converted.

    Raises:
        ConversionFailed: If a code is none.

    Example:
        >>> read("9AM", "MT"), read("1111", "MB"), read("noon", "MT")
        ('32400', '15', '')
    """
    text = value
    for into, _ in compile_codes(codes):
        found = into(text)
        if found is None:
            return ""
        text = found
    return text


def converted(value: str, codes: str) -> str:
    """Return a stored text as people write it; itself if it cannot be converted.

    Raises:
        ConversionFailed: If a code is none.

    Example:
        >>> converted("9166", "D2"), converted("CDE", "MX0C"), converted("soon", "D2")
        ('03 FEB 93', '434445', 'soon')
    """
    text = value
    for _, out in compile_codes(codes):
        found = out(text)
        if found is None:
            return value
        text = found
    return text
