"""The relations of a Lookup: one a reference, each over the one before, and what becomes of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverstage.errors import ExpressionError
from riverstage.plan import Count, Relation, Shortcut, StageContext, Total, fail_when, hidden_key
from riverstage.plan.failing import VALUE
from riverstage.stages._joined import key_pair
from riverstage.stages._keys import default_value, every, folded, is_row_first, named, numbered, same
from riverstage.stages._lookup_keys import LookupKey, Reference, is_unique, references_of
from riverstage.stages._transformer_scope import names
from riverstage.types import RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.expressions.scope import Bound, Names
    from riverstage.expressions.translated import Translated
    from riverstage.plan import Input, Node

__all__ = [
    "DROPPED", "OUT", "OUTCOME", "RANK", "REJECTED", "ROW",
    "Builder", "Readable", "acts", "column_name", "decides", "drops", "pair", "read", "reason",
]  # fmt: skip

ROW, RANK, _FIRST, _MORE, OUTCOME = "#row", "#rank", "#first", "#more", "#outcome"
OUT, DROPPED, REJECTED, _FAILED = 0, 1, 2, 10


def column_name(index: int, column: str) -> str:
    """Return the name of a column in the relations that the stage keeps to itself; 0 is the primary link."""
    return f"{index}.{column}"


def decides(references: Sequence[Reference]) -> bool:
    """Return whether some row may not come out."""
    return any(acts(reference) != {"continue"} for reference in references)


def drops(references: Sequence[Reference]) -> bool:
    return any("drop" in acts(reference) for reference in references)


def acts(reference: Reference) -> set[str]:
    return {reference.on_failure} | ({reference.on_unmet} if reference.condition else set())


def reason(references: Sequence[Reference], action: str) -> str:
    """Return why a row is rejected or dropped."""
    found = [item.input.name for item in references if item.on_failure == action]
    unmet = [item.input.name for item in references if item.condition and item.on_unmet == action]
    said = [f"nothing found in {' or '.join(found)}"] if found else []
    said += [f"the condition of {' or '.join(unmet)} is not met"] if unmet else []
    return ", or ".join(said)


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
                sql_column(column.name, "found") if own else sql_column(column_name(index, column.name), "rows"),
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
class Readable:
    """What an expression of a reference gives, or why it cannot be read."""

    value: Translated | None
    error: ExpressionError | None = None


def read(ctx: StageContext, text: str, *, upto: int, reference: int | None = None, truth: bool = False) -> Readable:
    from riverstage.expressions.translate import condition, translate

    scope = _scope(ctx, upto, reference=reference)
    try:
        return Readable(condition(text, scope) if truth else translate(text, scope))
    except ExpressionError as error:
        return Readable(None, error)


def pair(reference: Reference, key: LookupKey, value: Translated) -> tuple[Translated, Translated] | None:
    from riverstage.expressions.nodes import column as sql_column
    from riverstage.expressions.translated import Translated as Value

    own = reference.input.row.get(key.column)
    if own is None:
        return None
    return key_pair(value, Value(sql_column(key.column, "found"), own.type, own.nullable))


class Builder:
    """Builds the relations of a Lookup, one over the other."""

    def __init__(self, ctx: StageContext, order_wanted: bool) -> None:  # noqa: FBT001
        self.ctx = ctx
        self.order_wanted = order_wanted
        self.nodes: list[Node] = []
        self.seen: list[Count | Total] = []
        self.dropped: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.rows = ""
        self.kept: list[str] = []

    def _add(self, purpose: str, sql: exp.Query, inputs: tuple[str, ...], *, shortcut: Shortcut | None = None) -> str:
        key = hidden_key(self.ctx.stage.key, purpose)
        again = all(source.type.deterministic for source in self.ctx.inputs)
        self.nodes.append(
            Relation(self.ctx.stage.key, key, sql, inputs, RowType(open=True), deterministic=again, shortcut=shortcut)
        )
        return key

    def start(self) -> None:
        """Begin with the primary link's rows, numbered where that is needed."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        primary = self.ctx.primary
        columns: list[exp.Expression] = [named(column(item.name), column_name(0, item.name)) for item in primary.row]
        self.kept = [column_name(0, item.name) for item in primary.row]
        ranged = any(item.ranges and not item.many for item in references_of(self.ctx))
        if self.order_wanted or ranged:
            columns.append(named(exp.Window(this=exp.RowNumber()), ROW))
            self.kept.append(ROW)
        self.rows = self._add(
            "rows", exp.Select(expressions=columns).from_(table(primary.key), copy=False), (primary.key,)
        )

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
        hit = column_name(reference.index, "#hit")
        columns: list[exp.Expression] = [column(name, "rows") for name in self.kept]
        there = column("#hit", "found")
        columns.append(named(there, hit))
        added = [hit]
        for item in reference.input.row:
            value: exp.Expression = column(item.name, "found")
            if not item.nullable and acts(reference) & {"continue", "reject"}:
                missing = exp.Is(this=there.copy(), expression=exp.Null())
                value = exp.Case(ifs=[exp.If(this=missing, true=default_value(item.type))], default=value)
            added.append(column_name(reference.index, item.name))
            columns.append(named(value, added[-1]))
        if met is not None:
            added.append(column_name(reference.index, "#met"))
            columns.append(named(met, added[-1]))
        if rank:
            added.append(column_name(reference.index, RANK))
            columns.append(named(column(RANK, "found"), added[-1]))
        source = exp.Select(expressions=[exp.Star(), named(exp.Boolean(this=True), "#hit")]).from_(
            table(found), copy=False
        )
        sql = exp.Select(expressions=columns).from_(table(self.rows, "rows"), copy=False)
        sql = sql.join(
            source.subquery(exp.Identifier(this="found", quoted=True), copy=False),
            on=join,
            join_type="LEFT",
            copy=False,
        )
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
            below = self._add(f"reference {reference.index}", numbered(source.key, RANK, with_gaps=True), (source.key,))
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
        by_rank = [exp.Ordered(this=column(RANK), desc=False, nulls_first=True)] if known else []
        more = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[key.copy() for key in keys])
        marked = exp.Select(
            expressions=[
                exp.Star(),
                named(is_row_first(keys, by_rank), _FIRST),
                named(exp.Sub(this=more, expression=exp.Literal.number(1)), _MORE),
            ]
        ).from_(table(below), copy=False)
        sql = exp.Select(expressions=[exp.Star()]).from_(
            marked.subquery(exp.Identifier(this="marked", quoted=True), copy=False), copy=False
        )
        name = hidden_key(self.ctx.stage.key, f"duplicates {reference.index}")
        first = self._add(
            f"first {reference.index}",
            sql.where(column(_FIRST), copy=False),
            (below,),
            shortcut=_as_it_is(source, keys, name),
        )
        self.seen.append(Total(name, first, _MORE))
        self.reasons[name] = f"the same keys as an earlier row of '{source.name}'"
        self.dropped[name] = f"rows of the reference link '{source.name}' with the same keys as an earlier row"
        return first, False

    def _met(self, reference: Reference) -> exp.Expression | None:
        """Return whether a row is to be looked up; None for always."""
        from sqlglot import exp

        if not reference.condition:
            return None
        given = read(self.ctx, reference.condition, upto=reference.index, truth=True)
        if given.value is None:
            return exp.Boolean(this=True)
        return exp.Coalesce(this=given.value.value, expressions=[exp.Boolean(this=False)])

    def _matches(self, reference: Reference) -> list[exp.Expression]:
        from sqlglot import exp

        terms: list[exp.Expression] = []
        for key in reference.keys:
            is_range = key.kind == "range"
            given = read(
                self.ctx,
                key.expression,
                upto=reference.index,
                reference=reference.index if is_range else None,
                truth=is_range,
            )
            if given.value is None:
                continue
            if is_range:
                terms.append(exp.Paren(this=given.value.value))
                continue
            sides = pair(reference, key, given.value)
            if sides is None:
                continue
            own = reference.input.row.get(key.column)
            both = given.value.nullable and own is not None and own.nullable
            left, right = (folded(side.value, side.type, caseless=key.kind == "caseless") for side in sides)
            terms.append(same(left, right, nullable=both))
            terms += [exp.Not(this=exp.Paren(this=side.fails_when)) for side in sides if both and side.fails_when]
        return terms

    def _keep_first(self, reference: Reference) -> None:
        """Keep, for each row, the first of the reference rows that a range holds for."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        rank = column(column_name(reference.index, RANK))
        is_first = is_row_first([column(ROW)], [exp.Ordered(this=rank, desc=False, nulls_first=False)])
        marked = exp.Select(expressions=[exp.Star(), named(is_first, _FIRST)]).from_(table(self.rows), copy=False)
        columns = [column(name) for name in self.kept]
        sql = exp.Select(expressions=columns).from_(
            marked.subquery(exp.Identifier(this="marked", quoted=True), copy=False), copy=False
        )
        self.rows = self._add(f"chosen {reference.index}", sql.where(column(_FIRST), copy=False), (self.rows,))

    def finish(self, references: Sequence[Reference]) -> str:
        """Return the relation that the outputs read: with what becomes of each row."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column, table

        if not decides(references):
            return self.rows
        ifs: list[exp.If] = []
        for reference in references:
            missing: exp.Expression = exp.Is(this=column(column_name(reference.index, "#hit")), expression=exp.Null())
            if reference.condition:
                unmet = exp.Not(this=column(column_name(reference.index, "#met")))
                ifs += _branch(unmet, reference.on_unmet, 2 * reference.index)
                missing = every(column(column_name(reference.index, "#met")), missing)
            ifs += _branch(missing, reference.on_failure, 2 * reference.index + 1)
        outcome = exp.Case(ifs=ifs, default=exp.Literal.number(OUT))
        sql = exp.Select(expressions=[exp.Star(), named(outcome, OUTCOME)]).from_(table(self.rows), copy=False)
        return self._add("decided", sql, (self.rows,))

    def taken(self, references: Sequence[Reference], outcome: int) -> exp.Expression:
        """Return the condition of an output's rows; it ends the run at a row that is not to be missed."""
        from sqlglot import exp

        from riverstage.expressions.nodes import column

        if not decides(references):
            return exp.Boolean(this=False)
        value: exp.Expression = exp.EQ(this=column(OUTCOME), expression=exp.Literal.number(outcome))
        for reference in reversed(references):
            link = reference.input.name
            keys, shown = self._keys_shown(reference)
            said = {
                2 * reference.index: (
                    reference.on_unmet,
                    f"The condition of the lookup in '{link}' is not met by a row with {keys}.",
                    "Say what becomes of such rows: continue, drop or reject (condition_not_met).",
                ),
                2 * reference.index + 1: (
                    reference.on_failure,
                    f"Nothing is found in '{link}' for {keys}.",
                    "Complete the reference, or say what becomes of such rows: continue, drop or reject (lookup_fail).",
                ),
            }
            for code, (action, message, mend) in said.items():
                if action != "fail" or (code % 2 == 0 and not reference.condition):
                    continue
                failed = exp.EQ(this=column(OUTCOME), expression=exp.Literal.number(_FAILED + code))
                first = reference.keys[0].column if reference.keys else None
                value = fail_when(
                    self.ctx,
                    failed,
                    value,
                    "RS-6210",
                    message=message,
                    mend=mend,
                    link=link,
                    column=first or None,
                    shown=[item.copy() for item in shown],
                )
        return value

    def _keys_shown(self, reference: Reference) -> tuple[str, list[exp.Expression]]:
        """Return the keys of a row as a message says them, and the SQL of the values that stand in it."""
        from sqlglot import exp

        from riverstage.expressions.nodes import copied

        said: list[str] = []
        shown: list[exp.Expression] = []
        for key in reference.keys:
            value = read(self.ctx, key.expression, upto=reference.index).value if key.kind != "range" else None
            if value is None:
                said.append(key.expression)
                continue
            sql = copied(value.value)
            for item in sql.find_all(exp.Column):  # they stand in the relation itself now
                item.set("table", None)
            said.append(f"{key.expression} = {VALUE}")
            shown.append(sql)
        return ", ".join(said) or "no key", shown


