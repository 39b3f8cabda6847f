"""What the functions on texts share: their parameters, blanks, letters, and the limit on repetition."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter, ResultType
from riverstage.types import STRING, DataType

__all__ = [
    "BLANKS",
    "LONGEST",
    "TEXT",
    "WHITE",
    "fold_case",
    "function",
    "integer",
    "is_digit",
    "is_letter",
    "quoted_parts",
    "same_length",
    "text",
    "times",
]

BLANKS = " \t"
"""What Trim and its kin take for blank."""
WHITE = " \t\n\v\f\r"
"""What the functions on white space take for it."""
LONGEST = 1_000_000
"""How often a text may be repeated."""

TEXT = Parameter("text", "string")


def text(name: str, *, optional: bool = False, default: str | None = None) -> Parameter:
    """Return a parameter that takes a text."""
    return Parameter(name, "string", optional=optional, default=default)


def integer(name: str, *, optional: bool = False, default: int | None = None) -> Parameter:
    """Return a parameter that takes a whole number."""
    return Parameter(name, "integer", optional=optional, default=default)


def function(
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...],
    python: Callable[..., Any],
    returns: ResultType = STRING,
    *,
    can_fail: bool = False,
    aliases: tuple[str, ...] = (),
    safe: Callable[[Sequence[object]], bool] | None = None,
) -> Function:
    """Return a function of the category ``string`` that gives null for null."""
    return Function(name, "string", summary, parameters, returns, python, can_fail=can_fail, aliases=aliases, safe=safe)


def same_length(types: Sequence[DataType]) -> DataType:
    """Return the type of a text that is never longer than the first argument."""
    return DataType("string", length=types[0].length if types[0].is_text else None)


def times(value: str, count: int) -> str:
    """Repeat a text, not at all for a negative count.

    Raises:
        ConversionFailed: If that is more often than ``LONGEST``.
    """
    if count > LONGEST:
        raise ConversionFailed(f"A text is repeated at most {LONGEST} times, not {count}.")
    return value * max(count, 0)


def fold_case(value: str) -> str:
    """Return a text in small letters, character by character."""
    return "".join(_lower(character) for character in value)


def _lower(character: str) -> str:
    small = character.lower()
    return small if len(small) == 1 else small[0]


def is_letter(character: str) -> bool:
    """Return whether a character is a letter of any script."""
    return unicodedata.category(character).startswith("L")


def is_digit(character: str) -> bool:
    """Return whether a character is a decimal digit of any script."""
    return unicodedata.category(character) == "Nd"


def quoted_parts(said: str) -> list[str]:
    """Return what stands between commas; one within quotes of either kind separates nothing.

    Example:
        >>> quoted_parts("2,',',A")
        ['2', "','", 'A']
    """
    parts, quote = [""], ""
    for character in said:
        if character == "," and not quote:
            parts.append("")
            continue
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        parts[-1] += character
    return parts
