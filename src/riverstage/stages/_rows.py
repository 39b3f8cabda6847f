"""Rows chosen by their place: the first, the last, every n-th."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from riverstage.expressions.nodes import column, literal, table
from riverstage.types import RowType

if TYPE_CHECKING:
    from riverstage.errors import Diagnostic
    from riverstage.plan import StageContext

__all__ = [
    "chosen_rows", "count_problems", "free_name", "last_rows", "looks_at_partition", "order_problems", "whole",
]  # fmt: skip

_MOST = 2**62


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """Return a name for a hidden column that no column has."""
    folded = {name.casefold() for name in taken}
    while wanted.casefold() in folded:
        wanted += "#"
    return wanted


def whole(ctx: StageContext, name: str, default: int) -> int | None:
    """Return a property that is a whole number, ``default`` where nothing is said; None where it is no number."""
    said = ctx.get(name)
    if said is None or (isinstance(said, str) and not said.strip()):
        return default
    return _integer(said)


def _integer(said: Any) -> int | None:
    if isinstance(said, bool):
        return None
    try:
        number = int(str(said).strip())
    except ValueError:
        return None
    return number if abs(number) < _MOST else None


def count_problems(ctx: StageContext, code: str, least: Iterable[tuple[str, int]]) -> Iterable[Diagnostic]:
    """Report properties that must be whole numbers of at least so much, and partitions that are no numbers."""
    for name, low in least:
        number = whole(ctx, name, low)
        if number is None or number < low:
            yield ctx.problem(
                code, f"'{name}' must be a whole number, {low} or more, not {ctx.get(name)!r}.", property=name
            )
    if not isinstance(ctx.get("part") or [], list | tuple) or None in [
        _integer(item) for item in ctx.get("part") or ()
    ]:
        yield ctx.problem(code, f"'part' lists numbers of partitions, not {ctx.get('part')!r}.", property="part")


def order_problems(
    ctx: StageContext, code: str, which: str, name: str, mend: str = "Sort them first."
) -> Iterable[Diagnostic]:
    """Warn of rows that are chosen by their place and have none, as they come in no order.

    Args:
        ctx: The stage.
        code: The warning's code.
        which: Which rows it chooses, with the verb.
        name: The property that says so.
        mend: What to do.
    """
    if not ctx.primary.type.ordering.known:
        yield ctx.problem(
            code,
            f"The rows come in no order, so which of them {which} is not determined: another run may give others.",
            severity="warning",
            property=name,
            link=ctx.primary.name,
            mend=mend,
        )


def looks_at_partition(ctx: StageContext) -> bool:
    """Return whether the one partition there is, number 0, is among those that are looked at.

    A list of partitions counts where ``selection`` says so, or says nothing.
    """
    parts = ctx.get("part") or ()
    if not parts or (ctx.stage.is_set("selection") and ctx.is_true("selection")):
        return True
    return 0 in [_integer(number) for number in parts]


def _numbered(key: str, row: RowType, place: str) -> exp.Subquery:
    """Return a link's rows with their place, counted from 0."""
    number = exp.Sub(this=exp.Window(this=exp.RowNumber()), expression=literal(1))
    columns: list[exp.Expression] = [column(name) for name in row.names]
    rows = exp.Select(expressions=[*columns, exp.alias_(number, place, quoted=True, copy=False)]).from_(
        table(key), copy=False
    )
    return rows.subquery(exp.Identifier(this="numbered", quoted=True), copy=False)


def chosen_rows(key: str, row: RowType, limit: int | None, skip: int = 0, period: int = 1) -> exp.Select:
    """Return, of a link's rows in their order, every ``period``-th after the first ``skip``, at most ``limit``."""
    columns: list[exp.Expression] = [column(name) for name in row.names]
    if skip or period > 1:
        place = free_name("#row", row.names)
        since = exp.Sub(this=column(place), expression=literal(skip))
        after = exp.GTE(this=column(place), expression=literal(skip))
        turn = exp.EQ(this=exp.Mod(this=exp.Paren(this=since), expression=literal(period)), expression=literal(0))
        chosen = exp.Select(expressions=columns).from_(_numbered(key, row, place), copy=False)
        chosen = chosen.where(exp.And(this=after, expression=turn), copy=False)
    else:
        chosen = exp.Select(expressions=columns).from_(table(key), copy=False)
    return chosen if limit is None else chosen.limit(limit, copy=False)


def last_rows(key: str, row: RowType, limit: int) -> exp.Select:
    """Return the last ``limit`` rows of a link, in their order; only those are held while the link is read."""
    place = free_name("#row", row.names)
    columns: list[exp.Expression] = [column(name) for name in row.names]
    last = exp.Ordered(this=column(place), desc=True, nulls_first=False)
    first = exp.Ordered(this=column(place), desc=False, nulls_first=True)
    kept = exp.Select(expressions=[*(item.copy() for item in columns), column(place)]).from_(
        _numbered(key, row, place), copy=False
    )
    kept = kept.order_by(last, copy=False).limit(limit, copy=False)
    below = kept.subquery(exp.Identifier(this="kept", quoted=True), copy=False)
    return exp.Select(expressions=columns).from_(below, copy=False).order_by(first, copy=False)
