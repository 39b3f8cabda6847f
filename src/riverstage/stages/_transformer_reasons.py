"""Why rows of a Transformer fail: what each of its columns, constraints and stage variables may fail for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from riverstage.plan import Relation, Sink, StageContext, WriteRequest, hidden_key
from riverstage.plan.events import REASON, REASON_ROWS
from riverstage.stages._keys import either, every, named
from riverstage.types import INT64, STRING, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.plan import Node
    from riverstage.stages._transformer_model import Made, Model

__all__ = ["MOST_NAMED", "counted_reasons", "logged_rows", "reasons_of", "spelled"]

_ANY = "a column could not be computed or did not take a null"
MOST_NAMED = 4
"""Reasons that are told one by one where nobody counts; of more, none is."""


def reasons_of(model: Model, failed: Sequence[exp.Expression | None]) -> Iterator[tuple[exp.Expression, str]]:
    """Yield why a row fails on an output, the likeliest of several reasons of the same row first.

    Args:
        model: The Transformer.
        failed: For each output, where a row fails on it; None where none does.
    """
    several = len(model.outputs) > 1
    for output, fails in zip(model.outputs, failed, strict=True):
        if fails is None:
            continue
        link = output.settings.output.name
        of_link = f" of the link '{link}'" if several else ""
        for made in output.columns:
            for condition, said in _of_column(made, of_link):
                yield every(fails.copy(), either(condition)), said
        if output.constraint is not None and output.constraint.fails_when is not None:
            yield fails.copy(), f"the constraint of the link '{link}' could not be decided"


def _of_column(made: Made, of_link: str) -> Iterator[tuple[exp.Expression, str]]:
    from riverstage.expressions.translate import assigned, to_sql

    if made.value is None or made.value.fails_when is None or made.counts_rows or made.typed is None:
        return
    column = f"the column '{made.column.name}'{of_link}"
    computed = to_sql(made.typed).fails_when
    if computed is not None:
        yield computed, f"{column} could not be computed"
    held = assigned(made.typed, made.column.type).fails_when
    if held is not None and held != computed:
        yield held, f"{column} ({made.column.type}) could not hold the value"
    if made.value.fails_when != held:
        yield made.value.fails_when.copy(), f"{column} takes no null, and was null"


def spelled(reasons: Sequence[str]) -> str:
    """Return what rows may fail for, where nobody counts for what they do.

    Example:
        >>> spelled(["the column 'a' could not be computed", "the column 'b' takes no null, and was null"])
        "the column 'a' could not be computed, or the column 'b' takes no null, and was null"
    """
    different = list(dict.fromkeys(reasons))
    return ", or ".join(different) if 0 < len(different) <= MOST_NAMED else _ANY


def counted_reasons(
    ctx: StageContext, below: str, failed: exp.Expression, whys: Sequence[tuple[exp.Expression, str]]
) -> list[Node]:
    """Return what counts the rows that fail by their reasons: one more look at rows that are shared anyway."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, literal, table

    ifs = [exp.If(this=condition.copy(), true=literal(said)) for condition, said in whys]
    reason = exp.Case(ifs=ifs, default=literal(_ANY)) if ifs else literal(_ANY)
    rows = exp.Select(expressions=[named(reason, REASON)]).from_(table(below), copy=False)
    rows = rows.where(failed.copy(), copy=False)
    number = exp.Count(this=exp.Star(), big_int=True)
    query = (
        exp.Select(expressions=[column(REASON), named(number, REASON_ROWS)])
        .from_(rows.subquery(exp.Identifier(this="failing", quoted=True), copy=False), copy=False)
        .group_by(column(REASON), copy=False)
    )
    row = RowType((Column(REASON, STRING, nullable=False), Column(REASON_ROWS, INT64, nullable=False)))
    key = hidden_key(ctx.stage.key, "reasons")
    return [
        Relation(ctx.stage.key, key, query, (below,), row),
        Sink(ctx.stage.key, key, WriteRequest("log", {}, row)),
    ]


def logged_rows(ctx: StageContext, below: str, failed: exp.Expression, row: RowType, limit: int) -> list[Node]:
    """Return what shows the first rows that fail in the job log, by some of their columns."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    query = exp.Select(expressions=[column(item.name) for item in row]).from_(table(below), copy=False)
    key = hidden_key(ctx.stage.key, "logged")
    options = {"limit": limit, "label": f"{ctx.stage.label} rejected"}
    return [
        Relation(ctx.stage.key, key, query.where(failed.copy(), copy=False), (below,), row, ctx.primary.type.ordering),
        Sink(ctx.stage.key, key, WriteRequest("log", options, row)),
    ]
