r"""Format strings of dates, times and timestamps: ``%yyyy-%mm-%dd``, ``%hh:%nn:%ss.6`` and their like.

A format is a row of tags and of text that stands for itself. ``%%`` and ``\%`` are a percent sign, ``\\`` a backslash,
``\n`` and ``\t`` a line end and a tab. A tag is written ``%tag`` or ``%(tag,option,…)``.

==================  ====================================================================================
``yyyy``            year, four digits, 0001 to 9999
``yy``, ``NNNNyy``  year of the century: the first year from NNNN (without: 1900) on that ends in it
``mm`` ``m``        month; the short form reads one or two digits and writes no leading zero
``mmm`` ``mmmm``    month's English name, short or full; read without regard to case
``dd`` ``d``        day of the month
``ddd``             day of the year, three digits; ``v``: one to three
``e`` ``E``         weekday as a digit, Sunday or Monday being 1; read to place a week, ignored otherwise
``eee`` ``eeee``    weekday's English name; read and ignored
``WW`` ``W``        ISO week; read together with a weekday it places the date in the ISO year ``yyyy``
``hh`` ``h``        hour, 0 to 23
``HH`` ``H``        hour, 1 to 12
``nn`` ``n``        minute
``ss`` ``s``        second; ``ss.N`` and ``s.N`` with N (1 to 6) digits of fraction: written exactly, read 1 to N
``SSS`` ``SSSSSS``  millisecond, microsecond: three and six digits; ``v``: up to as many
``aa``              am or pm
==================  ====================================================================================

Options: ``s`` leading spaces instead of zeros, read and written; ``v`` variable width; ``u`` ``w`` names in upper and
lower case, ``t`` as they are; ``-N`` and ``+N`` names cut to or padded to N characters, left- or right-justified;
``c`` and ``C`` comma or point before a fraction. ``%(L,'en')`` names the language of names; only English is known.

A text must match its format from end to end. This module loads no SQL library.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from riverstage.errors import ExpressionError
from riverstage.expressions.functions._function import ConversionFailed

__all__ = [
    "DATE_FORMAT",
    "MONTHS",
    "TIMESTAMP_FORMAT",
    "TIME_FORMAT",
    "WEEKDAYS",
    "Format",
    "FormatKind",
    "Tag",
    "compile_format",
    "read_date",
    "read_time",
    "read_timestamp",
    "write",
]

FormatKind = Literal["date", "time", "timestamp"]

DATE_FORMAT = "%yyyy-%mm-%dd"
TIME_FORMAT = "%hh:%nn:%ss"
TIMESTAMP_FORMAT = "%yyyy-%mm-%dd %hh:%nn:%ss"

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

# The longest spelling of each part first; the value is what the tag gives.
_TAGS: Mapping[str, str] = {
    "yyyy": "year", "yy": "year", "mmmm": "month", "mmm": "month", "mm": "month", "m": "month",
    "ddd": "yearday", "dd": "day", "d": "day", "eeee": "name", "eee": "name", "e": "weekday", "E": "weekday",
    "WW": "week", "W": "week", "hh": "hour", "h": "hour", "HH": "hour", "H": "hour", "nn": "minute", "n": "minute",
    "SSSSSS": "fraction", "SSS": "fraction", "ss": "second", "s": "second", "aa": "half",
}  # fmt: skip
_DATE_PARTS = frozenset({"year", "month", "day", "yearday", "name", "weekday", "week"})
_SPELLING = re.compile(r"(?P<cutoff>[0-9]{4})(?=yy)|")
_NAME = re.compile("|".join(_TAGS))
_DIGITS: Mapping[str, int] = {
    "yyyy": 4, "yy": 2, "mm": 2, "m": 2, "ddd": 3, "dd": 2, "d": 2, "WW": 2, "W": 2, "hh": 2, "h": 2, "HH": 2, "H": 2,
    "nn": 2, "n": 2, "ss": 2, "s": 2, "SSS": 3, "SSSSSS": 6,
}  # fmt: skip
_ESCAPES = {"n": "\n", "t": "\t"}
_NAMED = frozenset({"mmm", "mmmm", "eee", "eeee"})
_ALLOWED_OPTIONS: Mapping[str, frozenset[str]] = {
    "named": frozenset("tuw"), "aa": frozenset("uw"), "second": frozenset("scC"), "wide": frozenset("sv"),
    "number": frozenset("s"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a format.

    Args:
        name: Its spelling without cutoff and fraction: ``yy``, ``ss`` …
        part: What it gives: ``year``, ``month`` …
        cutoff: The first year that ``yy`` can mean.
        digits: Digits of a second's fraction, 0 for none.
        options: Its one-letter options.
        width: Characters of a name's field, 0 for as many as it has.
        right: Whether a name stands at the right of its field.
    """

    name: str
    part: str
    cutoff: int = 1900
    digits: int = 0
    options: frozenset[str] = frozenset()
    width: int = 0
    right: bool = False

    @property
    def is_variable(self) -> bool:
        """Whether it can take different numbers of characters when read."""
        if self.name in _NAMED:
            return self.width == 0 and self.name != "mmm" and self.name != "eee"
        return self.name in ("d", "m", "h", "H", "n", "s", "W") or "v" in self.options or self.digits > 0

    @property
    def size(self) -> int:
        """How many digits it has at most, the fraction not counted."""
        return _DIGITS.get(self.name, 1)

    @property
    def point(self) -> str:
        """What stands before the fraction."""
        return "," if "c" in self.options else "."

    def names(self) -> tuple[str, ...]:
        """Return the names that it can stand for, as they are read: cut to its width."""
        full = MONTHS if self.part == "month" else WEEKDAYS
        named = full if len(self.name) == 4 else tuple(name[:3] for name in full)
        return tuple(name[: self.width] for name in named) if self.width else named

    def pattern(self, *, packed: bool) -> str:
        """Return the regular expression of what it reads, without groups of its own."""
        if self.name in _NAMED:
            names = "(?:" + "|".join(sorted(self.names(), key=len, reverse=True)) + ")"
            if self.width:
                return f"(?i: *{names})" if self.right else f"(?i:{names} *)"
            return f"(?i:{names})"
        if self.name == "aa":
            return "(?i:am|pm)"
        if self.name in ("e", "E"):
            return "[1-7]"
        return self._digits_pattern() + self._fraction_pattern(packed=packed)

    def _digits_pattern(self) -> str:
        size, spaced = self.size, "s" in self.options
        if self.name == "yyyy":
            return "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
        if self.is_variable and not (self.digits and self.name == "ss"):
            spaces = "".join(f"| {{{count}}}[0-9]{{{size - count}}}" for count in range(1, size)) if spaced else ""
            return f"(?:[0-9]{{1,{size}}}{spaces})"
        if spaced:
            return "(?:" + "|".join(f" {{{count}}}[0-9]{{{size - count}}}" for count in range(size)) + ")"
        return f"[0-9]{{{size}}}"

    def _fraction_pattern(self, *, packed: bool) -> str:
        if not self.digits:
            return ""
        if packed:
            return f"[0-9]{{{self.digits}}}"
        return f"{re.escape(self.point)}[0-9]{{1,{self.digits}}}"


