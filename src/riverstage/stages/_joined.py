"""Columns of several links in one row: where each column of an output comes from, and how keys of unlike types meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverstage.plan import Output, Projection, StageContext
from riverstage.stages._keys import named, near
from riverstage.types import Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.errors import Diagnostic
    from riverstage.expressions.translated import Translated

__all__ = ["Field", "key_pair", "mapped", "output_fields", "output_type", "unmapped"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column that a stage can give.

    Args:
        link: Name of the link that it comes from; None for the stage's own.
        name: Its name there.
        column: What it is as the stage gives it, under the name that it has by default.
        value: The SQL that gives it; None while only types are asked for.
        is_result: Whether the stage makes it: an output column of its name is this one, whatever is said of its source.
    """

    link: str | None
    name: str
    column: Column
    value: exp.Expression | None = None
    is_result: bool = False


def _reference(text: Any) -> tuple[str | None, str] | None:
    """Return the link and the column of ``Link.column`` or ``column``; None for anything else."""
    if not isinstance(text, str) or not text.strip():
        return None
    link, point, name = text.strip().partition(".")
    return (link, name) if point else (None, link)


def _named(output: Output) -> Mapping[str, Sequence[tuple[str | None, str]]]:
    """Return what each column of an output may come from, the likeliest first."""
    known: dict[str, list[tuple[str | None, str]]] | None = output.link.memo.get("references")
    if known is not None:
        return known
    found: dict[str, list[tuple[str | None, str]]] = {}
    said: list[tuple[Any, Any]] = []
    for entry in output.link.output.get("valueDerivation") or ():
        if isinstance(entry, Mapping):
            said += ((entry.get("columnName"), entry.get(key)) for key in ("sourceColumn", "parsedExpression"))
    said += ((field.get("name"), (field.get("metadata") or {}).get("source_field_id")) for field in output.link.fields)
    for target, text in said:
        reference = _reference(text)
        if isinstance(target, str) and reference is not None:
            found.setdefault(target, []).append(reference)
    output.link.memo["references"] = found
    return found


def output_fields(output: Output, fields: Sequence[Field]) -> dict[str, Field]:
    """Return the field that each column of an output's schema comes from; one that comes from nowhere is left out."""
    by_name = _defaults(fields)
    results = _defaults([field for field in fields if field.is_result])
    by_link: dict[tuple[str, str], Field] = {}
    for field in fields:
        if field.link is not None:
            by_link.setdefault((field.link, field.name), field)
    named = _named(output)
    found: dict[str, Field] = {}
    for column in output.link.schema or ():
        source = results.get(column.name)
        for link, name in named.get(column.name, ()) if source is None else ():
            source = (by_link.get((link, name)) if link is not None else None) or by_name.get(name)
            if source is not None:
                break
        source = source or by_name.get(column.name)
        if source is not None:
            found[column.name] = source
    return found


def _defaults(fields: Sequence[Field]) -> dict[str, Field]:
    """Return the fields that a link without a schema carries: of equal names the first."""
    kept: dict[str, Field] = {}
    for field in fields:
        kept.setdefault(field.column.name, field)
    return kept


def output_type(ctx: StageContext, output: Output, fields: Sequence[Field], *, open: bool) -> RowType:
    """Return the columns that an output carries."""
    declared = output.link.schema
    kept = _defaults(fields)
    if declared is None or not len(declared):
        return RowType(tuple(field.column for field in kept.values()), open)
    if not ctx.propagates():
        return RowType(declared.columns)
    used = {field.column.name for field in output_fields(output, fields).values()}
    extra = tuple(field.column for name, field in kept.items() if name not in used and name not in declared)
    return RowType(declared.columns + extra, open)


def unmapped(ctx: StageContext, output: Output, fields: Sequence[Field], *, open: bool) -> list[Diagnostic]:
    """Return a finding for each column that an output names and nothing gives."""
    if open:
        return []
    found = output_fields(output, fields)
    return [
        ctx.problem(
            "RS-4020",
            f"Nothing gives the column '{column.name}'.",
            link=output.name,
            column=column.name,
            mend=near(column.name, _defaults(fields))
            or "Remove it from the link's schema, or name the column that it comes from.",
        )
        for column in output.link.schema or ()
        if column.name not in found
    ]


def mapped(output: Output, fields: Sequence[Field]) -> Projection:
    """Return the columns of a bound output over the fields' values, converted to its types."""
    from sqlglot import exp

    from riverstage.expressions.nodes import copied
    from riverstage.expressions.translate import convert
    from riverstage.expressions.translated import Translated

    sources, kept = output_fields(output, fields), _defaults(fields)
    columns: list[exp.Expression] = []
    failures: list[tuple[str, exp.Expression]] = []
    origins: dict[str, Translated] = {}
    for column in output.row:
        field = sources.get(column.name) or kept.get(column.name)
        if field is None or field.value is None:
            continue
        given = Translated(copied(field.value), field.column.type, field.column.nullable)
        taken = convert(given, column.type, nullable=column.nullable)
        if taken.fails_when is not None:
            failures.append((column.name, taken.fails_when))
            origins[column.name] = given
        plain = isinstance(taken.value, exp.Column) and taken.value.name == column.name
        columns.append(taken.value if plain else named(taken.value, column.name))
    return Projection(tuple(columns), output.row, tuple(failures), origins)


def key_pair(left: Translated, right: Translated) -> tuple[Translated, Translated] | None:
    """Return two keys as the types that they are compared as; None if they cannot be compared."""
    from riverstage.errors import ExpressionError
    from riverstage.expressions._types_of import compared
    from riverstage.expressions.translate import convert

    types = compared(left.type, right.type)
    if types is None:
        return None
    try:
        return convert(left, types[0]), convert(right, types[1])
    except ExpressionError:
        return None
