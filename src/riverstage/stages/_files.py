"""What the file stages share: the format of a text file, as the stage's many properties say it.

A property that somebody set counts, and one that its section's list of opened settings names (``record_level_options``,
``field_defaults_options`` …); a default that nobody opened is only what a form shows. What bears on the result and
cannot be done yet is a finding, never silence.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage.errors import ConnectorError, Diagnostic, ExpressionError, Place, RiverstageError

if TYPE_CHECKING:
    from riverstage.plan import ReadRequest, Stage, StageContext
    from riverstage.types import RowType

__all__ = [
    "TextFormat",
    "directive",
    "file_names",
    "folder_problems",
    "format_problems",
    "null_text",
    "same_target",
    "says_nothing",
    "source_problems",
    "text_format",
]

_CHARACTERS: Mapping[str, str] = {
    "comma": ",", "tab": "\t", "newline": "\n", "return_newline": "\r\n", "period": ".", "space": " ",
    "single": "'", "double": '"', "\\t": "\t", "\\n": "\n", "\\r\\n": "\r\n",
}  # fmt: skip
_WORDS = frozenset({"ws", "end", "none", "null", "custom", "", " "})
_SECTIONS = (
    "record_level_options", "field_defaults_options", "general_options", "decimal_options", "numeric_options",
    "date_options", "time_options", "timestamp_options", "string_options",
)  # fmt: skip

# What is set or opened under these names changes how bytes are read or written, and cannot be done yet.
_UNSUPPORTED: Mapping[str, str] = {
    "filter": "A command that the bytes pass through is not supported yet.",
    "schema_file": "A schema file is not supported yet; give the link a schema.",
    "rich_file": "Files behind a connection are not supported yet.",
    "rich_file_plus": "Files behind a connection are not supported yet.",
    "richfile": "Files behind a connection are not supported yet.",
    "richfile_plus": "Files behind a connection are not supported yet.",
    "connection": "Files behind a connection are not supported yet.",
    "fill_char": "Fill bytes between fields are not supported yet.",
    "record_prefix": "Records with a length before them are not supported yet.",
    "record_length": "Records of a fixed number of bytes are not supported yet; give the columns widths.",
    "record_type": "Records without line ends are not supported yet.",
    "prefix_bytes": "Fields with a length before them are not supported yet.",
    "vector_prefix": "Vectors with a length before them are not supported yet.",
    "actual_field_length": "Fields of which a part is skipped are not supported yet.",
    "null_field_length": "A length that stands for null is not supported yet; use a null value.",
    "field_max_width": "A greatest width for all fields is not supported yet; give the columns lengths.",
    "print_field": "Printing of fields to the log is not supported yet.",
    "whether_check_intact": "Checks of partial records are not supported yet.",
    "c_format": "Number formats of the C language are not supported yet.",
    "in_format": "Number formats of the C language are not supported yet.",
    "out_format": "Number formats of the C language are not supported yet.",
    "decimal_packed": "Packed decimals are not supported yet.",
    "precision": "Another precision than the column's is not supported.",
    "scale": "Another scale than the column's is not supported.",
    "days_since": "Dates as days since a date are not supported yet.",
    "is_julian": "Julian days are not supported yet.",
    "is_midnight_seconds": "Times as seconds since midnight are not supported yet.",
    "import_ascii_as_ebcdic": "EBCDIC is not supported yet.",
    "export_ebcdic_as_ascii": "EBCDIC is not supported yet.",
    "whether_specify_null_field_value_separator": "Several null values are not supported yet.",
}  # fmt: skip
_OPENED_AS: Mapping[str, str] = {
    "fill": "fill_char", "intact": "whether_check_intact", "record_format": "record_type", "round": "rounding",
    "actual_length": "actual_field_length", "null_length": "null_field_length", "null_field": "null_field_value",
    "delim_string": "delimiter_string", "final_delim_string": "final_delimiter_string", "charset": "character_set",
    "record_delim_string": "record_delimiter_string", "max_width": "field_max_width", "padchar": "pad_char",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextFormat:
    """The format of a text file.

    Args:
        delimiter: What stands between fields; empty: nothing, fields have widths.
        quote: What fields are put in where they need it; empty for nothing.
        line_end: What ends a line when written; when read, any line end does.
        final_delimiter: Whether a delimiter stands behind the last field.
        null: The text that stands for null; None for none.
        header: Whether the first line names the columns.
        encoding: The character set.
        width: The width of fields without one of their own.
        formats: What else there is to say on dates, times and decimals, in the terms of connectors.
        problems: What is wrong: code, message, property.
    """

    delimiter: str = ","
    quote: str = '"'
    line_end: str = "\n"
    final_delimiter: bool = False
    null: str | None = None
    header: bool = False
    encoding: str = "UTF-8"
    width: int | None = None
    formats: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[tuple[str, str, str], ...] = ()

    def options(self) -> dict[str, Any]:
        """Return the format in the terms of the connector family ``delimited``."""
        said = {
            "delimiter": self.delimiter,
            "quote": self.quote,
            "header": self.header,
            "encoding": self.encoding,
            "final_delimiter": self.final_delimiter,
            **self.formats,
        }
        return said if self.null is None else {**said, "null": self.null}


def opened(ctx: StageContext) -> frozenset[str]:
    """Return the settings that the lists of opened settings name, by their Python names."""
    names: set[str] = set()
    for section in _SECTIONS:
        value = ctx.stage.properties.get(section)
        for name in (value,) if isinstance(value, str) else value or ():
            names.add(_OPENED_AS.get(str(name), str(name)))
    return frozenset(names)


def file_names(ctx: StageContext, *properties: str) -> list[str]:
    """Return the file names that the first filled one of some properties says."""
    for name in properties:
        value = ctx.get(name)
        if isinstance(value, str) and value.strip():
            return [value.strip()]
        if isinstance(value, list | tuple):
            names = [str(item).strip() for item in value if str(item).strip()]
            if names:
                return names
    return []


def text_format(ctx: StageContext) -> TextFormat:
    """Return the format that a stage's properties say, with what is wrong about it."""
    problems: list[tuple[str, str, str]] = []
    said = opened(ctx)
    delimiter = _character(ctx, "delimiter", "delim_value", "delimiter_string", problems)
    quote = _character(ctx, "quote", "quote_value", None, problems)
    final = _character(ctx, "final_delimiter", "final_delim_value", "final_delimiter_string", problems)
    line_end = _character(ctx, "record_delimiter", "record_delim_value", "record_delimiter_string", problems)
    if delimiter in ("ws", "end", "null"):
        problems.append(("RS-4261", f"The delimiter '{delimiter}' is not supported yet.", "delimiter"))
        delimiter = ","
    if final not in ("end", "none", delimiter):
        message = "Another delimiter behind the last column than between columns is not supported yet."
        problems.append(("RS-4261", message, "final_delimiter"))
    if line_end not in ("\n", "\r\n"):
        problems.append(("RS-4261", "Only line ends are supported between records yet.", "record_delimiter"))
        line_end = "\n"
    if len(delimiter.encode()) > 4 and delimiter != "none":
        problems.append(("RS-4262", "A delimiter has at most four bytes.", "delimiter"))
    if quote != "none" and len(quote.encode()) > 1:
        problems.append(("RS-4262", f"A quote is one character, not '{quote}'.", "quote"))
    problems.extend(_unsupported(ctx, said))
    return TextFormat(
        delimiter="" if delimiter == "none" else delimiter,
        quote="" if quote == "none" else quote,
        line_end=line_end,
        final_delimiter=final == delimiter and delimiter != "none",
        null=_null_of_stage(ctx, said),
        header=ctx.is_true("first_line_is_column_names"),
        encoding=str(ctx.get("map_name") or "UTF-8"),
        width=_width(ctx, said),
        formats=dict(_formats(ctx, said, problems)),
        problems=tuple(problems),
    )


