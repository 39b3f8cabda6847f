"""Keep one row of each group of rows with equal keys.

Decided where the facts are silent: all rows with equal keys are one group, wherever they stand (the vendor's engine
sorts by the keys first); first and last are meant in the input's order, and where the input has none any row of the
group is kept, of which the check and each run warn if the output shows more than the keys; nulls are equal to
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Relation,
    StageContext,
    hidden_key,
    mapping_problems,
    output_row,
    project,
    source_of,
)
from riverstage.stages._keys import (
    Key,
    carried,
    collation_problems,
    either,
    folded,
    is_row_first,
    key_problems,
    keys_of,
    named,
    numbered,
    outgoing,
)
from riverstage.stages._rows import order_problems

if TYPE_CHECKING:
    from sqlglot import exp

_ROW, _KEPT = "#row", "#kept"


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns, in its order."""
    source, output = ctx.primary, ctx.outputs[0]
    row = output_row(ctx, output, source.row)
    ordering = carried(source.type.ordering, outgoing(output, source.row, row))
    return LinkTypes(
        {output.key: LinkType(row, ordering, source.type.deterministic)},
        wants_order=frozenset({source.key}),
        passes_order=((output.key, source.key),),
    )


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report keys that are not there, and a choice of row that the input's order cannot answer."""
    source, output = ctx.primary, ctx.outputs[0]
    yield from key_problems(ctx, keys_of(ctx), (source,), 4440)
    yield from collation_problems(ctx, "RS-4445")
    if keys_of(ctx) and _shows_more_than_keys(ctx):
        which = f"is the {'last' if _keeps_last(ctx) else 'first'} of its group"
        yield from order_problems(ctx, "RS-4446", which, "keep")
    yield from mapping_problems(ctx, output, source.row)


def plan(ctx: StageContext) -> Fragment:
    """Return a relation that marks the rows to keep, and one that keeps them."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    source, output = ctx.primary, ctx.outputs[0]
    keys = keys_of(ctx)
    ordering = source.type.ordering
    group = [_value(ctx, key) for key in keys]
    nodes: list[Relation] = []
    below, sort_again = source.key, False
    if _is_sorted(ctx, keys):
        kept = _is_edge(group, last=_keeps_last(ctx))
    elif ordering.known:
        below = hidden_key(ctx.stage.key, "numbered")
        nodes.append(_hidden(ctx, below, numbered(source.key, _ROW, with_gaps=True), source.key))
        by_row = exp.Ordered(this=column(_ROW), desc=False, nulls_first=True)
        kept = is_row_first(group, [by_row], last=_keeps_last(ctx))
        sort_again = output.order_wanted
    else:
        kept = is_row_first(group, [])
    marked = hidden_key(ctx.stage.key, "marked")
    sql = exp.Select(expressions=[exp.Star(), named(kept, _KEPT)]).from_(table(below), copy=False)
    nodes.append(_hidden(ctx, marked, sql, below))
    projection = project(ctx, output, source.row, relation=marked)
    columns: Sequence[exp.Expression] = projection.guarded(ctx, output)
    if projection.is_identity:
        columns = [column(item.name, marked) for item in source.row]
    query = (
        exp.Select(expressions=list(columns)).from_(table(marked), copy=False).where(column(_KEPT, marked), copy=False)
    )
    if sort_again:
        query = query.order_by(exp.Ordered(this=column(_ROW, marked), desc=False, nulls_first=True), copy=False)
    nodes.append(
        Relation(
            ctx.stage.key, output.key, query, (marked,), output.row, output.type.ordering, output.type.deterministic
        )
    )
    return Fragment(tuple(nodes))


def ledger(_ctx: StageContext) -> tuple[Law, ...]:
    """How many rows are left is the data's own matter."""
    return ()


def _keeps_last(ctx: StageContext) -> bool:
    return str(ctx.get("keep") or "first").strip().lower() == "last"


def _shows_more_than_keys(ctx: StageContext) -> bool:
    """Return whether it can be seen which row of a group was kept: whether the output has more than what is equal."""
    source, output = ctx.primary, ctx.outputs[0]
    equal = {key.column for key in keys_of(ctx) if not key.caseless}
    origins = source_of(output, source.row)
    return output.row.open or any(origins.get(name, name) not in equal for name in output.row.names)


def _value(ctx: StageContext, key: Key) -> exp.Expression:
    from riverstage.expressions.nodes import column

    known = ctx.primary.row.get(key.column)
    return folded(column(key.column), known.type if known else None, caseless=key.caseless)


def _is_sorted(ctx: StageContext, keys: Sequence[Key]) -> bool:
    """Return whether equal rows stand next to each other because the rows are sorted by exactly these keys."""
    row = ctx.primary.row

    def said(name: str, caseless: bool) -> tuple[str, bool]:  # noqa: FBT001
        known = row.get(name)
        return name, caseless and known is not None and known.type.is_text

    first = ctx.primary.type.ordering.keys[: len(keys)]
    return {said(key.column, key.caseless) for key in first} == {said(key.column, key.caseless) for key in keys}


def _is_edge(group: Sequence[exp.Expression], *, last: bool) -> exp.Expression:
    """Return whether a row is the first (``last``: the last) of neighbours with equal keys."""
    from sqlglot import exp

    def beside(value: exp.Expression) -> exp.Expression:
        return exp.Window(this=exp.Lead(this=value) if last else exp.Lag(this=value))

    at_end = exp.Is(this=beside(exp.Boolean(this=True)), expression=exp.Null())
    differs = [exp.NullSafeNEQ(this=value.copy(), expression=beside(value.copy())) for value in group]
    return either(at_end, *differs)


def _hidden(ctx: StageContext, key: str, sql: exp.Query, below: str) -> Relation:
    source = ctx.primary
    return Relation(ctx.stage.key, key, sql, (below,), source.row, source.type.ordering, source.type.deterministic)
