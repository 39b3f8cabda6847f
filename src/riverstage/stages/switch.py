"""Switch: each row goes to one output, chosen by the value of a column.

Decided where the facts are silent:

* A case is ``value`` or ``value=number``: the number of the output, from 0. Without one the first case is for output
  0, the second for output 1, and so on. What stands behind the last ``=`` is a number of an output only if it is a
  whole number. A value may stand in quotes. It is read as the selector's type; of cases with equal values the first
  holds.
* ``auto``: each value that occurs gets an output of its own, in ascending order of the values, null first.
* ``hash``: a whole number goes to the output of its remainder by the number of outputs; any other value to that of its
  text's hash; null to output 0.
* Null is in no case. ``if_not_found`` says what becomes of a row without an output: ``fail`` ends the run, ``ignore``
  leaves it out (counted, and no cause for a warning), ``allow`` sends it to the reject link.
* ``discard``: rows of cases for the output of that number are left out; that is counted and no cause for a warning. If
  no case is for it, or there are no cases (``auto``, ``hash``), rows are left out whose value is that number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions._sql import any_of, cast, constant
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.meaning import convert_value, decimal_of
from riverstage.expressions.nodes import call, column, literal, table
from riverstage.expressions.translate import convert
from riverstage.expressions.translated import Translated
from riverstage.plan import Count, Fragment, Law, LinkTypes, Relation, StageContext, fail_when, hidden_key
from riverstage.plan.failing import VALUE
from riverstage.stages._keys import collation_problems, folded, near, numbered
from riverstage.stages._passing import passing_problems, passing_relation, passing_types
from riverstage.stages._rows import free_name, whole
from riverstage.types import INT32, INT64, STRING, Column, DataType, RowType

_NOWHERE, _DROPPED = -1, -2


@dataclass(frozen=True, slots=True)
class _Case:
    """A case: its text, and the number of the output that it is for."""

    text: str
    target: int


def schema(ctx: StageContext) -> LinkTypes:
    """Return the input's columns and order for every output."""
    return passing_types(ctx)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report a selector that there is not, and cases that mean nothing."""
    yield from passing_problems(ctx)
    yield from collation_problems(ctx, "RS-4530")
    name, row = _selector(ctx), ctx.primary.row
    selector = row.get(name)
    if not name:
        yield ctx.problem("RS-4520", "No column is named that chooses the output.", property="key")
    elif selector is None:
        mend = near(name, row.names)
        yield ctx.problem("RS-4521", f"The input has no column '{name}'.", property="key", column=name, mend=mend)
    elif selector.type.kind in ("list", "struct"):
        message = f"The column '{name}' ({selector.type}) cannot choose an output."
        yield ctx.problem("RS-4522", message, property="key", column=name)
    if _mode(ctx) == "user":
        yield from _case_problems(ctx, selector)
    said = str(ctx.get("if_not_found") or "fail").strip().lower()
    if said == "allow" and ctx.reject is None and _mode(ctx) != "hash":
        yield ctx.problem(
            "RS-4527",
            "Rows that no case fits are to be rejected, but there is no reject link.",
            property="if_not_found",
            mend="Link one, or choose 'fail' or 'ignore'.",
        )
    if ctx.reject is not None and (said != "allow" or _mode(ctx) == "hash"):
        yield ctx.problem(
            "RS-4528",
            "The reject link gets no rows.",
            severity="warning",
            property="if_not_found",
            link=ctx.reject.name,
            mend="Rows are rejected where 'if_not_found' is 'allow', and every hash has an output.",
        )
    if ctx.get("discard") is not None and whole(ctx, "discard", 0) is None:
        yield ctx.problem("RS-4529", f"'discard' is a whole number, not {ctx.get('discard')!r}.", property="discard")


def _case_problems(ctx: StageContext, selector: Column | None) -> Iterable[Diagnostic]:
    cases, outputs = _cases(ctx), len(ctx.data_outputs)
    if not cases:
        yield ctx.problem("RS-4523", "There is no case.", property="case", mend="Add one for each output.")
    seen: dict[object, str] = {}
    for case in cases:
        if not 0 <= case.target < outputs and case.target != _discarded(ctx):
            yield ctx.problem(
                "RS-4524",
                f"The case '{case.text}' is for output {case.target}, which there is not.",
                property="case",
                mend=f"Outputs are numbered from 0 to {outputs - 1}.",
            )
        if selector is None or selector.type.kind in ("list", "struct"):
            continue
        try:
            value: object = _value(case.text, selector.type)
        except ConversionFailed:
            message = f"The case '{case.text}' is no {selector.type}, which the column '{selector.name}' is."
            yield ctx.problem("RS-4525", message, property="case", column=selector.name)
            continue
        value = str(value).lower() if _is_caseless(ctx) and isinstance(value, str) else value
        if value in seen:
            message = f"The case '{case.text}' is there twice; the first holds."
            yield ctx.problem("RS-4526", message, severity="warning", property="case")
        seen.setdefault(value, case.text)


def plan(ctx: StageContext) -> Fragment:
    """Return a relation that finds each row's output, and one an output."""
    source = ctx.primary
    mark = free_name("#output", source.row.names)
    nodes = _marked_by_rank(ctx, mark) if _mode(ctx) == "auto" else [_marked(ctx, mark)]
    key = nodes[-1].link
    seen: list[Count] = []
    for index, output in enumerate(ctx.data_outputs):
        where = _is(mark, index)
        nodes.append(passing_relation(ctx, output, key, where=where))
        seen.append(Count(output.key, key, where.copy()))
    if ctx.reject is not None:
        where = _is(mark, _NOWHERE) if _fate(ctx) == "allow" else exp.Boolean(this=False)
        nodes.append(passing_relation(ctx, ctx.reject, key, where=where))
        seen.append(Count(ctx.reject.key, key, where.copy()))
    dropped = _dropped(ctx)
    for name, number in zip(dropped, _dropped_marks(ctx), strict=True):
        seen.append(Count(name, key, _is(mark, number)))
    return Fragment(tuple(nodes), seen=tuple(seen), dropped=dropped, reasons=_reasons(ctx), asked=frozenset(dropped))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Every row goes to one output, is rejected, or is dropped."""
    counts = [output.key for output in ctx.outputs] + list(_dropped(ctx))
    laws = [Law.sums(counts, [ctx.primary.key])]
    if ctx.reject is not None and _fate(ctx) != "allow":
        laws.append(Law.exactly(ctx.reject.key, 0))
    return tuple(laws)


def _selector(ctx: StageContext) -> str:
    return str(ctx.get("key") or "").strip()


def _mode(ctx: StageContext) -> str:
    return str(ctx.get("selection") or "user").strip().lower()


def _fate(ctx: StageContext) -> str:
    """Return what becomes of rows without an output: ``fail``, ``ignore`` or ``allow``; in hash mode there are none."""
    said = str(ctx.get("if_not_found") or "fail").strip().lower()
    return "none" if _mode(ctx) == "hash" else said if said in ("ignore", "allow") else "fail"


def _is_caseless(ctx: StageContext) -> bool:
    return str(ctx.get("ci_cs") or "cs").strip().lower() == "ci"


def _discarded(ctx: StageContext) -> int | None:
    return None if ctx.get("discard") is None else whole(ctx, "discard", _NOWHERE)


def _dropped(ctx: StageContext) -> dict[str, str]:
    """Return the names in the ledger of the rows that are left out, with what they mean."""
    found = {}
    if _discarded(ctx) is not None:
        found[hidden_key(ctx.stage.key, "discarded")] = "rows discarded, as 'discard' says"
    if _fate(ctx) == "ignore":
        found[hidden_key(ctx.stage.key, "not found")] = "rows dropped: no case fits them"
    return found


def _reasons(ctx: StageContext) -> dict[str, str]:
    """Return why rows are rejected or left out."""
    found = dict.fromkeys(_dropped(ctx), "no case fits")
    if _discarded(ctx) is not None:
        found[hidden_key(ctx.stage.key, "discarded")] = "they are to be discarded"
    if ctx.reject is not None:
        found[ctx.reject.key] = "no case fits"
    return found


def _dropped_marks(ctx: StageContext) -> list[int]:
    """Return the marks of those rows, in the same order."""
    marks = [_DROPPED] if _discarded(ctx) is not None else []
    return [*marks, _NOWHERE] if _fate(ctx) == "ignore" else marks


def _cases(ctx: StageContext) -> list[_Case]:
    said = ctx.get("case") or ()
    entries = [said] if isinstance(said, str | int | float) else said
    found = []
    for index, entry in enumerate(entries):
        text, target = str(entry), index
        value, sign, number = text.rpartition("=")
        if sign and number.strip().isascii() and number.strip().isdigit():
            text, target = value.rstrip(), int(number)
        found.append(_Case(text, target))
    return found


def _value(text: str, kind: DataType) -> object:
    """Return a case's text as a value of the selector's type."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"":
        text = bare[1:-1].replace(bare[0] * 2, bare[0])
    # A text that is longer than the selector holds equals none of its values: it must not be cut.
    value = convert_value(text, STRING, replace(kind, length=None) if kind.kind in ("string", "binary") else kind)
    if (kind.is_integer or kind.kind == "decimal") and decimal_of(text) != value:
        raise ConversionFailed(f"'{text}' is no {kind}.")
    return value


