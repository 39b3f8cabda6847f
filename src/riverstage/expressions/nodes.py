"""Our own nodes in SQL trees: what engines disagree on, with one meaning (ours), lowered by each engine.

An engine's generator lowers a ``Call`` by the name it carries; plain transpilation is never trusted for these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

if TYPE_CHECKING:
    from riverstage.types import DataType

__all__ = ["Call", "Series", "call", "column", "literal", "table"]


class Call(exp.Expression):
    """A call of one of our own functions or operators, by its name in the engine's lowering tables.

    ``this`` is the name; ``expressions`` the arguments; ``types`` the arguments' types; ``returns`` the result's type.
    """

    arg_types = {"this": True, "expressions": False, "types": False, "returns": False}  # noqa: RUF012


class Series(exp.Expression):
    """A table of ``this`` rows with one BIGINT column ``__n`` from 0, in order."""

    arg_types = {"this": True, "alias": False}  # noqa: RUF012


def call(name: str, *arguments: exp.Expression, types: tuple[DataType, ...] = (), returns: DataType | None = None) -> Call:
    """Return a call of one of our own nodes."""
    return Call(this=name, expressions=list(arguments), types=types, returns=returns)


def column(name: str, relation: str | None = None) -> exp.Column:
    """Return a quoted column of a relation."""
    this = exp.Identifier(this=name, quoted=True)
    return exp.Column(this=this, table=exp.Identifier(this=relation, quoted=True) if relation is not None else None)


def table(name: str, alias: str | None = None) -> exp.Table:
    """Return a quoted relation: the rows of a link by its key."""
    this = exp.Table(this=exp.Identifier(this=name, quoted=True))
    if alias is not None:
        this.set("alias", exp.TableAlias(this=exp.Identifier(this=alias, quoted=True)))
    return this


def literal(value: Any) -> exp.Expression:
    """Return a literal for a Python str, int, bool or None; other values go through the typed ``Call`` nodes."""
    if value is None:
        return exp.Null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int):
        number = exp.Literal.number(abs(value))
        return exp.Neg(this=number) if value < 0 else number
    return exp.Literal.string(str(value))
