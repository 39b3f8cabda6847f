"""How the rows that a stage makes become the columns that a link names.

A link with a schema carries those columns, converted to those types, and, with runtime column propagation, the rest
unchanged behind them. A link without one carries what the stage makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riverstage.errors import Diagnostic
from riverstage.plan.failing import VALUE, fail_when, unfit, unfit_null
from riverstage.types import STRING, Column, RowType

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.expressions.translated import Translated
    from riverstage.plan.context import Output, StageContext
    from riverstage.plan.graph import Link

__all__ = ["Projection", "fail_when", "mapping_problems", "output_row", "project", "source_of"]


@dataclass(frozen=True, slots=True)
class Projection:
    """The columns of an output over the rows that a stage made.

    Args:
        columns: One aliased SQL expression a column; a single star where nothing changes.
        row: The columns that come of it.
        fails_when: Where a column cannot be converted: its name and the boolean SQL that says so.
        origins: What such a column is converted from, by its name, for the error to show.
    """

    columns: tuple[exp.Expression, ...]
    row: RowType
    fails_when: tuple[tuple[str, exp.Expression], ...] = ()
    origins: Mapping[str, Translated] = field(default_factory=dict)

    def guarded(self, ctx: StageContext, output: Output, *, where: str = "") -> tuple[exp.Expression, ...]:
        """Return the columns so that the run fails, naming the place, at the first value that cannot be converted.

        For stages that have no reject link to send such a row to.

        Args:
            ctx: The stage.
            output: Its output.
            where: Where the rows come from, in a sentence (`` of the link 'a'``), where that is not clear.
        """
        from sqlglot import exp

        failures = dict(self.fails_when)
        if not failures:
            return self.columns
        guarded: list[exp.Expression] = []
        for column in self.columns:
            fails = failures.get(column.alias_or_name)
            if fails is None:
                guarded.append(column)
                continue
            value = column.this if isinstance(column, exp.Alias) else column
            name = exp.Identifier(this=column.alias_or_name, quoted=True)
            checked = self._checked(ctx, output, column.alias_or_name, fails, value, where)
            guarded.append(exp.Alias(this=checked, alias=name))
        return tuple(guarded)

    def _checked(
        self, ctx: StageContext, output: Output, name: str, fails: exp.Expression, value: exp.Expression, where: str
    ) -> exp.Expression:
        from riverstage.expressions.nodes import copied

        column = self.row.get(name) or Column(name, STRING)
        origin = self.origins.get(name)
        message, mend = unfit(origin.type if origin is not None else None, column, where=where)
        if origin is None:
            message = message.replace(f"the value {VALUE}", "a value")
        return fail_when(
            ctx,
            fails,
            value,
            "RS-6201",
            link=output.name,
            column=name,
            message=message,
            mend=mend,
            shown=() if origin is None else (copied(origin.value),),
            null=None if origin is None or column.nullable else unfit_null(column, where=where),
        )

    @property
    def is_identity(self) -> bool:
        """Whether the rows stay as they are."""
        from sqlglot import exp

        return len(self.columns) == 1 and isinstance(self.columns[0], exp.Star)


def _plain(name: Any) -> str | None:
    """Return the column of ``Link.column`` or ``column``, or None for anything else."""
    if not isinstance(name, str) or not name.strip():
        return None
    return name.strip().rpartition(".")[2]


def source_of(output: Output, made: RowType) -> Mapping[str, str]:
    """Return, for each column that an output names, the column that it comes from.

    What is looked at, in this order: the port's ``valueDerivation`` where it names one plain column, the schema
    field's ``source_field_id``, a column of the same name. A column that comes from nowhere is left out.
    """
    link = output.link
    known = link.memo.get("sources")
    if known is not None and known[0] is made:
        found: dict[str, str] = known[1]
        return found
    derived: dict[str, str] = {}
    for entry in link.output.get("valueDerivation") or ():
        if isinstance(entry, Mapping):
            source = _plain(entry.get("sourceColumn")) or _plain(entry.get("parsedExpression"))
            target = entry.get("columnName")
            if isinstance(target, str) and source is not None and source in made:
                derived[target] = source
    named = _named_sources(link)
    found = {}
    for column in link.schema or ():
        name = column.name
        for candidate in (derived.get(name), named.get(name), name):
            if candidate is not None and candidate in made:
                found[name] = candidate
                break
    # A stage asks several times, about the same columns: those of its input.
    link.memo["sources"] = (made, found)
    return found


def _named_sources(link: Link) -> Mapping[str, str]:
    """Return the columns that the fields of a link's schema name as their sources."""
    named: dict[str, str] | None = link.memo.get("named")
    if named is None:
        fields = {field.get("name"): field.get("metadata") for field in link.fields}
        plain = {str(name): _plain(data.get("source_field_id")) for name, data in fields.items() if data}
        named = {name: source for name, source in plain.items() if source is not None}
        link.memo["named"] = named
    return named


