"""Head: the first rows of a link, in its order.

``skip`` rows are passed over, then every ``period``-th is taken, ``nrecs`` of them at most (``all``: every one). There
is one partition, number 0; a ``part`` list without it gives no rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkTypes, Relation, StageContext, project
from riverstage.stages._passing import passing_problems, passing_types
from riverstage.stages._rows import chosen_rows


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order; which rows are first is a question of order."""
    return passing_types(ctx, wants_order=True)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns that nothing gives, and numbers that mean nothing."""
    yield from passing_problems(ctx)
    for name, least in (("nrecs", 0), ("skip", 0), ("period", 1)):
        value = ctx.get(name)
        if value is not None and int(value) < least:
            yield ctx.problem("RS-4460", f"'{name}' must be {least} or more, not {value}.", property=name)


def plan(ctx: StageContext) -> Fragment:
    """Return one relation with a limit."""
    source, output = ctx.primary, ctx.outputs[0]
    parts = [int(number) for number in ctx.get("part") or ()]
    looks = ctx.is_true("selection") or not parts or 0 in parts
    limit = 0 if not looks else None if ctx.is_true("all") else int(ctx.get("nrecs") or 0)
    rows = chosen_rows(source.key, source.row, limit, int(ctx.get("skip") or 0), int(ctx.get("period") or 1))
    projected = project(ctx, output, source.row)
    sql = rows
    if not projected.is_identity:
        sql = exp.Select(expressions=list(projected.guarded(ctx, output))).from_(rows.subquery("first_rows"))
    return Fragment((Relation(ctx.stage.key, output.key, sql, (source.key,), output.row, source.type.ordering),))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """The output is free: how many rows there were above it does not tell."""
    return ()
