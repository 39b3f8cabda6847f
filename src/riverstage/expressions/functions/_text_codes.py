"""The conversion codes of texts: ``MC…``, ``G``, ``L``, ``P``, ``R``, ``S`` and ``T``; they do the same both ways.

After the public manuals of MultiValue BASIC (the server engine's BASIC reference, OpenQM, jBASE, D3), said in our own
words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from riverstage.expressions.functions._number_edits import read_number
from riverstage.expressions.functions._patterns import matches
from riverstage.expressions.functions._string_forms import upper
from riverstage.expressions.functions._string_tests import soundex
from riverstage.expressions.functions._text import fold_case, is_digit, is_letter

__all__ = ["CHARACTERS", "compile_text"]

_PATTERN = r"""\(((?:[^()'"]|'[^']*'|"[^"]*")*)\)"""
_GROUP = re.compile(r"G([0-9]{0,6})([^0-9])([0-9]{1,6})", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(r"L(?:([0-9]{1,9})(?:,([0-9]{1,9}))?)?", re.IGNORECASE)
_MATCH = re.compile(rf"P{_PATTERN}(?:[;/]{_PATTERN})*", re.IGNORECASE)
_RANGE = re.compile(r"R(-?[0-9.]+,-?[0-9.]+(?:;-?[0-9.]+,-?[0-9.]+)*)", re.IGNORECASE)
_PART = re.compile(r"T(?:([0-9]{1,9}),)?([0-9]{1,9})", re.IGNORECASE)

_Code = Callable[[str], str | None]


def _only(test: Callable[[str], bool], value: str) -> str:
    return "".join(filter(test, value))


def _without(test: Callable[[str], bool], value: str) -> str:
    return "".join(character for character in value if not test(character))


def _words(value: str) -> str:
    """Begin every word with a capital; a word begins at a letter behind no letter, digit or apostrophe."""
    found = []
    before = " "
    for character in value:
        inside = is_letter(before) or is_digit(before) or before in "'\u2019"
        found.append(fold_case(character) if inside else upper(character))
        before = character
    return "".join(found)


def _printable(value: str) -> str:
    return re.sub("[\x00-\x1f\x7f-\x9f]", ".", value)


def _to_wide(value: str) -> str:
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in value)


def _to_narrow(value: str) -> str:
    return "".join(chr(ord(each) - 0xFEE0) if "\uff01" <= each <= "\uff5e" else each for each in value)


CHARACTERS: dict[str, tuple[_Code, _Code]] = {
    **{name: (code, code) for name, code in (
        ("MCA", partial(_only, is_letter)), ("MC/A", partial(_without, is_letter)), ("MCN", partial(_only, is_digit)),
        ("MC/N", partial(_without, is_digit)), ("MCM", partial(_without, str.isascii)),
        ("MC/M", partial(_only, str.isascii)), ("MCU", upper), ("MCL", fold_case), ("MCT", _words), ("MCP", _printable),
        ("S", partial(soundex, census=0)))},
    "MCW": (_to_narrow, _to_wide),
}  # fmt: skip
"""What each code of characters does on input and on output."""


def _group(skipped: int, delimiter: str, count: int, value: str) -> str:
    return delimiter.join(value.split(delimiter)[skipped : skipped + count])


def _length(least: int, most: int | None, value: str) -> str:
    if not most:
        return str(len(value))
    return value if least <= len(value) <= most else ""


def _match(patterns: list[str], value: str) -> str:
    return value if any(matches(value, pattern) for pattern in patterns) else ""


def _range(ranges: list[tuple[Decimal, Decimal]], value: str) -> str:
    number = read_number(value)
    inside = number is not None and any(low <= number <= high for low, high in ranges)
    return value if inside else ""


def _part(start: int, length: int, value: str) -> str:
    first = max(start, 1) - 1
    return value[first : first + length]


def compile_text(code: str) -> _Code | None:
    """Return what a code ``G``, ``L``, ``P``, ``R`` or ``T`` does; None if it is none of them.

    Example:
        >>> compile_text("G1*2")("ca*92714*1000"), compile_text("L3,5")("weir"), compile_text("R1,9")("12")
        ('92714*1000', 'weir', '')
    """
    if found := _GROUP.fullmatch(code):
        return partial(_group, int(found[1] or 0), found[2], int(found[3]))
    if found := _LENGTH.fullmatch(code):
        first, second = int(found[1] or 0), int(found[2]) if found[2] else None
        return partial(_length, 0, first) if second is None else partial(_length, first, second)
    if _MATCH.fullmatch(code):
        return partial(_match, re.findall(_PATTERN, code[1:]))
    if found := _RANGE.fullmatch(code):
        ends = [read_number(end) for pair in found[1].split(";") for end in pair.split(",")]
        if None not in ends:
            numbers = [end for end in ends if end is not None]
            return partial(_range, list(zip(numbers[::2], numbers[1::2], strict=True)))
    if found := _PART.fullmatch(code):
        return partial(_part, int(found[1] or 1), int(found[2]))
    return None
