"""Read files, or write one: delimited text, fixed widths, Parquet, JSON lines.

Decided where the facts are silent. Reading: a file whose first line names the columns is read by name, in whatever
order and with whatever other columns it has; a name that is missing is an error. With runtime column propagation the
columns that the link does not name come behind those that it names, as text. What counts as a value of a column stands
in ``connectors/_reading.py``; digits of a decimal that the column has no room for are cut (``rounding``). A record that
cannot be read is dropped with a warning and a count, fails the run, or goes to the reject link as it stands, in the
column ``rejected`` and in no order; a reject link that is there gets them whatever the mode says, unless it says to
fail. Writing: values are quoted where they need it (``quote`` says with what, a column's own ``quote`` says always);
decimals are written plain (``2450.00``), and with a column's ``decimal_padded`` as `` 02450.00``; a null in a column
for which nothing stands for null cannot be written, nor can, without quotes, a value that holds a delimiter or a line
end: such rows are dropped with a warning and a count, or go to the reject link as text. What stands for null
(``null_field_value``) is in effect only once it is set, for the stage or for a column; its default is what other tools
show. A field that reads as the null text is null, in quotes or not, so take a text that no value has: one that is
written in quotes, to tell it from null in other programs, comes back as null here. Parquet and JSON lines hold nulls.
Rows of Parquet come with their types, so none is rejected: a value, or a null, that the column of the link cannot hold
ends the run, as it does with a data set, whatever the reject mode says. A target is replaced as a whole
(``file_update_mode``), so nothing is left of a run that failed, whatever ``cleanup_on_failure`` says.
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
    Source,
    StageContext,
    Unsupported,
    hidden_key,
    mapping_problems,
)
from riverstage.stages._file_rows import plan_rejects, plan_stored_source, reads_stored
from riverstage.stages._file_target import target_fragment, target_laws
from riverstage.stages._files import (
    directive,
    file_names,
    folder_problems,
    format_problems,
    same_target,
    says_nothing,
    source_problems,
    text_format,
)
from riverstage.types import INT64, STRING, Column, DataType, RowType

_FAMILIES = {"sequential": "delimited", "parquet": "parquet", "json_lines": "json_lines"}
_REJECTED = "rejected"
_MOST_LOOKED_AT = 50
_ADDED = ("row_number", "file_name")


def schema(ctx: StageContext) -> LinkTypes:
    """Return the columns of the link's schema, else of the file; a target wants its rows in order."""
    outputs: dict[str, LinkType] = {}
    for output in ctx.data_outputs:
        outputs[output.key] = LinkType(_source_row(ctx, output), SOURCE_ORDER)
    if ctx.reject is not None:
        outputs[ctx.reject.key] = LinkType(_reject_row(ctx, ctx.reject))
    if not ctx.inputs:
        return LinkTypes(outputs)
    source = ctx.primary
    wants = _family(ctx) != "parquet" or bool(source.type.ordering.keys)
    return LinkTypes(outputs, wants_order=frozenset({source.key} if wants else ()))


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report what is missing, what is not supported yet, and files that several stages write."""
    yield from _family_problems(ctx)
    if ctx.inputs:
        yield from _target_problems(ctx)
    else:
        yield from _source_problems(ctx)
    yield from _reject_problems(ctx)
    names = file_names(ctx, "file") if ctx.inputs else _paths(ctx)
    yield from same_target(ctx, names, code="RS-4263")


def plan(ctx: StageContext) -> Fragment | Unsupported:
    """Return a source that reads, or a sink that writes."""
    if ctx.inputs:
        return target_fragment(ctx, _family(ctx), _target_options(ctx), text_format(ctx))
    output = ctx.data_outputs[0]
    if reads_stored(_family(ctx)):
        return plan_stored_source(ctx, output, _family(ctx), _source_options(ctx))
    reject = ctx.reject
    rejected = None
    if reject is not None and not _fails(ctx):
        rejected = reject.key if _reject_made(ctx) == reject.row else hidden_key(ctx.stage.key, "rejected")
    request = ReadRequest(_family(ctx), _source_options(ctx), output.row)
    source = Source(ctx.stage.key, output.key, request, rejected, SOURCE_ORDER)
    dropped = hidden_key(ctx.stage.key, "rejected")
    meanings = {dropped: "records could not be read and were dropped"} if reject is None and not _fails(ctx) else {}
    reasons = {dropped if reject is None else reject.key: "the record cannot be read"}
    if reject is None:
        return Fragment((source,), dropped=meanings, reasons=reasons)
    return Fragment((source, *plan_rejects(ctx, reject, _reject_made(ctx), rejected)), reasons=reasons)


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """What a target takes and what it rejects is what comes; nothing ties what a source gives to anything."""
    if ctx.inputs:
        return target_laws(ctx, _family(ctx), text_format(ctx))
    if ctx.reject is not None and (_fails(ctx) or reads_stored(_family(ctx))):
        return (Law.exactly(ctx.reject.key, 0, stage=ctx.stage.key),)
    if ctx.reject is not None and _reject_made(ctx) != ctx.reject.row:
        hidden = hidden_key(ctx.stage.key, "rejected")
        return (Law.equal(ctx.reject.key, hidden, stage=ctx.stage.key),)
    return ()


def _family(ctx: StageContext) -> str:
    return _FAMILIES.get(str(ctx.get("file_format") or "sequential"), "delimited")


def _paths(ctx: StageContext) -> list[str]:
    if str(ctx.get("read_method") or "file") == "pattern":
        return file_names(ctx, "file_pattern", "file_plus")
    return file_names(ctx, "file_plus", "file")


def _fails(ctx: StageContext) -> bool:
    return str(ctx.get("reject_mode") or "continue") == "fail"


def _source_options(ctx: StageContext) -> dict[str, Any]:
    options: dict[str, Any] = {
        "paths": _paths(ctx),
        "missing": "okay" if str(ctx.get("missing_file_mode") or "") == "okay" else "error",
        "on_bad": "fail" if _fails(ctx) else "drop",
        "stage": ctx.stage.label,
        "link": ctx.data_outputs[0].name if ctx.data_outputs else None,
    }
    named = {"first_rows": "read_first_rows", "row_number": "row_number_column", "file_name": "file_name_column"}
    options |= {option: ctx.get(name) for option, name in named.items() if ctx.get(name)}
    if ctx.reject is not None and ctx.get("reject_reason_column"):
        options["reason"] = str(ctx.get("reject_reason_column"))
    if ctx.is_true("read_entire_file_as_one_column"):
        options["whole_file"] = True
    format_ = text_format(ctx)
    if _family(ctx) == "delimited":
        options |= format_.options()
        if format_.delimiter == "":
            options["widths"] = _widths(ctx, format_.width)
    elif _family(ctx) == "json_lines":
        options |= format_.formats
    return options


def _widths(ctx: StageContext, width: int | None) -> list[int]:
    """Return the widths of the fields of a file without a delimiter: a column's own, the stage's, its length."""
    added = {ctx.get("row_number_column"), ctx.get("file_name_column")}
    row = ctx.data_outputs[0].link.schema or RowType()
    widths = []
    for column in row:
        if column.name in added:
            continue
        own = directive(column.properties, "width", "field_width")
        widths.append(int(own) if own else width or _natural_width(column.type))
    return widths


def _natural_width(type: DataType) -> int:
    if type.kind == "decimal":
        return (type.precision or 38) + 2
    return {"date": 10, "time": 8, "timestamp": 19}.get(type.kind, type.length or 0)


def _target_options(ctx: StageContext) -> dict[str, Any]:
    format_ = text_format(ctx)
    names = file_names(ctx, "file", "file_plus")
    mode = str(ctx.get("file_update_mode") or "overwrite").strip()
    options: dict[str, Any] = {"path": names[0] if names else "", "mode": mode or "create"}
    if _family(ctx) == "delimited":
        options |= format_.options()
        options["line_end"] = format_.line_end
    elif _family(ctx) == "parquet":
        options["codec"] = str(ctx.get("compression_codec") or "snappy")
        if ctx.stage.is_set("row_group_size") and ctx.get("row_group_size"):
            options["row_group_rows"] = int(ctx.get("row_group_size"))
    return options


def _source_row(ctx: StageContext, output: Output) -> RowType:
    declared = output.link.schema
    if reads_stored(_family(ctx)):
        from riverstage.stages._file_rows import stored_row

        return stored_row(ctx, output, ReadRequest(_family(ctx), _source_options(ctx), RowType()))
    if declared is not None and len(declared):
        return _with_added(ctx, _with_unnamed(ctx, declared))
    if ctx.describe is None or not _paths(ctx):
        return RowType(open=True)
    row: RowType = ctx.describe(ReadRequest(_family(ctx), _source_options(ctx), RowType())).row
    return row


def _with_unnamed(ctx: StageContext, declared: RowType) -> RowType:
    """Return the columns of a link with those that a file's first line names besides, where columns are propagated."""
    format_ = text_format(ctx)
    named = _family(ctx) == "delimited" and format_.header and format_.delimiter
    if not named or ctx.describe is None or not _paths(ctx) or not ctx.propagates():
        return declared
    options = _source_options(ctx)
    there = {name.casefold() for name in (*declared.names, *(str(options.get(added)) for added in _ADDED))}
    row: RowType = ctx.describe(ReadRequest("delimited", options, RowType())).row
    return declared.with_columns(*(column for column in row if column.name.casefold() not in there))


