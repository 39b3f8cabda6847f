"""Sort rows by key columns.

Decided where the facts are silent: nulls stand first in either direction unless a key says otherwise; keys that are
said to be sorted already are sorted all the same; of keys said to be grouped already each run of equal values is a
group, kept where it stands; of equal rows the first comes first (``stable``) wherever the input has an order to see.
The key change columns are int8, and the cluster change column looks at the keys that are said to be sorted or grouped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Ordering,
    OrderKey,
    Relation,
    StageContext,
    hidden_key,
    mapping_problems,
    output_row,
    project,
)
from riverstage.stages._keys import (
    Key,
    carried,
    collation_problems,
    either,
    folded,
    is_row_first,
    key_problems,
    keys_of,
    named,
    numbered,
    ordered,
    outgoing,
)
from riverstage.stages._rows import order_problems
from riverstage.types import INT8, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

_KEY_CHANGE = Column("keyChange", INT8, nullable=False)
_CLUSTER_CHANGE = Column("clusterKeyChange", INT8, nullable=False)
_ROW, _RUN = "#row", "#run"

# Where one of these reads the rows and nobody behind it asks for their order, sorting them would be for nothing.
_HEEDLESS = frozenset({"Aggregator", "Join"})


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns, with the change columns that are asked for behind them, in the order of the keys."""
    source, output = ctx.primary, ctx.outputs[0]
    row = output_row(ctx, output, _made(ctx))
    needed = source.type.ordering.known and (_is_stable(ctx) or _grouped(keys_of(ctx)) != ())
    carries = LinkType(row, _ordering(ctx, row), source.type.deterministic)
    return LinkTypes({output.key: carries}, wants_order=frozenset({source.key} if needed else ()))


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report keys that cannot be sorted by, and change columns that are there already."""
    source, output = ctx.primary, ctx.outputs[0]
    keys = keys_of(ctx)
    yield from key_problems(ctx, keys, (source,), 4340)
    yield from collation_problems(ctx, "RS-4345")
    for column in _flags(ctx):
        if column.name in source.row:
            yield ctx.problem(
                "RS-4346",
                f"The input already has a column '{column.name}'.",
                column=column.name,
                property="flag_key" if column is _KEY_CHANGE else "flag_cluster",
                mend="Rename it before the sort.",
            )
    if _grouped(keys) and not source.type.ordering.known:
        yield ctx.problem(
            "RS-4347",
            "Keys that are grouped already need rows that come in an order, and these come in none.",
            property="key_properties",
            mend="Sort by them.",
        )
    if _is_unique(ctx) and _has_more_than_keys(ctx, keys):
        mend = "Sort them before by all columns that matter."
        yield from order_problems(ctx, "RS-4349", "is the first of its group", "unique", mend)
    if str(ctx.get("operator") or "tsort") != "tsort":
        yield ctx.problem(
            "RS-4348",
            "An external sort utility is not called; the rows are sorted all the same.",
            severity="info",
            property="operator",
        )
    yield from mapping_problems(ctx, output, _made(ctx))


def plan(ctx: StageContext) -> Fragment:
    """Return one sorted relation, over a numbered one where equal rows must stay in order."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    source, output = ctx.primary, ctx.outputs[0]
    keys = keys_of(ctx)
    nodes: list[Relation] = []
    below = source.key
    runs = _grouped(keys)
    flags = _flags(ctx)
    is_sorted = output.order_wanted or not _is_disordered(ctx)
    tie = _has_ties(ctx, keys) and (is_sorted or _is_unique(ctx))
    count = bool(tie or runs or flags)
    if count:
        below = hidden_key(ctx.stage.key, "numbered")
        nodes.append(_hidden(ctx, below, numbered(source.key, _ROW, with_gaps=True), (source.key,)))
    if runs:
        below, inner = hidden_key(ctx.stage.key, "runs"), below
        nodes.append(_hidden(ctx, below, _number_runs(ctx, runs, inner), (inner,)))
    first = [exp.Ordered(this=column(_ROW), desc=False, nulls_first=True)] if count else []
    if flags or _is_unique(ctx):
        below, inner = hidden_key(ctx.stage.key, "changes"), below
        nodes.append(_hidden(ctx, below, _mark_changes(ctx, inner, first), (inner,)))
    terms = _terms(ctx, keys, below)
    if count and not _is_unique(ctx):
        terms.append(exp.Ordered(this=column(_ROW, below), desc=False, nulls_first=True))
    made = _made(ctx)
    projection = project(ctx, output, made, relation=below)
    columns: Sequence[exp.Expression] = projection.guarded(ctx, output)
    if projection.is_identity and below != source.key:
        columns = [column(item.name, below) for item in made]
    sql = exp.Select(expressions=list(columns)).from_(table(below), copy=False)
    if is_sorted:
        sql = sql.order_by(*terms, copy=False)
    nodes.append(
        Relation(ctx.stage.key, output.key, sql, (below,), output.row, output.type.ordering, output.type.deterministic)
    )
    return Fragment(tuple(nodes))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """As many rows leave as come, unless only the first of equal ones are kept."""
    if _is_unique(ctx):
        return ()
    return (Law.equal(ctx.outputs[0].key, ctx.primary.key, stage=ctx.stage.key),)


def _is_disordered(ctx: StageContext) -> bool:
    """Return whether the only stage that reads the rows is of a type that pays no heed to their order."""
    reader = ctx.graph.stages.get(ctx.outputs[0].link.target)
    return reader is not None and reader.type in _HEEDLESS


