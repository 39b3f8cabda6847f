"""How rows become what a file holds: formats that are not the engine's own, and rows that cannot be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riverstage.plan import (
    Count,
    Fragment,
    Law,
    Relation,
    Sink,
    StageContext,
    WriteRequest,
    fail_when,
    hidden_key,
    project,
)
from riverstage.plan.failing import VALUE
from riverstage.stages._file_rows import empty_relation
from riverstage.stages._files import TextFormat, directive, null_text, plain_text
from riverstage.types import STRING, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["target_fragment", "target_laws"]


def target_fragment(ctx: StageContext, family: str, options: Mapping[str, Any], format_: TextFormat) -> Fragment:
    """Return the sink of a file, over the rows that it can hold, as it holds them."""
    source = ctx.primary
    wants = family != "parquet" or bool(source.type.ordering.keys)
    stage = ctx.stage.key
    if family != "delimited":
        sink = Sink(stage, source.key, WriteRequest(family, options, source.row), wants_order=wants)
        rejects = (empty_relation(ctx, ctx.reject),) if ctx.reject is not None else ()
        return Fragment((*rejects, sink))
    bad = _unwritable(source.row, format_)
    row, columns = _written(ctx, source.row, format_)
    options = {**options, "force_quote": _always_quoted(source.row)}
    if bad is None and columns is None:
        rejects = (empty_relation(ctx, ctx.reject),) if ctx.reject is not None else ()
        return Fragment((*rejects, Sink(stage, source.key, WriteRequest(family, options, row), wants_order=True)))
    written = hidden_key(stage, "written")
    nodes = [_written_relation(ctx, written, row, columns, bad, format_)]
    seen: tuple[Count, ...] = ()
    dropped: dict[str, str] = {}
    reasons: dict[str, str] = {}
    if ctx.reject is not None:
        nodes.append(_rejected_relation(ctx, bad, format_))
    if bad is not None and not _fails(ctx):
        name = ctx.reject.key if ctx.reject is not None else hidden_key(stage, "rejected")
        seen = (Count(name, source.key, bad.copy()),)
        reasons = {name: "a null, or a value that its field cannot hold"}
        if ctx.reject is None:
            dropped = {name: "rows could not be written, with null or what a field cannot hold, and were dropped"}
    sink = Sink(stage, written, WriteRequest(family, options, row), wants_order=True)
    return Fragment((*nodes, sink), seen=seen, dropped=dropped, reasons=reasons)


def target_laws(ctx: StageContext, family: str, format_: TextFormat) -> tuple[Law, ...]:
    """What is written and what is rejected is what comes."""
    source = ctx.primary
    stage = ctx.stage.key
    if family != "delimited" or _is_plain(ctx, format_):
        return (Law.exactly(ctx.reject.key, 0, stage=stage),) if ctx.reject is not None else ()
    written = hidden_key(stage, "written")
    bad = _unwritable(source.row, format_) is not None and not _fails(ctx)
    if not bad:
        empty = (Law.exactly(ctx.reject.key, 0, stage=stage),) if ctx.reject is not None else ()
        return (Law.equal(written, source.key, stage=stage), *empty)
    rejected = ctx.reject.key if ctx.reject is not None else hidden_key(stage, "rejected")
    return (Law.sums((written, rejected), (source.key,), stage=stage),)


def _is_plain(ctx: StageContext, format_: TextFormat) -> bool:
    row = ctx.primary.row
    return _unwritable(row, format_) is None and _written(ctx, row, format_)[1] is None


def _fails(ctx: StageContext) -> bool:
    return str(ctx.get("reject_mode") or "continue") == "fail"


def _always_quoted(row: RowType) -> list[str]:
    """Return the columns whose own directive says that they are quoted."""
    own = {column.name: directive(column.properties, "quote") for column in row}
    return [name for name, said in own.items() if said is not None and said not in ("none", "")]


def _unwritable(row: RowType, format_: TextFormat) -> exp.Expression | None:
    """Return where a row cannot be written: null without a text for it, or what only quotes could hold."""
    from sqlglot import exp

    conditions = [condition for condition, _, _ in _reasons(row, format_)]
    any_of: Any = exp.or_(*conditions) if conditions else None
    return None if any_of is None else exp.Paren(this=any_of)


def _reasons(row: RowType, format_: TextFormat) -> Iterator[tuple[exp.Expression, Column, bool]]:
    """Yield when a row cannot be written, the column that it lies in, and whether it is that it is null."""
    from sqlglot import exp

    from riverstage.expressions.nodes import call, column, literal

    for item in row:
        if item.nullable and null_text(item.properties, format_) is None:
            yield exp.Is(this=column(item.name), expression=exp.Null()), item, True
        if not format_.quote and item.type.is_text:
            marks = [literal(mark) for mark in (format_.delimiter, "\n", "\r") if mark]
            yield call("text_holds", column(item.name), *marks, types=(item.type,)), item, False


def _failing(ctx: StageContext, value: exp.Expression, format_: TextFormat) -> exp.Expression:
    """Return a value so that a row that cannot be written ends the run, saying why."""
    from riverstage.expressions.nodes import column

    source = ctx.primary
    for condition, item, is_null in reversed(list(_reasons(source.row, format_))):
        if is_null:
            message = f"The column '{item.name}' of a row is null, and no text is said that stands for null."
            mend = "Say one (null_field_value), or give the column a value before."
        else:
            message = (
                f"The value {VALUE} of the column '{item.name}' holds a delimiter or a line end, and nothing is quoted."
            )
            mend = "Say a quote (quote), or another delimiter (delimiter)."
        value = fail_when(
            ctx,
            condition,
            value,
            "RS-6230",
            message=message,
            mend=mend,
            link=source.name,
            column=item.name,
            shown=() if is_null else (column(item.name),),
        )
    return value


def _written(ctx: StageContext, row: RowType, format_: TextFormat) -> tuple[RowType, dict[str, exp.Expression] | None]:
    """Return the columns as a file gets them; None in place of their SQL where all are written as they are."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, literal

    made: dict[str, exp.Expression] = {}
    columns: list[Column] = []
    changed = False
    for item in row:
        value = _as_text(item, format_)
        own = directive(item.properties, "null_field", "null_field_value")
        if own is not None and own != (format_.null or "") and item.nullable:
            shown = value if value is not None else exp.Cast(this=column(item.name), to=exp.DataType.build("TEXT"))
            value = exp.Coalesce(this=shown, expressions=[literal(own)])
        changed = changed or value is not None
        made[item.name] = value if value is not None else column(item.name)
        columns.append(item if value is None else Column(item.name, STRING, item.nullable, item.key, item.properties))
    if format_.final_delimiter:
        name = _end_name(row)
        # Where nothing stands for null, an empty text would be put in quotes to tell it from null.
        made[name] = literal(None if format_.null == "" else "")
        columns.append(Column(name, STRING))
        changed = True
    del ctx
    return RowType(tuple(columns)), made if changed else None


