"""Copy: the same rows to every output; each output keeps, drops, renames or converts columns.

``force`` has no effect here: a Copy costs nothing, so nothing is gained by leaving it out.
"""

from __future__ import annotations

from collections.abc import Iterable

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkTypes, StageContext
from riverstage.stages._passing import passing_problems, passing_relation, passing_types


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order for every output."""
    return passing_types(ctx)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns that nothing gives."""
    return passing_problems(ctx)


def plan(ctx: StageContext) -> Fragment:
    """Return one relation an output."""
    return Fragment(tuple(passing_relation(ctx, output) for output in ctx.outputs))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Every output has the rows of the input."""
    return tuple(Law.equal(output.key, ctx.primary.key) for output in ctx.outputs)
