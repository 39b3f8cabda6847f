"""Stages that hand rows on: what they share."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic, ExpressionError
from riverstage.expressions._conversions import same_values
from riverstage.expressions.nodes import column, table
from riverstage.expressions.translate import convert
from riverstage.expressions.translated import Translated
from riverstage.plan import (
    LinkType,
    LinkTypes,
    Ordering,
    Output,
    Projection,
    Relation,
    StageContext,
    mapping_problems,
    output_row,
    project,
    source_of,
)
from riverstage.stages._keys import carried, named, outgoing
from riverstage.types import DataType, RowType

__all__ = ["keeps_order", "passing_ordering", "passing_problems", "passing_relation", "passing_types", "projection"]


def passing_ordering(ordering: Ordering, output: Output, made: RowType, row: RowType) -> Ordering:
    """Return the order of rows of ``made`` as an output with the columns ``row`` shows it.

    A key that the output converts so that the values stand in another order is no key any more (as text, 10 stands
    before 9). One whose values can become equal is the last one: the keys behind it ordered what was equal before.
    """
    if not ordering.keys:
        return ordering
    names = {}
    shown = outgoing(output, made, row)
    for key in ordering.keys:
        before, after = made.get(key.column), row.get(shown.get(key.column, ""))
        if before is None or after is None or not _is_monotone(before.type, after.type):
            break
        names[key.column] = after.name
        if not _keeps_apart(before.type, after.type):
            break
    return carried(ordering, names)


def keeps_order(before: DataType, after: DataType) -> bool:
    """Return whether converted values stand in the order of the values, and those that differ still do."""
    return _is_monotone(before, after) and _keeps_apart(before, after)


def _is_monotone(before: DataType, after: DataType) -> bool:
    """Return whether converted values stand in the order of the values."""
    if before.is_numeric and after.is_numeric:
        return True
    return before.kind == after.kind or (before.kind, after.kind) in (("date", "timestamp"), ("timestamp", "date"))


def _keeps_apart(before: DataType, after: DataType) -> bool:
    """Return whether values that differ still differ after a conversion."""
    if before.is_integer or before.kind == "decimal":
        exact = after.is_integer or after.kind == "decimal"
        return exact and (before.scale or 0) <= (after.scale or 0)
    return same_values(before, after) or (before.kind, after.kind) == ("date", "timestamp")


def passing_types(ctx: StageContext, *, wants_order: bool = False, made: RowType | None = None) -> LinkTypes:
    """Return the input's columns (or ``made`` of them) and its order for every output, as each names them."""
    source = ctx.primary
    given = source.row if made is None else made
    outputs = {}
    for output in ctx.outputs:
        row = output_row(ctx, output, given)
        ordering = passing_ordering(source.type.ordering, output, given, row)
        outputs[output.key] = LinkType(row, ordering, source.type.deterministic)
    wants = frozenset((source.key,)) if wants_order else frozenset[str]()
    return LinkTypes(outputs, wants, tuple((output.key, source.key) for output in ctx.outputs))


def passing_problems(ctx: StageContext, made: RowType | None = None) -> Iterable[Diagnostic]:
    """Report the columns that outputs name and the input (or ``made`` of it) does not have, or has as another type."""
    given = ctx.primary.row if made is None else made
    for output in ctx.outputs:
        yield from mapping_problems(ctx, output, given)
        if given.open:  # of which the mapping says nothing, as it may have any column
            yield from _conversion_problems(ctx, output, given)


def _conversion_problems(ctx: StageContext, output: Output, made: RowType) -> Iterable[Diagnostic]:
    """Report the columns that no value of what they come from can become."""
    for target, source in source_of(output, made).items():
        wanted, given = output.row.get(target), made.get(source)
        if wanted is None or given is None or wanted.type == given.type:
            continue
        try:
            convert(Translated(column(source), given.type, given.nullable), wanted.type)
        except ExpressionError as error:
            yield ctx.problem(
                "RS-4022",
                f"The column '{target}' is a {wanted.type}, and '{source}' is a {given.type}, which cannot become one.",
                link=output.name,
                column=target,
                mend=error.mend or "Change the type in the link's schema, or convert it in a Transformer.",
            )


def projection(ctx: StageContext, output: Output, made: RowType) -> Projection:
    """Return the columns of an output over rows of ``made``; none is passed over that takes another's values.

    An output may have exactly the columns of ``made`` and yet exchange the values of two of them.
    """
    projected = project(ctx, output, made)
    sources = source_of(output, made)
    if not projected.is_identity or all(name == source for name, source in sources.items()):
        return projected
    columns: list[exp.Expression] = []
    failures: list[tuple[str, exp.Expression]] = []
    origins: dict[str, Translated] = {}
    for item in projected.row:
        source = sources.get(item.name, item.name)
        given = made.get(source)
        if given is None:
            continue
        start = Translated(column(source), given.type, given.nullable)
        taken = convert(start, item.type, nullable=item.nullable)
        if taken.fails_when is not None:
            failures.append((item.name, taken.fails_when))
            origins[item.name] = start
        columns.append(named(taken.value, item.name))
    return Projection(tuple(columns), projected.row, tuple(failures), origins)


def passing_relation(
    ctx: StageContext,
    output: Output,
    over: str | None = None,
    *,
    made: RowType | None = None,
    where: exp.Expression | None = None,
    rows: exp.Select | None = None,
) -> Relation:
    """Return rows of the input under the output's columns.

    Args:
        ctx: The stage.
        output: The output.
        over: A hidden link with the input's columns, and others, to be read instead of the input.
        made: The columns at hand, where they are not those of the input.
        where: Which rows.
        rows: A query over the link, to be read instead of the link itself.
    """
    key = over or ctx.primary.key
    given = ctx.primary.row if made is None else made
    projected = projection(ctx, output, given)
    columns = projected.guarded(ctx, output)
    if projected.is_identity and over is not None:
        columns = tuple(column(name) for name in given.names)
    if rows is not None and projected.is_identity:
        sql = rows
    else:
        below = table(key) if rows is None else rows.subquery(exp.Identifier(this="chosen", quoted=True), copy=False)
        sql = exp.Select(expressions=list(columns)).from_(below, copy=False)
    if where is not None:
        sql = sql.where(where, copy=False)
    return Relation(ctx.stage.key, output.key, sql, (key,), output.row, output.type.ordering)
