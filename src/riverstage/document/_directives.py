"""The directives of a column: ``apt_field_properties``, one line of text that holds nested settings.

``cycle={init=0,incr=1},null_field='',nulls=10`` reads as ``{"cycle": {"init": 0, "incr": 1}, "null_field": "",
"nulls": 10}``. A setting that stands several times becomes a list, one without a value is True.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from riverstage.errors import DocumentError, Place

__all__ = ["Word", "parse_directives", "write_directives"]

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?$")
_SPACE = re.compile(r"\s*")
_BARE = re.compile(r"[^,{}'\"=]+")
_MOST_DEPTH = 32

_WORD_KEYS = frozenset({"function", "charset", "round", "prefix", "vector_prefix", "delim", "quote", "final_delim"})
"""Settings whose values are words of the language, not text in quotes."""

_WORDS = frozenset({"none", "null", "ws", "end", "single", "double", "rundate", "part", "partcount"})


class Word(str):
    """A value that stood without quotes and is no number, such as ``rundate`` in ``function=rundate``."""

    __slots__ = ()


def parse_directives(text: str, *, place: Place | None = None) -> dict[str, Any]:
    """Return the settings of a line.

    Args:
        text: The line.
        place: Where it stands, for errors.

    Raises:
        DocumentError: If it cannot be read; ``place.position`` says where.

    Example:
        >>> parse_directives("cycle={value='Ann',value='Bob'},nulls=10")
        {'cycle': {'value': ['Ann', 'Bob']}, 'nulls': 10}
    """
    return _Reader(text, place or Place()).read()


class _Reader:
    def __init__(self, text: str, place: Place) -> None:
        self.text = text
        self.place = place
        self.at = 0

    def read(self) -> dict[str, Any]:
        made = self._settings(0)
        if self.at < len(self.text):
            raise self._error("a comma or the end")
        return made

    def _error(self, expected: str) -> DocumentError:
        found = repr(self.text[self.at]) if self.at < len(self.text) else "the end"
        message = f"Expected {expected} in the field properties {self.text!r}, found {found}."
        known = self.place.as_dict()
        known["position"] = self.at
        return DocumentError(message, code="RS-1050", place=Place(**known))  # type: ignore[arg-type]

    def _peek(self) -> str:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def _settings(self, depth: int) -> dict[str, Any]:
        if depth > _MOST_DEPTH:
            raise self._error(f"at most {_MOST_DEPTH} braces one in another")
        made: dict[str, Any] = {}
        repeated: set[str] = set()
        while self._peek() not in ("", "}"):
            name = self._bare("a name")
            value: Any = True
            if self._peek() == "=":
                self.at += 1
                value = self._value(depth)
            if name not in made:
                made[name] = value
            elif name in repeated:
                made[name].append(value)
            else:
                repeated.add(name)
                made[name] = [made[name], value]
            if self._peek() == ",":
                self.at += 1
            elif self._peek() not in ("", "}"):
                raise self._error("a comma")
        return made

    def _bare(self, expected: str) -> str:
        match = _BARE.match(self.text, self.at)
        if match is None or not match[0].strip():
            raise self._error(expected)
        self.at = match.end()
        return match[0].strip()

    def _value(self, depth: int) -> Any:
        first = self._peek()
        if first == "{":
            self.at += 1
            made = self._settings(depth + 1)
            if self._peek() != "}":
                raise self._error("a closing brace")
            self.at += 1
            return made
        if first in ("'", '"') and first:
            return self._quoted(first)
        text = self._bare("a value")
        match = _NUMBER.match(text)
        if match is None:
            return Word(text)
        return Word(text) if match[2] or len(text) > 18 else int(text)

    def _quoted(self, quote: str) -> str:
        """Read text in quotes; a backslash before a quote or another backslash takes its meaning away."""
        made = []
        at = self.at + 1
        while at < len(self.text):
            character = self.text[at]
            following = self.text[at + 1 : at + 2]
            if character == "\\" and following in ("\\", "'", '"') and following:
                made.append(following)
                at += 2
            elif character == quote:
                self.at = at + 1
                return "".join(made)
            else:
                made.append(character)
                at += 1
        self.at = len(self.text)
        raise self._error(f"a closing {quote}")


def write_directives(settings: Mapping[str, Any]) -> str:
    r"""Return the line of settings: numbers and words bare, other text in single quotes.

    Example:
        >>> write_directives({"cycle": {"init": 0, "incr": 1}, "null_field": "", "nulls": 10})
        "cycle={init=0,incr=1},null_field='',nulls=10"
    """
    parts = []
    for name, value in settings.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is None or one is False:
                continue
            parts.append(name if one is True else f"{name}={_written(name, one)}")
    return ",".join(parts)


def _written(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + write_directives(value) + "}"
    if isinstance(value, Word) or not isinstance(value, str):
        return str(value)
    if name in _WORD_KEYS and (value in _WORDS or name in ("function", "charset", "round")) and _BARE.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
