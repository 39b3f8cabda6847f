"""The translation of a Filter's conditions to SQL, with the Filter's own rules on nulls."""

from __future__ import annotations

import re
from typing import Literal as OneOf

from sqlglot import exp

from riverstage.errors import ExpressionError, Place
from riverstage.expressions import nodes
from riverstage.expressions._conversions import text as as_text
from riverstage.expressions._sql import all_of, any_of, is_null, paren
from riverstage.expressions.elaborate import comparison, elaborate
from riverstage.expressions.scope import Scope
from riverstage.expressions.translate import condition as boolean
from riverstage.expressions.translate import to_sql
from riverstage.expressions.translated import Translated
from riverstage.expressions.tree import Literal, Node, ParameterReference
from riverstage.expressions.where import (
    Between,
    Comparison,
    Condition,
    Everything,
    IsNull,
    Joined,
    Like,
    Negated,
    Truth,
    parse_where,
)
from riverstage.types import BOOLEAN, STRING, string

__all__ = ["NullOrder", "translate_where"]

NullOrder = OneOf["less", "greater"]

_REFERENCE = re.compile(r"#(?:(\$?[A-Za-z_][\w$]*)\.)?(\$?[A-Za-z_][\w$]*)#")

_KINDS: dict[str, type[exp.Expression]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, ">": exp.GT, "<=": exp.LTE, ">=": exp.GTE,
}  # fmt: skip


def translate_where(where: Condition | str, scope: Scope, *, nulls: NullOrder = "less") -> Translated:
    """Return a Filter's condition as SQL that is true or false, never null.

    Args:
        where: The condition, or its text; a text that is one parameter and nothing else is what that parameter says.
        scope: What its columns and parameters stand for.
        nulls: Whether a null counts as less or as greater than every other value.

    Returns:
        A boolean; it has failed where a value could not be compared (a text that is no number beside a number).

    Raises:
        ExpressionError: If it cannot be read, a name is not known, or types cannot be compared.
    """
    translator = _Translator(scope, nulls)
    if isinstance(where, str):
        whole = _REFERENCE.fullmatch(where.strip())
        where = parse_where(translator.parameter(whole[1], whole[2], 0) if whole is not None else where)
    value, fails = translator.condition(where)
    return Translated(value, BOOLEAN, nullable=False, fails_when=fails)


_Pair = tuple[exp.Expression, exp.Expression | None]


