"""Stages that hand rows on: what they share."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import table
from riverstage.plan import LinkType, LinkTypes, Output, Relation, StageContext, mapping_problems, output_row, project

__all__ = ["passing_problems", "passing_relation", "passing_types"]


def passing_types(ctx: StageContext, *, wants_order: bool = False) -> LinkTypes:
    """Return the input's columns and order for every output, as each names them."""
    source = ctx.primary
    outputs = {
        output.key: LinkType(output_row(ctx, output, source.row), source.type.ordering, source.type.deterministic)
        for output in ctx.outputs
    }
    wants = frozenset((source.key,)) if wants_order else frozenset[str]()
    return LinkTypes(outputs, wants, tuple((output.key, source.key) for output in ctx.outputs))


def passing_problems(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report the columns that outputs name and the input does not have."""
    for output in ctx.outputs:
        yield from mapping_problems(ctx, output, ctx.primary.row)


def passing_relation(ctx: StageContext, output: Output, over: str | None = None) -> Relation:
    """Return the rows of the input (or of a hidden link with its columns) under the output's columns."""
    source = ctx.primary
    key = over or source.key
    columns = project(ctx, output, source.row).guarded(ctx, output)
    if over is not None and len(columns) == 1 and isinstance(columns[0], exp.Star):
        columns = tuple(_named(name) for name in source.row.names)
    sql = exp.Select(expressions=list(columns)).from_(table(key))
    return Relation(ctx.stage.key, output.key, sql, (key,), output.row, source.type.ordering)


def _named(name: str) -> exp.Expression:
    return exp.Column(this=exp.Identifier(this=name, quoted=True))
