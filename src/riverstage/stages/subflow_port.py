"""The entry or exit of a subflow: rows pass through, under the inner link's columns."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import table
from riverstage.plan import Fragment, Law, LinkType, LinkTypes, Relation, StageContext, mapping_problems, output_row, project


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns, as the inner link names them."""
    source, output = ctx.primary, ctx.outputs[0]
    row = output_row(ctx, output, source.row)
    return LinkTypes(
        {output.key: LinkType(row, source.type.ordering, source.type.deterministic)},
        passes_order=((output.key, source.key),),
    )


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns of the inner link that the outer one does not have."""
    return mapping_problems(ctx, ctx.outputs[0], ctx.primary.row)


def plan(ctx: StageContext) -> Fragment:
    """Return one relation that hands the rows on."""
    source, output = ctx.primary, ctx.outputs[0]
    columns = project(ctx, output, source.row).guarded(ctx, output)
    sql = exp.Select(expressions=list(columns)).from_(table(source.key))
    node = Relation(ctx.stage.key, output.key, sql, (source.key,), output.row, source.type.ordering)
    return Fragment((node,))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """As many rows leave as come."""
    return (Law.equal(ctx.outputs[0].key, ctx.primary.key),)