def _character(
    ctx: StageContext, name: str, custom: str, several: str | None, problems: list[tuple[str, str, str]]
) -> str:
    """Return a character that a choice names, or one of the words that mean something else."""
    if several is not None and str(ctx.get(several) or ""):
        return plain_text(str(ctx.get(several)))
    value = ctx.get(name)
    if value in (" ", "custom"):
        own = ctx.get(custom)
        if own in (None, ""):
            problems.append(("RS-4262", f"'{name}' is custom, but {custom} says nothing.", custom))
            return ","
        return plain_text(str(own))
    text = plain_text(str(value)) if value is not None else ""
    return _CHARACTERS.get(text, text)


def plain_text(value: str) -> str:
    """Return a text that may stand in single quotes, with its escapes, as the wire has them."""
    if len(value) >= 2 and value[0] == value[-1] == "'":
        value = value[1:-1]
    return value.replace("\\t", "\t").replace("\\r", "\r").replace("\\n", "\n") if "\\" in value else value


def _null_of_stage(ctx: StageContext, said: frozenset[str]) -> str | None:
    if not ctx.stage.is_set("null_field_value") and "null_field_value" not in said:
        return None
    value = ctx.get("null_field_value")
    return "" if value in (None, "''", '""') else str(value)


def _width(ctx: StageContext, said: frozenset[str]) -> int | None:
    value = ctx.get("field_width") if ctx.stage.is_set("field_width") or "field_width" in said else None
    return int(value) if value else None


