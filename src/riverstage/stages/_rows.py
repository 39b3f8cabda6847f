"""Rows chosen by their place: the first, the last, every n-th."""

from __future__ import annotations

from sqlglot import exp

from riverstage.expressions.nodes import column, literal, table
from riverstage.types import RowType

__all__ = ["chosen_rows", "last_rows", "numbered"]

_NUMBER = "__row"


def numbered(key: str, row: RowType) -> exp.Select:
    """Return a link's rows with their place, counting from 0, in a column of its own at the end."""
    place = exp.Sub(this=exp.Window(this=exp.RowNumber()), expression=literal(1))
    columns: list[exp.Expression] = [column(name) for name in row.names]
    return exp.Select(
        expressions=[*columns, exp.Alias(this=place, alias=exp.Identifier(this=_NUMBER, quoted=True))]
    ).from_(table(key))


def chosen_rows(key: str, row: RowType, limit: int | None, skip: int = 0, period: int = 1) -> exp.Select:
    """Return, of a link's rows in their order, every ``period``-th after the first ``skip``, at most ``limit``."""
    columns: list[exp.Expression] = [column(name) for name in row.names]
    if skip or period > 1:
        since = exp.Sub(this=column(_NUMBER), expression=literal(skip))
        after = exp.GTE(this=column(_NUMBER), expression=literal(skip))
        turn = exp.EQ(this=exp.Mod(this=exp.Paren(this=since), expression=literal(period)), expression=literal(0))
        chosen = exp.Select(expressions=columns).from_(numbered(key, row).subquery("numbered"))
        chosen = chosen.where(exp.And(this=after, expression=turn), copy=False)
    else:
        chosen = exp.Select(expressions=columns).from_(table(key))
    return chosen if limit is None else chosen.limit(limit, copy=False)


def last_rows(key: str, row: RowType, limit: int) -> exp.Select:
    """Return the last ``limit`` rows of a link, in their order."""
    columns: list[exp.Expression] = [column(name) for name in row.names]
    end = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(table(key)).subquery()
    start = exp.Sub(this=end, expression=literal(limit))
    chosen = exp.Select(expressions=columns).from_(numbered(key, row).subquery("numbered"))
    return chosen.where(exp.GTE(this=column(_NUMBER), expression=start), copy=False)
