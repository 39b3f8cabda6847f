"""Derive columns, choose rows and split them over several outputs, with stage variables that live from row to row.

For each row the stage variables are computed in order, then for each output in order its constraint and its columns. A
stage variable that no row before has a say in becomes a column of the query, and so does the value that another had in
the row before; only those that are computed from their own past run row by row. An otherwise link takes the rows whose
constraint no link before met; a run warns of them in its log, with their number.

Decided where the facts are silent: a row fails where a stage variable cannot be computed (it is null then, and goes on
so to the rows behind), and goes to no output. A row fails on an output where its constraint or one of the columns that
it is to give there cannot be computed or holds a null that is not taken; it goes to the outputs before and to none from
there on. A row that fails goes once to the reject link, or is dropped and counted where there is none
(``abort_on_null`` ends the run instead). A constraint that is null is not met. The row limit ends the run with an error
at the row of that number. Why rows failed is counted by column where there are several outputs or a reject link;
``max_reject_log_msg`` of them stand in the job log, rejected or dropped. A stage variable without a type has that of
its expression, a decimal one without digits 38 of them, ten behind the point; without an initial value it starts as
zero or as the empty text, dates and times as null. @INROWNUM and @OUTROWNUM count over all rows, as there is one
partition.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from riverstage.errors import Diagnostic
from riverstage.plan import (
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    StageContext,
    Unsupported,
    hidden_key,
    mapping_problems,
    output_row,
)
from riverstage.stages._keys import carried, collation_problems
from riverstage.stages._lost_links import Said, lost_links
from riverstage.stages._transformer_build import build
from riverstage.stages._transformer_model import Model, OutputModel
from riverstage.stages._transformer_settings import output_settings, unsupported, variable_settings
from riverstage.types import RowType

if TYPE_CHECKING:
    from riverstage.plan import Output


def schema(ctx: StageContext) -> LinkTypes:
    """Return the derived columns of each output, in the input's order; a reject link carries the input's columns."""
    model = build(ctx)
    source = ctx.primary
    deterministic = source.type.deterministic and model.deterministic
    outputs: dict[str, LinkType] = {}
    for item in model.outputs:
        row = RowType(tuple(made.column for made in item.columns), source.row.open and ctx.propagates())
        ordering = carried(source.type.ordering, _kept(item))
        outputs[item.settings.output.key] = LinkType(row, ordering, deterministic)
    if ctx.reject is not None:
        row = output_row(ctx, ctx.reject, source.row)
        same = {name: name for name in row.names if name in source.row}
        outputs[ctx.reject.key] = LinkType(row, carried(source.type.ordering, same), deterministic)
    counts = model.counts_input or model.remembers or any(item.counts_rows for item in model.outputs)
    wanted = frozenset({source.key} if counts else ())
    return LinkTypes(outputs, wanted, tuple((output.key, source.key) for output in ctx.outputs))


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report every expression that cannot be read or typed, and what is set and does not run."""
    model = build(ctx)
    yield from model.problems
    yield from collation_problems(ctx, "RS-4550")
    if model.remembers and not ctx.primary.type.ordering.known:
        names = ", ".join(f"'{item.name}'" for item in model.variables if item.previous)
        yield ctx.problem(
            "RS-4549",
            f"Stage variables remember earlier rows ({names}), and the rows come in no order.",
            severity="warning",
            property="stage_variables",
            mend="Sort them first.",
        )
    if not ctx.data_outputs:
        yield ctx.problem("RS-4540", "No output is linked.", mend="Link one.")
    if ctx.reject is not None:
        yield from mapping_problems(ctx, ctx.reject, ctx.primary.row)


def check_unlinked(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report the expressions that name links that are gone, while the stage lacks a link."""
    said = [
        Said(text, "stage_variables", column=variable.name)
        for variable in variable_settings(ctx)
        for text in (variable.derivation, variable.initial)
    ]
    for output in output_settings(ctx):
        link = output.output.name
        said.append(Said(output.constraint, "transformer_constraint", link))
        said += [Said(text, "value_derivation", link, column) for column, text in output.derivations.items()]
    return lost_links(ctx, said)


def plan(ctx: StageContext) -> Fragment | Unsupported:
    """Return the relations, with a kernel among them where stage variables have state."""
    from riverstage.stages._transformer_plan import plan_of

    for name, reason in unsupported(ctx):
        return Unsupported(f"{reason}.", name)
    return plan_of(build(ctx))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Say which sums of outputs hold, whatever the data is."""
    model = build(ctx)
    lost = _lost(ctx, model)
    laws: list[Law] = []
    every = [item for item in model.outputs if not item.settings.constraint and not item.settings.is_otherwise]
    if not lost or not _can_fail(model):
        laws += [Law.equal(item.settings.output.key, ctx.primary.key, stage=ctx.stage.key) for item in every]
    elif len(model.outputs) == 1 and every:
        laws.append(Law.sums([every[0].settings.output.key, lost], [ctx.primary.key], stage=ctx.stage.key))
    pair = model.outputs
    if [(bool(item.settings.constraint), item.settings.is_otherwise) for item in pair] == [
        (True, False),
        (False, True),
    ]:
        outputs = [item.settings.output.key for item in pair]
        laws.append(Law.sums([*outputs, *([lost] if lost else [])], [ctx.primary.key], stage=ctx.stage.key))
    if ctx.reject is not None and not _can_fail(model):
        laws.append(Law.exactly(ctx.reject.key, 0, stage=ctx.stage.key))
    return tuple(laws)


def _kept(item: OutputModel) -> dict[str, str]:
    """Return the names under which an output carries the input's columns as they stand."""
    names: dict[str, str] = {}
    for made in item.columns:
        if made.source is not None:
            names.setdefault(made.source, made.column.name)
    return names


def _can_fail(model: Model) -> bool:
    return any(item.can_fail for item in model.variables) or any(_fails(item) for item in model.outputs)


def _fails(item: OutputModel) -> bool:
    values = [item.constraint, *(made.value for made in item.columns if not made.counts_rows)]
    return any(value is not None and value.fails_when is not None for value in values)


def _lost(ctx: StageContext, model: Model) -> str | None:
    """Return the count of the rows that fail: of the reject link, else of those that are dropped."""
    reject: Output | None = ctx.reject
    if reject is not None:
        return reject.key
    if _can_fail(model) and not ctx.is_true("abort_on_null"):
        return hidden_key(ctx.stage.key, "dropped")
    return None
