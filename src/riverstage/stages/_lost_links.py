"""Expressions that name links that are not there: all that can be said of them while a stage lacks a link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from riverstage.errors import Diagnostic, ExpressionError, Place
from riverstage.expressions.scope import unknown
from riverstage.expressions.tree import ColumnReference, walk
from riverstage.stages._transformer_scope import expression_problem

if TYPE_CHECKING:
    from riverstage.plan import StageContext

__all__ = ["Said", "lost_links"]


class Said(NamedTuple):
    """An expression and where it stands.

    Args:
        text: The expression.
        property: The property that it belongs to.
        link: The link that it belongs to, where it belongs to one.
        column: The column or the stage variable that it computes.
    """

    text: str
    property: str
    link: str | None = None
    column: str | None = None


def lost_links(ctx: StageContext, expressions: Iterable[Said]) -> Iterator[Diagnostic]:
    """Yield a finding for each expression that cannot be read or names a link that does not come to the stage."""
    from riverstage.expressions.parser import parse

    known = [item.name for item in ctx.inputs]
    sets = [name.partition(".")[0] for name in ctx.graph.parameters if "." in name]
    for said in expressions:
        try:
            for node in walk(parse(said.text)) if said.text else ():
                if isinstance(node, ColumnReference) and node.link not in (*known, *sets):
                    raise _lost(node, [*known, *sets])
        except ExpressionError as error:
            yield expression_problem(ctx, error, property=said.property, link=said.link, column=said.column)


def _lost(node: ColumnReference, known: list[str]) -> ExpressionError:
    error = unknown(f"There is no link or parameter set '{node.link}'.", node.link, known)
    return ExpressionError(error.message, code=error.code, place=Place(position=node.start), mend=error.mend)
