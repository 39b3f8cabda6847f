"""Look rows up in reference links, in order, and add what is found.

Decided where the facts are silent: a key that is null matches a reference key that is null, as in a Join; a key that
cannot be computed or converted finds nothing; of several reference rows with the same keys the first in the link's
order is taken and the others are counted and warned about, while rows that ``drop`` leaves out are counted and no cause
for a warning; the keys and conditions of a later reference may use the
columns of an earlier one. ``continue`` fills columns that cannot be null with their type's default, and so does a
reject link for columns of the references that its schema names. The first reference whose action is not ``continue``
decides about a row. A range is a condition over the columns of the primary and the reference link; of the reference
rows that it holds for the first is taken, unless the link returns many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic
from riverstage.plan import (
    Count,
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Output,
    Relation,
    StageContext,
    Total,
    hidden_key,
)
from riverstage.stages._joined import Field, mapped, output_fields, output_type, unmapped
from riverstage.stages._keys import (
    carried,
    collation_problems,
    near,
)
from riverstage.stages._lookup_keys import Reference, expressions_of, references_of
from riverstage.stages._lookup_plan import (
    DROPPED,
    OUT,
    OUTCOME,
    RANK,
    REJECTED,
    ROW,
    Builder,
    acts,
    column_name,
    decides,
    drops,
    pair,
    read,
    reason,
)
from riverstage.stages._lost_links import lost_links
from riverstage.stages._transformer_scope import expression_problem
from riverstage.types import RowType

if TYPE_CHECKING:
    from riverstage.plan import Input, Node


def schema(ctx: StageContext) -> LinkTypes:
    """Return the primary link's columns and behind them those of the references; a reject link carries the former."""
    primary = ctx.primary
    deterministic = all(source.type.deterministic for source in ctx.inputs)
    outputs: dict[str, LinkType] = {}
    for output in ctx.outputs:
        fields = _fields(ctx, output)
        row = output_type(ctx, output, fields, open=_is_open(ctx))
        ordering = carried(primary.type.ordering, _kept_names(output, fields, primary, row))
        outputs[output.key] = LinkType(row, ordering, deterministic)
    wanted = frozenset(source.key for source in ctx.references if source.type.ordering.known)
    return LinkTypes(outputs, wanted, tuple((output.key, primary.key) for output in ctx.outputs))


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report keys and conditions that cannot be read or compared, and actions that have nowhere to go."""
    references = references_of(ctx)
    if not references:
        yield ctx.problem("RS-4380", "No reference link is linked.", mend="Link one with kind 'reference'.")
    for reference in references:
        yield from _reference_problems(ctx, reference)
    many = [reference.input.name for reference in references if reference.many]
    if len(many) > 1:
        yield ctx.problem(
            "RS-4384",
            f"Only one reference link can return several rows, and {len(many)} are to: {', '.join(many)}.",
            property="allow_dups",
        )
    yield from _reject_problems(ctx, references)
    yield from collation_problems(ctx, "RS-4387")
    for output in ctx.outputs:
        yield from unmapped(ctx, output, _fields(ctx, output), open=_is_open(ctx))


def check_unlinked(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report the keys and conditions that name links that are gone, while the stage lacks a link."""
    return lost_links(ctx, expressions_of(ctx))


def plan(ctx: StageContext) -> Fragment:
    """Return one relation a reference, each over the one before, and the outputs over the last."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    references = references_of(ctx)
    in_order = ctx.primary.type.ordering.known
    builder = Builder(ctx, in_order and any(output.order_wanted for output in ctx.outputs))
    builder.start()
    for reference in references:
        builder.look_up(reference)
    rows = builder.finish(references)
    nodes: list[Node] = [*builder.nodes]
    decided = decides(references)
    for output in ctx.outputs:
        fields = _fields(ctx, output, values=True)
        columns = mapped(output, fields).guarded(ctx, output)
        sql = exp.Select(expressions=list(columns)).from_(table(rows), copy=False)
        if decided or output.is_reject:
            sql = sql.where(builder.taken(references, REJECTED if output.is_reject else OUT), copy=False)
        if in_order and output.order_wanted:
            terms = [
                column(ROW),
                *(column(column_name(item.index, RANK)) for item in references if builder.is_ranked(item)),
            ]
            sql = sql.order_by(*(exp.Ordered(this=term, desc=False, nulls_first=True) for term in terms), copy=False)
        node = Relation(
            ctx.stage.key, output.key, sql, (rows,), output.row, output.type.ordering, output.type.deterministic
        )
        nodes.append(node)
    seen: list[Count | Total] = list(builder.seen)
    dropped, reasons = dict(builder.dropped), dict(builder.reasons)
    asked: set[str] = set()
    if ctx.reject is not None and decided:
        seen.append(Count(ctx.reject.key, rows, exp.EQ(this=column(OUTCOME), expression=exp.Literal.number(REJECTED))))
    if ctx.reject is not None:
        reasons[ctx.reject.key] = reason(references, "reject")
    if drops(references):
        name = hidden_key(ctx.stage.key, "dropped")
        reasons[name] = reason(references, "drop")
        dropped[name] = f"rows dropped: {reasons[name]}"
        asked.add(name)
        seen.append(Count(name, rows, exp.EQ(this=column(OUTCOME), expression=exp.Literal.number(DROPPED))))
    return Fragment(tuple(nodes), seen=tuple(seen), dropped=dropped, reasons=reasons, asked=frozenset(asked))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Each row comes out, is rejected or is dropped, unless a reference returns many."""
    references = references_of(ctx)
    if any(reference.many for reference in references):
        return ()
    outputs = [output.key for output in ctx.outputs]
    if drops(references):
        outputs.append(hidden_key(ctx.stage.key, "dropped"))
    return (Law.sums(outputs, [ctx.primary.key], stage=ctx.stage.key),)


