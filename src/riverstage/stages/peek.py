"""Peek: show the first rows of a link in the job log, and hand all rows on.

With ``dataset`` set the rows that would be shown go to the first output instead of the log, and nothing is handed on
besides. Rows are counted from the first: ``skip`` rows are passed over, then every ``period``-th is taken, ``nrecs``
of them at most (``all``: every one). There is one partition, number 0; a ``part`` list without it shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import column
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Node,
    Relation,
    Sink,
    StageContext,
    WriteRequest,
    output_row,
    project,
)
from riverstage.stages._passing import passing_problems, passing_relation, passing_types
from riverstage.stages._rows import chosen_rows
from riverstage.types import RowType


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns for every output; a Peek always looks at rows in their order."""
    if not ctx.is_true("dataset"):
        return passing_types(ctx, wants_order=True)
    source = ctx.primary
    row = _shown(ctx)
    outputs = {
        output.key: LinkType(output_row(ctx, output, row), source.type.ordering, source.type.deterministic)
        for output in ctx.outputs
    }
    return LinkTypes(outputs, frozenset((source.key,)), tuple((output.key, source.key) for output in ctx.outputs))


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns to show that there are not, and numbers that mean nothing."""
    yield from passing_problems(ctx)
    for name in _fields(ctx):
        if name not in ctx.primary.row and not ctx.primary.row.open:
            yield ctx.problem(
                "RS-4240", f"There is no column '{name}' to show.", property="field", column=name, link=ctx.primary.name
            )
    for name, least in (("nrecs", 0), ("skip", 0), ("period", 1)):
        value = ctx.get(name)
        if value is not None and int(value) < least:
            yield ctx.problem("RS-4241", f"'{name}' must be {least} or more, not {value}.", property=name)
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
    if ctx.is_true("dataset"):
        output = ctx.outputs[0]
        columns = [column(name) for name in _shown(ctx).names]
        picked = exp.Select(expressions=list(columns)).from_(_picked(ctx).subquery("picked"))
        projected = project(ctx, output, _shown(ctx))
        sql = picked
        if not projected.is_identity:
            sql = exp.Select(expressions=list(projected.guarded(ctx, output))).from_(picked.subquery("picked"))
        return Fragment((Relation(ctx.stage.key, output.key, sql, (source.key,), output.row, source.type.ordering),))
    options = {
        "limit": 0 if not _looks(ctx) else None if ctx.is_true("all") else int(ctx.get("nrecs") or 0),
        "skip": int(ctx.get("skip") or 0),
        "period": int(ctx.get("period") or 1),
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
    if ctx.is_true("columns") and not ctx.stage.is_set("field"):
        return []
    return [str(name.get("field") if isinstance(name, dict) else name) for name in ctx.get("field") or ()]


def _shown(ctx: StageContext) -> RowType:
    names = _fields(ctx)
    row = ctx.primary.row
    return RowType(tuple(item for item in row if item.name in names)) if names else row


def _looks(ctx: StageContext) -> bool:
    """Return whether the one partition there is, number 0, is among those to be looked at."""
    return ctx.is_true("selection") or not ctx.get("part") or 0 in [int(number) for number in ctx.get("part")]


def _picked(ctx: StageContext) -> exp.Select:
    limit = 0 if not _looks(ctx) else None if ctx.is_true("all") else int(ctx.get("nrecs") or 0)
    return chosen_rows(ctx.primary.key, ctx.primary.row, limit, int(ctx.get("skip") or 0), int(ctx.get("period") or 1))
