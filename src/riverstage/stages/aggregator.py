"""Compute sums, means and the like of groups of rows.

Decided where the facts are silent: at least one key is named (for one group of all rows, group by a column that has the
same value in every row); nulls in a key form one group; of a caseless key the spelling that sorts first comes out;
results are double, counts int64, unless the output link or a decimal says otherwise, and sums of exact numbers are
exact until they are converted to that; the least and the greatest of a column that is no number keep its type. Where a
group has no value at all, and for the variance of a single one, the result is zero, or null where null output is
allowed. Weights bear on the sum, the mean, the coefficient of variation, the sum of weights and the uncorrected sum of
squares only; ``weight`` means the same as ``weightField``. Variances divide by one less than the number of values. With
the method ``sort`` the groups come out in the order of their keys; the input need not be sorted. A summary is a
structure of count, missing, sumw, sum, uss, min, max, mean and css, from which a recalculation computes everything
again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic
from riverstage.plan import (
    UNORDERED,
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Ordering,
    OrderKey,
    Output,
    Relation,
    StageContext,
    Total,
    hidden_key,
)
from riverstage.stages._aggregates import Result, aggregate, natural_type, result_type, results_of, takes, unknown_words
from riverstage.stages._joined import Field, mapped, output_type, unmapped
from riverstage.stages._keys import carried, collation_problems, folded, key_problems, keys_of, named, near
from riverstage.types import STRING, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

_ROWS = "#rows"
_CALL = re.compile(r"\s*(\w+)\s*\(\s*(?:[^().]*\.)?([^()]*?)\s*\)\s*")


def schema(ctx: StageContext) -> LinkTypes:
    """Return the keys and the results."""
    source, output = ctx.primary, ctx.outputs[0]
    row = output_type(ctx, output, _fields(ctx, output), open=False)
    ordering = UNORDERED
    if str(ctx.get("method") or "hash").strip() == "sort":
        keys = tuple(OrderKey(key.column, caseless=key.caseless) for key in keys_of(ctx))
        ordering = carried(Ordering(known=True, keys=keys), _key_names(ctx, output, row))
    return LinkTypes({output.key: LinkType(row, ordering, source.type.deterministic)})


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report keys and columns that are not there, and functions that cannot be computed of them."""
    source, output = ctx.primary, ctx.outputs[0]
    yield from key_problems(ctx, keys_of(ctx), (source,), 4400)
    yield from collation_problems(ctx, "RS-4405")
    selection = str(ctx.get("selection") or "reduce").strip()
    listed = {"countField": "count_field_properties", "rereduce": "rereduce_properties"}.get(
        selection, "reduce_properties"
    )
    results = results_of(ctx)
    if not results:
        yield ctx.problem(
            "RS-4406", "Nothing is computed.", property=listed, mend="Name a column, a function and an output column."
        )
    for word, known in unknown_words(ctx, listed):
        yield ctx.problem(
            "RS-4411",
            f"'{word}' is no function of an Aggregator, and no setting of one.",
            property=listed,
            mend=near(word, known) or f"There are {', '.join(known)}.",
        )
    seen = {key.column for key in keys_of(ctx)}
    for result in results:
        yield from _result_problems(ctx, result, listed)
        if result.name in seen:
            yield ctx.problem(
                "RS-4407", f"Two output columns are named '{result.name}'.", property=listed, column=result.name
            )
        seen.add(result.name)
    yield from unmapped(ctx, output, _fields(ctx, output), open=False)


def plan(ctx: StageContext) -> Fragment:
    """Return one relation that groups, with a hidden number of rows, and one that gives the output's columns."""
    from sqlglot import exp

    from riverstage.expressions.nodes import column, table

    source, output = ctx.primary, ctx.outputs[0]
    keys, results = keys_of(ctx), results_of(ctx)
    nulls = ctx.is_true("nul_res")
    groups = hidden_key(ctx.stage.key, "groups")
    selected: list[exp.Expression] = []
    by: list[exp.Expression] = []
    for index, key in enumerate(keys):
        known = source.row.get(key.column)
        value: exp.Expression = column(key.column, "rows")
        by.append(folded(value, known.type if known else None, caseless=key.caseless))
        same = by[-1] is value
        selected.append(named(value.copy() if same else exp.Min(this=value.copy()), f"key {index}"))
    for index, result in enumerate(results):
        value = aggregate(result, source.row.get(result.column or ""), nulls=nulls)
        selected.append(named(value, f"value {index}"))
    selected.append(named(exp.Count(this=exp.Star()), _ROWS))
    sql = exp.Select(expressions=selected).from_(table(source.key, "rows"), copy=False).group_by(*by, copy=False)
    again = source.type.deterministic
    grouped = Relation(ctx.stage.key, groups, sql, (source.key,), RowType(open=True), deterministic=again)
    columns = mapped(output, _fields(ctx, output, values=True)).guarded(ctx, output)
    query = exp.Select(expressions=list(columns)).from_(table(groups), copy=False)
    if output.order_wanted and output.type.ordering.known:
        terms = []
        for index, key in enumerate(keys):
            known = source.row.get(key.column)
            value = folded(column(f"key {index}", groups), known.type if known else None, caseless=key.caseless)
            terms.append(exp.Ordered(this=value, desc=False, nulls_first=True))
        query = query.order_by(*terms, copy=False)
    node = Relation(ctx.stage.key, output.key, query, (groups,), output.row, output.type.ordering, deterministic=again)
    return Fragment((grouped, node), seen=(Total(source.key, groups, _ROWS),))


