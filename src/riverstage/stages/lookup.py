"""Look rows up in reference links, in order, and add what is found.

Decided where the facts are silent: a key that is null matches a reference key that is null, as in a Join; a key that
cannot be computed or converted finds nothing; of several reference rows with the same keys the first in the link's
order is taken and the others are counted and warned about; the keys and conditions of a later reference may use the
columns of an earlier one. ``continue`` fills columns that cannot be null with their type's default, and so does a
reject link for columns of the references that its schema names. The first reference whose action is not ``continue``
decides about a row. A range is a condition over the columns of the primary and the reference link; of the reference
rows that it holds for the first is taken, unless the link returns many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic, ExpressionError
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
    fail_when,
    hidden_key,
)
from riverstage.stages._joined import Field, key_pair, mapped, output_fields, output_type, unmapped
from riverstage.stages._keys import (
    carried,
    collation_problems,
    default_value,
    every,
    folded,
    is_row_first,
    named,
    near,
    numbered,
    same,
)
from riverstage.stages._lookup_keys import LookupKey, Reference, is_unique, references_of
from riverstage.stages._transformer_scope import expression_problem, names
from riverstage.types import RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.expressions.scope import Bound, Names
    from riverstage.expressions.translated import Translated
    from riverstage.plan import Input, Node

_ROW, _RANK, _FIRST, _MORE, _OUTCOME = "#row", "#rank", "#first", "#more", "#outcome"
_OUT, _DROPPED, _REJECTED, _FAILED = 0, 1, 2, 10


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


def plan(ctx: StageContext) -> Fragment:
    """Return one relation a reference, each over the one before, and the outputs over the last."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    references = references_of(ctx)
    builder = _Builder(ctx, any(output.order_wanted for output in ctx.outputs))
    builder.start()
    for reference in references:
        builder.look_up(reference)
    rows = builder.finish(references)
    nodes: list[Node] = [*builder.nodes]
    decided = _decides(references)
    for output in ctx.outputs:
        fields = _fields(ctx, output, values=True)
        columns = mapped(output, fields).guarded(ctx, output)
        sql = exp.Select(expressions=list(columns)).from_(table(rows))
        if decided or output.is_reject:
            sql = sql.where(builder.taken(references, _REJECTED if output.is_reject else _OUT))
        if output.order_wanted:
            terms = [
                column(_ROW),
                *(column(_name(item.index, _RANK)) for item in references if builder.is_ranked(item)),
            ]
            sql = sql.order_by(*(exp.Ordered(this=term, desc=False, nulls_first=True) for term in terms))
        node = Relation(
            ctx.stage.key, output.key, sql, (rows,), output.row, output.type.ordering, output.type.deterministic
        )
        nodes.append(node)
    seen: list[Count | Total] = list(builder.seen)
    dropped = dict(builder.dropped)
    if ctx.reject is not None and decided:
        seen.append(
            Count(ctx.reject.key, rows, exp.EQ(this=column(_OUTCOME), expression=exp.Literal.number(_REJECTED)))
        )
    if _drops(references):
        name = hidden_key(ctx.stage.key, "dropped")
        dropped[name] = "rows dropped, as nothing was found for them"
        seen.append(Count(name, rows, exp.EQ(this=column(_OUTCOME), expression=exp.Literal.number(_DROPPED))))
    return Fragment(tuple(nodes), seen=tuple(seen), dropped=dropped)


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Each row comes out, is rejected or is dropped, unless a reference returns many."""
    references = references_of(ctx)
    if any(reference.many for reference in references):
        return ()
    outputs = [output.key for output in ctx.outputs]
    if _drops(references):
        outputs.append(hidden_key(ctx.stage.key, "dropped"))
    return (Law.sums(outputs, [ctx.primary.key], stage=ctx.stage.key),)


def _is_open(ctx: StageContext) -> bool:
    return any(source.row.open for source in ctx.inputs)


def _name(index: int, column: str) -> str:
    """Return the name of a column in the relations that the stage keeps to itself; 0 is the primary link."""
    return f"{index}.{column}"


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
        Field(source.name, column.name, column, sql_column(_name(index, column.name)) if values else None)
        for index, source in [(0, ctx.primary), *enumerate(ctx.references, start=1)]
        for column in source.row
    ]
    if not output.is_reject:
        return fields
    named_there = [id(field) for field in output_fields(output, fields).values()]
    return [field for field in fields if field.link == ctx.primary.name or id(field) in named_there]


def _decides(references: Sequence[Reference]) -> bool:
    """Return whether some row may not come out."""
    return any(_acts(reference) != {"continue"} for reference in references)


def _drops(references: Sequence[Reference]) -> bool:
    return any("drop" in _acts(reference) for reference in references)


def _acts(reference: Reference) -> set[str]:
    return {reference.on_failure} | ({reference.on_unmet} if reference.condition else set())


def _reject_problems(ctx: StageContext, references: Sequence[Reference]) -> Iterator[Diagnostic]:
    rejecting = [reference for reference in references if "reject" in _acts(reference)]
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


def _columns(ctx: StageContext, upto: int, *, reference: int | None = None) -> dict[str, dict[str, Bound]]:
    """Return the columns that expressions of a reference may use: of the primary link and of earlier references.

    Args:
        ctx: The stage.
        upto: The first reference that is not there yet.
        reference: A reference whose own columns are there too, under the alias ``found``.
    """
    from riverstage.expressions.nodes import column as sql_column
    from riverstage.expressions.scope import Bound

    known: dict[str, dict[str, Bound]] = {}
    for index, source in [(0, ctx.primary), *enumerate(ctx.references, start=1)]:
        if index >= upto and index != reference:
            continue
        own = index == reference
        known[source.name] = {
            column.name: Bound(
                sql_column(column.name, "found") if own else sql_column(_name(index, column.name), "rows"),
                column.type,
                column.nullable,
            )
            for column in source.row
        }
    return known


def _scope(ctx: StageContext, upto: int, *, reference: int | None = None) -> Names:
    """Return the scope of an expression; a bare name is the primary link's column where that has one."""
    columns = _columns(ctx, upto, reference=reference)
    return names(ctx, columns, variables=columns[ctx.primary.name])


