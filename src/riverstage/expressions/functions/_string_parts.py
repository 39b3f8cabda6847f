"""Functions that take parts of texts, and that look for texts in texts."""

from __future__ import annotations

import re
from datetime import date

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._marks import FIELD_MARK, fold
from riverstage.expressions.functions._patterns import match_field
from riverstage.expressions.functions._text import TEXT, function, integer, same_length, text
from riverstage.expressions.meaning import last_characters, substring
from riverstage.types import INT32

__all__ = ["FUNCTIONS"]


def _left(value: str, count: int) -> str:
    return value[: max(count, 0)]


def _field(value: str, delimiter: str, occurrence: int, count: int) -> str:
    if not delimiter:
        return value if occurrence <= 1 else ""
    fields = value.split(delimiter[0])
    first = max(occurrence, 1) - 1
    return delimiter[0].join(fields[first : first + max(count, 1)])


def _field_store(value: str, delimiter: str, start: int, count: int, new: str) -> str:
    """Replace ``count`` fields, or insert where it is 0, or put the whole of ``new`` for ``-count`` fields."""
    if not delimiter:
        return value
    mark = delimiter[0]
    first = max(start, 1) - 1
    if first > 100_000 or abs(count) > 100_000:
        raise ConversionFailed("FieldStore reaches at most 100000 fields.")
    fields = value.split(mark)
    fields += [""] * (first - len(fields))
    if count <= 0:
        return mark.join([*fields[:first], new, *fields[first - count :]])
    fresh = new.split(mark)[:count]
    fresh += [""] * (count - len(fresh))
    return mark.join([*fields[:first], *fresh, *fields[first + count :]])


def _fields(value: str, delimiter: str) -> int:
    if not value:
        return 0
    return value.count(delimiter[0]) + 1 if delimiter else 1


def _positions(value: str, part: str) -> list[int]:
    """Return where a part occurs, occurrences that overlap included; an empty part occurs nowhere."""
    if not part:
        return []
    found = []
    position = value.find(part)
    while position >= 0:
        found.append(position)
        position = value.find(part, position + 1)
    return found


def _count(value: str, part: str, apart: int) -> int:
    if not part:
        return 0
    return value.count(part) if apart else len(_positions(value, part))


def _index(value: str, part: str, occurrence: int) -> int:
    """Return the position, counted from 1, of an occurrence; 0 where there is none."""
    found = _positions(value, part)
    return found[occurrence - 1] + 1 if 1 <= occurrence <= len(found) else 0


def _index_from_0(value: str, part: str, occurrence: int) -> int:
    return _index(value, part, occurrence) - 1


def _substrings(value: str, start: int, length: int) -> str:
    return substring(value, start + 1, length)


def _fold(value: str, width: int) -> str:
    """Cut a text in pieces at blanks, where there is one, joined by field marks."""
    return value if width < 1 else FIELD_MARK.join(fold(value, width, len))


def _next_valid_date(value: str) -> str:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value.strip(" "))
    if found is None:
        raise ConversionFailed(f"'{value}' is no date.")
    year, month, day = (int(part) for part in found.groups())
    month, day = max(month, 1), max(day, 1)
    if month > 12:
        year, month, day = year + 1, 1, 1
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    try:
        return date(year, month, 1).isoformat()
    except ValueError as error:
        raise ConversionFailed(f"'{value}' is no date.") from error


_PART = text("part")
_DELIMITER = text("delimiter")
_OCCURRENCE = integer("occurrence", optional=True, default=1)
_LENGTH = integer("length")

FUNCTIONS = (
    function("Left", "The first characters.", (TEXT, _LENGTH), _left, same_length),
    function("Right", "The last characters.", (TEXT, _LENGTH), last_characters, same_length),
    function("StringNumCopy", "The first characters.", (TEXT, _LENGTH), _left, same_length),
    function(
        "Substrings", "So many characters from a position counted from 0.", (TEXT, integer("start"), _LENGTH),
        _substrings, same_length,
    ),
    function(
        "Substrings1", "So many characters from a position counted from 1.", (TEXT, integer("start"), _LENGTH),
        substring, same_length,
    ),
    function(
        "Field", "The field, or several, between delimiters; counted from 1.",
        (TEXT, _DELIMITER, integer("occurrence"), integer("count", optional=True, default=1)), _field, same_length,
    ),
    function(
        "FieldStore", "The text with fields between delimiters replaced, inserted or taken out.",
        (TEXT, _DELIMITER, integer("start"), integer("count"), text("new")), _field_store, can_fail=True,
    ),
    function("Dcount", "How many fields there are between delimiters.", (TEXT, _DELIMITER), _fields, INT32),
    function(
        "Count", "How often a text occurs in another, overlapping unless the last argument is not 0.",
        (TEXT, _PART, integer("apart", optional=True, default=0)), _count, INT32,
    ),
    function(
        "Index", "Where an occurrence begins, counted from 1; 0 where there is none.", (TEXT, _PART, _OCCURRENCE),
        _index, INT32, aliases=("IndexOfSubstring1", "OffsetOfSubstring1"),
    ),
    function(
        "IndexOfSubstring", "Where an occurrence begins, counted from 0; -1 where there is none.",
        (TEXT, _PART, _OCCURRENCE), _index_from_0, INT32, aliases=("OffsetOfSubstring",),
    ),
    function(
        "MatchField", "What an element of a pattern matches, empty where the text does not have the pattern.",
        (TEXT, text("pattern"), integer("number")), match_field, same_length,
    ),
    function("Fold", "The text in pieces of a width at most, cut at blanks.", (TEXT, integer("width")), _fold),
    function(
        "NextValidDate", "The date itself where it exists, otherwise the next that does.", (TEXT,), _next_valid_date,
        can_fail=True,
    ),
)  # fmt: skip