def _is(mark: str, number: int) -> exp.Expression:
    return exp.EQ(this=column(mark), expression=literal(number))


def _hidden_row(ctx: StageContext, mark: str) -> RowType:
    row = ctx.primary.row
    return RowType((*row.columns, Column(mark, INT32, nullable=False)), row.open)


def _ending(ctx: StageContext, relation: str | None = None) -> exp.Expression:
    """Return the mark of a row without an output."""
    if _fate(ctx) != "fail":
        return literal(_NOWHERE)
    name = _selector(ctx)
    if _mode(ctx) == "auto":
        outputs = len(ctx.data_outputs)
        has = "one output" if outputs == 1 else f"{outputs} outputs"
        message = f"No output is left for the value {VALUE} of the column '{name}': the stage has {has}, one a value."
        mend = "Link more outputs, or say what becomes of such rows (if_not_found)."
    else:
        message = f"No case fits the value {VALUE} of the column '{name}'."
        mend = "Add a case, or say what becomes of such rows (if_not_found)."
    return fail_when(
        ctx,
        exp.Boolean(this=True),
        literal(_NOWHERE),
        "RS-6220",
        link=ctx.primary.name,
        column=name,
        message=message,
        mend=mend,
        shown=[column(name, relation)],
    )


def _selector_type(ctx: StageContext) -> DataType:
    known = ctx.primary.row.get(_selector(ctx))
    return known.type if known is not None else STRING