@dataclass(frozen=True, slots=True)
class Format:
    """A format, taken apart.

    Args:
        text: The format string.
        kind: What it is a format of.
        parts: Its tags and the text between them.
        packed: Whether it lays out the digits of a decimal: fractions have no point.
    """

    text: str
    kind: FormatKind
    parts: tuple[Tag | str, ...]
    packed: bool = False

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Its tags, in order."""
        return tuple(part for part in self.parts if isinstance(part, Tag))

    def tag(self, part: str) -> Tag | None:
        """Return the tag that gives a part, or None."""
        return next((tag for tag in self.tags if tag.part == part), None)

    def pattern(self) -> str:
        """Return the regular expression of the texts that it reads: one group a tag, in order, for Python and RE2."""
        return "".join(
            re.escape(part) if isinstance(part, str) else f"({part.pattern(packed=self.packed)})" for part in self.parts
        )

    def check_readable(self) -> None:
        """Raise ``ExpressionError`` where texts of this format do not say all that the kind needs."""
        given = [tag.part for tag in self.tags]
        twice = next((part for part in given if part != "name" and given.count(part) > 1), None)
        if twice is not None and twice != "fraction":
            raise _broken(self.text, f"gives the {twice} twice, so a text cannot be read by it", "Keep one of them.")
        if given.count("fraction") > 1 or ("fraction" in given and any(tag.digits for tag in self.tags)):
            raise _broken(self.text, "gives the fraction of the second twice, so a text cannot be read by it")
        has = frozenset(given)
        if self.kind != "time" and not (
            {"year", "month", "day"} <= has or {"year", "yearday"} <= has or {"year", "week", "weekday"} <= has
        ):
            raise _broken(
                self.text, "does not say a whole date", "It needs year, month and day, or the day of the year."
            )
        if self.kind == "time" and "hour" not in has:
            raise _broken(self.text, "does not say the hour", "Write %hh for it.")

    def read(self, text: str) -> date | time | datetime:
        """Return what a text says; raise ``ConversionFailed`` where it has another form or says no such date."""
        match = _matcher(self).fullmatch(text)
        if match is None:
            raise ConversionFailed(f"'{text}' is not of the form {self.text}.")
        try:
            return self._assemble(match)
        except (ValueError, OverflowError) as error:
            raise ConversionFailed(f"'{text}' says no {self.kind} by {self.text}.") from error

    def _assemble(self, match: re.Match[str]) -> date | time | datetime:
        said: dict[str, int] = {}
        for tag, text in zip(self.tags, match.groups(), strict=True):
            said.update(_value(tag, text, packed=self.packed))
        if self.kind == "date":
            return _date(said, self)
        clock = time(_hour(said, self), said.get("minute", 0), said.get("second", 0), said.get("fraction", 0))
        return clock if self.kind == "time" else datetime.combine(_date(said, self), clock)

    def write(self, value: date | time | datetime) -> str:
        """Return a value's text."""
        return "".join(part if isinstance(part, str) else _text(part, value, packed=self.packed) for part in self.parts)