class _Translator:
    def __init__(self, scope: Scope, nulls: NullOrder) -> None:
        self.scope = scope
        self.nulls = nulls

    def condition(self, where: Condition) -> _Pair:
        match where:
            case Everything():
                return exp.Boolean(this=where.value), None
            case Joined():
                return self._joined(where)
            case Negated():
                value, fails = self.condition(where.operand)
                return exp.Not(this=paren(value)), fails
            case Comparison():
                return self._compare(where.operator, where.left, where.right)
            case Between():
                low, low_fails = self._compare(">=", where.value, where.low)
                high, high_fails = self._compare("<=", where.value, where.high)
                return exp.Paren(this=exp.And(this=low, expression=high)), any_of([low_fails, high_fails])
            case IsNull():
                tested = to_sql(elaborate(self._filled(where.value), self.scope))
                return is_null(tested.value), tested.fails_when
            case Like():
                return self._like(where)
            case Truth():
                tested = boolean(where.value, self.scope)
                return _never_null(tested.value), tested.fails_when
        raise TypeError(f"{type(where).__name__} is no condition")

    def _joined(self, where: Joined) -> _Pair:
        pairs = [self.condition(operand) for operand in where.operands]
        sides = [exp.Paren(this=value) if isinstance(value, exp.Connector) else value for value, _ in pairs]
        joined = all_of(sides) if where.operator == "and" else any_of(sides)
        return joined or exp.Boolean(this=True), any_of(fails for _, fails in pairs)

    def _compare(self, operator: str, left_node: Node, right_node: Node) -> _Pair:
        left, right = comparison(
            elaborate(self._filled(left_node), self.scope), elaborate(self._filled(right_node), self.scope)
        )
        first, second = to_sql(left), to_sql(right)
        fails = any_of([first.fails_when, second.fails_when])
        if not first.nullable and not second.nullable:
            return _KINDS[operator](this=paren(first.value), expression=paren(second.value)), fails
        if operator in ("=", "<>"):
            if first.nullable and second.nullable:
                kind = exp.NullSafeEQ if operator == "=" else exp.NullSafeNEQ
                return kind(this=paren(first.value), expression=paren(second.value)), fails
            plain = _KINDS[operator](this=paren(first.value), expression=paren(second.value))
            if operator == "=":
                return _false_for_null(plain, first if first.nullable else second), fails
            return exp.Coalesce(this=plain, expressions=[exp.Boolean(this=True)]), fails
        return self._ordered(operator, first, second), fails

    def _ordered(self, operator: str, first: Translated, second: Translated) -> exp.Expression:
        """Compare by order where a null stands before or behind everything else."""
        plain = _KINDS[operator](this=paren(first.value), expression=paren(second.value))
        wants_less = operator.startswith("<")
        null_side, other = (first, second) if wants_less == (self.nulls == "less") else (second, first)
        # True where the side that a null makes smaller (or greater, as wanted) is null and the other is not, and
        # with an equals sign where both are.
        parts: list[exp.Expression] = []
        if null_side.nullable:
            parts.append(is_null(null_side.value))
            if other.nullable and len(operator) == 1:
                parts.append(exp.Not(this=is_null(other.value)))
        decided = all_of(parts)
        if decided is None:
            return _false_for_null(plain, other)
        return exp.Coalesce(this=plain, expressions=[decided])

    def parameter(self, group: str | None, name: str, position: int) -> str:
        """Return a parameter's value as a text; an unset one is empty."""
        try:
            value = self.scope.parameter(group, name).value
        except ExpressionError as error:
            place = Place(position=position)
            raise ExpressionError(error.message, code=error.code, place=place, mend=error.mend) from error
        return "" if value is None else str(value)

    def _filled(self, node: Node) -> Node:
        """Return a value; the parameters that stand within a text in quotes are replaced, now that it was read."""
        if not isinstance(node, Literal) or not isinstance(node.value, str) or "#" not in node.value:
            return node
        value = self._text(node.value, node.start)
        return Literal(value, string(len(value)), start=node.start, end=node.end)

    def _text(self, text: str, position: int) -> str:
        return _REFERENCE.sub(lambda found: self.parameter(found[1], found[2], position), text)

    def _pattern(self, where: Like) -> str:
        if isinstance(where.pattern, ParameterReference):
            return self.parameter(where.pattern.set, where.pattern.name, where.pattern.start)
        return self._text(where.pattern, where.start)

    def _like(self, where: Like) -> _Pair:
        wanted = self._pattern(where)
        try:
            re.compile(wanted, re.ASCII)
        except re.error as error:
            raise ExpressionError(
                f"'{wanted}' is no regular expression: {error}.",
                code="RS-3001",
                place=Place(position=where.start),
            ) from error
        value = to_sql(as_text(elaborate(self._filled(where.value), self.scope)))
        pattern = exp.Literal.string(wanted)
        match = nodes.call("regexmatch", value.value, pattern, types=(STRING, STRING), returns=BOOLEAN)
        return _never_null(match) if value.nullable else match, value.fails_when


def _false_for_null(condition: exp.Expression, nullable: Translated) -> exp.Expression:
    """Return a condition that is false where the only side that can be null is: in a form that engines push down."""
    if not isinstance(nullable.value, exp.Column):
        return _never_null(condition)
    return exp.Paren(this=exp.And(this=condition, expression=exp.Not(this=is_null(nullable.value))))


def _never_null(value: exp.Expression) -> exp.Expression:
    return exp.Coalesce(this=value, expressions=[exp.Boolean(this=False)])