def _with_added(ctx: StageContext, row: RowType) -> RowType:
    if ctx.get("row_number_column") and ctx.get("row_number_column") not in row:
        row = row.with_columns(Column(str(ctx.get("row_number_column")), INT64, nullable=False))
    if ctx.get("file_name_column") and ctx.get("file_name_column") not in row:
        row = row.with_columns(Column(str(ctx.get("file_name_column")), STRING, nullable=False))
    return row


def _reject_made(ctx: StageContext) -> RowType:
    """Return what a reject link gets: the record, and the reason where a column for it is named."""
    columns = [Column(_REJECTED, STRING, nullable=False)]
    if not ctx.inputs and ctx.get("reject_reason_column"):
        columns.append(Column(str(ctx.get("reject_reason_column")), STRING, nullable=False))
    return RowType(tuple(columns))


def _reject_row(ctx: StageContext, reject: Output) -> RowType:
    declared = reject.link.schema
    return RowType(declared.columns) if declared is not None and len(declared) else _reject_made(ctx)


def _family_problems(ctx: StageContext) -> Iterator[Diagnostic]:
    if ctx.inputs and ctx.data_outputs:
        yield ctx.problem("RS-4264", "The stage either reads files or writes one, not both.", mend="Use two stages.")


def _source_problems(ctx: StageContext) -> Iterator[Diagnostic]:
    pattern = str(ctx.get("read_method") or "file") == "pattern"
    if not _paths(ctx):
        name = "file_pattern" if pattern else "file_plus"
        yield ctx.problem("RS-4260", "No file to read is named.", property=name, mend=f"Set '{name}'.")
    if not ctx.data_outputs:
        return
    output = ctx.data_outputs[0]
    format_ = text_format(ctx)
    if _family(ctx) == "delimited":
        yield from format_problems(ctx, format_, output.row, output.name)
        if format_.delimiter == "":
            yield from _width_problems(ctx, output, format_.width)
    else:
        yield from (ctx.problem(code, said, property=name) for code, said, name in format_.problems)
    if ctx.is_true("read_entire_file_as_one_column") and len(output.row) > 1 + _added_count(ctx):
        yield ctx.problem(
            "RS-4262",
            "A whole file is one column, and the link has more.",
            property="read_entire_file_as_one_column",
            link=output.name,
        )
    if reads_stored(_family(ctx)) and ctx.describe is not None and _paths(ctx):
        row = ctx.describe(ReadRequest(_family(ctx), _source_options(ctx), RowType())).row
        yield from mapping_problems(ctx, output, row)
    elif _paths(ctx) and str(ctx.get("missing_file_mode") or "") != "okay":
        # To see that files are there and may be read, all of them are text.
        said = {name: value for name, value in _source_options(ctx).items() if name in ("paths", "encoding")}
        found = list(source_problems(ctx, ReadRequest("delimited", said, RowType())))
        yield from found or _empty_problems(ctx, output)


