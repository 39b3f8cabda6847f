"""The parser of the Transformer language: from a text to its tree.

Precedence, from the strongest: ``( )`` and ``[ ]``; ``^``; unary ``-``; ``* /``; ``+ -``; ``:``; relations and
``Matches``; ``Not``; ``And``; ``Or``; ``If``. Operators of one line are read from left to right. This module loads no
SQL library and no function: what a function takes is checked by the typing of an expression.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from riverstage.errors import ExpressionError
from riverstage.expressions._lexer import KEYWORDS, Lexer, Word, mistake
from riverstage.expressions.tree import (
    MACROS,
    SYSTEM_VARIABLES,
    Binary,
    BinaryOperator,
    ColumnReference,
    FunctionCall,
    If,
    Literal,
    Macro,
    NameReference,
    Node,
    ParameterReference,
    Substring,
    SystemVariable,
    Unary,
)
from riverstage.types import FLOAT64, INT32, INT64, decimal, string

__all__ = ["parse"]

_OR, _AND, _NOT, _RELATION, _CONCAT, _SUM, _PRODUCT, _SIGN, _POWER = range(1, 10)
_DEPTH = 100


class _Infix(NamedTuple):
    strength: int
    operator: BinaryOperator


_INFIX: dict[str, _Infix] = {
    "or": _Infix(_OR, "or"),
    "and": _Infix(_AND, "and"),
    **{word: _Infix(_RELATION, "matches") for word in ("matches", "match", "like")},
    **{word: _Infix(_RELATION, "=") for word in ("=", "==", "eq")},
    **{word: _Infix(_RELATION, "<>") for word in ("<>", "><", "#", "!=", "ne")},
    **{word: _Infix(_RELATION, "<") for word in ("<", "lt")},
    **{word: _Infix(_RELATION, ">") for word in (">", "gt")},
    **{word: _Infix(_RELATION, "<=") for word in ("<=", "=<", "le")},
    **{word: _Infix(_RELATION, ">=") for word in (">=", "=>", "ge")},
    ":": _Infix(_CONCAT, ":"),
    "cats": _Infix(_CONCAT, ":"),
    "+": _Infix(_SUM, "+"),
    "-": _Infix(_SUM, "-"),
    "*": _Infix(_PRODUCT, "*"),
    "/": _Infix(_PRODUCT, "/"),
    "^": _Infix(_POWER, "^"),
    "**": _Infix(_POWER, "^"),
}
_SYSTEM = {name.lower(): name for name in SYSTEM_VARIABLES}
_MACROS = {name.lower(): name for name in MACROS}


def parse(text: str) -> Node:
    """Return the tree of an expression.

    Args:
        text: The expression.

    Returns:
        The tree; every node knows where it stands in the text.

    Raises:
        ExpressionError: If it cannot be read; ``place.position`` says where.

    Example:
        >>> parse("qty * 2").operator
        '*'
    """
    return _Parser(text).whole()


def number_literal(text: str, start: int, end: int) -> Literal:
    """Return the constant for a number as written."""
    if "e" in text.lower():
        return Literal(float(text), FLOAT64, start=start, end=end)
    digits = re.sub(r"\D", "", text)
    if "." in text:
        scale = len(text) - text.index(".") - 1
        if len(digits) > 38:
            raise mistake("A number has at most 38 digits.", start)
        return Literal(Decimal(text), decimal(max(len(digits), 1), scale), start=start, end=end)
    value = int(text) if len(digits) <= 60 else 10**60
    if value < 2**31:
        return Literal(value, INT32, start=start, end=end)
    if value < 2**63:
        return Literal(value, INT64, start=start, end=end)
    if value >= 10**38:
        raise mistake("A number has at most 38 digits.", start)
    return Literal(Decimal(value), decimal(len(str(value))), start=start, end=end)


class _Parser:
    """A Pratt parser: ``word`` is the word that was read and not used yet."""

    def __init__(self, text: str) -> None:
        self.lexer = Lexer(text)
        self.depth = 0
        self.word = self.lexer.next(operand=True)

    def whole(self) -> Node:
        if self.word.sort == "end":
            raise mistake("The expression is empty.", 0)
        node = self.expression(0)
        if self.word.text or self.word.sort == "text":
            raise self._stray()
        return node

    def _stray(self) -> ExpressionError:
        word = self.word
        mend = ""
        if word.text == ")":
            mend = "It closes no bracket."
        elif word.sort in ("text", "number", "name", "parameter", "system"):
            mend = "Join texts with ':'."
        return mistake(f"An operator or the end was expected, and {word.said()} stands there.", word.start, mend=mend)

    def _is(self, text: str) -> bool:
        return self.word.sort in ("operator", "name") and self.word.text.lower() == text

    def _take(self, *, operand: bool) -> Word:
        taken = self.word
        self.word = self.lexer.next(operand=operand)
        return taken

    def _expect(self, text: str, said: str, *, operand: bool) -> Word:
        if not self._is(text):
            raise mistake(f"{said} was expected, and {self.word.said()} stands there.", self.word.start)
        return self._take(operand=operand)

    def expression(self, strength: int) -> Node:
        self.depth += 1  # left as it is by an error: the parser ends with it
        if self.depth > _DEPTH:
            raise mistake(f"The expression is nested more than {_DEPTH} deep.", self.word.start)
        node = self._operand()
        while True:
            if self.word.sort == "operator" and self.word.text == "[":
                node = self._substring(node)
                continue
            infix = self._infix()
            if infix is None or infix.strength <= strength:
                break
            self._take(operand=True)
            right = self.expression(infix.strength)
            node = Binary(infix.operator, node, right, start=node.start, end=right.end)
        self.depth -= 1
        return node

    def _infix(self) -> _Infix | None:
        if self.word.sort not in ("operator", "name"):
            return None
        return _INFIX.get(self.word.text.lower())

    def _operand(self) -> Node:
        word = self.word
        match word.sort:
            case "number":
                self._take(operand=False)
                return number_literal(word.text, word.start, word.end)
            case "text":
                return self._text()
            case "system":
                self._take(operand=False)
                return self._system(word)
            case "parameter":
                self._take(operand=False)
                group, _, name = word.text.strip("#").rpartition(".")
                return ParameterReference(group or None, name, start=word.start, end=word.end)
            case "name":
                return self._word()
            case "operator" if word.text == "(":
                return self._bracket()
            case "operator" if word.text in "+-":
                self._take(operand=True)
                operand = self.expression(_SIGN)
                return Unary("-" if word.text == "-" else "+", operand, start=word.start, end=operand.end)
        raise mistake(f"A value was expected, and {word.said()} stands there.", word.start)

    def _system(self, word: Word) -> Node:
        name = _SYSTEM.get(word.text.lower())
        if name is None:
            import difflib

            near = difflib.get_close_matches(word.text.upper(), SYSTEM_VARIABLES, n=1)
            mend = f"Did you mean '{near[0]}'?" if near else f"There are {', '.join(SYSTEM_VARIABLES)}."
            raise mistake(f"There is no system variable '{word.text}'.", word.start, mend=mend)
        return SystemVariable(name, start=word.start, end=word.end)

    def _text(self) -> Node:
        word = self.word
        if self.lexer.touches("."):
            return self._reference(word)
        self._take(operand=False)
        return Literal(word.text, string(len(word.text)), start=word.start, end=word.end)

    def _bracket(self) -> Node:
        opened = self._take(operand=True)
        node = self.expression(0)
        if not self._is(")"):
            raise mistake(f"')' was expected, and {self.word.said()} stands there.", self.word.start)
        closed = self._take(operand=False)
        return _spanned(node, opened.start, closed.end)

    def _word(self) -> Node:
        word = self.word
        lowered = word.text.lower()
        if self.lexer.touches("."):
            return self._reference(word)
        if lowered == "if":
            return self._if()
        following = self._take(operand=True) and self.word
        if following.sort == "operator" and following.text == "(" and (lowered == "not" or lowered not in KEYWORDS):
            return self._call(word)
        if lowered == "not":
            operand = self.expression(_NOT)
            return Unary("not", operand, start=word.start, end=operand.end)
        if lowered in KEYWORDS:
            raise mistake(f"A value was expected, and '{word.text}' stands there.", word.start)
        self._again(word)
        if lowered in _MACROS:
            return Macro(_MACROS[lowered], start=word.start, end=word.end)
        return NameReference(word.text, start=word.start, end=word.end)

    def _again(self, word: Word) -> None:
        """Read the word behind ``word`` again, now that no value may stand there."""
        self.lexer.position = word.end
        self.word = self.lexer.next(operand=False)

    def _reference(self, word: Word) -> Node:
        names = []
        spans = []
        while self.lexer.touches("."):
            self.lexer.position += 1
            part = self.lexer.part()
            names.append(part.text)
            spans.append((part.start, part.end))
        self.word = self.lexer.next(operand=False)
        return ColumnReference(
            word.text,
            ".".join(names),
            start=word.start,
            end=spans[-1][1],
            link_span=(word.start, word.end),
            name_span=(spans[0][0], spans[-1][1]),
        )

    def _if(self) -> Node:
        """Read a chain of Ifs in a loop: real ones have hundreds of branches."""
        branches: list[tuple[int, Node, Node]] = []
        while True:
            opened = self._take(operand=True)
            condition = self.expression(0)
            self._expect("then", "'Then'", operand=True)
            then = self.expression(0)
            if not self._is("else"):
                raise mistake(
                    f"'Else' was expected, and {self.word.said()} stands there.",
                    self.word.start,
                    mend="An If always has an Else.",
                )
            self._take(operand=True)
            branches.append((opened.start, condition, then))
            if not (self._is("if") and not self.lexer.touches(".")):
                break
        node = self.expression(0)
        for start, condition, then in reversed(branches):
            node = If(condition, then, node, start=start, end=node.end)
        return node

    def _arguments(self, closing: str) -> tuple[list[Node], Word]:
        """Read what stands between brackets; the opening one is the word not used yet."""
        opened = self._take(operand=True)
        found: list[Node] = []
        if not self._is(closing):
            found.append(self.expression(0))
            while self._is(","):
                self._take(operand=True)
                found.append(self.expression(0))
        if not self._is(closing):
            raise mistake(
                f"',' or '{closing}' was expected, and {self.word.said()} stands there.",
                self.word.start,
                mend=f"The bracket was opened at character {opened.start + 1}.",
            )
        return found, self._take(operand=False)

    def _call(self, name: Word) -> Node:
        arguments, closed = self._arguments(")")
        return FunctionCall(name.text, tuple(arguments), start=name.start, end=closed.end, name_end=name.end)

    def _substring(self, text: Node) -> Node:
        opened = self.word.start
        arguments, closed = self._arguments("]")
        match arguments:
            case [length]:
                return Substring(text, None, length, start=text.start, end=closed.end)
            case [first, length]:
                return Substring(text, first, length, start=text.start, end=closed.end)
            case [_, _, _]:
                return FunctionCall("Field", (text, *arguments), start=text.start, end=closed.end, name_end=opened)
        raise mistake(
            "Between '[' and ']' stand a start and a length, or the number of last characters.",
            opened,
            mend="Write text[1, 3] or text[3].",
        )


def _spanned(node: Node, start: int, end: int) -> Node:
    """Return the node with the brackets around it counted in."""
    from dataclasses import replace

    return replace(node, start=start, end=end)