def _as_it_is(source: Input, keys: Sequence[exp.Expression], duplicates: str) -> Shortcut:
    """Return the shortcut for a reference in which no two rows have the same keys: its rows as they are."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    groups = exp.Select(expressions=[named(exp.Count(this=exp.Star()), "n")]).from_(table(source.key), copy=False)
    groups = groups.group_by(*(key.copy() for key in keys), copy=False)
    rows = exp.Coalesce(this=exp.Sum(this=column("n")), expressions=[exp.Literal.number(0)])
    more = exp.Cast(this=exp.Sub(this=rows, expression=exp.Count(this=exp.Star())), to=exp.DataType.build("BIGINT"))
    number = exp.Select(expressions=[more]).from_(
        groups.subquery(exp.Identifier(this="groups", quoted=True), copy=False), copy=False
    )
    return Shortcut(
        number,
        source.key,
        exp.Select(expressions=[exp.Star()]).from_(table(source.key), copy=False),
        (source.key,),
        f"no two rows of the reference link '{source.name}' have the same keys",
        (duplicates,),
    )


def _branch(condition: exp.Expression, action: str, code: int) -> list[exp.If]:
    from sqlglot import exp

    if action == "continue":
        # A row that goes on must still meet the references behind, so it takes no branch of its own.
        return []
    outcome = {"drop": DROPPED, "reject": REJECTED}.get(action, _FAILED + code)
    return [exp.If(this=condition, true=exp.Literal.number(outcome))]
