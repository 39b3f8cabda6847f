"""Functions that write and read texts by codes and masks of BASIC, that measure what is shown, and that encrypt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from riverstage.expressions.functions._conversion_codes import compile_codes, converted, read
from riverstage.expressions.functions._encryption import check_key, decrypted, encrypted
from riverstage.expressions.functions._fmt import compile_fmt
from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._marks import FIELD_MARK, MARKS, fold, shown_width
from riverstage.expressions.functions._text import TEXT, function, integer, text
from riverstage.types import INT32

__all__ = ["FUNCTIONS", "check_mode"]


def _formatted(value: str, mask: str) -> str:
    return compile_fmt(mask)(value)


def _formatted_as_shown(value: str, mask: str, _map: str) -> str:
    return compile_fmt(mask)(value, shown_width)


def _folded_as_shown(value: str, width: int, _map: str) -> str:
    return value if width < 1 else FIELD_MARK.join(fold(value, width, shown_width))


def _shown_width(value: str, _map: str) -> int:
    return shown_width(value)


def check_mode(mode: str) -> bool:
    """Return whether a mode of ``Conversion`` is input; it is output otherwise.

    Raises:
        ConversionFailed: If it is neither.
    """
    letter = mode[:1].upper()
    if letter not in ("I", "O", "E"):
        raise ConversionFailed(f"Conversion has no mode '{mode}': it is I for input, or O or E for output.")
    return letter == "I"


def _conversion(value: str, codes: str, mode: str) -> str:
    return read(value, codes) if check_mode(mode) else converted(value, codes)


_NO_MARKS = str.maketrans(dict.fromkeys(MARKS, FIELD_MARK))


def _element(value: str, number: int) -> str:
    elements = value.translate(_NO_MARKS).split(FIELD_MARK)
    index = max(number, 1) - 1
    return elements[index] if index < len(elements) else ""


def _are_right(checks: Sequence[tuple[int, Callable[[str], object]]], arguments: Sequence[object]) -> bool:
    """Return whether the arguments at these positions are known, and right by these checks."""
    for index, check in checks:
        argument = arguments[index] if index < len(arguments) else None
        if not isinstance(argument, str):
            return False
        try:
            check(argument)
        except ConversionFailed:
            return False
    return True


def _sure(*checks: tuple[int, Callable[[str], object]]) -> Callable[[Sequence[object]], bool]:
    return partial(_are_right, checks)


_MASK, _CODE, _KEY = text("mask"), text("code"), text("key")
_MAP = text("map", optional=True, default="")

FUNCTIONS = (
    function(
        "Fmt", "The text or number as a mask writes it: width, fill, side, digits, signs, places between literals.",
        (TEXT, _MASK), _formatted, can_fail=True, safe=_sure((1, compile_fmt)),
    ),
    function(
        "FmtDP", "The text or number as a mask writes it, measured in display positions.", (TEXT, _MASK, _MAP),
        _formatted_as_shown, can_fail=True, safe=_sure((1, compile_fmt)),
    ),
    function(
        "FoldDP", "The text in pieces of so many display positions at most, cut at blanks.",
        (TEXT, integer("width"), _MAP), _folded_as_shown,
    ),
    function("LenDP", "How many display positions the text takes; wide characters take two.", (TEXT, _MAP),
             _shown_width, INT32),
    function(
        "Iconv", "The text as a conversion code stores it, empty where it cannot be converted.", (TEXT, _CODE), read,
        can_fail=True, safe=_sure((1, compile_codes)),
    ),
    function(
        "Oconv", "The stored text as a conversion code writes it, itself where it cannot be converted.", (TEXT, _CODE),
        converted, can_fail=True, safe=_sure((1, compile_codes)),
    ),
    function(
        "Conversion", "The text as a conversion code stores it (mode 'I') or writes it (mode 'O').",
        (TEXT, _CODE, text("mode")), _conversion, can_fail=True, safe=_sure((1, compile_codes), (2, check_mode)),
    ),
    function("Remove", "An element of a dynamic array, between marks of any kind; counted from 1.",
             (TEXT, integer("number")), _element),
    function("EncryptString", "The text encrypted with AES-256 and a key of 32 bytes, in Base64.", (TEXT, _KEY),
             encrypted, can_fail=True, safe=_sure((1, check_key))),
    function("DecryptString", "The text that EncryptString has encrypted with this key.", (TEXT, _KEY), decrypted,
             can_fail=True),
)  # fmt: skip
