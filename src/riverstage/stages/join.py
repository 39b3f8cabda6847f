"""Join two or more inputs on key columns of the same name.

Decided where the facts are silent: keys that are null match each other, as the vendor's engine does and as every other
stage here groups and sorts them; where both sides can be null that costs a null-safe comparison, else nothing. A key
that cannot be converted to the type of the other side matches nothing. Of equally named columns the leftmost is
carried, unless the output says which one it means. A right outer join of more than two inputs joins from left to
right, so that every row of the last input comes out. A full outer join gives the two keys as ``leftRec_KEY`` and
``rightRec_KEY``, each as its own input can have it; an output column KEY that names neither gets whichever is there.
Columns that cannot be null are filled with the type's default where the other side matched nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic
from riverstage.plan import Fragment, Law, LinkType, LinkTypes, Relation, StageContext
from riverstage.stages._joined import Field, key_pair, mapped, output_type, unmapped
from riverstage.stages._keys import (
    Key,
    collation_problems,
    default_value,
    every,
    folded,
    key_problems,
    keys_of,
    named,
    same,
)
from riverstage.types import Column

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.plan import Input

_HIT = "#hit"
_KINDS = ("innerjoin", "leftouterjoin", "rightouterjoin", "fullouterjoin")
_SIDES = {"leftouterjoin": "LEFT", "rightouterjoin": "RIGHT", "fullouterjoin": "FULL"}


def schema(ctx: StageContext) -> LinkTypes:
    """Return the columns of all inputs, each key once; a full outer join gives both sides' keys."""
    output = ctx.outputs[0]
    row = output_type(ctx, output, _fields(ctx), open=_is_open(ctx))
    deterministic = all(source.type.deterministic for source in ctx.primaries)
    return LinkTypes({output.key: LinkType(row, deterministic=deterministic)})


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report keys that an input lacks or that cannot be compared, and columns that nothing gives."""
    keys, inputs = keys_of(ctx), ctx.primaries
    yield from key_problems(ctx, keys, inputs, 4360)
    yield from collation_problems(ctx, "RS-4365")
    if _kind(ctx) not in _KINDS:
        yield ctx.problem("RS-4366", f"There is no join '{ctx.get('operator')}'.", property="operator")
    if _kind(ctx) == "fullouterjoin" and len(inputs) > 2:
        yield ctx.problem(
            "RS-4367",
            f"A full outer join takes two inputs, and {len(inputs)} are linked.",
            property="operator",
            mend="Join them two by two.",
        )
    for key in keys:
        yield from _unlike(ctx, key)
    yield from unmapped(ctx, ctx.outputs[0], _fields(ctx), open=_is_open(ctx))


def plan(ctx: StageContext) -> Fragment:
    """Return one relation that joins the inputs from left to right."""
    from sqlglot import exp

    output, inputs = ctx.outputs[0], ctx.primaries
    kind = _kind(ctx)
    columns = mapped(output, _fields(ctx, values=True)).guarded(ctx, output)
    sql = exp.Select(expressions=list(columns)).from_(_table(ctx, 0), copy=False)
    before = 0
    for index in range(1, len(inputs)):
        condition = _condition(ctx, before, index)
        sql = sql.join(_table(ctx, index), on=condition, join_type=_SIDES.get(kind, "INNER"), copy=False)
        if kind == "rightouterjoin":
            before = index
    keys = tuple(source.key for source in inputs)
    node = Relation(ctx.stage.key, output.key, sql, keys, output.row, deterministic=output.type.deterministic)
    return Fragment((node,))


def ledger(_ctx: StageContext) -> tuple[Law, ...]:
    """How many rows match is the data's own matter."""
    return ()


def _kind(ctx: StageContext) -> str:
    return str(ctx.get("operator") or "innerjoin").strip()


def _is_open(ctx: StageContext) -> bool:
    return any(source.row.open for source in ctx.primaries)


def _alias(index: int) -> str:
    return f"side {index + 1}"


def _is_outer(ctx: StageContext, index: int) -> bool:
    """Return whether rows of an input can be missing in an output row."""
    kind, last = _kind(ctx), len(ctx.primaries) - 1
    if kind == "fullouterjoin":
        return True
    return (kind == "leftouterjoin" and index > 0) or (kind == "rightouterjoin" and index < last)