def _broken(text: str, why: str, mend: str = "") -> ExpressionError:
    return ExpressionError(f"The format '{text}' {why}.", code="RS-3061", mend=mend)


@lru_cache(maxsize=1024)
def compile_format(text: str, kind: FormatKind, *, packed: bool = False) -> Format:
    """Return a format taken apart.

    Args:
        text: The format string.
        kind: What it is a format of.
        packed: Whether it lays out the digits of a decimal.

    Raises:
        ExpressionError: For a tag or an option that does not exist, or that the kind does not have.

    Example:
        >>> str(compile_format("%dd/%mm/%yyyy", "date").read("27/05/2008"))
        '2008-05-27'
    """
    parts: list[Tag | str] = []
    literal = ""
    position = 0
    while position < len(text):
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            literal += _ESCAPES.get(text[position + 1], text[position + 1])
            position += 2
        elif text.startswith("%%", position):
            literal += "%"
            position += 2
        elif character == "%":
            tag, position = _tag(text, position, kind)
            if tag is not None:
                parts.extend([literal, tag] if literal else [tag])
                literal = ""
        else:
            literal += character
            position += 1
    if literal:
        parts.append(literal)
    return Format(text, kind, tuple(parts), packed)


def _tag(text: str, position: int, kind: FormatKind) -> tuple[Tag | None, int]:
    """Return the tag that starts at a percent sign, and where it ends; None for a language."""
    if text.startswith("%(", position):
        end = text.find(")", position)
        if end < 0:
            raise _broken(text, "has a '%(' without its ')'")
        spelled, *options = (option.strip() for option in text[position + 2 : end].split(","))
        if spelled == "L":
            _check_language(text, options)
            return None, end + 1
        tag, length = _spelled(text, spelled, kind)
        if length != len(spelled):
            raise _broken(text, f"has the unknown tag '%({spelled})'")
        return _with_options(text, tag, options), end + 1
    tag, length = _spelled(text, text[position + 1 :], kind)
    return tag, position + 1 + length


