"""Functions that test, compare and measure texts."""

from __future__ import annotations

import re
from functools import lru_cache

from riverstage.expressions.functions._function import ConversionFailed
from riverstage.expressions.functions._text import (
    TEXT,
    fold_case,
    function,
    integer,
    is_digit,
    is_letter,
    text,
)
from riverstage.expressions.functions.number import NUMBER_TEXT
from riverstage.types import BOOLEAN, INT32

__all__ = ["FUNCTIONS", "soundex"]

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_NUMBER = re.compile(NUMBER_TEXT)
_SOUND = {
    **dict.fromkeys("BFPV", "1"), **dict.fromkeys("CGJKQSXZ", "2"), **dict.fromkeys("DT", "3"), "L": "4",
    **dict.fromkeys("MN", "5"), "R": "6",
}  # fmt: skip


def _is_alpha(value: str) -> bool:
    return bool(value) and all(is_letter(character) for character in value)


def _is_alnum(value: str) -> bool:
    return bool(value) and all(is_letter(character) or is_digit(character) for character in value)


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value) is not None


def _is_base64(value: str) -> bool:
    return _BASE64.fullmatch(value) is not None


def _contains(value: str, part: str) -> bool:
    return part in value


def _starts(value: str, part: str) -> bool:
    return value.startswith(part)


def _ends(value: str, part: str) -> bool:
    return value.endswith(part)


def _order(first: str, second: str) -> int:
    return int(first > second) - int(first < second)


def _compare(first: str, second: str, justify: str) -> int:
    letter = justify[:1].upper()
    if letter not in ("L", "R"):
        raise ConversionFailed(f"Compare has no option '{justify}': it is L or R.")
    if letter == "R":
        width = max(len(first), len(second))
        first, second = first.rjust(width), second.rjust(width)
    return _order(first, second)


def _compare_caseless(first: str, second: str) -> int:
    return _order(fold_case(first), fold_case(second))


def _compare_start(first: str, second: str, count: int) -> int:
    return _order(first[: max(count, 0)], second[: max(count, 0)])


def _compare_start_caseless(first: str, second: str, count: int) -> int:
    return _compare_caseless(first[: max(count, 0)], second[: max(count, 0)])


def _bytes(value: str) -> int:
    return len(value.encode())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as error:
        raise ConversionFailed(f"'{pattern}' is no regular expression: {error}.") from error


def _regex_match(value: str, pattern: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


def _regex_search(value: str, pattern: str) -> int:
    found = _compiled(pattern).search(value)
    return -1 if found is None else found.start()


def _regex_replace(value: str, pattern: str, new: str) -> str:
    try:
        return _compiled(pattern).sub(new, value)
    except (re.error, IndexError) as error:
        raise ConversionFailed(f"'{new}' cannot replace '{pattern}': {error}.") from error


def soundex(value: str, census: int) -> str:
    """Return the Soundex code; with ``census`` letters apart by H or W alone count once, as in the American census."""
    letters = [character for character in value.upper() if "A" <= character <= "Z"]
    if not letters:
        return ""
    code = letters[0]
    last = _SOUND.get(letters[0], "")
    for letter in letters[1:]:
        digit = _SOUND.get(letter, "")
        if digit and digit != last:
            code += digit
        if not (census and letter in "HW"):
            last = digit
    return (code + "000")[:4]


_OTHER, _PART, _PATTERN = text("other"), text("part"), text("pattern")
_COUNT = integer("count")

FUNCTIONS = (
    function("Alpha", "Whether there are only letters.", (TEXT,), _is_alpha, BOOLEAN),
    function("AlNum", "Whether there are only letters and digits.", (TEXT,), _is_alnum, BOOLEAN),
    function("Num", "Whether the text is a number.", (TEXT,), _is_number, BOOLEAN),
    function("IsBase64", "Whether the text is Base64.", (TEXT,), _is_base64, BOOLEAN),
    function("contains", "Whether a part occurs in the text.", (TEXT, _PART), _contains, BOOLEAN),
    function("startsWith", "Whether the text begins with a part.", (TEXT, _PART), _starts, BOOLEAN),
    function("endsWith", "Whether the text ends with a part.", (TEXT, _PART), _ends, BOOLEAN),
    function(
        "Compare", "-1, 0 or 1 as the first text stands before, with or behind the second; 'R' sets them right.",
        (TEXT, _OTHER, text("justify", optional=True, default="L")), _compare, INT32, can_fail=True,
    ),
    function("CompareNoCase", "-1, 0 or 1, without regard to case.", (TEXT, _OTHER), _compare_caseless, INT32),
    function("CompareNum", "-1, 0 or 1 by the first characters.", (TEXT, _OTHER, _COUNT), _compare_start, INT32),
    function(
        "CompareNumNoCase", "-1, 0 or 1 by the first characters, without regard to case.", (TEXT, _OTHER, _COUNT),
        _compare_start_caseless, INT32,
    ),
    function(
        "StrCmp", "-1, 0 or 1 as the first text stands before, with or behind the second.", (TEXT, _OTHER), _order,
        INT32, aliases=("StringCompare",),
    ),
    function("Len", "How many characters there are.", (TEXT,), len, INT32),
    function("SizeOf", "How many bytes the text takes in UTF-8.", (TEXT,), _bytes, INT32),
    function("RegexMatch", "Whether a regular expression matches the whole text.", (TEXT, _PATTERN), _regex_match,
             BOOLEAN, can_fail=True),
    function("RegexSearch", "Where a regular expression first matches, counted from 0; -1 where it does not.",
             (TEXT, _PATTERN), _regex_search, INT32, can_fail=True),
    function("RegexReplace", "The text with every match of a regular expression replaced.",
             (TEXT, _PATTERN, text("new")), _regex_replace, can_fail=True),
    function("Soundex", "The Soundex code: how a name sounds in English.",
             (TEXT, integer("census", optional=True, default=0)), soundex),
)  # fmt: skip
