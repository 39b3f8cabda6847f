"""Small parts that lowerings are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import count

from sqlglot import exp, parse_one

from riverstage.expressions.nodes import copied
from riverstage.types import DataType

__all__ = ["Lowering", "call", "constant", "is_cheap", "let", "number", "sql", "text"]

Lowering = Callable[[list[exp.Expression], tuple[DataType, ...], DataType | None], exp.Expression | None]
"""Makes the SQL of a call from its arguments, their types and the result's; None where there is no SQL for them."""

_LET = "__rs"
_probes = count()


@lru_cache(maxsize=512)
def _parsed(template: str) -> exp.Expression:
    tree = parse_one(template, read="duckdb")
    if not isinstance(tree, exp.Expression):
        raise TypeError(template)
    for node in tree.walk():
        node._meta = None  # where it stood in the text: that is most of what a copy costs
    return tree


def sql(template: str, **parts: exp.Expression) -> exp.Expression:
    """Return the tree of a DuckDB expression; each bare name that is one of ``parts`` stands for that tree.

    Functions that SQLGlot would rewrite are put in as parts, made by ``call``.
    """
    tree = exp.Paren(this=copied(_parsed(template)))
    for column in list(tree.find_all(exp.Column)):
        part = parts.get(column.name) if not column.table else None
        if part is not None:
            column.replace(copied(part) if is_cheap(part) else exp.Paren(this=copied(part)))
    return tree.this if isinstance(tree.this, exp.Case | exp.Cast | exp.TryCast | exp.Anonymous) else tree


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """Return a call of a DuckDB function by exactly that name."""
    return exp.Anonymous(this=name, expressions=[copied(argument) for argument in arguments])


def number(value: int) -> exp.Expression:
    """Return a whole number."""
    literal = exp.Literal.number(abs(value))
    return exp.Paren(this=exp.Neg(this=literal)) if value < 0 else literal


def text(value: str) -> exp.Expression:
    """Return a string."""
    return exp.Literal.string(value)


def is_cheap(tree: exp.Expression) -> bool:
    """Return whether a tree may be written several times: a column, a constant, or a cast of one."""
    if isinstance(tree, exp.Cast | exp.TryCast | exp.Paren | exp.Neg):
        return is_cheap(tree.this)
    return isinstance(tree, exp.Column | exp.Literal | exp.Boolean | exp.Null | exp.Identifier)


def let(value: exp.Expression, body: Callable[[exp.Expression], exp.Expression]) -> exp.Expression:
    """Return ``body`` of a value that is computed once, however often ``body`` writes it."""
    if is_cheap(value):
        return body(value)
    probe = f"__probe{next(_probes)}"
    inner = body(exp.Column(this=exp.to_identifier(probe)))
    name = f"{_LET}{_deepest(inner) + 1}"
    for identifier in list(inner.find_all(exp.Identifier)):
        if identifier.this == probe:
            identifier.set("this", name)
    function = exp.Lambda(this=inner, expressions=[exp.to_identifier(name)], colon=True)
    values = exp.Array(expressions=[copied(value)])
    return exp.Anonymous(
        this="list_extract",
        expressions=[exp.Anonymous(this="list_transform", expressions=[values, function]), number(1)],
    )


def _deepest(tree: exp.Expression) -> int:
    """Return the highest number among the names that ``let`` gave in a tree, -1 for none."""
    found = -1
    for identifier in tree.find_all(exp.Identifier):
        digits = identifier.this.removeprefix(_LET)
        if digits != identifier.this and digits.isdigit():
            found = max(found, int(digits))
    return found


def constant(tree: exp.Expression) -> str | int | None:
    """Return the value of a string or whole number that stands there as a constant, or None."""
    if isinstance(tree, exp.Cast | exp.TryCast | exp.Paren):
        return constant(tree.this)
    if isinstance(tree, exp.Neg):
        value = constant(tree.this)
        return -value if isinstance(value, int) else None
    if not isinstance(tree, exp.Literal):
        return None
    if tree.is_string:
        return str(tree.this)
    return int(tree.this) if tree.this.isdigit() else None