def _spelled(text: str, spelled: str, kind: FormatKind) -> tuple[Tag, int]:
    """Return the tag at the start of a spelling, and its length."""
    start = _SPELLING.match(spelled)
    cutoff = start["cutoff"] if start else None
    offset = len(cutoff) if cutoff else 0
    found = _NAME.match(spelled, offset)
    if found is None or (cutoff and found[0] != "yy"):
        raise _broken(text, f"has an unknown tag at '%{spelled[:6]}'", "Write %% for a percent sign.")
    name = found[0]
    part, end, digits = _TAGS[name], found.end(), 0
    if part == "second" and (fraction := re.compile(r"\.([0-9])").match(spelled, end)):
        digits, end = int(fraction[1]), fraction.end()
        if digits > 6:
            raise _broken(text, f"asks for {digits} digits of a second", "Seconds have at most 6 digits of fraction.")
    if kind == "time" and part in _DATE_PARTS:
        raise _broken(text, f"has %{name} but is a time's", "Write %nn for minutes." if part == "month" else "")
    if kind == "date" and part not in _DATE_PARTS:
        raise _broken(text, f"has %{name} but is a date's", "Write %mm for months." if part == "minute" else "")
    return Tag(name, part, int(cutoff) if cutoff else 1900, digits), end


def _check_language(text: str, options: list[str]) -> None:
    language = options[0].strip("'\"") if options else ""
    if not re.fullmatch(r"(?i)en([_-].*)?|C|POSIX", language):
        raise _broken(text, f"asks for names in '{language}'", "Names are read and written in English.")


def _with_options(text: str, tag: Tag, options: list[str]) -> Tag:
    letters: set[str] = set()
    width, right = 0, False
    if tag.name in _NAMED:
        allowed = _ALLOWED_OPTIONS["named"]
    elif tag.name == "aa":
        allowed = _ALLOWED_OPTIONS["aa"]
    elif tag.part == "second":
        allowed = _ALLOWED_OPTIONS["second"]
    else:
        allowed = _ALLOWED_OPTIONS["wide" if tag.name in ("ddd", "SSS", "SSSSSS") else "number"]
    for option in options:
        if tag.name in _NAMED and re.fullmatch(r"[+-][1-9][0-9]?", option):
            width, right = int(option[1:]), option[0] == "+"
        elif option in allowed:
            letters.add(option)
        else:
            raise _broken(text, f"gives %{tag.name} the option '{option}' that it does not have")
    return Tag(tag.name, tag.part, tag.cutoff, tag.digits, frozenset(letters), width, right)


@lru_cache(maxsize=1024)
def _matcher(format_: Format) -> re.Pattern[str]:
    format_.check_readable()
    return re.compile(format_.pattern())


def _value(tag: Tag, text: str, *, packed: bool) -> dict[str, int]:
    """Return what a tag's text says, by part."""
    if tag.part == "name":
        return {}
    if tag.name in _NAMED:
        return {"month": [name.lower() for name in tag.names()].index(text.strip().lower()) + 1}
    if tag.part == "half":
        return {"half": int(text.lower() == "pm")}
    if tag.name == "yy":
        return {"year": tag.cutoff + (int(text) - tag.cutoff) % 100}
    if tag.part == "weekday":
        return {"weekday": int(text) if tag.name == "E" else (int(text) + 5) % 7 + 1}
    if tag.part == "fraction":
        return {"fraction": int(text) * (1000 if tag.name == "SSS" else 1)}
    if tag.digits:
        whole, fraction = (text[: -tag.digits], text[-tag.digits :]) if packed else text.split(tag.point)
        return {"second": int(whole), "fraction": int(fraction.ljust(6, "0"))}
    return {tag.part: int(text)}


def _date(said: Mapping[str, int], format_: Format) -> date:
    year = said["year"]
    if "month" in said and "day" in said:
        return date(year, said["month"], said["day"])
    if "yearday" in said:
        found = date(year, 1, 1) + timedelta(days=said["yearday"] - 1)
        if found.year != year:
            raise ValueError(format_.text)
        return found
    return date.fromisocalendar(year, said["week"], said["weekday"])


def _hour(said: Mapping[str, int], format_: Format) -> int:
    hour, half = said.get("hour", 0), said.get("half")
    tag = format_.tag("hour")
    if tag is not None and tag.name in ("H", "HH") and not 1 <= hour <= 12:
        raise ValueError(format_.text)
    if half is None:
        return hour
    if hour > 12:
        if half == 0:
            raise ValueError(format_.text)
        return hour
    return hour % 12 + 12 * half


