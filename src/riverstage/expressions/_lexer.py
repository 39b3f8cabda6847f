"""The words of the Transformer language, cut off a text one at a time.

Whether ``#`` opens a parameter or means "not equal" depends on what the parser waits for, so the parser asks for one
word at a time and says which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from riverstage.errors import ExpressionError, Place

__all__ = ["KEYWORDS", "Lexer", "Word", "mistake"]

Sort = Literal["text", "number", "name", "parameter", "system", "operator", "end"]

KEYWORDS = frozenset(
    {"if", "then", "else", "and", "or", "not", "matches", "match", "like", "eq", "ne", "lt", "gt", "le", "ge", "cats"}
)

_SPACE = re.compile(r"(?:\s|\ufeff|/\*.*?\*/|//[^\n]*)+", re.DOTALL)
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]*", re.UNICODE)
_PART = re.compile(r"[\w$]+(?:#(?=\s*(?:[),:\[\]=<>+*/^-]|$)))?", re.UNICODE)
_PARAMETER = re.compile(r"#(?:([^\W\d][\w ]*)\.)?(\$?[^\W\d][\w$ ]*)#", re.UNICODE)
_SYSTEM = re.compile(r"@\w+")
_OPERATOR = re.compile(r"\*\*|<>|><|!=|<=|=<|>=|=>|==|[-+*/^:=<>#()\[\],.]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its sort, the text it stands for (quotes off), and where it stands."""

    sort: Sort
    text: str
    start: int
    end: int

    def said(self) -> str:
        """Return the word as a message shows it."""
        if self.sort == "end":
            return "the end"
        if self.sort == "text":
            return f'the text "{self.text}"' if len(self.text) < 40 else "a text"
        return f"'{self.text}'"


def mistake(message: str, position: int, *, mend: str = "", code: str = "RS-3001") -> ExpressionError:
    """Return the error for a place in an expression."""
    return ExpressionError(message, code=code, place=Place(position=position), mend=mend)


class Lexer:
    """Cuts words off a text; ``position`` is where the next one is looked for."""

    __slots__ = ("position", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def next(self, *, operand: bool) -> Word:
        """Return the next word and move behind it.

        Args:
            operand: Whether a value may stand here; only then is ``#name#`` a parameter.

        Raises:
            ExpressionError: If nothing that stands here is a word.
        """
        self._skip()
        start = self.position
        if start >= len(self.text):
            return Word("end", "", start, start)
        head = self.text[start]
        if head in "\"'":
            return self._quoted(start, head)
        for sort, pattern in (("number", _NUMBER), ("name", _NAME), ("system", _SYSTEM)):
            if found := pattern.match(self.text, start):
                return self._cut(sort, found)  # type: ignore[arg-type]
        if operand and head == "#" and (found := _PARAMETER.match(self.text, start)):
            return self._cut("parameter", found)
        if found := _OPERATOR.match(self.text, start):
            return self._cut("operator", found)
        raise mistake(f"'{head}' means nothing here.", start)

    def part(self) -> Word:
        """Return the name behind a point: any letters and digits, a name in quotes."""
        self._skip()
        start = self.position
        if start < len(self.text) and self.text[start] in "\"'":
            return self._quoted(start, self.text[start])
        found = _PART.match(self.text, start)
        if found is None:
            word = self.next(operand=True)
            raise mistake(f"A name was expected behind the point, and {word.said()} stands there.", word.start)
        return self._cut("name", found)

    def touches(self, character: str) -> bool:
        """Return whether that character stands right here, without a blank before it."""
        return self.text.startswith(character, self.position)

    def _skip(self) -> None:
        if found := _SPACE.match(self.text, self.position):
            self.position = found.end()
        if self.text.startswith("/*", self.position):
            raise mistake("This comment is not closed.", self.position, mend="Close it with */.")

    def _cut(self, sort: Sort, found: re.Match[str]) -> Word:
        self.position = found.end()
        return Word(sort, found.group(), found.start(), found.end())

    def _quoted(self, start: int, quote: str) -> Word:
        """Cut a text in quotes; two quotes within it mean one."""
        pieces = []
        position = start + 1
        while True:
            close = self.text.find(quote, position)
            if close < 0:
                raise mistake("This text is not closed.", start, mend=f"Close it with {quote}.")
            pieces.append(self.text[position:close])
            if not self.text.startswith(quote, close + 1):
                break
            pieces.append(quote)
            position = close + 2
        self.position = close + 1
        return Word("text", "".join(pieces), start, self.position)