def _empty_problems(ctx: StageContext, output: Output) -> Iterator[Diagnostic]:
    """Report files that have not even the line that names their columns."""
    if output.link.schema is None and not len(output.row) and not output.row.open:
        yield ctx.problem(
            "RS-4272",
            f"'{_paths(ctx)[0]}' is empty, so it says no columns, and the link has no schema.",
            property="file",
            link=output.name,
            mend="Give the link a schema, or check what should have written the file.",
        )
    elif _family(ctx) == "delimited" and text_format(ctx).header:
        options = _source_options(ctx)
        for path in _paths(ctx)[:_MOST_LOOKED_AT]:
            if says_nothing(ctx, ReadRequest("delimited", {**options, "paths": [path]}, RowType())):
                yield ctx.problem(
                    "RS-4271",
                    f"'{path}' is empty: its first line should name the columns.",
                    severity="warning",
                    property="first_line_is_column_names",
                    link=output.name,
                    mend="Check what should have written it.",
                )


def _added_count(ctx: StageContext) -> int:
    return sum(1 for name in ("row_number_column", "file_name_column") if ctx.get(name))


def _width_problems(ctx: StageContext, output: Output, width: int | None) -> Iterator[Diagnostic]:
    declared = output.link.schema
    if declared is None or not len(declared):
        yield ctx.problem(
            "RS-4270",
            "A file without a delimiter needs the columns' widths, and the link has no schema.",
            link=output.name,
            property="delimiter",
        )
        return
    for column, found in zip(declared, _widths(ctx, width), strict=False):
        if not found:
            yield ctx.problem(
                "RS-4270",
                f"The width of the column '{column.name}' is not said.",
                link=output.name,
                column=column.name,
                mend="Give it a length, or set 'field_width'.",
            )