def _text(tag: Tag, value: date | time | datetime, *, packed: bool) -> str:
    if tag.name in _NAMED:
        return _name_text(tag, value)
    if tag.name == "aa":
        half = "pm" if value.hour >= 12 else "am"  # type: ignore[union-attr]
        return half.upper() if "u" in tag.options else half
    number = _number(tag, value)
    if tag.is_variable and not (tag.digits and tag.name == "ss"):
        digits = str(number)
    elif "s" in tag.options:
        digits = str(number).rjust(tag.size)
    else:
        digits = str(number).rjust(tag.size, "0")
    if not tag.digits:
        return digits
    fraction = f"{value.microsecond:06d}"[: tag.digits]  # type: ignore[union-attr]
    return digits + ("" if packed else tag.point) + fraction


def _name_text(tag: Tag, value: date | time | datetime) -> str:
    if not isinstance(value, date):
        raise ConversionFailed(f"A time has no %{tag.name}.")
    index = value.month - 1 if tag.part == "month" else value.isoweekday() % 7
    name = tag.names()[index]
    if "u" in tag.options:
        name = name.upper()
    elif "w" in tag.options:
        name = name.lower()
    return (name.rjust(tag.width) if tag.right else name.ljust(tag.width)) if tag.width else name


def _number(tag: Tag, value: date | time | datetime) -> int:
    if isinstance(value, date):
        match tag.name:
            case "yyyy":
                return value.year
            case "yy":
                return value.year % 100
            case "ddd":
                return value.timetuple().tm_yday
            case "e":
                return value.isoweekday() % 7 + 1
            case "E":
                return value.isoweekday()
            case "WW" | "W":
                return value.isocalendar().week
            case "mm" | "m" | "dd" | "d":
                return value.month if tag.part == "month" else value.day
    if isinstance(value, (time, datetime)):
        match tag.name:
            case "HH" | "H":
                return (value.hour + 11) % 12 + 1
            case "SSS":
                return value.microsecond // 1000
            case "SSSSSS":
                return value.microsecond
            case _:
                return int(getattr(value, tag.part))
    raise ConversionFailed(f"A date has no %{tag.name}.")


_FRACTION = re.compile(r"(.*[0-9]{2}:[0-9]{2}:[0-9]{2})\.([0-9]{1,6})", re.DOTALL)


def _compiled(text: str | None, kind: FormatKind, default: str) -> Format:
    """Return a format of a row's own; a broken one fails the row."""
    try:
        return compile_format(default if text is None else text, kind)
    except ExpressionError as error:
        raise ConversionFailed(error.message) from error


def _read(text: str, format_: Format) -> date | time | datetime:
    try:
        return format_.read(text)
    except ExpressionError as error:
        raise ConversionFailed(error.message) from error


def read_date(text: str, format: str | None = None) -> date:
    """Return the date that a text says by a format (default ``%yyyy-%mm-%dd``), or raise ``ConversionFailed``."""
    found = _read(text, _compiled(format, "date", DATE_FORMAT))
    if not isinstance(found, date):
        raise ConversionFailed(f"'{text}' is no date.")
    return found


def read_time(text: str, format: str | None = None) -> time:
    """Return the time that a text says by a format (default ``%hh:%nn:%ss``, with or without a fraction)."""
    fraction = _FRACTION.fullmatch(text) if format is None else None
    found = _read(fraction[1] if fraction else text, _compiled(format, "time", TIME_FORMAT))
    if not isinstance(found, time):
        raise ConversionFailed(f"'{text}' is no time.")
    return found.replace(microsecond=int(fraction[2].ljust(6, "0"))) if fraction else found


def read_timestamp(text: str, format: str | None = None) -> datetime:
    """Return the timestamp that a text says by a format (default: date and time with a space between them)."""
    fraction = _FRACTION.fullmatch(text) if format is None else None
    found = _read(fraction[1] if fraction else text, _compiled(format, "timestamp", TIMESTAMP_FORMAT))
    if not isinstance(found, datetime):
        raise ConversionFailed(f"'{text}' is no timestamp.")
    return found.replace(microsecond=int(fraction[2].ljust(6, "0"))) if fraction else found


def write(value: date | time | datetime, format: str | None = None) -> str:
    """Return the text of a date, time or timestamp by a format (default: that of its kind, without fraction)."""
    if isinstance(value, datetime):
        return _compiled(format, "timestamp", TIMESTAMP_FORMAT).write(value)
    if isinstance(value, date):
        return _compiled(format, "date", DATE_FORMAT).write(value)
    return _compiled(format, "time", TIME_FORMAT).write(value)
