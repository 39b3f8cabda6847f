"""How stored rows (Parquet, data sets) and rejects become the columns that a link names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from riverstage.plan import (
    SOURCE_ORDER,
    Fragment,
    Output,
    Projection,
    ReadRequest,
    Relation,
    Source,
    StageContext,
    hidden_key,
    output_row,
    project,
    source_of,
)
from riverstage.types import RowType

__all__ = ["empty_relation", "plan_rejects", "plan_stored_source", "reads_stored", "stored_row"]


def reads_stored(family: str) -> bool:
    """Return whether a family's files say their columns and types themselves."""
    return family in ("parquet", "data_set")


def stored_row(ctx: StageContext, output: Output, request: ReadRequest) -> RowType:
    """Return what an output carries of what is stored."""
    declared = output.link.schema
    if ctx.describe is None or not (request.options.get("paths") or request.options.get("path")):
        return RowType(declared.columns) if declared is not None and len(declared) else RowType(open=True)
    return output_row(ctx, output, ctx.describe(request).row)


def plan_stored_source(
    ctx: StageContext,
    output: Output,
    family: str,
    options: Mapping[str, Any],
    *,
    made: RowType | None = None,
    absent: Mapping[str, Any] | None = None,
) -> Fragment:
    """Return a source of stored rows, and a relation that makes the link's columns of them where they differ.

    Args:
        ctx: The stage.
        output: Its output.
        family: The connector family.
        options: What to read.
        made: What is stored; None: asked for.
        absent: Columns of the link that are not stored, with the SQL that stands for them.
    """
    stage = ctx.stage.key
    row = made if made is not None else output.row
    if made is None and ctx.describe is not None:
        row = ctx.describe(ReadRequest(family, options, RowType())).row
    wanted = _needed(output, row)
    rejects = (empty_relation(ctx, ctx.reject),) if ctx.reject is not None else ()
    projection = _whole_texts(project(ctx, output, wanted))
    if not absent and projection.is_identity:
        source = Source(stage, output.key, ReadRequest(family, options, output.row), None, SOURCE_ORDER)
        return Fragment((source, *rejects))
    from sqlglot import exp

    from riverstage.expressions.nodes import table

    stored = hidden_key(stage, "stored")
    source = Source(stage, stored, ReadRequest(family, options, wanted), None, SOURCE_ORDER)
    columns: dict[str, Any] = {column.alias_or_name: column for column in projection.guarded(ctx, output)}
    if projection.is_identity:
        columns = {column.name: _column(column.name) for column in wanted}
    columns |= {name: exp.alias_(value, name, quoted=True, copy=False) for name, value in (absent or {}).items()}
    select = exp.Select(expressions=[columns[column.name] for column in output.row]).from_(table(stored), copy=False)
    return Fragment((source, Relation(stage, output.key, select, (stored,), output.row, SOURCE_ORDER), *rejects))


def _whole_texts(projection: Projection) -> Projection:
    """Return a projection in which a text that is too long for its column is a failure, where others cut it."""
    from sqlglot import exp

    from riverstage.expressions.nodes import copied
    from riverstage.expressions.translate import convert

    failures = dict(projection.fails_when)
    columns: dict[str, exp.Expression] = {column.alias_or_name: column for column in projection.columns}
    for name, origin in projection.origins.items():
        column = projection.row.get(name)
        if column is None or column.type.kind not in ("string", "binary") or column.type.length is None:
            continue
        whole = convert(origin, replace(column.type, length=None, fixed=False), nullable=column.nullable)
        cut = convert(origin, column.type)
        if cut.value == whole.value:
            continue
        is_longer: exp.Expression = exp.NEQ(this=exp.Paren(this=cut.value), expression=exp.Paren(this=whole.value))
        if whole.fails_when is not None:
            is_longer = exp.Or(this=exp.Paren(this=whole.fails_when), expression=is_longer)
        failures[name] = is_longer
        columns[name] = exp.Alias(this=copied(whole.value), alias=exp.Identifier(this=name, quoted=True))
    if not failures or projection.is_identity:
        return projection
    return replace(projection, columns=tuple(columns.values()), fails_when=tuple(failures.items()))


def _needed(output: Output, row: RowType) -> RowType:
    """Return the stored columns that an output is made of, in its order where each is needed once."""
    sources = source_of(output, row)
    names = [sources.get(column.name, column.name) for column in output.row]
    columns = [row.get(name) for name in dict.fromkeys(names)]
    return RowType(tuple(column for column in columns if column is not None))


def _column(name: str) -> Any:
    from riverstage.expressions.nodes import column

    return column(name)


def plan_rejects(ctx: StageContext, reject: Output, made: RowType, rejected: str | None) -> tuple[Relation, ...]:
    """Return the relation that makes a reject link's columns of ``rejected``, where that is not the link itself."""
    if rejected == reject.key:
        return ()
    if rejected is None:
        return (empty_relation(ctx, reject),)
    from sqlglot import exp

    from riverstage.expressions.nodes import table

    projection = project(ctx, reject, made)
    select = exp.Select(expressions=list(projection.guarded(ctx, reject))).from_(table(rejected), copy=False)
    return (Relation(ctx.stage.key, reject.key, select, (rejected,), reject.row),)


def empty_relation(ctx: StageContext, output: Output) -> Relation:
    """Return a relation without rows."""
    from sqlglot import exp

    from riverstage.expressions._sql import constant

    columns = [exp.alias_(constant(None, column.type), column.name, quoted=True, copy=False) for column in output.row]
    select = exp.Select(expressions=columns).where(exp.false(), copy=False)
    return Relation(ctx.stage.key, output.key, select, (), output.row)