@dataclass(frozen=True, slots=True)
class _Readable:
    """What an expression of a reference gives, or why it cannot be read."""

    value: Translated | None
    error: ExpressionError | None = None


def _read(ctx: StageContext, text: str, *, upto: int, reference: int | None = None, truth: bool = False) -> _Readable:
    from riverstage.expressions.translate import condition, translate

    scope = _scope(ctx, upto, reference=reference)
    try:
        return _Readable(condition(text, scope) if truth else translate(text, scope))
    except ExpressionError as error:
        return _Readable(None, error)


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
        read = _read(ctx, key.expression, upto=upto, reference=upto if is_range else None, truth=is_range)
        if read.error is not None:
            yield expression_problem(
                ctx, read.error, property="lookup_derivation", link=link, column=key.column or None
            )
        elif read.value is not None and own is not None and not is_range and _pair(reference, key, read.value) is None:
            yield ctx.problem(
                "RS-4383",
                f"'{key.expression}' is {read.value.type} and '{key.column}' is {own.type}: they cannot be compared.",
                property="lookup_derivation",
                link=link,
                column=key.column,
                mend="Convert one of them.",
            )
    if reference.condition:
        read = _read(ctx, reference.condition, upto=reference.index, truth=True)
        if read.error is not None:
            yield expression_problem(ctx, read.error, property="condition", link=link)


def _pair(reference: Reference, key: LookupKey, value: Translated) -> tuple[Translated, Translated] | None:
    from riverstage.expressions.nodes import column as sql_column
    from riverstage.expressions.translated import Translated as Value

    own = reference.input.row.get(key.column)
    if own is None:
        return None
    return key_pair(value, Value(sql_column(key.column, "found"), own.type, own.nullable))


