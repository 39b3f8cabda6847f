"""The conversion code ``MT``: times as the number of seconds since midnight.

``MT[H][P][Z][S][c][modifiers]``, after the public manuals of MultiValue BASIC (the server engine's BASIC reference,
OpenQM, jBASE), said in our own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._number_edits import read_number
from riverstage.expressions.functions._text import quoted_parts

__all__ = ["TimeCode", "compile_time"]

_DAY = 86_400
_CODE = re.compile(
    r"""MT(?P<before>[HPZS]*)(?P<separator>'[^']*'|"[^"]*"|[^A-Za-z0-9\[])?(?P<behind>[HPZS]*)(?:\[(?P<modifiers>.*)\])?""",
    re.IGNORECASE | re.DOTALL,
)
_MODIFIER = re.compile(r"""\s*(Z)?([0-9])?\s*(?:'([^']*)'|"([^"]*)")?\s*""", re.IGNORECASE)
_TIME = re.compile(r"([0-9]+)(?:[^0-9A-Za-z]+([0-9]+)(?:[^0-9A-Za-z]+([0-9]+))?)?\s*(?:([AaPp])(?:\.?[Mm]\.?)?)?")


@dataclass(frozen=True, slots=True)
class TimeCode:
    """A compiled code ``MT``."""

    half: bool = False
    bare: bool = False
    seconds: bool = False
    separator: str = ":"
    modifiers: tuple[tuple[bool, int | None, str | None], ...] = ()

    def out(self, value: str) -> str | None:
        """Return the time of a number of seconds as this code writes it; None if it is no such number."""
        number = read_number(value)
        if number is None or number < 0:
            return None
        seconds = int(number) % _DAY
        hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
        shown = (hour - 1) % 12 + 1 if self.half else hour
        parts = [shown, minute, second] if self.seconds else [shown, minute]
        said = ""
        for index, part in enumerate(parts):
            bare, length, text = self.modifiers[index] if index < len(self.modifiers) else (False, None, None)
            bare = bare or (index == 0 and self.bare)
            said += str(part).rjust(1 if bare else length or 2, "0")
            said += text if text is not None else self.separator if index < len(parts) - 1 else ""
        return said + (("am" if hour < 12 else "pm") if self.half else "")

    def into(self, value: str) -> str | None:
        """Return the seconds of the time that a text says; None if it says none."""
        said = value.replace(self.separator, ":") if self.separator.strip() else value
        found = _TIME.fullmatch(said.strip())
        if found is None:
            return None
        first, minutes, seconds, half = found.groups()
        if minutes is None and len(first) in (3, 4):
            first, minutes = first[:-2], first[-2:]
        elif minutes is None and len(first) in (5, 6):
            first, minutes, seconds = first[:-4], first[-4:-2], first[-2:]
        parts = [first, minutes or "0", seconds or "0"]
        if any(len(part) > 2 for part in parts):
            return None
        hour, minute, second = map(int, parts)
        if half is not None:
            if hour > 12:
                return None
            hour = hour % 12 + (12 if half in "Pp" else 0)
        if hour > 23 or minute > 59 or second > 59:
            return None
        return str(hour * 3600 + minute * 60 + second)


def compile_time(code: str) -> TimeCode:
    """Return what a code ``MT`` asks for.

    Raises:
        ConversionFailed: If it is none.

    Example:
        >>> compile_time("MTHS").out("10000"), compile_time("MT").into("9AM")
        ('02:46:40am', '32400')
    """
    found = _CODE.fullmatch(code)
    if found is None:
        raise ConversionFailed(f"'{code}' is no conversion code of times: it is MT with H, P, Z, S and a separator.")
    letters = (found["before"] + found["behind"]).upper()
    separator = found["separator"]
    if separator is None:
        separator = ":"
    elif len(separator) > 1:
        separator = separator[1:-1]
    modifiers: list[tuple[bool, int | None, str | None]] = []
    for part in quoted_parts(found["modifiers"]) if found["modifiers"] else []:
        read = _MODIFIER.fullmatch(part)
        if read is None or len(modifiers) == 3:
            raise ConversionFailed(f"'{code}' has a modifier '{part.strip()}', which is none.")
        text = read[3] if read[3] is not None else read[4]
        modifiers.append((read[1] is not None, int(read[2]) if read[2] else None, text))
    half = "H" in letters or "P" in letters
    return TimeCode(half, "Z" in letters, "S" in letters, separator, tuple(modifiers))