def _discard_rule(ctx: StageContext) -> list[exp.If]:
    """Return the rule for rows whose value is the number to be discarded; none where a case is for that number."""
    number = _discarded(ctx)
    if number is None or (_mode(ctx) == "user" and any(case.target == number for case in _cases(ctx))):
        return []
    kind = _selector_type(ctx)
    try:
        value = constant(convert_value(str(number), STRING, kind), kind)
    except ConversionFailed:
        return []
    return [exp.If(this=exp.EQ(this=column(_selector(ctx)), expression=value), true=literal(_DROPPED))]


def _marked(ctx: StageContext, mark: str) -> Relation:
    """Return the rows with the number of each one's output, by cases or by hash."""
    source = ctx.primary
    rules = _discard_rule(ctx)
    if _mode(ctx) == "hash":
        ending = _hashed(ctx)
    else:
        rules += _case_rules(ctx)
        ending = _ending(ctx)
    value = exp.Case(ifs=rules, default=ending) if rules else ending
    chosen = exp.alias_(cast(value, INT32), mark, quoted=True, copy=False)
    sql = exp.Select(expressions=[exp.Star(), chosen]).from_(table(source.key), copy=False)
    key = hidden_key(ctx.stage.key, "outputs")
    return Relation(ctx.stage.key, key, sql, (source.key,), _hidden_row(ctx, mark), source.type.ordering)


def _case_rules(ctx: StageContext) -> list[exp.If]:
    kind, caseless = _selector_type(ctx), _is_caseless(ctx)
    selector = folded(column(_selector(ctx)), kind, caseless=caseless)
    rules = []
    for case in _cases(ctx):
        value = folded(constant(_value(case.text, kind), kind), kind, caseless=caseless)
        target = _DROPPED if case.target == _discarded(ctx) else case.target
        rules.append(exp.If(this=exp.EQ(this=selector.copy(), expression=value), true=literal(target)))
    return rules


