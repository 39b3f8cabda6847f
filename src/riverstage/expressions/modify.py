"""The specifications of a Modify stage: a small language that keeps, drops, renames and converts columns.

Specifications are separated by semicolons::

    KEEP a, b
    DROP c, d
    new = old
    new:type = old
    new[:[nullable|not_nullable] type] = conversion[options](old, value, …)

Types are ``int8`` … ``int64``, ``uint8`` … ``uint64``, ``sfloat``, ``dfloat``, ``decimal[p,s]``, ``string[n]`` (always
so long), ``string[max=n]``, ``ustring``, ``raw``, ``date``, ``time`` and ``timestamp`` (``[microseconds]``). ``KEEP``,
``DROP``, types and conversions are read without regard to case, columns with it; a column whose name is no word stands
in double quotes. This module says what was written; what a conversion does is the stage's matter. It loads no SQL
library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from riverstage.errors import ExpressionError
from riverstage.expressions._lexer import mistake
from riverstage.types import DATE, DataType, Kind, binary, decimal, string, time, timestamp

__all__ = ["Assignment", "Conversion", "Name", "Option", "Selection", "Specification", "Value", "parse_modify"]

_SPACE = re.compile(r"\s+")
_NAME = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[^\s,;()\[\]{}=:\"']+")
_KINDS: dict[str, Kind] = {
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},  # type: ignore[misc]
    "sfloat": "float32",
    "dfloat": "float64",
}
_TYPES = (*_KINDS, "decimal", "string", "ustring", "raw", "date", "time", "timestamp")


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and where it stands (``end`` excluded)."""

    text: str
    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Value:
    """A constant behind a conversion's column: a text in quotes, a number, or a bare word (as text)."""

    value: str | int | Decimal
    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Option:
    """What stands between a conversion's brackets, as it was written; ``parts`` takes it apart."""

    text: str
    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)

    @property
    def whole(self) -> str:
        """The option as one text, quotes around it taken off."""
        return _unquoted(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts between commas, quotes around them taken off."""
        return tuple(_unquoted(part) for part in _split(self.text)) if self.text.strip() else ()


@dataclass(frozen=True, slots=True)
class Conversion:
    """``name[options](column, values)``.

    Args:
        name: Its name, lower case.
        options: What stands in brackets behind the name, one a pair of brackets.
        column: The column that is converted; None for none (``null()``).
        values: What stands behind the column.
    """

    name: Name
    options: tuple[Option, ...] = ()
    column: Name | None = None
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """``KEEP a, b`` or ``DROP a, b``."""

    kind: Literal["keep", "drop"]
    columns: tuple[Name, ...]
    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target:type = source``.

    Args:
        target: The column that is made.
        type: Its type, where one is said.
        nullable: Whether it can be null, where that is said.
        source: A column as it is, or a conversion.
    """

    target: Name
    source: Name | Conversion
    type: DataType | None = None
    nullable: bool | None = None
    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)

    @property
    def column(self) -> Name | None:
        """The column that it reads, or None."""
        return self.source.column if isinstance(self.source, Conversion) else self.source


Specification = Selection | Assignment


def parse_modify(text: str) -> tuple[Specification, ...]:
    """Return the specifications of a text, in order.

    Args:
        text: One or more specifications, separated by semicolons; empty ones are passed over.

    Raises:
        ExpressionError: If it cannot be read; ``place.position`` says where.

    Example:
        >>> (spec,) = parse_modify("hired:date = date_from_string[%dd/%mm/%yyyy](hd)")
        >>> spec.target.text, str(spec.type), spec.source.options[0].whole
        ('hired', 'date', '%dd/%mm/%yyyy')
    """
    return tuple(_Parser(text).all())


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    return text


