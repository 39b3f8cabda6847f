"""Masks: places for characters, and literals between them.

``#`` is a place that a blank fills where the value has nothing for it (or the fill character), ``%`` one that a zero
fills, ``*`` one that an asterisk fills; a number behind them says how many. Everything else stands for itself. (After
the public manuals of MultiValue BASIC.)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._marks import Measure, clusters
from riverstage.expressions.functions._text import LONGEST

__all__ = ["Mask", "compile_mask"]

_ELEMENT = re.compile(r"([#%*])([0-9]*)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask.

    Args:
        places: Each of its characters, and whether it is a place: then the character fills it.
    """

    places: tuple[tuple[str, bool], ...]

    def applied(self, value: str, *, right: bool, measure: Measure = len) -> str:
        """Put a value in the places, from the left or the right; what does not fit is cut off."""
        waiting = clusters(value, measure)
        waiting = waiting if right else waiting[::-1]
        found: list[str] = []
        owed = 0
        free = sum(is_place for _, is_place in self.places)
        for character, is_place in reversed(self.places) if right else self.places:
            if not is_place:
                found.append(character)
                continue
            free -= 1
            if owed:
                owed -= 1
            elif waiting and waiting[-1][1] - 1 <= free:
                text, width = waiting.pop()
                found.append(text)
                owed = max(width - 1, 0)
            else:
                waiting.clear()
                found.append(character)
        return "".join(reversed(found) if right else found)

    def read(self, text: str) -> str | None:
        """Return what stands in the places of a text that has this mask, without what fills; None if it has not."""
        if len(text) != len(self.places):
            return None
        found, fills = [], ""
        for character, (said, is_place) in zip(text, self.places, strict=True):
            if is_place:
                found.append(character)
                fills += said if said not in fills and said != "0" else ""
            elif character != said:
                return None
        return "".join(found).strip(fills or None)


def compile_mask(text: str, fill: str = " ") -> Mask:
    """Return the mask that a text writes; ``fill`` fills the places of ``#``.

    Raises:
        ConversionFailed: If it has more than ``LONGEST`` characters.

    Example:
        >>> compile_mask("##-##-##").applied("236986", right=True)
        '23-69-86'
    """
    places: list[tuple[str, bool]] = []
    for kind, count, literal in _ELEMENT.findall(text):
        if literal:
            places.append((literal, False))
            continue
        if len(count) > len(str(LONGEST)) or int(count or 1) + len(places) > LONGEST:
            raise ConversionFailed(f"A mask has at most {LONGEST} characters.")
        places += [({"#": fill, "%": "0"}.get(kind, "*"), True)] * int(count or 1)
    return Mask(tuple(places))