def _hashed(ctx: StageContext) -> exp.Expression:
    """Return the number of the output that a value's hash chooses."""
    outputs = len(ctx.data_outputs)
    kind, name = _selector_type(ctx), _selector(ctx)
    if kind.is_integer and kind.kind != "uint64":
        number = cast(column(name), INT64)
        rest = exp.Mod(this=number, expression=literal(outputs))
        # The remainder of a number below zero is below zero; its output is not.
        shifted = exp.Paren(this=exp.Add(this=exp.Paren(this=rest), expression=literal(outputs)))
        value: exp.Expression = exp.Mod(this=shifted, expression=literal(outputs))
    else:
        text = folded(convert(Translated(column(name), kind), STRING).value, STRING, caseless=_is_caseless(ctx))
        value = call("hash_bucket", text, literal(outputs), types=(STRING, INT64), returns=INT64)
    return exp.Coalesce(this=value, expressions=[literal(0)])


def _marked_by_rank(ctx: StageContext, mark: str) -> list[Relation]:
    """Return the rows with the rank of each one's value among those that occur, where there is an output for it."""
    source, stage = ctx.primary, ctx.stage.key
    kind = _selector_type(ctx)
    below, place = source.key, free_name("#row", source.row.names)
    nodes = []
    in_order = source.type.ordering.known and any(output.order_wanted for output in ctx.outputs)
    if in_order:
        below = hidden_key(stage, "numbered")
        nodes.append(
            Relation(stage, below, numbered(source.key, place), (source.key,), source.row, source.type.ordering)
        )
    found = hidden_key(stage, "values")
    selector = folded(column(_selector(ctx)), kind, caseless=_is_caseless(ctx))
    once = exp.Select(
        expressions=[exp.alias_(selector.copy(), "value", quoted=True, copy=False)], distinct=exp.Distinct()
    )
    once = once.from_(table(below), copy=False)
    dropped = any_of(rule.this for rule in _discard_rule(ctx))
    if dropped is not None:
        once = once.where(exp.Not(this=exp.Coalesce(this=dropped, expressions=[exp.Boolean(this=False)])), copy=False)
    order = exp.Order(expressions=[exp.Ordered(this=column("value"), desc=False, nulls_first=True)])
    rank = exp.Sub(this=exp.Window(this=exp.RowNumber(), order=order), expression=literal(1))
    ranked = exp.Select(expressions=[column("value"), exp.alias_(rank, "rank", quoted=True, copy=False)])
    ranked = ranked.from_(once.subquery(exp.Identifier(this="once", quoted=True), copy=False), copy=False)
    row = RowType((Column("value", kind), Column("rank", INT64)))
    nodes.append(Relation(stage, found, ranked, (below,), row))
    nodes.append(_joined(ctx, below, found, mark, place if in_order else None))
    return nodes


def _joined(ctx: StageContext, below: str, found: str, mark: str, place: str | None) -> Relation:
    source = ctx.primary
    selector = folded(column(_selector(ctx), "r"), _selector_type(ctx), caseless=_is_caseless(ctx))
    rank = column("rank", "v")
    has_output = exp.LT(this=rank, expression=literal(len(ctx.data_outputs)))
    rules = [exp.If(this=has_output, true=rank.copy())]
    if _discarded(ctx) is not None:
        rules.insert(0, exp.If(this=exp.Is(this=rank.copy(), expression=exp.Null()), true=literal(_DROPPED)))
    value = exp.Case(ifs=rules, default=_ending(ctx, "r"))
    columns: list[exp.Expression] = [column(name, "r") for name in source.row.names]
    sql = exp.Select(expressions=[*columns, exp.alias_(cast(value, INT32), mark, quoted=True, copy=False)])
    sql = sql.from_(table(below, "r"), copy=False).join(
        table(found, "v"),
        on=exp.NullSafeEQ(this=selector, expression=column("value", "v")),
        join_type="left",
        copy=False,
    )
    if place is not None:
        sql = sql.order_by(exp.Ordered(this=column(place, "r"), desc=False, nulls_first=True), copy=False)
    key = hidden_key(ctx.stage.key, "outputs")
    return Relation(ctx.stage.key, key, sql, (below, found), _hidden_row(ctx, mark), source.type.ordering)