def _split(text: str) -> Iterator[str]:
    """Cut a text at its commas, but not inside quotes."""
    part, quote = "", ""
    for character in text:
        if character == "," and not quote:
            yield part
            part = ""
            continue
        if quote and character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        part += character
    yield part


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def all(self) -> Iterator[Specification]:
        while True:
            self._skip()
            if self.at >= len(self.text):
                return
            if self._takes(";"):
                continue
            yield self._specification()
            self._skip()
            if self.at < len(self.text) and not self._takes(";"):
                raise self._expected("';' or the end")

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _peek(self) -> str:
        self._skip()
        return self.text[self.at : self.at + 1]

    def _takes(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self.at += 1
        return True

    def _expect(self, sign: str, what: str = "") -> None:
        if not self._takes(sign):
            raise self._expected(what or f"'{sign}'")

    def _expected(self, wanted: str, *, mend: str = "") -> ExpressionError:
        self._skip()
        found = _WORD.match(self.text, self.at)
        said = f"'{found[0]}' stands" if found else f"'{self._peek()}' stands" if self._peek() else "the end comes"
        return mistake(f"{wanted[0].upper()}{wanted[1:]} was expected, but {said} there.", self.at, mend=mend)

    def _word(self, wanted: str) -> Name:
        """Read a bare word."""
        self._skip()
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise self._expected(wanted)
        self.at = found.end()
        return Name(found[0], start=found.start(), end=found.end())

    def _column(self) -> Name:
        if self._peek() != '"':
            return self._word("a column")
        start = self.at
        return Name(self._quoted('"'), start=start, end=self.at)

    def _quoted(self, quote: str) -> str:
        """Read a text in quotes; a quote that stands twice is one of the text."""
        start, made = self.at, ""
        self.at += 1
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if character != quote:
                made += character
            elif self.text[self.at : self.at + 1] == quote:
                made += quote
                self.at += 1
            else:
                return made
        raise mistake(f"The text that begins here has no closing {quote}.", start)

    def _specification(self) -> Specification:
        start = self.at
        target = self._column()
        word = target.text.lower()
        if word in ("keep", "drop") and self.text[start] != '"' and self._peek() not in (":", "="):
            columns = [self._column()]
            while self._takes(","):
                columns.append(self._column())
            return Selection("keep" if word == "keep" else "drop", tuple(columns), start=start, end=self.at)
        kind, nullable = self._declared() if self._takes(":") else (None, None)
        self._expect("=", "'=' (or ':' and a type)" if kind is None and nullable is None else "'='")
        source = self._source()
        return Assignment(target, source, kind, nullable, start=start, end=self.at)

    def _declared(self) -> tuple[DataType | None, bool | None]:
        """Read a type with what may stand before it."""
        nullable: bool | None = None
        word = self._word("a type")
        if word.text.lower() in ("nullable", "not_nullable"):
            nullable = word.text.lower() == "nullable"
            if self._peek() == "=":
                return None, nullable
            word = self._word("a type")
        return self._type(word), nullable

    def _type(self, word: Name) -> DataType:
        name = word.text.lower()
        if name not in _TYPES:
            raise mistake(
                f"'{word.text}' is no type.", word.start, mend=f"Types are: {', '.join(_TYPES)}.", code="RS-3005"
            )
        option = self._option() if self._peek() == "[" else None
        if name in _KINDS or name == "date":
            if option is not None:
                raise mistake(f"The type {name} takes nothing in brackets.", option.start)
            return DATE if name == "date" else DataType(_KINDS[name])
        if name == "decimal":
            return self._decimal(option)
        if name in ("time", "timestamp"):
            return self._moment(name, option)
        return self._text(name, option)

    def _numbers(self, option: Option) -> list[int]:
        numbers = [part.strip() for part in option.text.split(",")]
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in numbers):
            raise mistake(f"Numbers were expected in the brackets, not '{option.text}'.", option.start)
        return [int(part) for part in numbers]

    def _decimal(self, option: Option | None) -> DataType:
        if option is None:
            return decimal(38, 10)
        precision, *scale = self._numbers(option)
        if len(scale) > 1 or not 1 <= precision <= 38 or sum(scale) > precision:
            raise mistake(
                f"There is no decimal[{option.text}].",
                option.start,
                mend="It is decimal[digits, digits behind the point].",
            )
        return decimal(precision, sum(scale))

    def _moment(self, name: str, option: Option | None) -> DataType:
        words = {word.strip().lower() for word in option.text.split(",")} if option is not None else set()
        known = {"microseconds"} if name == "time" else {"microseconds", "timezone"}
        if option is not None and not words <= known:
            raise mistake(f"A {name} takes {' and '.join(sorted(known))} in brackets.", option.start)
        scale = 6 if "microseconds" in words else 0
        return time(scale) if name == "time" else timestamp(scale, zone="timezone" in words)

    def _text(self, name: str, option: Option | None) -> DataType:
        make = binary if name == "raw" else string
        if option is None:
            return make()
        key, sign, number = option.text.rpartition("=")
        if sign and key.strip().lower() != "max":
            raise mistake(f"A {name} takes a length or max=length in brackets.", option.start)
        (length, *rest) = self._numbers(Option(number, start=option.start))
        if rest or not length:
            raise mistake(f"A {name} takes a length or max=length in brackets.", option.start)
        return make(length, fixed=not sign)

    def _option(self) -> Option:
        """Read what stands in brackets, to the bracket that closes it; quotes hide brackets."""
        opened = self.at
        self.at += 1
        quote = ""
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "]" and not quote:
                self.at += 1
                return Option(self.text[opened + 1 : self.at - 1], start=opened + 1, end=self.at - 1)
            if quote and character == quote:
                quote = ""
            elif not quote and character in "'\"":
                quote = character
            self.at += 1
        raise mistake("The bracket that is opened here is not closed.", opened)

    def _source(self) -> Name | Conversion:
        name = self._column()
        is_bare = self.text[name.start] != '"'
        if not is_bare or self._peek() not in ("[", "("):
            return name
        options = []
        while self._peek() == "[":
            options.append(self._option())
        self._expect("(", "'(' and a column")
        column: Name | None = None
        values: list[Value] = []
        if self._peek() != ")":
            column = self._column()
            while self._takes(","):
                values.append(self._value())
        self._expect(")", "',' or ')'")
        named = Name(name.text.lower(), start=name.start, end=name.end)
        return Conversion(named, tuple(options), column, tuple(values))

    def _value(self) -> Value:
        sign = self._peek()
        start = self.at
        if sign and sign in "'\"":
            return Value(self._quoted(sign), start=start, end=self.at)
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise self._expected("a value")
        self.at = found.end()
        text = found[0]
        number = _NUMBER.fullmatch(text)
        if number is None:
            return Value(text, start=start, end=self.at)
        is_whole = text.lstrip("+-").isdigit()
        return Value(int(text) if is_whole else Decimal(text), start=start, end=self.at)