def _fields(ctx: StageContext, *, values: bool = False) -> list[Field]:
    """Return what the join gives, in order; of the keys only those that it carries."""
    kind, inputs = _kind(ctx), ctx.primaries
    names = {key.column for key in keys_of(ctx)}
    keeper = len(inputs) - 1 if kind == "rightouterjoin" else 0
    fields: list[Field] = []
    for index, source in enumerate(inputs):
        for column in source.row:
            value = _value(ctx, index, column) if values else None
            if column.name not in names:
                fields.append(Field(source.name, column.name, column, value))
            elif kind == "fullouterjoin" and index < 2:
                prefixed = replace(column, name=("leftRec_", "rightRec_")[index] + column.name)
                fields.append(Field(source.name, column.name, prefixed, value))
            elif index == keeper:
                fields.append(Field(source.name, column.name, column, value))
    if kind == "fullouterjoin" and ctx.outputs[0].link.schema is not None:
        fields += _either_key(ctx, values=values)
    return fields


def _either_key(ctx: StageContext, *, values: bool) -> list[Field]:
    """Return each key as the side that is there has it, for outputs that name the bare key."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column as sql_column

    found: list[Field] = []
    for key in keys_of(ctx):
        left = ctx.primaries[0].row.get(key.column)
        right = ctx.primaries[-1].row.get(key.column)
        if left is None or right is None or left.type != right.type:
            continue
        value = None
        if values:
            there = exp.Not(this=exp.Is(this=sql_column(_HIT, _alias(0)), expression=exp.Null()))
            value = exp.Case(
                ifs=[exp.If(this=there, true=sql_column(key.column, _alias(0)))],
                default=sql_column(key.column, _alias(1)),
            )
        found.append(Field(None, key.column, replace(left, nullable=left.nullable or right.nullable), value))
    return found


def _value(ctx: StageContext, index: int, column: Column) -> exp.Expression:
    """Return a column of an input: its type's default where the input matched nothing and it cannot be null."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column as sql_column

    value = sql_column(column.name, _alias(index))
    if column.nullable or not _is_outer(ctx, index):
        return value
    missing = exp.Is(this=sql_column(_HIT, _alias(index)), expression=exp.Null())
    return exp.Case(ifs=[exp.If(this=missing, true=default_value(column.type))], default=value)


def _table(ctx: StageContext, index: int) -> exp.Expression:
    """Return an input under its alias, marked where it matters whether it matched."""
    from sqlglot import exp

    from riverstage.expressions.nodes import table

    source = ctx.primaries[index]
    if not _is_outer(ctx, index):
        return table(source.key, _alias(index))
    marked = exp.Select(expressions=[exp.Star(), named(exp.Boolean(this=True), _HIT)]).from_(
        table(source.key), copy=False
    )
    return marked.subquery(exp.Identifier(this=_alias(index), quoted=True), copy=False)


def _condition(ctx: StageContext, left: int, right: int) -> exp.Expression:
    from sqlglot import exp

    from riverstage.expressions.nodes import column as sql_column
    from riverstage.expressions.translated import Translated

    terms: list[exp.Expression] = []
    for key in keys_of(ctx):
        sides = []
        for index in (left, right):
            column = _column(ctx.primaries[index], key)
            sides.append(Translated(sql_column(key.column, _alias(index)), column.type, column.nullable))
        pair = key_pair(*sides)
        if pair is None:
            continue
        both = sides[0].nullable and sides[1].nullable
        values = [folded(side.value, side.type, caseless=key.caseless) for side in pair]
        terms.append(same(values[0], values[1], nullable=both))
        # A key that could not be converted is null, and must not match a null.
        terms += [
            exp.Not(this=exp.Paren(this=side.fails_when)) for side in pair if both and side.fails_when is not None
        ]
    return every(*terms)


def _column(source: Input, key: Key) -> Column:
    found = source.row.get(key.column)
    if found is None:  # only where the columns of a source are not known
        from riverstage.types import STRING

        return Column(key.column, STRING)
    return found


def _unlike(ctx: StageContext, key: Key) -> Iterable[Diagnostic]:
    """Report a key whose types cannot be compared."""
    from riverstage.expressions.nodes import column as sql_column
    from riverstage.expressions.translated import Translated

    known = [(source, source.row.get(key.column)) for source in ctx.primaries]
    there = [(source, column) for source, column in known if column is not None]
    for source, column in there[1:]:
        first = there[0][1]
        sides = [Translated(sql_column(key.column), item.type, item.nullable) for item in (first, column)]
        if key_pair(*sides) is None:
            yield ctx.problem(
                "RS-4368",
                f"The key '{key.column}' is {first.type} on '{there[0][0].name}' and {column.type} on '{source.name}': "
                "they cannot be compared.",
                property="key_properties",
                link=source.name,
                column=key.column,
                mend="Convert one of them before the join.",
            )
