"""Patterns of ``MATCHES`` and ``MatchField``.

``3N`` is three digits, ``2A`` two letters, ``1X`` any one character, ``0N`` any number of digits. Anything else in a
pattern stands for itself, in quotes or without; ``...`` is ``0X``.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["match_field", "matches", "regex"]

_ELEMENT = re.compile(r"([0-9]+)([NnAaXx])|'([^']*)'|\"([^\"]*)\"|(\.\.\.)|(.)", re.DOTALL)
_CLASSES = {"N": "[0-9]", "A": "[A-Za-z]", "X": r"[\s\S]"}


@lru_cache(maxsize=256)
def regex(pattern: str) -> tuple[str, int]:
    """Return a pattern as a regular expression of Python and RE2, one group an element, and how many there are."""
    groups: list[str] = []
    plain = ""
    for count, kind, single, double, dots, other in _ELEMENT.findall(pattern):
        if not count and not dots:
            plain += single or double or other
            continue
        if plain:
            groups.append(f"({re.escape(plain)})")
            plain = ""
        number = int(count or 0)
        repeat = "*" if not number else f"{{{number}}}"
        groups.append(f"({_CLASSES[(kind or 'X').upper()]}{repeat})")
    if plain:
        groups.append(f"({re.escape(plain)})")
    return "".join(groups), len(groups)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(regex(pattern)[0])


def matches(text: str, pattern: str) -> bool:
    """Return whether a whole text has a pattern.

    Example:
        >>> matches("AB12", "2A2N"), matches("AB123", "2A2N")
        (True, False)
    """
    return _compiled(pattern).fullmatch(text) is not None


def match_field(text: str, pattern: str, number: int) -> str:
    """Return what the ``number``-th element of a pattern matches, empty where the text does not have the pattern."""
    found = _compiled(pattern).fullmatch(text)
    if found is None or not 1 <= number <= len(found.groups()):
        return ""
    return str(found.group(number))
