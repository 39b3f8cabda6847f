"""Column Generator: made-up columns beside those of the input.

The directives are those of Row Generator, read from the output link's schema; a row's values come from its place among
the rows. Decided where the facts are silent: without a list of columns, those are made that the output names and the
input does not have; a listed column that the input has too is made anew and takes the place of the input's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import column, literal, table
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Relation,
    StageContext,
    Unsupported,
    hidden_key,
    output_row,
    source_of,
)
from riverstage.stages._generate import generated, generator_problems, generators_of, is_random, stated
from riverstage.stages._keys import carried, near
from riverstage.stages._passing import passing_ordering, passing_problems, projection
from riverstage.stages._rows import free_name
from riverstage.types import Column, RowType


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns with the made ones behind them, in the input's order."""
    source, output = ctx.primary, ctx.outputs[0]
    # Without an order another reading of the input could number its rows in another way.
    deterministic = source.type.deterministic and source.type.ordering.known
    made = _made(ctx)
    row = output_row(ctx, output, made)
    # A column that is made anew is in no order, and leaves none to the keys behind it.
    kept = {name: name for name in source.row.names if name not in {item.name for item in _columns(ctx)}}
    ordering = passing_ordering(carried(source.type.ordering, kept), output, made, row)
    wants = frozenset({source.key} if source.type.ordering.known else ())
    return LinkTypes(
        {output.key: LinkType(row, ordering, deterministic)},
        wants_order=wants,
        passes_order=((output.key, source.key),),
    )


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report listed columns that the output does not describe, and directives that mean nothing."""
    output = ctx.outputs[0]
    if _from_file(ctx):
        return
    declared = output.link.schema or RowType()
    for name in _listed(ctx):
        if name not in declared:
            yield ctx.problem(
                "RS-4220",
                f"The output link does not say what the column '{name}' is.",
                property="schema_",
                link=output.name,
                column=name,
                mend=near(name, declared.names) or "Add it to the link's schema.",
            )
    made = _columns(ctx)
    if not made and not _listed(ctx):
        yield ctx.problem(
            "RS-4221",
            "There is no column to make.",
            severity="warning",
            property="schema_",
            mend="List columns, or add them to the output link's schema.",
        )
    yield from generator_problems(ctx, made, output.name, 4220)
    yield from passing_problems(ctx, _made(ctx))


def plan(ctx: StageContext) -> Fragment | Unsupported:
    """Return a relation that numbers the rows, one that makes the columns, and the output."""
    if _from_file(ctx):
        return Unsupported(
            "Columns from a schema file are not supported; the output link's schema says the columns.",
            "schemafile" if ctx.stage.is_set("schemafile") else "selection",
        )
    source, output = ctx.primary, ctx.outputs[0]
    made, generators = _made(ctx), generators_of(_columns(ctx))
    place, state = free_name("#place", source.row.names), free_name("#state", source.row.names)
    kept = [column(name) for name in source.row.names]
    number = exp.Sub(this=exp.Window(this=exp.RowNumber()), expression=literal(1))
    rows = exp.Select(expressions=[*kept, exp.alias_(number, place, quoted=True, copy=False)]).from_(
        table(source.key), copy=False
    )
    if is_random(generators.values()):
        inner = rows.subquery(exp.Identifier(this="numbered", quoted=True), copy=False)
        rows = exp.Select(expressions=[*_copies(kept), column(place), stated(column(place), state)]).from_(
            inner, copy=False
        )
    values = [
        generated(generators[item.name], place, state) if item.name in generators else column(item.name)
        for item in made
    ]
    key = hidden_key(ctx.stage.key, "generated")
    sql = exp.Select(expressions=values).from_(
        rows.subquery(exp.Identifier(this="stated", quoted=True), copy=False), copy=False
    )
    ordering, deterministic = output.type.ordering, output.type.deterministic
    nodes = [Relation(ctx.stage.key, key, sql, (source.key,), made, ordering, deterministic)]
    projected = projection(ctx, output, made)
    out = exp.Select(expressions=list(projected.guarded(ctx, output))).from_(table(key), copy=False)
    nodes.append(Relation(ctx.stage.key, output.key, out, (key,), output.row, ordering, deterministic))
    return Fragment(tuple(nodes))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """The output has the rows of the input."""
    return (Law.equal(ctx.outputs[0].key, ctx.primary.key),)


def _copies(columns: list[exp.Column]) -> list[exp.Column]:
    return [item.copy() for item in columns]


def _from_file(ctx: StageContext) -> bool:
    if str(ctx.get("selection") or "explicit").strip().lower() == "file":
        return True
    return bool(str(ctx.get("schemafile") or "").strip()) and not _listed(ctx)


def _listed(ctx: StageContext) -> tuple[str, ...]:
    """Return the columns that are listed to be made."""
    said = ctx.get("schema_") or ()
    entries = [said] if isinstance(said, str | Mapping) else said
    names = (entry.get("schema") if isinstance(entry, Mapping) else entry for entry in entries)
    return tuple(dict.fromkeys(str(name).strip() for name in names if name is not None and str(name).strip()))


def _columns(ctx: StageContext) -> tuple[Column, ...]:
    """Return the columns that are made, as the output describes them."""
    output = ctx.outputs[0]
    declared = output.link.schema or RowType()
    listed = _listed(ctx)
    if listed:
        return tuple(item for item in declared if item.name in listed)
    given = source_of(output, ctx.primary.row)
    return tuple(item for item in declared if item.name not in given)


def _made(ctx: StageContext) -> RowType:
    return ctx.primary.row.with_columns(*_columns(ctx))
