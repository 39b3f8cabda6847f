"""Filter: rows go to every output whose condition they meet.

Decided where the facts are silent:

* Several conditions for one output are joined by *or*: a row goes down a link at most once.
* A condition without a target belongs to the output at its own place in the list. An output without a condition gets
  no rows.
* With ``first`` a row goes to the output of the first condition in the list that it meets, and to no other.
* A reject link takes the rows that meet no condition, whether ``reject`` is set or not; without one they are left out.
* A value that cannot be compared (a text that is no number beside a number) ends the run.
* A parameter (`#name#`) is a value, never a part of the condition's wording; within quotes it is a part of the text. A
  condition that is one parameter and nothing else is what the parameter says.
* A bare name is a column, also where a parameter has the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from riverstage.errors import Diagnostic, ExpressionError
from riverstage.expressions._sql import any_of
from riverstage.expressions.nodes import column, table
from riverstage.expressions.scope import Bound
from riverstage.expressions.translated import Translated
from riverstage.expressions.where_sql import NullOrder, translate_where
from riverstage.plan import Count, Fragment, Law, LinkTypes, Output, Relation, StageContext, fail_when, hidden_key
from riverstage.plan.failing import VALUE
from riverstage.stages._keys import collation_problems
from riverstage.stages._passing import passing_problems, passing_relation, passing_types
from riverstage.stages._rows import free_name
from riverstage.stages._transformer_scope import names
from riverstage.types import BOOLEAN, Column, RowType

# What a condition that is cheap to ask twice is made of, and of how many parts at most.
_CHEAP = (
    exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And,
    exp.Or, exp.Not, exp.Is, exp.Null, exp.Boolean, exp.Between, exp.Neg, exp.Cast, exp.DataType, exp.DataTypeParam,
)  # fmt: skip
_FEW = 40


@dataclass(frozen=True, slots=True)
class _Where:
    """A condition: its place in the list, its text, and the number of the output that it is for (None: no number)."""

    index: int
    text: str
    target: int | None


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order for every output."""
    return passing_types(ctx)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report conditions that cannot be read, targets that there are not, and outputs that get nothing."""
    yield from passing_problems(ctx)
    yield from collation_problems(ctx, "RS-4326")
    wheres = _wheres(ctx)
    if not wheres:
        yield ctx.problem(
            "RS-4320", "There is no condition.", mend="Add one for each output.", property="where_properties"
        )
    outputs = ctx.data_outputs
    for where in wheres:
        if where.target is None or not 0 <= where.target < len(outputs):
            has = "one output, number 0" if len(outputs) == 1 else f"outputs 0 to {len(outputs) - 1}"
            yield ctx.problem(
                "RS-4321",
                f"Condition {where.index + 1} is for an output that there is not.",
                mend=f"It has {has}.",
                property="where_properties",
            )
        try:
            _translated(ctx, where)
        except ExpressionError as error:
            yield ctx.problem(
                error.code,
                f"Condition {where.index + 1}: {error.message}",
                position=error.place.position,
                mend=error.mend,
                property="where_properties",
            )
    for index, output in enumerate(outputs):
        if wheres and all(where.target != index for where in wheres):
            yield ctx.problem(
                "RS-4322",
                f"No condition is for output {index}, so it gets no rows.",
                severity="warning",
                link=output.name,
            )
    if ctx.is_true("reject") and ctx.reject is None:
        yield ctx.problem(
            "RS-4323",
            "Rows that meet no condition are to be rejected, but there is no reject link.",
            property="reject",
            mend="Link one, or unset 'reject'.",
        )


def plan(ctx: StageContext) -> Fragment:
    """Return one relation an output, over one that computes the conditions where these cost something."""
    conditions = _conditions(ctx)
    if len(ctx.outputs) == 1 and ctx.reject is None:
        output = ctx.outputs[0]
        return Fragment((passing_relation(ctx, output, where=_guarded(ctx, conditions[0])),))
    source = ctx.primary
    reasons = {} if ctx.reject is None else {ctx.reject.key: "no condition held"}
    if all(_is_cheap(item) for item in conditions):
        # An engine that keeps the rows for several outputs can leave out those that no output takes.
        direct = list(_chosen(ctx, [item.value for item in conditions]))
        relations = tuple(passing_relation(ctx, output, where=where) for output, where in direct)
        counts = tuple(Count(output.key, source.key, where.copy()) for output, where in direct)
        return Fragment(relations, seen=counts, reasons=reasons)
    key = hidden_key(ctx.stage.key, "conditions")
    marks = [free_name(f"#{index}", source.row.names) for index in range(len(conditions))]
    values = [
        exp.alias_(_guarded(ctx, item), mark, quoted=True, copy=False)
        for item, mark in zip(conditions, marks, strict=True)
    ]
    sql = exp.Select(expressions=[exp.Star(), *values]).from_(table(source.key), copy=False)
    row = RowType((*source.row.columns, *(Column(mark, BOOLEAN, nullable=False) for mark in marks)), source.row.open)
    nodes = [Relation(ctx.stage.key, key, sql, (source.key,), row, source.type.ordering)]
    seen = []
    for output, where in _chosen(ctx, [column(mark) for mark in marks]):
        nodes.append(passing_relation(ctx, output, key, where=where))
        seen.append(Count(output.key, key, where.copy()))
    return Fragment(tuple(nodes), seen=tuple(seen), reasons=reasons)


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """What goes to no output is rejected; with more than one output that holds only where no row goes to two."""
    if ctx.reject is not None and (len(ctx.data_outputs) == 1 or ctx.is_true("first")):
        return (Law.sums([output.key for output in ctx.outputs], [ctx.primary.key]),)
    return ()


def _wheres(ctx: StageContext) -> list[_Where]:
    said = ctx.get("where_properties") or ()
    entries = [said] if isinstance(said, str | Mapping) else said
    found = []
    for index, entry in enumerate(entries):
        text = entry.get("where") if isinstance(entry, Mapping) else entry
        target = entry.get("target") if isinstance(entry, Mapping) else None
        if text is not None and str(text).strip():
            found.append(_Where(index, str(text), _number(target, index)))
    return found


def _number(said: object, default: int) -> int | None:
    if said is None or not str(said).strip():
        return default
    try:
        return int(str(said).strip())
    except ValueError:
        return None


def _translated(ctx: StageContext, where: _Where) -> Translated:
    source = ctx.primary
    bound = {item.name: Bound(column(item.name), item.type, item.nullable) for item in source.row}
    nulls: NullOrder = "greater" if str(ctx.get("nulls") or "first").strip().lower() == "last" else "less"
    # A bare name is a column here: a parameter stands between #, and must not hide a column of its name.
    scope = replace(names(ctx, {source.name: bound}), bare_columns=True)
    return translate_where(where.text, scope, nulls=nulls)


@dataclass(slots=True)
class _Condition:
    """The condition of an output: its SQL, and where each of its parts cannot be computed."""

    value: exp.Expression
    failures: list[tuple[_Where, exp.Expression]] = field(default_factory=list)


def _conditions(ctx: StageContext) -> list[_Condition]:
    """Return the condition of each data output, in order; with ``first`` they exclude each other."""
    by_output: list[list[exp.Expression]] = [[] for _ in ctx.data_outputs]
    failures: list[list[tuple[_Where, exp.Expression]]] = [[] for _ in ctx.data_outputs]
    earlier: list[tuple[int, exp.Expression]] = []
    for where in _wheres(ctx):
        translated = _translated(ctx, where)
        target = where.target or 0
        condition = exp.Paren(this=translated.value)
        if translated.fails_when is not None:
            failures[target].append((where, translated.fails_when))
        alone: exp.Expression = condition
        if ctx.is_true("first"):
            # Those for the same output need no exclusion: they are joined by "or".
            others = any_of(value.copy() for owner, value in earlier if owner != target)
            if others is not None:
                alone = exp.Paren(this=exp.And(this=condition, expression=exp.Not(this=exp.Paren(this=others))))
            earlier.append((target, condition))
        by_output[target].append(alone)
    return [
        _Condition(any_of(found) or exp.Boolean(this=False), failed)
        for found, failed in zip(by_output, failures, strict=True)
    ]


def _guarded(ctx: StageContext, condition: _Condition) -> exp.Expression:
    """Return a condition that ends the run where a value cannot be compared, saying which."""
    value = condition.value
    for where, fails in reversed(condition.failures):
        used = list(dict.fromkeys(item.name for item in fails.find_all(exp.Column)))
        compared = ", ".join(f"'{name}' is {VALUE}" for name in used)
        value = fail_when(
            ctx,
            fails,
            value,
            "RS-6225",
            message=f"Condition {where.index + 1} cannot be decided for a row in which {compared}: "
            "a value in it cannot be compared.",
            mend="Compare values of the same kind, or convert the column before the Filter.",
            link=ctx.primary.name,
            column=used[0] if len(used) == 1 else None,
            shown=[column(name) for name in used],
        )
    return value


def _is_cheap(condition: _Condition) -> bool:
    """Return whether a condition cannot fail and costs no more than to keep its result."""
    parts = list(condition.value.walk())
    return not condition.failures and len(parts) <= _FEW and all(isinstance(part, _CHEAP) for part in parts)


def _chosen(ctx: StageContext, marks: list[exp.Expression]) -> Iterable[tuple[Output, exp.Expression]]:
    """Yield each output with the condition of its rows, made of those of the data outputs."""
    yield from zip(ctx.data_outputs, marks, strict=True)
    if ctx.reject is not None:
        met = any_of(exp.Paren(this=mark.copy()) for mark in marks)
        yield ctx.reject, exp.Not(this=exp.Paren(this=met)) if met is not None else exp.Boolean(this=True)
