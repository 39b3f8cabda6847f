"""Row Generator: so many rows of made-up values, the same ones in every run.

The output link's schema says which columns, and the directives of its fields how their values come about. Decided
where the facts are silent:

* Columns without directives count: whole numbers and decimals from 0, dates from 1960-01-01, times from midnight by
  the second, booleans 0 and 1. Strings and binaries repeat one character or byte. Columns are never null unless
  ``nulls`` asks for it.
* ``cycle`` counts from ``init`` by ``incr``; the value after ``limit`` is ``init`` again. Counting down, the limit is
  the least value. For dates and timestamps ``init`` and ``limit`` count days and seconds from ``epoch``, or are dates.
  Every type may have a list of ``value``.
* ``random`` draws from 0 to ``limit``, both included; with ``signed`` from -``limit``. For dates and timestamps from
  ``epoch``; times and timestamps are drawn in whole seconds. Floats stay below ``limit``.
* A seed belongs to its column: two columns with the same seed have different values. Where none is said it is 0, so
  that runs repeat. ``nullseed`` is the seed of the nulls.
* There is one partition: ``part`` is 0, ``partcount`` is 1.
* ``scale`` of a time or timestamp multiplies ``incr``, and is the step between random values.
* ``invalids``: no column can hold an invalid value, so null stands for it; a column that cannot be null may not ask.
* Values of fixed-length strings are filled up with blanks; those of a column without a length have up to 20
  characters.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from riverstage.errors import Diagnostic
from riverstage.expressions.nodes import column, literal, series
from riverstage.plan import SOURCE_ORDER, Fragment, Law, LinkType, LinkTypes, Relation, StageContext, Unsupported
from riverstage.stages._generate import generated, generator_problems, generators_of, is_random, stated
from riverstage.types import RowType

_PLACE, _STATE = "__n", "__state"


def schema(ctx: StageContext) -> LinkTypes:
    """Return the columns that the output link names; the rows come in the order in which they are made."""
    return LinkTypes({output.key: LinkType(output.link.schema or RowType(), SOURCE_ORDER) for output in ctx.outputs})


def check(ctx: StageContext) -> Iterable[Diagnostic]:
    """Report a missing schema, a number of rows that is none, and directives that mean nothing."""
    output = ctx.outputs[0]
    if _schema_file(ctx):
        return
    if not len(output.row):
        yield ctx.problem(
            "RS-4200",
            "The output link names no columns, so there is nothing to generate.",
            link=output.name,
            mend="Give the link a schema.",
        )
    said = ctx.get("records")
    if _records(ctx) is None:
        yield ctx.problem("RS-4201", f"'records' must be a whole number, 0 or more, not {said!r}.", property="records")
    yield from generator_problems(ctx, output.row, output.name, 4200)


def plan(ctx: StageContext) -> Fragment | Unsupported:
    """Return one relation over counted rows."""
    if _schema_file(ctx):
        return Unsupported(
            "Columns from a schema file are not supported; the output link's schema says the columns.", "schemafile"
        )
    output = ctx.outputs[0]
    generators = generators_of(output.row)
    rows: exp.Table | exp.Subquery = series(literal(_records(ctx) or 0))
    if is_random(generators.values()):
        inner = exp.Select(expressions=[column(_PLACE), stated(column(_PLACE), _STATE)]).from_(rows, copy=False)
        rows = inner.subquery(exp.Identifier(this="stated", quoted=True), copy=False)
    values = [generated(generators[item.name], _PLACE, _STATE) for item in output.row]
    sql = exp.Select(expressions=values).from_(rows, copy=False)
    return Fragment((Relation(ctx.stage.key, output.key, sql, (), output.row, SOURCE_ORDER),))


def ledger(ctx: StageContext) -> tuple[Law, ...]:
    """The output has exactly as many rows as were asked for."""
    return (Law.exactly(ctx.outputs[0].key, _records(ctx) or 0),)


def _records(ctx: StageContext) -> int | None:
    """Return the number of rows; None where what is said is none."""
    said = ctx.get("records")
    if said is None or (isinstance(said, str) and not said.strip()):
        return 10
    try:
        number = int(str(said).strip())
    except ValueError:
        return None
    return number if 0 <= number < 2**62 and not isinstance(said, bool) else None


def _schema_file(ctx: StageContext) -> bool:
    return bool(str(ctx.get("schemafile") or "").strip())
