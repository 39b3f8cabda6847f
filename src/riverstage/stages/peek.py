"""Peek: show the first rows of a link in the job log, and hand all rows on.

With ``dataset`` set the rows that would be shown go to the one output instead of the log, and nothing is handed on
besides. Rows are counted from the first: ``skip`` rows are passed over, then every ``period``-th is taken, ``nrecs``
of them at most (``all``: every one). There is one partition, number 0; a ``part`` list without it shows nothing.
Columns are shown in the input's order; a list of columns counts where ``columns`` says so, or says nothing. Rows are
shown when they are there: those of a run that then fails were shown all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkTypes, Node, Sink, StageContext, WriteRequest
from riverstage.stages._keys import near
from riverstage.stages._passing import passing_problems, passing_relation, passing_types
from riverstage.stages._rows import chosen_rows, count_problems, looks_at_partition, whole
from riverstage.types import RowType


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns for every output; a Peek always looks at rows in their order."""
    return passing_types(ctx, wants_order=True, made=_made(ctx))


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns to show that there are not, and numbers that mean nothing."""
    yield from passing_problems(ctx, _made(ctx))
    row = ctx.primary.row
    for name in _fields(ctx):
        if name not in row and not row.open:
            yield ctx.problem(
                "RS-4240",
                f"There is no column '{name}' to show.",
                property="field",
                column=name,
                link=ctx.primary.name,
                mend=near(name, row.names),
            )
    yield from count_problems(ctx, "RS-4241", (("nrecs", 0), ("skip", 0), ("period", 1)))
    if ctx.is_true("dataset") and len(ctx.outputs) != 1:
        yield ctx.problem(
            "RS-4242",
            "With 'dataset' the rows go to exactly one output link.",
            property="dataset",
            mend="Link one output.",
        )


def plan(ctx: StageContext) -> Fragment:
    """Return the log sink and one relation an output."""
    source = ctx.primary
    limit, skip, period = _choice(ctx)
    if ctx.is_true("dataset"):
        rows = chosen_rows(source.key, _made(ctx), limit, skip, period)
        return Fragment((passing_relation(ctx, ctx.outputs[0], made=_made(ctx), rows=rows),))
    options = {
        "limit": limit,
        "skip": skip,
        "period": period,
        "names": ctx.is_true("name"),
        "delimiter": ctx.get("delim") or " ",
        "label": ctx.stage.label,
    }
    log = Sink(ctx.stage.key, source.key, WriteRequest("log", options, _shown(ctx)), wants_order=True)
    nodes: list[Node] = [passing_relation(ctx, output) for output in ctx.outputs]
    return Fragment((log, *nodes))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Every output has the rows of the input, or what ``dataset`` chose of them."""
    if ctx.is_true("dataset"):
        return ()
    return tuple(Law.equal(output.key, ctx.primary.key) for output in ctx.outputs)


def _fields(ctx: StageContext) -> list[str]:
    """Return the columns named to be shown; empty: all."""
    if ctx.stage.is_set("columns") and ctx.is_true("columns"):
        return []
    return [str(name.get("field") if isinstance(name, Mapping) else name) for name in ctx.get("field") or ()]


def _shown(ctx: StageContext) -> RowType:
    names = _fields(ctx)
    row = ctx.primary.row
    return RowType(tuple(item for item in row if item.name in names)) if names else row


def _made(ctx: StageContext) -> RowType:
    """Return the columns that outputs can have."""
    return _shown(ctx) if ctx.is_true("dataset") else ctx.primary.row


def _choice(ctx: StageContext) -> tuple[int | None, int, int]:
    """Return how many rows at most (None: all), how many are passed over first, and every how many-th is taken."""
    limit = None if ctx.is_true("all") else whole(ctx, "nrecs", 10)
    return limit if looks_at_partition(ctx) else 0, whole(ctx, "skip", 0) or 0, whole(ctx, "period", 1) or 1