def ledger(_ctx: StageContext) -> tuple[Law, ...]:
    """How many groups there are is the data's own matter."""
    return ()


def _fields(ctx: StageContext, output: Output, *, values: bool = False) -> list[Field]:
    """Return what the stage gives: keys, then results.

    Args:
        ctx: The stage.
        output: Its output, whose derivations may rename results.
        values: Whether the values are wanted, each with the type that it is computed in, not that it has by default.
    """
    from riverstage.expressions.nodes import column as sql_column

    source = ctx.primary
    nulls = ctx.is_true("nul_res")
    fields: list[Field] = []
    for index, key in enumerate(keys_of(ctx)):
        known = source.row.get(key.column) or Column(key.column, STRING)
        fields.append(Field(source.name, key.column, replace(known), sql_column(f"key {index}") if values else None))
    made: list[tuple[Result, Field]] = []
    for index, result in enumerate(results_of(ctx)):
        known_or_none = source.row.get(result.column or "")
        kind = natural_type(result, known_or_none) if values else result_type(result, known_or_none)
        nullable = nulls and result.function not in ("count", "missing", "rows", "summary")
        value = sql_column(f"value {index}") if values else None
        field = Field(None, result.name, Column(result.name, kind, nullable), value, is_result=True)
        made.append((result, field))
    return fields + [field for _, field in made] + _renamed(output, made)


def _renamed(output: Output, made: list[tuple[Result, Field]]) -> list[Field]:
    """Return results under the names that the output's derivations give them, as in ``total = Sum(in.price)``."""
    names = {result.name for result, _ in made}
    found: list[Field] = []
    for entry in output.link.output.get("valueDerivation") or ():
        if not isinstance(entry, Mapping) or entry.get("columnName") in names:
            continue
        call = _CALL.fullmatch(str(entry.get("parsedExpression") or ""))
        if call is None:
            continue
        for result, field in made:
            if result.function == call.group(1).lower() and result.column == call.group(2):
                column = replace(field.column, name=str(entry.get("columnName")))
                found.append(replace(field, name=column.name, column=column))
                break
    return found


def _key_names(ctx: StageContext, output: Output, row: RowType) -> dict[str, str]:
    """Return the names under which an output carries the keys."""
    from riverstage.stages._joined import output_fields

    names: dict[str, str] = {}
    for target, field in output_fields(output, _fields(ctx, output)).items():
        if not field.is_result:
            names.setdefault(field.name, target)
    if output.link.schema is None:
        names = {key.column: key.column for key in keys_of(ctx) if key.column in row}
    return names


def _result_problems(ctx: StageContext, result: Result, listed: str) -> Iterable[Diagnostic]:
    row = ctx.primary.row
    for name, is_weight in ((result.column, False), (result.weight, True)):
        if name is None:
            continue
        column = row.get(name)
        if column is None:
            if not row.open:
                yield ctx.problem(
                    "RS-4408",
                    f"The link '{ctx.primary.name}' has no column '{name}'." if name else "A function names no column.",
                    property=listed,
                    link=ctx.primary.name,
                    mend=near(name, row.names),
                )
        elif not (column.type.is_numeric if is_weight else takes(result, column)):
            what = "A weight" if is_weight else f"The function {result.function}"
            needs = "the summary of an Aggregator" if result.again and not is_weight else "a number"
            yield ctx.problem(
                "RS-4409",
                f"{what} needs {needs}, and '{name}' is {column.type}.",
                property=listed,
                column=name,
                mend="" if result.again else "Convert it before the Aggregator.",
            )
    if result.missing is not None:
        try:
            float(result.missing)
        except ValueError:
            yield ctx.problem(
                "RS-4410", f"The missing value '{result.missing}' is no number.", property=listed, column=result.column
            )
