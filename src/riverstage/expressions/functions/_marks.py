"""The marks of dynamic arrays, how wide texts are where they are shown, and how they are cut to a width.

The marks have the character codes of MultiValue BASIC (public manuals of OpenQM and of the server engine's BASIC): they
are ordinary letters of Unicode too, so only functions that speak of marks look at them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

__all__ = ["FIELD_MARK", "MARKS", "TEXT_MARK", "VALUE_MARK", "Measure", "clusters", "fold", "pieces", "shown_width"]

TEXT_MARK = "\u00fb"
VALUE_MARK = "\u00fd"
FIELD_MARK = "\u00fe"
MARKS = "\u00f8\u00f9\u00fa\u00fb\u00fc\u00fd\u00fe\u00ff"
"""All marks: three without a name, then text, subvalue, value, field and item mark."""

Measure = Callable[[str], int]
"""How wide a text is: ``len`` for characters, ``shown_width`` for display positions."""


def shown_width(text: str) -> int:
    """Return how many positions a text takes where it is shown.

    Wide characters of East Asian scripts take two, marks that stand on the character before them none.

    Example:
        >>> shown_width("日本 A"), shown_width("e\u0301")
        (6, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def clusters(text: str, measure: Measure) -> list[tuple[str, int]]:
    """Return the characters of a text with their widths; those without a width join the one before them."""
    found: list[tuple[str, int]] = []
    for character in text:
        width = measure(character)
        if width == 0 and found:
            before, taken = found[-1]
            found[-1] = (before + character, taken)
        else:
            found.append((character, width))
    return found


def _fitting(text: str, width: int, measure: Measure) -> int:
    """Return how many characters fit a width; one at least."""
    if measure is len:
        return min(len(text), width)
    taken = 0
    for index, character in enumerate(text):
        taken += measure(character)
        if taken > width and index:
            return index
    return len(text)


def pieces(text: str, width: int, measure: Measure) -> list[str]:
    """Cut a text in pieces of a width at most, wherever that falls."""
    found = []
    while measure(text) > width and len(text) > 1:
        count = _fitting(text, width, measure)
        found.append(text[:count])
        text = text[count:]
    return [*found, text] if text or not found else found


def fold(text: str, width: int, measure: Measure) -> list[str]:
    """Cut a text in pieces of a width at most, at blanks where there are any."""
    found = []
    while measure(text) > width and len(text) > 1:
        count = _fitting(text, width, measure)
        if count == len(text):
            break
        if text[count] == " ":
            cut, skip = count, 1
        else:
            blank = text.rfind(" ", 1, count)
            cut, skip = (blank, 1) if blank > 0 else (count, 0)
        found.append(text[:cut])
        text = text[cut + skip :]
    return [*found, text] if text or not found else found