def _has_ties(ctx: StageContext, keys: Sequence[Key]) -> bool:
    """Return whether it can be seen which of two rows with equal keys comes first."""
    return ctx.primary.type.ordering.known and _is_stable(ctx) and _has_more_than_keys(ctx, keys)


def _has_more_than_keys(ctx: StageContext, keys: Sequence[Key]) -> bool:
    """Return whether rows with equal keys can be told apart."""
    row = ctx.primary.row
    exact = {key.column for key in keys if not key.caseless}
    return row.open or any(column.name not in exact for column in row)


def _is_stable(ctx: StageContext) -> bool:
    return str(ctx.get("stable") or "stable").strip().lower() in ("stable", "true")


def _is_unique(ctx: StageContext) -> bool:
    return ctx.is_true("unique")


def _flags(ctx: StageContext) -> tuple[Column, ...]:
    asked = ((_KEY_CHANGE, "flag_key"), (_CLUSTER_CHANGE, "flag_cluster"))
    return tuple(column for column, name in asked if ctx.is_true(name))


def _grouped(keys: Sequence[Key]) -> tuple[Key, ...]:
    return tuple(key for key in keys if key.mode == "grouped")


def _made(ctx: StageContext) -> RowType:
    row = ctx.primary.row
    return row.with_columns(*(column for column in _flags(ctx) if column.name not in row))


def _ordering(ctx: StageContext, row: RowType) -> Ordering:
    """Return the order of the output, as far as its columns can say it."""
    keys = tuple(
        OrderKey(key.column, key.descending, key.nulls_first, key.caseless)
        for key in keys_of(ctx)
        if not _grouped(keys_of(ctx))
    )
    return carried(Ordering(known=True, keys=keys), outgoing(ctx.outputs[0], _made(ctx), row))


def _value(ctx: StageContext, key: Key, relation: str | None) -> exp.Expression:
    from riverstage.expressions.nodes import column

    known = ctx.primary.row.get(key.column)
    return folded(column(key.column, relation), known.type if known else None, caseless=key.caseless)


def _terms(ctx: StageContext, keys: Sequence[Key], relation: str) -> list[exp.Ordered]:
    """Return the ORDER BY: runs of grouped keys stay where they stand, before every other key."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column

    terms = [ordered(_value(ctx, key, relation), key) for key in keys if key.mode != "grouped"]
    if _grouped(keys):
        terms.insert(0, exp.Ordered(this=column(_RUN, relation), desc=False, nulls_first=True))
    return terms


def _hidden(ctx: StageContext, key: str, sql: exp.Query, inputs: tuple[str, ...]) -> Relation:
    source = ctx.primary
    return Relation(ctx.stage.key, key, sql, inputs, _made(ctx), source.type.ordering, source.type.deterministic)


def _number_runs(ctx: StageContext, runs: Sequence[Key], below: str) -> exp.Select:
    """Return the rows with the number of the run of equal grouped keys that they stand in."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    by_row = exp.Order(expressions=[exp.Ordered(this=column(_ROW), desc=False, nulls_first=True)])
    differs = [
        exp.NullSafeNEQ(
            this=_value(ctx, key, None),
            expression=exp.Window(this=exp.Lag(this=_value(ctx, key, None)), order=by_row.copy()),
        )
        for key in runs
    ]
    change = exp.Case(ifs=[exp.If(this=either(*differs), true=exp.Literal.number(1))], default=exp.Literal.number(0))
    marked = exp.Select(expressions=[exp.Star(), named(change, "#change")]).from_(table(below), copy=False)
    total = exp.Window(
        this=exp.Sum(this=column("#change")),
        order=by_row,
        spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
    )
    return exp.Select(expressions=[exp.Star(), named(total, _RUN)]).from_(
        marked.subquery(exp.Identifier(this="marked", quoted=True), copy=False), copy=False
    )


def _mark_changes(ctx: StageContext, below: str, first: Sequence[exp.Ordered]) -> exp.Select:
    """Return the rows with their change columns, or only the first of each group."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    keys = keys_of(ctx)
    in_run = [column(_RUN)] if _grouped(keys) else []
    group = in_run + [_value(ctx, key, None) for key in keys if key.mode != "grouped"]
    cluster = in_run + [_value(ctx, key, None) for key in keys if key.mode == "sorted"]
    rest = [ordered(_value(ctx, key, None), key) for key in keys if key.mode == "sort"]
    marks: list[exp.Expression] = []
    for flag in _flags(ctx):
        is_first = is_row_first(group, first) if flag is _KEY_CHANGE else is_row_first(cluster, [*rest, *first])
        one = exp.Case(ifs=[exp.If(this=is_first, true=exp.Literal.number(1))], default=exp.Literal.number(0))
        value = exp.Cast(this=one, to=exp.DataType.build("TINYINT"))
        marks.append(named(value, flag.name))
    query = exp.Select(expressions=[exp.Star(), *marks])
    if not _is_unique(ctx):
        return query.from_(table(below), copy=False)
    is_first = named(is_row_first(group, first), "#first")
    kept = exp.Select(expressions=[exp.Star(), is_first]).from_(table(below), copy=False)
    return query.from_(kept.subquery(exp.Identifier(this="kept", quoted=True), copy=False), copy=False).where(
        column("#first"), copy=False
    )
