"""The entry or exit of a subflow: rows pass through, under the inner link's columns."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import table
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Relation,
    StageContext,
    mapping_problems,
    output_row,
    project,
)


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns, as the inner link names them."""
    source = ctx.primary
    return LinkTypes(
        {
            output.key: LinkType(output_row(ctx, output, source.row), source.type.ordering, source.type.deterministic)
            for output in ctx.outputs
        },
        passes_order=tuple((output.key, source.key) for output in ctx.outputs),
    )


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns of the inner link that the outer one does not have."""
    return [problem for output in ctx.outputs for problem in mapping_problems(ctx, output, ctx.primary.row)]


def plan(ctx: StageContext) -> Fragment:
    """Return a relation that hands the rows on."""
    source = ctx.primary
    nodes = []
    for output in ctx.outputs:
        columns = project(ctx, output, source.row).guarded(ctx, output)
        sql = exp.Select(expressions=list(columns)).from_(table(source.key), copy=False)
        nodes.append(Relation(ctx.stage.key, output.key, sql, (source.key,), output.row, source.type.ordering))
    return Fragment(tuple(nodes))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """As many rows leave as come."""
    return tuple(Law.equal(output.key, ctx.primary.key) for output in ctx.outputs)
