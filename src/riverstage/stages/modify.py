"""Modify: keep, drop, rename and convert columns.

Decided where the facts are silent:

* Every specification reads the input's columns, so ``a = b; b = a`` exchanges two; the order of specifications is that
  of new columns.
* ``new = old`` renames: ``new`` stands where ``old`` stood, and ``old`` is gone unless ``KEEP`` names it. A conversion
  leaves its column where it is and adds ``new`` at the end; if ``new`` is a column of the input, it takes its place.
* ``KEEP`` keeps the named columns of the input and everything that is made; ``DROP`` drops columns of the input, also
  those that others are made of. The two exclude each other, and a column is made once.
* Without a type a column has that of what makes it. A value that cannot be converted, and a null for a column that is
  declared ``not_nullable``, end the run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import column, table
from riverstage.expressions.translated import Translated
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Ordering,
    Projection,
    Relation,
    StageContext,
    hidden_key,
    output_row,
)
from riverstage.stages._keys import carried, named
from riverstage.stages._modify_columns import Made, modified
from riverstage.stages._passing import keeps_order, passing_ordering, passing_problems, projection


def schema(ctx: StageContext) -> LinkTypes:
    """Return the columns that the specifications leave, in the input's order."""
    source, output = ctx.primary, ctx.outputs[0]
    found = modified(ctx)
    made = replace(found.row, open=bool(found.problems))
    row = output_row(ctx, output, made)
    ordering = passing_ordering(_ordering(ctx, found.columns), output, made, row)
    return LinkTypes(
        {output.key: LinkType(row, ordering, source.type.deterministic)}, passes_order=((output.key, source.key),)
    )


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report specifications that cannot be read or done, each with its place in the text."""
    found = modified(ctx)
    yield from found.problems
    if not found.problems:
        yield from passing_problems(ctx, found.row)


def plan(ctx: StageContext) -> Fragment:
    """Return a relation that makes the columns, and the output over it where that has others."""
    source, output = ctx.primary, ctx.outputs[0]
    found = modified(ctx)
    failures = tuple((made.column.name, made.fails_when) for made in found.columns if made.fails_when is not None)
    columns = tuple(_named(made) for made in found.columns)
    guarded = Projection(columns, found.row, failures, _origins(ctx, found.columns)).guarded(ctx, output)
    sql = exp.Select(expressions=list(guarded)).from_(table(source.key), copy=False)
    projected = projection(ctx, output, found.row)
    ordering = output.type.ordering
    if projected.is_identity:
        return Fragment((Relation(ctx.stage.key, output.key, sql, (source.key,), output.row, ordering),))
    key = hidden_key(ctx.stage.key, "modified")
    inner = Relation(ctx.stage.key, key, sql, (source.key,), found.row, source.type.ordering)
    over = exp.Select(expressions=list(projected.guarded(ctx, output))).from_(table(key), copy=False)
    return Fragment((inner, Relation(ctx.stage.key, output.key, over, (key,), output.row, ordering)))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """The output has the rows of the input."""
    return (Law.equal(ctx.outputs[0].key, ctx.primary.key),)


def _ordering(ctx: StageContext, columns: list[Made]) -> Ordering:
    """Return the input's order under the columns' new names, as far as it still holds."""
    ordering, row = ctx.primary.type.ordering, ctx.primary.row
    names: dict[str, str] = {}
    for made in columns:
        origin = row.get(made.origin) if made.origin is not None else None
        if origin is not None and keeps_order(origin.type, made.column.type):
            names.setdefault(origin.name, made.column.name)
    return carried(ordering, names)


def _origins(ctx: StageContext, columns: Iterable[Made]) -> dict[str, Translated]:
    """Return the column of the input that each column which can fail is made of, where it is one."""
    found = {}
    for made in columns:
        if made.fails_when is None:
            continue
        used = {item.name for item in made.fails_when.find_all(exp.Column)}
        given = ctx.primary.row.get(next(iter(used))) if len(used) == 1 else None
        if given is not None:
            found[made.column.name] = Translated(column(given.name), given.type, given.nullable)
    return found


def _named(made: Made) -> exp.Expression:
    if isinstance(made.value, exp.Column) and made.value.name == made.column.name:
        return made.value
    return named(made.value, made.column.name)
