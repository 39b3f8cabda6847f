"""Funnel: the rows of several links in one.

Columns are matched by name. Decided where the facts are silent:

* An output with a schema takes the columns that it names, converted from each input to its types; one without takes
  the first input's columns and types; a text is as long there as in the input where it may be longest. A value that
  cannot be converted ends the run.
* Every input must have each column that is taken; columns that only other inputs have are left out, with a warning.
* ``funnel`` promises no order. ``sequence`` gives the first link's rows, then the second's, each in its order.
* ``sortfunnel`` sorts by the keys; among equal rows those of an earlier link come first, each link's in its order.
  That the inputs are sorted is not relied on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from riverstage.errors import Diagnostic, ExpressionError
from riverstage.expressions.nodes import column, literal, table
from riverstage.expressions.translate import convert
from riverstage.expressions.translated import Translated
from riverstage.plan import (
    SOURCE_ORDER,
    UNORDERED,
    Fragment,
    Input,
    Law,
    LinkType,
    LinkTypes,
    Ordering,
    OrderKey,
    Output,
    Projection,
    Relation,
    StageContext,
    hidden_key,
    output_row,
    source_of,
)
from riverstage.stages._keys import collation_problems, folded, key_problems, keys_of, named, near, ordered
from riverstage.stages._rows import free_name
from riverstage.types import Column, DataType, RowType


def schema(ctx: StageContext) -> LinkTypes:
    """Return the first input's columns; the kind of funnel says in which order rows come."""
    output = ctx.outputs[0]
    row = output_row(ctx, output, _made(ctx))
    deterministic = all(item.type.deterministic for item in ctx.primaries)
    passes = () if _kind(ctx) == "funnel" else tuple((output.key, item.key) for item in ctx.primaries)
    return LinkTypes({output.key: LinkType(row, _ordering(ctx, row), deterministic)}, passes_order=passes)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report columns that an input lacks, columns that are left out, types that do not fit, and keys."""
    output = ctx.outputs[0]
    taken: set[str] = set()
    for source in ctx.primaries:
        found = _sources(output, source)
        taken.update(found.values())
        for item in output.row:
            origin = source.row.get(found.get(item.name, ""))
            if origin is None:
                if not source.row.open:
                    yield _missing(ctx, source, item)
                continue
            try:
                convert(Translated(column(origin.name), origin.type, origin.nullable), item.type)
            except ExpressionError:
                yield ctx.problem(
                    "RS-4022",
                    f"The link '{source.name}' has '{origin.name}' as {origin.type}, which cannot become {item.type}.",
                    link=source.name,
                    column=origin.name,
                )
    for source in ctx.primaries:
        left = [name for name in source.row.names if name not in taken]
        if left and (output.link.schema is None or ctx.propagates()):
            names = ", ".join(f"'{name}'" for name in left)
            yield ctx.problem(
                "RS-4422",
                f"Columns of the link '{source.name}' that the first link does not have are left out: {names}.",
                severity="warning",
                link=source.name,
                mend="Name them in the output link's schema, or drop them before the funnel.",
            )
    if _kind(ctx) == "sortfunnel":
        yield from key_problems(ctx, keys_of(ctx), ctx.primaries, 4430)
        for key in keys_of(ctx):
            if key.column in _made(ctx) and key.column not in _targets(ctx, output):
                yield ctx.problem(
                    "RS-4436",
                    f"The key '{key.column}' is not among the output's columns.",
                    property="key_properties",
                    link=output.name,
                    column=key.column,
                )
        yield from collation_problems(ctx, "RS-4435")


def _missing(ctx: StageContext, source: Input, item: Column) -> Diagnostic:
    return ctx.problem(
        "RS-4420",
        f"The link '{source.name}' has no column '{item.name}'.",
        link=source.name,
        column=item.name,
        mend=near(item.name, source.row.names) or "Add it there, or take it out of the output link's schema.",
    )


def plan(ctx: StageContext) -> Fragment:
    """Return one relation, over a numbered one for each input where equal keys must stay in order."""
    output = ctx.outputs[0]
    sorts = _kind(ctx) == "sortfunnel" and output.order_wanted
    nodes: list[Relation] = []
    link, place = (free_name(name, output.row.names) for name in ("#link", "#place"))
    parts: list[exp.Select] = []
    for index, source in enumerate(ctx.primaries):
        columns = list(_columns(ctx, output, source))
        if sorts:
            number = exp.Window(this=exp.RowNumber())
            columns.append(named(literal(index), link))
            columns.append(named(number, place))
        parts.append(exp.Select(expressions=columns).from_(table(source.key), copy=False))
    sql: exp.Query = _union(parts)
    inputs = tuple(dict.fromkeys(source.key for source in ctx.primaries))
    if sorts:
        key = hidden_key(ctx.stage.key, "merged")
        nodes.append(Relation(ctx.stage.key, key, sql, inputs, output.row))
        inputs = (key,)
        sql = exp.Select(expressions=[column(item.name) for item in output.row]).from_(table(key), copy=False)
        sql = sql.order_by(*_terms(ctx, output), *(_ascending(name) for name in (link, place)), copy=False)
    nodes.append(Relation(ctx.stage.key, output.key, sql, inputs, output.row, output.type.ordering))
    return Fragment(tuple(nodes))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """The output has the rows of all inputs together."""
    return (Law.sums([ctx.outputs[0].key], [item.key for item in ctx.primaries]),)


def _kind(ctx: StageContext) -> str:
    said = str(ctx.get("operator") or "funnel").strip().lower()
    return said if said in ("sequence", "sortfunnel") else "funnel"


def _made(ctx: StageContext) -> RowType:
    """Return the first input's columns; one can be null where any input's can, and holds the texts of them all."""
    first = ctx.primary.row
    columns = []
    for item in first:
        others = [other for source in ctx.primaries if (other := source.row.get(item.name)) is not None]
        nullable = any(other.nullable for other in others)
        type_ = _widest([other.type for other in others])
        columns.append(Column(item.name, type_, nullable, item.key, item.properties))
    return RowType(tuple(columns), first.open)


def _widest(types: Sequence[DataType]) -> DataType:
    """Return the first of some types; of texts and binaries one that holds what any of them holds."""
    first = types[0]
    if first.kind not in ("string", "binary") or first.length is None:
        return first
    lengths = [one.length if one.kind == first.kind else None for one in types]
    if any(length is None for length in lengths):
        return replace(first, length=None, fixed=False)
    longest = max(length or 0 for length in lengths)
    same = all(one.fixed == first.fixed and one.length == longest for one in types)
    return replace(first, length=longest, fixed=first.fixed and same)


def _sources(output: Output, source: Input) -> dict[str, str]:
    """Return, for each column of the output, the column of an input that it is taken from."""
    named = source_of(output, source.row)
    found = {}
    for item in output.row:
        origin = named.get(item.name, item.name)
        if origin in source.row:
            found[item.name] = origin
    return found


def _targets(ctx: StageContext, output: Output) -> dict[str, str]:
    """Return the output's column for each column of the first input."""
    return {origin: target for target, origin in _sources(output, ctx.primary).items()}