def _formats(
    ctx: StageContext, said: frozenset[str], problems: list[tuple[str, str, str]]
) -> Iterator[tuple[str, Any]]:
    from riverstage.expressions.functions._formats import compile_format

    kinds: tuple[Any, ...] = ("date", "time", "timestamp")
    for kind in kinds:
        name = f"{kind}_format"
        text = str(ctx.get(name) or "")
        if not text:
            continue
        try:
            compile_format(text, kind)
        except ExpressionError as error:
            problems.append(("RS-4267", error.message, name))
            continue
        yield name, text
    separator = _character(ctx, "decimal_separator", "decimal_sep_value", None, problems)
    if separator not in ("", "."):
        yield "decimal_separator", separator
    if ctx.stage.is_set("rounding") or "rounding" in said:
        yield "rounding", str(ctx.get("rounding"))
    pad = _character(ctx, "pad_char", "padchar_value", None, problems) if ctx.stage.is_set("pad_char") else " "
    if pad not in ("", " "):
        yield "pad", "\0" if pad == "null" else pad


def _unsupported(ctx: StageContext, said: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    for name, message in _UNSUPPORTED.items():
        value = ctx.stage.properties.get(name)
        # Their defaults are settings too, so that a default that somebody set counts.
        is_set = value not in (None, "", " ", [], (), False)
        if name in said or is_set:
            yield "RS-4261", message, name
    if str(ctx.get("file_location") or "") == "connection":
        yield "RS-4261", "Files behind a connection are not supported yet.", "file_location"
    if str(ctx.get("data_format") or "") == "binary":
        yield "RS-4261", "Numbers as bytes are not supported yet.", "data_format"
    if str(ctx.get("character_set") or "") == "ebcdic":
        yield "RS-4261", "EBCDIC is not supported yet.", "character_set"


def directive(properties: Mapping[str, Any], *names: str) -> str | None:
    """Return what a column says under one of several names, as text."""
    for name in names:
        if properties.get(name) is not None:
            return str(properties[name])
    return None


def null_text(properties: Mapping[str, Any], format_: TextFormat) -> str | None:
    """Return the text that stands for null in a column: its own, else the stage's."""
    own = directive(properties, "null_field", "null_field_value")
    return own if own is not None else format_.null


def format_problems(ctx: StageContext, format_: TextFormat, row: RowType, link: str) -> Iterator[Diagnostic]:
    """Return findings about a format and about columns that text cannot hold."""
    for code, message, name in format_.problems:
        yield ctx.problem(code, message, property=name)
    for column in row:
        if column.type.kind in ("list", "struct"):
            yield ctx.problem(
                "RS-4265",
                f"The column '{column.name}' is a {column.type.kind}, which delimited text cannot hold.",
                link=link,
                column=column.name,
                mend="Use JSON lines, Parquet or a data set.",
            )
        own = directive(column.properties, "delim", "delim_string")
        if own is not None and plain_text(own) not in (format_.delimiter, "comma" if format_.delimiter == "," else ""):
            yield ctx.problem(
                "RS-4261", "A delimiter of a column's own is not supported yet.", link=link, column=column.name
            )
        yield from _column_format_problems(ctx, column, link)


def _column_format_problems(ctx: StageContext, column: Any, link: str) -> Iterator[Diagnostic]:
    from riverstage.expressions.functions._formats import compile_format

    for name in ("decimal_separator", "padchar"):
        said = directive(column.properties, name)
        if said and said not in _CHARACTERS and said not in _WORDS and len(plain_text(said)) > 1:
            yield ctx.problem("RS-4262", f"'{name}' is one character, not '{said}'.", link=link, column=column.name)
    kind = column.type.kind
    text = directive(column.properties, f"{kind}_format", "format_string") if column.type.is_temporal else None
    if text:
        try:
            compile_format(text, kind)
        except ExpressionError as error:
            yield ctx.problem("RS-4267", error.message, link=link, column=column.name)


def same_target(ctx: StageContext, mine: Iterable[str], *, code: str) -> Iterator[Diagnostic]:
    """Return findings where another stage of the flow writes what this one reads or writes, under whatever name."""
    wanted = {_real(ctx, name): name for name in mine}
    writes = bool(ctx.stage.inputs)
    for key, other in ctx.graph.stages.items():
        if key == ctx.stage.key or not other.inputs:
            continue
        for name, path in _targets(ctx, other):
            if path not in wanted:
                continue
            also = "" if wanted[path] == name else f", which is '{wanted[path]}',"
            if writes and key < ctx.stage.key:
                yield ctx.problem(
                    code,
                    f"The stage '{other.label}' writes '{name}'{also} too; one of them would be lost.",
                    property="file",
                    mend="Bring the rows together with a Funnel, or name another file.",
                )
            elif not writes:
                yield ctx.problem(
                    code,
                    f"The stage '{other.label}' writes '{name}'{also.removesuffix(',')}; what is read is what was "
                    "there before the run.",
                    severity="warning",
                    property="file",
                )


def _is_looked_at(ctx: StageContext) -> bool:
    """Return whether a check may look at files, and the stage is not one that a test puts tables in the place of."""
    return ctx.describe is not None and ctx.stage.key not in ctx.facts.get("stand_ins", ())


def source_problems(ctx: StageContext, request: ReadRequest) -> Iterator[Diagnostic]:
    """Return what is wrong with the files that a request reads: one is missing, or may not be read."""
    if not _is_looked_at(ctx):
        return
    try:
        ctx.describe(request)
    except RiverstageError as error:
        place = replace(error.place, flow=ctx.graph.name, stage=ctx.stage.label)
        yield Diagnostic(error.code, "error", error.message, place, error.mend)


def says_nothing(ctx: StageContext, request: ReadRequest) -> bool:
    """Return whether the files that a request reads are looked at and name no column."""
    if not _is_looked_at(ctx):
        return False
    options = {name: value for name, value in request.options.items() if name not in ("row_number", "file_name")}
    try:
        return not len(ctx.describe(replace(request, options=options)).row)
    except RiverstageError:
        return False


def folder_problems(ctx: StageContext, names: Iterable[str]) -> Iterator[Diagnostic]:
    """Return a finding for each target whose name cannot be, or whose folder does not exist or is closed."""
    from riverstage.connectors._files import os_problem, resolve

    if not _is_looked_at(ctx):
        return
    for name in names:
        try:
            target = Path(os.path.realpath(resolve(ctx.graph.folder, name.strip())))
            if target.parent.is_dir():
                continue
        except RiverstageError as error:
            refused = error
        except OSError as error:
            refused = os_problem(error, target, "Reading")
        else:
            message, mend = f"The folder '{target.parent}' does not exist.", "Make it, or check the name."
            refused = ConnectorError(message, code="RS-5004", place=Place(file=str(target)), mend=mend)
        found = ctx.problem(refused.code, refused.message, property="file", mend=refused.mend)
        yield replace(found, place=replace(found.place, file=refused.place.file))


def _targets(ctx: StageContext, stage: Stage) -> list[tuple[str, str]]:
    """Return the names of the files that a stage writes, each with the file that it leads to."""
    if stage.type not in ("Sequential file", "Data set"):
        return []
    memo = ctx.graph.links[stage.inputs[0]].memo
    if "targets" not in memo:
        value = stage.get("file")
        names = [str(item) for item in (value if isinstance(value, list | tuple) else [value]) if item is not None]
        memo["targets"] = [(name, _real(ctx, name)) for name in names if name.strip()]
    found: list[tuple[str, str]] = memo["targets"]
    return found


def _real(ctx: StageContext, name: str) -> str:
    """Return the file that a name leads to, through whatever links."""
    try:
        return os.path.realpath(Path(ctx.graph.folder).absolute() / Path(name.strip()).expanduser())
    except (ValueError, RuntimeError):
        # No file can have that name, which is said where the stage is checked.
        return name
