"""What is wrong with an expression, as far as that can be said without knowing its names."""

from __future__ import annotations

from riverstage.errors import ExpressionError, Place
from riverstage.expressions import functions
from riverstage.expressions._arguments import arity
from riverstage.expressions._lexer import KEYWORDS, Lexer
from riverstage.expressions.parser import parse
from riverstage.expressions.tree import FunctionCall, walk

__all__ = ["problems"]


def problems(text: str) -> tuple[ExpressionError, ...]:
    """Return every problem of an expression, in the order of the text: what cannot be read, and unknown functions.

    Args:
        text: The expression.

    Returns:
        The problems, each with its position; empty when there are none.

    Example:
        >>> [problem.code for problem in problems("Tirm(a) : Left(b)")]
        ['RS-3002', 'RS-3003']
    """
    try:
        tree = parse(text)
    except ExpressionError as error:
        found = [error, *_unknown_before(text, error.place.position or 0)]
        return tuple(sorted(found, key=_position))
    found = []
    for node in walk(tree):
        if isinstance(node, FunctionCall):
            found.extend(_call_problems(node))
    return tuple(sorted(found, key=_position))


def _position(error: ExpressionError) -> int:
    return error.place.position or 0


def _call_problems(node: FunctionCall) -> list[ExpressionError]:
    place = Place(position=node.start)
    try:
        function = functions.find(node.name)
    except ExpressionError as error:
        return [ExpressionError(error.message, code=error.code, place=place, mend=error.mend)]
    least, most = arity(function)
    given = len(node.arguments)
    if given >= least and (most is None or given <= most):
        return []
    wanted = str(least) if least == most else f"{least} or more" if most is None else f"{least} to {most}"
    return [ExpressionError(f"{function.name} takes {wanted} arguments, not {given}.", code="RS-3003", place=place)]


def _unknown_before(text: str, end: int) -> list[ExpressionError]:
    """Return the functions that are not known in the part of a text that could be read."""
    lexer = Lexer(text)
    found: list[ExpressionError] = []
    try:
        while (word := lexer.next(operand=True)).sort != "end" and word.end <= end:
            called = text[lexer.position :].lstrip()[:1] == "("
            if word.sort != "name" or not called or word.text.lower() in KEYWORDS or lexer.touches("."):
                continue
            try:
                functions.find(word.text)
            except ExpressionError as error:
                place = Place(position=word.start)
                found.append(ExpressionError(error.message, code=error.code, place=place, mend=error.mend))
    except ExpressionError:
        pass
    return found
