"""The conditions of a Filter stage: a language of its own, near to SQL.

Comparisons ``= <> < > <= >=`` (also ``!=``), ``is [not] null``, ``is [not] true``, ``is [not] false``, ``[not] like``
with a regular expression, ``[not] between … and …``, ``not``, ``and``, ``or``, ``true``, ``false`` and brackets, over
columns, numbers and texts in single or double quotes. ``and`` binds stronger than ``or``, ``not`` stronger than
``and``. Words are read without regard to case; columns with it.

``#name#`` and ``#set.name#`` stand for the value of a parameter: a value by itself, or a part of a text in quotes. They
are bound after the condition was read, so that no value of a parameter can change what the condition means.

A condition is true or false, never null: a null counts as less (or, if asked, greater) than every other value and as
equal to another null. This module loads no SQL library; ``where_sql`` makes SQL of a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal as OneOf

from riverstage.errors import ExpressionError
from riverstage.expressions._lexer import Lexer, Word, mistake
from riverstage.expressions.parser import number_literal
from riverstage.expressions.tree import ColumnReference, Literal, NameReference, Node, ParameterReference, Unary
from riverstage.types import string

__all__ = [
    "Between",
    "Comparison",
    "Condition",
    "Everything",
    "IsNull",
    "Joined",
    "Like",
    "Negated",
    "Truth",
    "columns_of",
    "parse_where",
]

_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Condition:
    """Anything that is true or false; knows where it stands in its text."""

    start: int = field(default=0, compare=False, kw_only=True)
    end: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Everything(Condition):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Comparison(Condition):
    """``left operator right``."""

    operator: OneOf["=", "<>", "<", ">", "<=", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Condition):
    """``value between low and high``, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class Like(Condition):
    """``value like 'pattern'``: a regular expression that matches the whole text."""

    value: Node
    pattern: str | ParameterReference


@dataclass(frozen=True, slots=True)
class IsNull(Condition):
    """``value is null``."""

    value: Node


@dataclass(frozen=True, slots=True)
class Truth(Condition):
    """A column that is a condition itself: true where it is a number other than 0."""

    value: Node