def _target_problems(ctx: StageContext) -> Iterator[Diagnostic]:
    names = file_names(ctx, "file", "file_plus")
    source = ctx.primary
    format_ = text_format(ctx)
    if not names:
        yield ctx.problem("RS-4260", "No file to write is named.", property="file", mend="Set 'file'.")
    yield from folder_problems(ctx, names[:1])
    if len(names) > 1:
        yield ctx.problem("RS-4261", "Writing to several files at once is not supported yet.", property="file")
    if str(ctx.get("write_method") or " ").strip() not in ("", "specific"):
        yield ctx.problem("RS-4261", "Writing a set of files is not supported yet.", property="write_method")
    if _family(ctx) == "delimited":
        yield from format_problems(ctx, format_, source.row, source.name)
        if format_.delimiter == "":
            yield ctx.problem("RS-4261", "Writing fixed widths is not supported yet.", property="delimiter")
        for column in source.row:
            if column.type.kind == "binary":
                yield ctx.problem(
                    "RS-4265",
                    f"The column '{column.name}' is binary, which delimited text cannot hold.",
                    link=source.name,
                    column=column.name,
                    mend="Use Parquet or a data set.",
                )
    else:
        yield from (ctx.problem(code, said, property=name) for code, said, name in format_.problems)
    if _family(ctx) == "parquet":
        if str(ctx.get("file_update_mode") or "") == "append":
            yield ctx.problem(
                "RS-4266",
                "Rows cannot be added to a Parquet file.",
                property="file_update_mode",
                mend="Use a data set.",
            )
        if str(ctx.get("compression_codec") or "") == "lzo":
            yield ctx.problem("RS-4261", "LZO is not supported.", property="compression_codec", mend="Use snappy.")


def _reject_problems(ctx: StageContext) -> Iterator[Diagnostic]:
    mode = str(ctx.get("reject_mode") or "continue")
    if mode == "save" and ctx.reject is None:
        yield ctx.problem(
            "RS-4268",
            "Rejects are to be saved, but there is no reject link; they are dropped and counted.",
            severity="warning",
            property="reject_mode",
            mend="Connect a reject link.",
        )
    if ctx.reject is None:
        return
    if mode == "fail":
        yield ctx.problem(
            "RS-4268",
            "The reject link stays empty, because the run fails at the first reject.",
            severity="warning",
            property="reject_mode",
        )
    elif not ctx.inputs and reads_stored(_family(ctx)):
        yield ctx.problem(
            "RS-4268",
            "The reject link stays empty: rows of Parquet have types, and one that does not fit ends the run.",
            severity="warning",
            property="file_format",
        )
    yield from mapping_problems(ctx, ctx.reject, _reject_made(ctx))