def output_row(ctx: StageContext, output: Output, made: RowType) -> RowType:
    """Return the columns that an output carries when the stage makes ``made``."""
    declared = output.link.schema
    if declared is None or not len(declared):
        return made
    if not ctx.propagates():
        return declared if not declared.open else RowType(declared.columns)
    used = set(source_of(output, made).values())
    extra = tuple(column for column in made if column.name not in used and column.name not in declared)
    return RowType(declared.columns + extra, made.open)


def mapping_problems(
    ctx: StageContext, output: Output, made: RowType, *, ignore: Iterable[str] = ()
) -> list[Diagnostic]:
    """Return a finding for each column that an output names and nothing gives."""
    declared = output.link.schema
    if declared is None or made.open:
        return []
    found = source_of(output, made)
    left_out = set(ignore)
    problems = [
        ctx.problem(
            "RS-4020",
            f"Nothing gives the column '{column.name}'.",
            link=output.name,
            column=column.name,
            mend="Remove it from the link's schema, or name the column that it comes from.",
        )
        for column in declared
        if column.name not in found and column.name not in left_out
    ]
    for column in declared:
        given = made.get(found.get(column.name, ""))
        if given is not None and given.type != column.type and column.name not in left_out:
            problems.extend(_conversion_problems(ctx, output, given, column))
    return problems


def _conversion_problems(ctx: StageContext, output: Output, given: Column, column: Column) -> list[Diagnostic]:
    """Return a finding where no value of one type can be held by the other."""
    from riverstage.errors import ExpressionError
    from riverstage.expressions._conversions import converted
    from riverstage.expressions.typed import Typed

    try:
        converted(Typed(given.type, given.nullable), column.type)
    except ExpressionError:
        return [
            ctx.problem(
                "RS-4022",
                f"The column '{column.name}' is {column.type}, and what gives it is {given.type}: no value fits.",
                link=output.name,
                column=column.name,
                mend="Change its type, or convert it in a Transformer.",
            )
        ]
    return []


def project(ctx: StageContext, output: Output, made: RowType, *, relation: str | None = None) -> Projection:
    """Return the columns of an output over rows of ``made``, converted to the types that the output's schema says.

    Args:
        ctx: The stage.
        output: The output, bound.
        made: The columns at hand.
        relation: The relation that they are columns of; None for bare names.
    """
    from sqlglot import exp

    from riverstage.expressions.nodes import column as sql_column
    from riverstage.expressions.translate import convert
    from riverstage.expressions.translated import Translated

    target = output_row(ctx, output, made)
    sources = source_of(output, made)
    if _same(target, made) and all(name == source for name, source in sources.items()):
        return Projection((exp.Star(),), target)
    columns: list[exp.Expression] = []
    failures: list[tuple[str, exp.Expression]] = []
    origins: dict[str, Translated] = {}
    for column in target:
        source = sources.get(column.name, column.name)
        given = made.get(source)
        if given is None:
            continue
        value: exp.Expression = sql_column(source, relation)
        if given.type != column.type:
            converted = convert(Translated(value, given.type, given.nullable), column.type, nullable=column.nullable)
            value = converted.value
            if converted.fails_when is not None:
                failures.append((column.name, converted.fails_when))
        elif given.nullable and not column.nullable:
            failures.append((column.name, exp.Is(this=value.copy(), expression=exp.Null())))
        origins[column.name] = Translated(sql_column(source, relation), given.type, given.nullable)
        if source == column.name and isinstance(value, exp.Column):
            columns.append(value)
        else:
            columns.append(exp.Alias(this=value, alias=exp.Identifier(this=column.name, quoted=True)))
    return Projection(tuple(columns), target, tuple(failures), origins)


def _same(left: RowType, right: RowType) -> bool:
    """Return whether two rows have the same columns, as far as SQL can tell."""
    return len(left) == len(right) and all(
        one is other or (one.name == other.name and one.nullable == other.nullable and one.type == other.type)
        for one, other in zip(left, right, strict=True)
    )