class _Builder:
    """Builds the relations of a Lookup, one over the other."""

    def __init__(self, ctx: StageContext, order_wanted: bool) -> None:  # noqa: FBT001
        self.ctx = ctx
        self.order_wanted = order_wanted
        self.nodes: list[Node] = []
        self.seen: list[Count | Total] = []
        self.dropped: dict[str, str] = {}
        self.rows = ""
        self.kept: list[str] = []

    def _add(self, purpose: str, sql: exp.Query, inputs: tuple[str, ...]) -> str:
        key = hidden_key(self.ctx.stage.key, purpose)
        again = all(source.type.deterministic for source in self.ctx.inputs)
        self.nodes.append(Relation(self.ctx.stage.key, key, sql, inputs, RowType(open=True), deterministic=again))
        return key

    def start(self) -> None:
        """Begin with the primary link's rows, numbered where that is needed."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        primary = self.ctx.primary
        columns: list[exp.Expression] = [named(column(item.name), _name(0, item.name)) for item in primary.row]
        self.kept = [_name(0, item.name) for item in primary.row]
        ranged = any(item.ranges and not item.many for item in references_of(self.ctx))
        if self.order_wanted or ranged:
            columns.append(named(exp.Window(this=exp.RowNumber()), _ROW))
            self.kept.append(_ROW)
        self.rows = self._add("rows", exp.Select(expressions=columns).from_(table(primary.key)), (primary.key,))

    def is_ranked(self, reference: Reference) -> bool:
        """Return whether a reference's rows carry their number, to keep several of them in order."""
        return reference.many or bool(reference.ranges)

    def look_up(self, reference: Reference) -> None:
        """Add what one reference gives."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        found, rank = self._found(reference)
        met = self._met(reference)
        join = every(*([met.copy()] if met is not None else []), *self._matches(reference))
        hit = _name(reference.index, "#hit")
        columns: list[exp.Expression] = [column(name, "rows") for name in self.kept]
        there = column("#hit", "found")
        columns.append(named(there, hit))
        added = [hit]
        for item in reference.input.row:
            value: exp.Expression = column(item.name, "found")
            if not item.nullable and _acts(reference) & {"continue", "reject"}:
                missing = exp.Is(this=there.copy(), expression=exp.Null())
                value = exp.Case(ifs=[exp.If(this=missing, true=default_value(item.type))], default=value)
            added.append(_name(reference.index, item.name))
            columns.append(named(value, added[-1]))
        if met is not None:
            added.append(_name(reference.index, "#met"))
            columns.append(named(met, added[-1]))
        if rank:
            added.append(_name(reference.index, _RANK))
            columns.append(named(column(_RANK, "found"), added[-1]))
        source = exp.Select(expressions=[exp.Star(), named(exp.Boolean(this=True), "#hit")]).from_(table(found))
        sql = exp.Select(expressions=columns).from_(table(self.rows, "rows"))
        sql = sql.join(source.subquery(exp.Identifier(this="found", quoted=True)), on=join, join_type="LEFT")
        self.kept += added
        self.rows = self._add(f"found {reference.index}", sql, (self.rows, found))
        if reference.ranges and not reference.many:
            self._keep_first(reference)

    def _found(self, reference: Reference) -> tuple[str, bool]:
        """Return the relation to look up in, and whether its rows carry their number."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        source = reference.input
        known = source.type.ordering.known
        ranked = self.is_ranked(reference)
        if ranked or (known and not is_unique(self.ctx, reference)):
            below = self._add(f"reference {reference.index}", numbered(source.key, _RANK), (source.key,))
            if ranked:
                return below, True
        elif is_unique(self.ctx, reference):
            return source.key, False
        else:
            below = source.key
        keys = []
        for key in reference.equal_keys:
            own = source.row.get(key.column)
            keys.append(folded(column(key.column), own.type if own else None, caseless=key.kind == "caseless"))
        by_rank = [exp.Ordered(this=column(_RANK), desc=False, nulls_first=True)] if known else []
        more = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[key.copy() for key in keys])
        marked = exp.Select(
            expressions=[
                exp.Star(),
                named(is_row_first(keys, by_rank), _FIRST),
                named(exp.Sub(this=more, expression=exp.Literal.number(1)), _MORE),
            ]
        ).from_(table(below))
        sql = exp.Select(expressions=[exp.Star()]).from_(marked.subquery(exp.Identifier(this="marked", quoted=True)))
        first = self._add(f"first {reference.index}", sql.where(column(_FIRST)), (below,))
        name = hidden_key(self.ctx.stage.key, f"duplicates {reference.index}")
        self.seen.append(Total(name, first, _MORE))
        self.dropped[name] = f"rows of the reference link '{source.name}' with the same keys as an earlier row"
        return first, False

    def _met(self, reference: Reference) -> exp.Expression | None:
        """Return whether a row is to be looked up; None for always."""
        from sqlglot import exp

        if not reference.condition:
            return None
        read = _read(self.ctx, reference.condition, upto=reference.index, truth=True)
        if read.value is None:
            return exp.Boolean(this=True)
        return exp.Coalesce(this=read.value.value, expressions=[exp.Boolean(this=False)])

    def _matches(self, reference: Reference) -> list[exp.Expression]:
        from sqlglot import exp

        terms: list[exp.Expression] = []
        for key in reference.keys:
            is_range = key.kind == "range"
            read = _read(
                self.ctx,
                key.expression,
                upto=reference.index,
                reference=reference.index if is_range else None,
                truth=is_range,
            )
            if read.value is None:
                continue
            if is_range:
                terms.append(exp.Paren(this=read.value.value))
                continue
            pair = _pair(reference, key, read.value)
            if pair is None:
                continue
            own = reference.input.row.get(key.column)
            both = read.value.nullable and own is not None and own.nullable
            left, right = (folded(side.value, side.type, caseless=key.kind == "caseless") for side in pair)
            terms.append(same(left, right, nullable=both))
            terms += [exp.Not(this=exp.Paren(this=side.fails_when)) for side in pair if both and side.fails_when]
        return terms

    def _keep_first(self, reference: Reference) -> None:
        """Keep, for each row, the first of the reference rows that a range holds for."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        rank = column(_name(reference.index, _RANK))
        is_first = is_row_first([column(_ROW)], [exp.Ordered(this=rank, desc=False, nulls_first=False)])
        marked = exp.Select(expressions=[exp.Star(), named(is_first, _FIRST)]).from_(table(self.rows))
        columns = [column(name) for name in self.kept]
        sql = exp.Select(expressions=columns).from_(marked.subquery(exp.Identifier(this="marked", quoted=True)))
        self.rows = self._add(f"chosen {reference.index}", sql.where(column(_FIRST)), (self.rows,))

    def finish(self, references: Sequence[Reference]) -> str:
        """Return the relation that the outputs read: with what becomes of each row."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        if not _decides(references):
            return self.rows
        ifs: list[exp.If] = []
        for reference in references:
            missing: exp.Expression = exp.Is(this=column(_name(reference.index, "#hit")), expression=exp.Null())
            if reference.condition:
                unmet = exp.Not(this=column(_name(reference.index, "#met")))
                ifs += _branch(unmet, reference.on_unmet, 2 * reference.index)
                missing = every(column(_name(reference.index, "#met")), missing)
            ifs += _branch(missing, reference.on_failure, 2 * reference.index + 1)
        outcome = exp.Case(ifs=ifs, default=exp.Literal.number(_OUT))
        sql = exp.Select(expressions=[exp.Star(), named(outcome, _OUTCOME)]).from_(table(self.rows))
        return self._add("decided", sql, (self.rows,))

    def taken(self, references: Sequence[Reference], outcome: int) -> exp.Expression:
        """Return the condition of an output's rows; it ends the run at a row that is not to be missed."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column

        if not _decides(references):
            return exp.Boolean(this=False)
        value: exp.Expression = exp.EQ(this=column(_OUTCOME), expression=exp.Literal.number(outcome))
        for reference in reversed(references):
            keys = ", ".join(f"'{key.expression}'" for key in reference.keys)
            link = reference.input.name
            said = {
                2 * reference.index: (reference.on_unmet, f"The condition of the lookup in '{link}' is not met."),
                2 * reference.index + 1: (reference.on_failure, f"Nothing is found in '{link}' for {keys}."),
            }
            for code, (action, message) in said.items():
                if action != "fail" or (code % 2 == 0 and not reference.condition):
                    continue
                failed = exp.EQ(this=column(_OUTCOME), expression=exp.Literal.number(_FAILED + code))
                first = reference.keys[0].column if reference.keys else None
                value = fail_when(self.ctx, failed, value, "RS-6210", message=message, link=link, column=first or None)
        return value


def _branch(condition: exp.Expression, action: str, code: int) -> list[exp.If]:
    from sqlglot import exp

    if action == "continue":
        # A row that goes on must still meet the references behind, so it takes no branch of its own.
        return []
    outcome = {"drop": _DROPPED, "reject": _REJECTED}.get(action, _FAILED + code)
    return [exp.If(this=condition, true=exp.Literal.number(outcome))]