def _end_name(row: RowType) -> str:
    # A blank, so that the header line ends in a delimiter and next to nothing.
    name = " "
    while name in row:
        name += " "
    return name


def _as_text(column: Column, format_: TextFormat) -> exp.Expression | None:
    """Return a column's text where the engine would write another, else None."""
    from riverstage.expressions.nodes import call, literal
    from riverstage.expressions.nodes import column as sql_column

    kind = column.type.kind
    value = sql_column(column.name)
    if kind == "decimal":
        own = directive(column.properties, "decimal_separator")
        separator = plain_text(own) if own else str(format_.formats.get("decimal_separator") or ".")
        padded = column.properties.get("decimal_padded")
        is_padded = padded is not None and str(padded).lower() not in ("false", "0", "no", "none")
        if separator == "." and not is_padded:
            return None
        form = literal("padded" if is_padded else "plain")
        separator_ = {"comma": ",", "period": "."}.get(separator, separator)
        return call("text_of_decimal", value, literal(separator_), form, types=(column.type,), returns=STRING)
    if not column.type.is_temporal:
        return None
    said = directive(column.properties, f"{kind}_format", "format_string") or format_.formats.get(f"{kind}_format")
    if not said and (kind == "date" or not column.type.scale or column.type.zone):
        return None
    return call("text_by_format", value, literal(said or _default(column)), types=(column.type,), returns=STRING)


def _default(column: Column) -> str:
    """Return the format that shows every digit of a second that a column has."""
    clock = f"%hh:%nn:%ss.{column.type.scale}"
    return clock if column.type.kind == "time" else f"%yyyy-%mm-%dd {clock}"


def _written_relation(
    ctx: StageContext,
    key: str,
    row: RowType,
    columns: dict[str, exp.Expression] | None,
    bad: exp.Expression | None,
    format_: TextFormat,
) -> Relation:
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    source = ctx.primary
    made = columns if columns is not None else {item.name: column(item.name) for item in row}
    shown: list[Any] = [exp.alias_(value, name, quoted=True, copy=False) for name, value in made.items()]
    if bad is not None and _fails(ctx):
        first = row.columns[0]
        shown[0] = exp.alias_(_failing(ctx, made[first.name].copy(), format_), first.name, quoted=True, copy=False)
    select = exp.Select(expressions=shown).from_(table(source.key), copy=False)
    if bad is not None and not _fails(ctx):
        select = select.where(exp.Not(this=bad.copy()), copy=False)
    return Relation(ctx.stage.key, key, select, (source.key,), row, source.type.ordering, source.type.deterministic)


def _rejected_relation(ctx: StageContext, bad: exp.Expression | None, format_: TextFormat) -> Relation:
    """Return the rows that cannot be written, as text."""
    from sqlglot import exp

    from riverstage.expressions.nodes import call, column, literal, table

    reject = ctx.reject
    source = ctx.primary
    if reject is None:  # pragma: no cover - asked for only where there is one
        raise ValueError(source.name)
    if bad is None or _fails(ctx):
        return empty_relation(ctx, reject)
    fields = [_as_text(item, format_) or column(item.name) for item in source.row]
    types = (STRING, STRING, *(item.type for item in source.row))
    record = call(
        "text_record", literal(format_.delimiter), literal(format_.quote), *fields, types=types, returns=STRING
    )
    made = RowType((Column("rejected", STRING, nullable=False),))
    inner = exp.Select(expressions=[exp.alias_(record, "rejected", quoted=True, copy=False)]).from_(
        table(source.key), copy=False
    )
    inner = inner.where(bad.copy(), copy=False)
    projection = project(ctx, reject, made)
    select = (
        inner
        if projection.is_identity
        else exp.Select(expressions=list(projection.guarded(ctx, reject))).from_(
            inner.subquery(exp.Identifier(this="record", quoted=True), copy=False), copy=False
        )
    )
    return Relation(
        ctx.stage.key, reject.key, select, (source.key,), reject.row, deterministic=source.type.deterministic
    )
