"""Head: the first rows of a link, in its order.

``skip`` rows are passed over, then every ``period``-th is taken, ``nrecs`` of them at most (``all``: every one). There
is one partition, number 0; a ``part`` list without it gives no rows. Where the rows come in no order (from a Join, an
Aggregator, a Funnel that is not told of any) which of them are the first is not determined; the check and each run warn
of that.
"""

from __future__ import annotations

from collections.abc import Iterable

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkTypes, StageContext
from riverstage.stages._passing import passing_problems, passing_relation, passing_types
from riverstage.stages._rows import chosen_rows, count_problems, looks_at_partition, order_problems, whole


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order; which rows are first is a question of order."""
    return passing_types(ctx, wants_order=True)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns that nothing gives, and numbers that mean nothing."""
    yield from passing_problems(ctx)
    yield from count_problems(ctx, "RS-4460", (("nrecs", 0), ("skip", 0), ("period", 1)))
    limit, skip, period = _choice(ctx)
    if limit != 0 and (limit is not None or skip or period != 1):
        yield from order_problems(ctx, "RS-4461", "are the first", "nrecs" if limit is not None else "skip")


def plan(ctx: StageContext) -> Fragment:
    """Return one relation with a limit."""
    limit, skip, period = _choice(ctx)
    rows = chosen_rows(ctx.primary.key, ctx.primary.row, limit, skip, period)
    return Fragment((passing_relation(ctx, ctx.outputs[0], rows=rows),))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """How many rows there were the output does not tell, unless every row is taken or none."""
    limit, skip, period = _choice(ctx)
    if limit == 0:
        return (Law.exactly(ctx.outputs[0].key, 0),)
    if limit is None and not skip and period == 1:
        return (Law.equal(ctx.outputs[0].key, ctx.primary.key),)
    return ()


def _choice(ctx: StageContext) -> tuple[int | None, int, int]:
    """Return how many rows at most (None: all), how many are passed over first, and every how many-th is taken."""
    limit = None if ctx.is_true("all") else whole(ctx, "nrecs", 10)
    return limit if looks_at_partition(ctx) else 0, whole(ctx, "skip", 0) or 0, whole(ctx, "period", 1) or 1