@dataclass(frozen=True, slots=True)
class Negated(Condition):
    """``not condition``."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Joined(Condition):
    """Conditions joined by ``and`` or by ``or``."""

    operator: OneOf["and", "or"]
    operands: tuple[Condition, ...]


def parse_where(text: str) -> Condition:
    """Return the tree of a Filter's condition.

    Raises:
        ExpressionError: If it cannot be read; ``place.position`` says where.

    Example:
        >>> parse_where("amount > 10 and city is not null").operator
        'and'
    """
    return _Parser(text).whole()


def columns_of(condition: Condition) -> tuple[tuple[str | None, str], ...]:
    """Return the columns that a condition reads: pairs of link (or None) and name, each once."""
    found: dict[tuple[str | None, str], None] = {}
    for node in _operands(condition):
        if isinstance(node, ColumnReference):
            found[(node.link, node.name)] = None
        elif isinstance(node, NameReference):
            found[(None, node.name)] = None
    return tuple(found)


def _operands(condition: Condition) -> Iterator[Node]:
    match condition:
        case Joined():
            for operand in condition.operands:
                yield from _operands(operand)
        case Negated():
            yield from _operands(condition.operand)
        case Comparison():
            yield from (condition.left, condition.right)
        case Between():
            yield from (condition.value, condition.low, condition.high)
        case Like() | IsNull() | Truth():
            yield condition.value


_COMPARE: dict[str, OneOf["=", "<>", "<", ">", "<=", ">="]] = {
    "=": "=", "==": "=", "<>": "<>", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">=",
}  # fmt: skip


class _Parser:
    """``word`` is the word that was read and not used yet."""

    def __init__(self, text: str) -> None:
        self.lexer = Lexer(text)
        self.depth = 0
        self.word = self.lexer.next(operand=True)

    def whole(self) -> Condition:
        if self.word.sort == "end":
            raise mistake("The condition is empty.", 0)
        condition = self._either()
        if self.word.text or self.word.sort == "text":
            raise self._unexpected("'and', 'or' or the end")
        return condition

    def _unexpected(self, wanted: str) -> ExpressionError:
        wanted = wanted[0].upper() + wanted[1:]
        return mistake(f"{wanted} was expected, and {self.word.said()} stands there.", self.word.start)

    def _is(self, *texts: str) -> bool:
        return self.word.sort in ("name", "operator") and self.word.text.lower() in texts

    def _take(self) -> Word:
        taken = self.word
        self.word = self.lexer.next(operand=True)
        return taken

    def _expect(self, text: str) -> Word:
        if not self._is(text):
            raise self._unexpected(f"'{text}'")
        return self._take()

    def _either(self) -> Condition:
        return self._joined("or", self._both)

    def _both(self) -> Condition:
        return self._joined("and", self._negation)

    def _joined(self, operator: OneOf["and", "or"], below: Callable[[], Condition]) -> Condition:
        found = [below()]
        while self._is(operator):
            self._take()
            found.append(below())
        if len(found) == 1:
            return found[0]
        return Joined(operator, tuple(found), start=found[0].start, end=found[-1].end)

    def _negation(self) -> Condition:
        self.depth += 1  # left as it is by an error: the parser ends with it
        if self.depth > _DEPTH:
            raise mistake(f"The condition is nested more than {_DEPTH} deep.", self.word.start)
        if self._is("not"):
            opened = self._take()
            operand = self._negation()
            condition: Condition = Negated(operand, start=opened.start, end=operand.end)
        else:
            condition = self._truth_of(self._primary())
        self.depth -= 1
        return condition

    def _truth_of(self, condition: Condition) -> Condition:
        """Read ``is [not] true`` and ``is [not] false`` behind a condition."""
        while self._is("is"):
            self._take()
            negated = self._is("not") and bool(self._take())
            if not self._is("true", "false"):
                raise self._unexpected("'true' or 'false'")
            word = self._take()
            if negated != (word.text.lower() == "false"):
                condition = Negated(condition, start=condition.start, end=word.end)
        return condition

    def _primary(self) -> Condition:
        word = self.word
        if self._is("("):
            self._take()
            condition = self._either()
            self._expect(")")
            return condition
        if self._is("true", "false") and not self.lexer.touches("."):
            self._take()
            value = word.text.lower() == "true"
            following = self._is(*_COMPARE)
            if following:
                raise mistake(f"'{word.text}' is compared with 'is': write … is {word.text}.", word.start)
            return Everything(value, start=word.start, end=word.end)
        return self._test(self._value())

    def _test(self, value: Node) -> Condition:
        if self._is(*_COMPARE):
            operator = _COMPARE[self._take().text]
            right = self._value()
            return Comparison(operator, value, right, start=value.start, end=right.end)
        if self._is("is"):
            return self._is_null(value)
        negated = self._is("not") and bool(self._take())
        if self._is("like"):
            self._take()
            condition: Condition = self._like(value)
        elif self._is("between"):
            self._take()
            low = self._value()
            self._expect("and")
            high = self._value()
            condition = Between(value, low, high, start=value.start, end=high.end)
        elif negated:
            raise self._unexpected("'like' or 'between'")
        elif isinstance(value, ColumnReference | NameReference):
            return Truth(value, start=value.start, end=value.end)
        else:
            raise self._unexpected("a comparison")
        return Negated(condition, start=condition.start, end=condition.end) if negated else condition

    def _is_null(self, value: Node) -> Condition:
        self._take()
        negated = self._is("not") and bool(self._take())
        if self._is("true", "false"):
            wanted = self._take()
            truth = Truth(value, start=value.start, end=wanted.end)
            if negated != (wanted.text.lower() == "false"):
                return Negated(truth, start=value.start, end=wanted.end)
            return truth
        word = self._expect("null")
        condition = IsNull(value, start=value.start, end=word.end)
        return Negated(condition, start=value.start, end=word.end) if negated else condition

    def _like(self, value: Node) -> Condition:
        if self.word.sort not in ("text", "parameter"):
            raise self._unexpected("a regular expression in quotes")
        word = self._take()
        pattern = word.text if word.sort == "text" else _parameter(word)
        return Like(value, pattern, start=value.start, end=word.end)

    def _value(self) -> Node:
        word = self.word
        match word.sort:
            case "number":
                self._take()
                return number_literal(word.text, word.start, word.end)
            case "text" if not self.lexer.touches("."):
                self._take()
                return Literal(word.text, string(len(word.text)), start=word.start, end=word.end)
            case "name" | "text" if self.lexer.touches("."):
                return self._dotted(word)
            case "name":
                self._take()
                return NameReference(word.text, start=word.start, end=word.end)
            case "parameter":
                return _parameter(self._take())
            case "operator" if word.text in ("-", "+"):
                return self._signed()
        raise self._unexpected("a column, a number or a text")

    def _signed(self) -> Node:
        sign = self._take()
        word = self.word
        if word.sort != "number":
            raise self._unexpected("a number")
        self._take()
        number = number_literal(word.text, word.start, word.end)
        return Unary("-" if sign.text == "-" else "+", number, start=sign.start, end=word.end)

    def _dotted(self, word: Word) -> Node:
        parts = []
        while self.lexer.touches("."):
            self.lexer.position += 1
            parts.append(self.lexer.part())
        self.word = self.lexer.next(operand=True)
        return ColumnReference(
            word.text,
            ".".join(part.text for part in parts),
            start=word.start,
            end=parts[-1].end,
            link_span=(word.start, word.end),
            name_span=(parts[0].start, parts[-1].end),
        )


def _parameter(word: Word) -> ParameterReference:
    group, _, name = word.text.strip("#").rpartition(".")
    return ParameterReference(group or None, name, start=word.start, end=word.end)
