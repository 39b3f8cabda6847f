"""Tail: the last rows of a link, in its order. There is one partition, number 0."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkTypes, Relation, StageContext, project
from riverstage.stages._passing import passing_problems, passing_types
from riverstage.stages._rows import chosen_rows, last_rows


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order; which rows are last is a question of order."""
    return passing_types(ctx, wants_order=True)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns that nothing gives, and numbers that mean nothing."""
    yield from passing_problems(ctx)
    value = ctx.get("nrecs")
    if value is not None and int(value) < 0:
        yield ctx.problem("RS-4480", f"'nrecs' must be 0 or more, not {value}.", property="nrecs")


def plan(ctx: StageContext) -> Fragment:
    """Return one relation that keeps the rows near the end."""
    source, output = ctx.primary, ctx.outputs[0]
    parts = [int(number) for number in ctx.get("part") or ()]
    looks = ctx.is_true("selection") or not parts or 0 in parts
    number = int(ctx.get("nrecs") or 0) if looks else 0
    rows = last_rows(source.key, source.row, number) if number else chosen_rows(source.key, source.row, 0)
    projected = project(ctx, output, source.row)
    sql = rows
    if not projected.is_identity:
        sql = exp.Select(expressions=list(projected.guarded(ctx, output))).from_(rows.subquery("last_rows"))
    return Fragment((Relation(ctx.stage.key, output.key, sql, (source.key,), output.row, source.type.ordering),))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """The output is free: how many rows there were above it does not tell."""
    return ()
