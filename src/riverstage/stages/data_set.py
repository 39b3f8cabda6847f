"""Read a data set, or write one: rows with their columns, in parts behind a descriptor.

Decided where the facts are silent: rows are added only under the same columns (names and types, in order), and
``discard_records`` puts other rows under the columns that are there; a column that the link names and the data set
lacks is an error unless ``missing_columns_mode`` says otherwise: ``nullable`` fills those that may be null with null,
``nonnullable`` those that may not with the type's default, ``all`` both; a stored value, or a null, that the column of
the link cannot hold ends the run. What is written stays unseen until the descriptor is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from riverstage.errors import Diagnostic
from riverstage.plan import (
    SOURCE_ORDER,
    Fragment,
    Law,
    LinkType,
    LinkTypes,
    Output,
    ReadRequest,
    Sink,
    StageContext,
    Unsupported,
    WriteRequest,
    mapping_problems,
    source_of,
)
from riverstage.stages._file_rows import plan_stored_source, stored_row
from riverstage.stages._files import file_names, folder_problems, same_target
from riverstage.types import Column, RowType

_MODES = {
    ">| [ds": "overwrite", ">> [ds": "append", "> [ds": "create", "> [ds; -dr": "discard_records",
    "> [ds; -dsr": "overwrite", "discard_schema": "overwrite",
}  # fmt: skip


def schema(ctx: StageContext) -> LinkTypes:
    """Return the columns of the link's schema, else of the data set; a target wants the order of a sort."""
    outputs = {
        output.key: LinkType(stored_row(ctx, output, _request(ctx)), SOURCE_ORDER) for output in ctx.data_outputs
    }
    wants = frozenset({ctx.primary.key}) if ctx.inputs and ctx.primary.type.ordering.keys else frozenset()
    return LinkTypes(outputs, wants_order=wants)


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report a data set that is not named, columns that it lacks, and data sets that several stages write."""
    names = file_names(ctx, "file")
    if not names:
        yield ctx.problem("RS-4280", "No data set is named.", property="file", mend="Set 'file'.")
    if ctx.inputs and ctx.data_outputs:
        yield ctx.problem("RS-4281", "The stage reads a data set or writes one, not both.", mend="Use two stages.")
    if ctx.inputs:
        yield from folder_problems(ctx, names[:1])
    yield from same_target(ctx, names, code="RS-4283")
    if ctx.data_outputs and not ctx.inputs and names and ctx.describe is not None:
        yield from _column_problems(ctx, ctx.data_outputs[0])


def plan(ctx: StageContext) -> Fragment | Unsupported:
    """Return a source that reads, or a sink that writes."""
    if ctx.inputs:
        source = ctx.primary
        said = str(ctx.get("update_policy") or ">| [ds")
        options = {"path": _path(ctx), "mode": _MODES.get(said, said)}
        request = WriteRequest("data_set", options, source.row)
        return Fragment((Sink(ctx.stage.key, source.key, request, bool(source.type.ordering.keys)),))
    output = ctx.data_outputs[0]
    made = _stored(ctx)
    absent = {column.name: _fill(column) for column in _absent(output, made)} if made is not None else {}
    return plan_stored_source(ctx, output, "data_set", {"path": _path(ctx)}, made=made, absent=absent)


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """Nothing ties what a data set gives or takes to other links of the stage."""
    del ctx
    return ()


def _path(ctx: StageContext) -> str:
    names = file_names(ctx, "file")
    return names[0] if names else ""


def _request(ctx: StageContext) -> ReadRequest:
    return ReadRequest("data_set", {"path": _path(ctx)}, RowType())


def _stored(ctx: StageContext) -> RowType | None:
    if ctx.describe is None:
        return None
    row: RowType = ctx.describe(_request(ctx)).row
    return row


def _absent(output: Output, made: RowType) -> list[Column]:
    found = source_of(output, made)
    return [column for column in output.link.schema or () if column.name not in found]


def _is_filled(ctx: StageContext, column: Column) -> bool:
    mode = str(ctx.get("missing_columns_mode") or " ").strip()
    return mode == "all" or mode == ("nullable" if column.nullable else "nonnullable")


def _column_problems(ctx: StageContext, output: Output) -> Iterator[Diagnostic]:
    made = _stored(ctx)
    if made is None:
        return
    filled = [column.name for column in _absent(output, made) if _is_filled(ctx, column)]
    yield from mapping_problems(ctx, output, made, ignore=filled)


def _fill(column: Column) -> Any:
    """Return what stands for a column that is not stored: null, else its type's default."""
    from riverstage.expressions._sql import cast, constant
    from riverstage.stages._keys import default_value

    if column.nullable:
        return constant(None, column.type)
    return cast(default_value(column.type), column.type)