def _ordering(ctx: StageContext, row: RowType) -> Ordering:
    kind = _kind(ctx)
    if kind == "funnel":
        return UNORDERED
    if kind == "sequence":
        return SOURCE_ORDER
    output = ctx.outputs[0]
    named = source_of(output, _made(ctx))
    targets = {named.get(item.name, item.name): item.name for item in row}
    keys = []
    for key in keys_of(ctx):
        if key.column not in targets:
            break
        keys.append(OrderKey(targets[key.column], key.descending, key.nulls_first, key.caseless))
    return Ordering(known=True, keys=tuple(keys))


def _columns(ctx: StageContext, output: Output, source: Input) -> Sequence[exp.Expression]:
    """Return an input's columns as the output has them."""
    found = _sources(output, source)
    columns: list[exp.Expression] = []
    failures: list[tuple[str, exp.Expression]] = []
    origins: dict[str, Translated] = {}
    for item in output.row:
        origin = source.row.get(found[item.name])
        if origin is None:
            continue
        value = Translated(column(origin.name), origin.type, origin.nullable)
        taken = convert(value, item.type, nullable=item.nullable)
        if taken.fails_when is not None:
            failures.append((item.name, taken.fails_when))
            origins[item.name] = value
        plain = isinstance(taken.value, exp.Column) and taken.value.name == item.name
        columns.append(taken.value if plain else named(taken.value, item.name))
    made = Projection(tuple(columns), output.row, tuple(failures), origins)
    return made.guarded(ctx, output, where=f" of the link '{source.name}'")


def _union(parts: list[exp.Select]) -> exp.Query:
    sql: exp.Query = parts[0]
    for part in parts[1:]:
        sql = exp.Union(this=sql, expression=part, distinct=False)
    return sql


def _terms(ctx: StageContext, output: Output) -> list[exp.Ordered]:
    terms = []
    targets = _targets(ctx, output)
    for key in keys_of(ctx):
        item = output.row.get(targets[key.column])
        kind = item.type if item is not None else None
        terms.append(ordered(folded(column(targets[key.column]), kind, caseless=key.caseless), key))
    return terms


def _ascending(name: str) -> exp.Ordered:
    return exp.Ordered(this=column(name), desc=False, nulls_first=True)
