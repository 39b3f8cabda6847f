"""Tail: the last rows of a link, in its order.

There is one partition, number 0. Where the rows come in no order (from a Join, an Aggregator, a Funnel that is not told
of any) which of them are the last is not determined; the check and each run warn of that.
"""

from __future__ import annotations

from collections.abc import Iterable

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkTypes, StageContext
from riverstage.stages._passing import passing_problems, passing_relation, passing_types
from riverstage.stages._rows import chosen_rows, count_problems, last_rows, looks_at_partition, order_problems, whole


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order; which rows are last is a question of order."""
    return passing_types(ctx, wants_order=True)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns that nothing gives, and numbers that mean nothing."""
    yield from passing_problems(ctx)
    yield from count_problems(ctx, "RS-4480", (("nrecs", 0),))
    if _number(ctx):
        yield from order_problems(ctx, "RS-4481", "are the last", "nrecs")


def plan(ctx: StageContext) -> Fragment:
    """Return one relation that keeps the rows near the end."""
    source = ctx.primary
    number = _number(ctx)
    rows = last_rows(source.key, source.row, number) if number else chosen_rows(source.key, source.row, 0)
    return Fragment((passing_relation(ctx, ctx.outputs[0], rows=rows),))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """How many rows there were the output does not tell, unless none is taken."""
    return () if _number(ctx) else (Law.exactly(ctx.outputs[0].key, 0),)


def _number(ctx: StageContext) -> int:
    return whole(ctx, "nrecs", 10) or 0 if looks_at_partition(ctx) else 0
