"""Functions that give a text another form: case, blanks, quotes, padding, replacement, encodings."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Sequence

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._text import (
    BLANKS,
    TEXT,
    WHITE,
    fold_case,
    function,
    integer,
    same_length,
    text,
    times,
)

__all__ = ["FUNCTIONS", "TRIM_OPTIONS", "upper"]

TRIM_OPTIONS = "ABDEFLRT"
"""The options of Trim; any other fails."""

_UPPER = {"ß": "ẞ"}


def upper(value: str) -> str:
    """Return a text in capitals, character by character."""
    return "".join(_capital(character) for character in value)


def _capital(character: str) -> str:
    large = character.upper()
    return large if len(large) == 1 else _UPPER.get(character, character)


def _collapse(value: str, characters: str, one: str) -> str:
    return re.sub(f"[{re.escape(characters)}]{{2,}}", one, value)


def _trim_blanks(value: str) -> str:
    return _collapse(value.strip(BLANKS), BLANKS, " ")


def _trim(value: str, strip: str, option: str) -> str:
    """Take a character off a text: see ``docs/expressions.md`` for the options."""
    letter = option[:1].upper() or "R"
    if letter not in TRIM_OPTIONS:
        raise ConversionFailed(f"Trim has no option '{option}': it is one of {', '.join(TRIM_OPTIONS)}.")
    if letter in "DEF":
        both = _trim_blanks(value)
        return both if letter == "D" else value.rstrip(BLANKS) if letter == "E" else value.lstrip(BLANKS)
    character = strip[:1]
    if not character:
        return value
    match letter:
        case "A":
            return value.replace(character, "")
        case "B":
            return value.strip(character)
        case "L":
            return value.lstrip(character)
        case "T":
            return value.rstrip(character)
    return _collapse(value.strip(character), character, character.replace("\\", "\\\\"))


def _trim_any(value: str, *rest: str) -> str:
    if not rest:
        return _trim_blanks(value)
    return _trim(value, rest[0], rest[1] if len(rest) > 1 else "R")


def _trim_is_safe(arguments: Sequence[object]) -> bool:
    """Only an option can be wrong."""
    if len(arguments) < 3:
        return True
    option = arguments[2]
    return isinstance(option, str) and (option[:1].upper() or "R") in TRIM_OPTIONS


def _trim_end(value: str) -> str:
    return value.rstrip(BLANKS)


def _trim_start(value: str) -> str:
    return value.lstrip(BLANKS)


def _trim_ends(value: str) -> str:
    return value.strip(BLANKS)


def _compact(value: str) -> str:
    return re.sub(f"[{WHITE}]+", " ", value)


def _strip_white(value: str) -> str:
    return re.sub(f"[{WHITE}]+", "", value)


def _unprintable_off(value: str) -> str:
    return re.sub("[\x00-\x1f\x7f-\x9f]", "", value)


def _replaced(value: str, part: str, new: str, occurrences: int, first: int) -> str:
    """Replace ``occurrences`` (all where it is not above 0) of a part from the ``first`` on."""
    if occurrences <= 0 and first <= 1:
        return value.replace(part, new)
    pieces = value.split(part)
    begin = max(first, 1) - 1
    end = begin + occurrences if occurrences > 0 else len(pieces)
    result = [pieces[0]]
    for index, piece in enumerate(pieces[1:]):
        result += [new if begin <= index < end else part, piece]
    return "".join(result)


def _change(value: str, part: str, new: str, occurrences: int, first: int) -> str:
    return _replaced(value, part, new, occurrences, first) if part else value


def _ereplace(value: str, part: str, new: str, occurrences: int, first: int) -> str:
    return _replaced(value, part, new, occurrences, first) if part else new + value


def _find_replace(value: str, part: str, new: str) -> str:
    return value.replace(part, new) if part else value


def _substitute(value: str, part: str, new: str, occurrence: int, from_right: int, _case: int) -> str:
    if not part:
        return value
    if occurrence <= 0:
        return value.replace(part, new)
    pieces = value.split(part)
    index = len(pieces) - occurrence if from_right else occurrence
    if not 1 <= index < len(pieces):
        return value
    return part.join(pieces[:index]) + new + part.join(pieces[index:])


def _convert(source: str, target: str, value: str) -> str:
    table: dict[int, str | None] = {}
    for index, character in enumerate(source):
        table.setdefault(ord(character), target[index] if index < len(target) else None)
    return value.translate(table)


def _pad(value: str, pad: str, count: int) -> str:
    return value + times(pad[:1], count)


def _space(count: int) -> str:
    return times(" ", count)


def _double_quoted(value: str) -> str:
    return f'"{value}"'


def _single_quoted(value: str) -> str:
    return f"'{value}'"


def _double_escaped(value: str) -> str:
    return value.replace('"', '\\"')


def _single_escaped(value: str) -> str:
    return value.replace("'", "\\'")


def _concatenated(value: str, other: str, count: int) -> str:
    return value + other[: max(count, 0)]


def _reverse(value: str) -> str:
    return value[::-1]


def _url_decoded(value: str) -> str:
    try:
        return urllib.parse.unquote(value, errors="strict")
    except UnicodeDecodeError as error:
        raise ConversionFailed("The bytes are no UTF-8 text.") from error


def _url_encoded(value: str) -> str:
    return urllib.parse.quote(value, safe="")


def _to_base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _from_base64(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ConversionFailed(f"'{value}' is no Base64 of a text.") from error


_PART, _NEW, _COUNT = text("part"), text("new"), integer("count")
_OCCURRENCES = (integer("occurrences", optional=True, default=0), integer("first", optional=True, default=1))

FUNCTIONS = (
    function("UpCase", "The text in capitals.", (TEXT,), upper, same_length),
    function("DownCase", "The text in small letters.", (TEXT,), fold_case, same_length),
    function(
        "Trim", "The text without blanks at its ends and doubled blanks, or without those of another character.",
        (TEXT, text("character", optional=True), text("option", optional=True)), _trim_any, same_length,
        can_fail=True, safe=_trim_is_safe,
    ),
    function("TrimB", "The text without blanks at its end.", (TEXT,), _trim_end, same_length),
    function("TrimF", "The text without blanks at its start.", (TEXT,), _trim_start, same_length),
    function("TrimLeadingTrailing", "The text without blanks at its ends.", (TEXT,), _trim_ends, same_length),
    function("CompactWhiteSpace", "The text with every run of white space made one blank.", (TEXT,), _compact,
             same_length),
    function("StripWhiteSpace", "The text without white space.", (TEXT,), _strip_white, same_length),
    function("RmUnprint", "The text without control characters.", (TEXT,), _unprintable_off, same_length),
    function("Change", "The text with a part replaced; nothing changes for an empty part.",
             (TEXT, _PART, _NEW, *_OCCURRENCES), _change),
    function("Ereplace", "The text with a part replaced; an empty part puts the new text in front.",
             (TEXT, _PART, _NEW, *_OCCURRENCES), _ereplace, aliases=("EEReplace", "EEEReplace")),
    function("FindReplace", "The text with every occurrence of a part replaced.", (TEXT, _PART, _NEW), _find_replace),
    function(
        "SubstituteString", "The text with one occurrence of a part replaced, from either side, or all.",
        (TEXT, _PART, _NEW, integer("occurrence", optional=True, default=0),
         integer("from_right", optional=True, default=0), integer("case", optional=True, default=0)), _substitute,
    ),
    function("Convert", "The text with characters exchanged; those without a counterpart are taken out.",
             (text("from"), text("to"), TEXT), _convert),
    function("PadString", "The text with so many pad characters behind it.", (TEXT, text("pad"), _COUNT), _pad,
             can_fail=True),
    function("Space", "So many blanks.", (_COUNT,), _space, can_fail=True),
    function("Str", "The text so many times.", (TEXT, _COUNT), times, can_fail=True),
    function("DQuote", "The text in double quotes.", (TEXT,), _double_quoted),
    function("Squote", "The text in single quotes.", (TEXT,), _single_quoted),
    function("DQuoteEscape", "The text with a backslash before double quotes.", (TEXT,), _double_escaped),
    function("SQuoteEscape", "The text with a backslash before single quotes.", (TEXT,), _single_escaped),
    function("StringNumConcatenate", "The text with the first characters of another behind it.",
             (TEXT, text("other"), integer("length")), _concatenated),
    function("Reverse", "The text backwards.", (TEXT,), _reverse, same_length),
    function("UrlEncode", "The text for a URL, other characters as percent codes.", (TEXT,), _url_encoded),
    function("UrlDecode", "The text that percent codes of a URL say.", (TEXT,), _url_decoded, same_length,
             can_fail=True),
    function("StringToBase64", "The text in Base64.", (TEXT,), _to_base64),
    function("Base64ToString", "The text that Base64 says.", (TEXT,), _from_base64, can_fail=True),
)  # fmt: skip