def _is_open(ctx: StageContext) -> bool:
    return any(source.row.open for source in ctx.inputs)


def _kept_names(output: Output, fields: Sequence[Field], primary: Input, row: RowType) -> dict[str, str]:
    """Return the names under which an output carries the primary link's columns."""
    kept: dict[str, str] = {}
    for target, field in output_fields(output, fields).items():
        if field.link == primary.name:
            kept.setdefault(field.name, target)
    for column in row:
        if column.name in primary.row and output.link.schema is None:
            kept.setdefault(column.name, column.name)
    return kept


def _fields(ctx: StageContext, output: Output, *, values: bool = False) -> list[Field]:
    """Return the columns that an output can carry: a reject link those of the references only where it names them."""
    from riverstage.expressions.nodes import column as sql_column

    fields = [
        Field(source.name, column.name, column, sql_column(column_name(index, column.name)) if values else None)
        for index, source in [(0, ctx.primary), *enumerate(ctx.references, start=1)]
        for column in source.row
    ]
    if not output.is_reject:
        return fields
    named_there = [id(field) for field in output_fields(output, fields).values()]
    return [field for field in fields if field.link == ctx.primary.name or id(field) in named_there]


def _reject_problems(ctx: StageContext, references: Sequence[Reference]) -> Iterator[Diagnostic]:
    rejecting = [reference for reference in references if "reject" in acts(reference)]
    if rejecting and ctx.reject is None:
        yield ctx.problem(
            "RS-4385",
            f"Rows that '{rejecting[0].input.name}' does not find are to be rejected, and no reject link is there.",
            property="lookup_fail",
            link=rejecting[0].input.name,
            mend="Link a reject output, or choose continue, drop or fail.",
        )
    if ctx.reject is not None and references and not rejecting:
        yield ctx.problem(
            "RS-4386",
            "Nothing is rejected: no reference link has the action reject.",
            severity="warning",
            property="lookup_fail",
            link=ctx.reject.name,
        )


def _reference_problems(ctx: StageContext, reference: Reference) -> Iterator[Diagnostic]:
    link = reference.input.name
    if not reference.keys:
        yield ctx.problem(
            "RS-4381",
            f"The reference link '{link}' has no key.",
            property="lookup_derivation",
            link=link,
            mend="Say which of its columns must equal what.",
        )
    for key in reference.keys:
        is_range = key.kind == "range"
        own = reference.input.row.get(key.column)
        if not is_range and own is None and not reference.input.row.open:
            yield ctx.problem(
                "RS-4382",
                f"The reference link '{link}' has no column '{key.column}'.",
                property="lookup_derivation",
                link=link,
                mend=near(key.column, reference.input.row.names),
            )
        upto = reference.index
        given = read(ctx, key.expression, upto=upto, reference=upto if is_range else None, truth=is_range)
        if given.error is not None:
            yield expression_problem(
                ctx, given.error, property="lookup_derivation", link=link, column=key.column or None
            )
        elif given.value is not None and own is not None and not is_range and pair(reference, key, given.value) is None:
            yield ctx.problem(
                "RS-4383",
                f"'{key.expression}' is {given.value.type} and '{key.column}' is {own.type}: they cannot be compared.",
                property="lookup_derivation",
                link=link,
                column=key.column,
                mend="Convert one of them.",
            )
    if reference.condition:
        given = read(ctx, reference.condition, upto=reference.index, truth=True)
        if given.error is not None:
            yield expression_problem(ctx, given.error, property="condition", link=link)
