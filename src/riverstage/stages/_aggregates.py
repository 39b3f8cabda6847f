"""What an Aggregator computes: its settings read, and each function as SQL over the rows of a group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from riverstage.stages._keys import default_value, text_of
from riverstage.types import FLOAT64, INT64, Column, DataType, decimal, struct

if TYPE_CHECKING:
    from sqlglot import exp

    from riverstage.plan import StageContext

__all__ = ["SUMMARY", "Result", "aggregate", "natural_type", "result_type", "results_of", "unknown_words"]

FUNCTIONS = (
    "css", "max", "mean", "min", "missing", "count", "cv", "range",
    "std", "ste", "sumw", "sum", "uss", "var", "summary",
)  # fmt: skip
_SPELT = {"misscount": "missing", "nmiss": "missing"}
_WEIGHTS = ("weightField", "weight_field", "weight")
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "reduce_properties": ("mval", "vardef", "preserveType", "preserve_type", "decimal", *_WEIGHTS),
    "rereduce_properties": ("vardef", "preserveType", "preserve_type", "decimal", *_WEIGHTS),
    "count_field_properties": ("countField", "count_field", *_WEIGHTS),
}
_COUNTS = frozenset({"count", "missing"})
_ANY_TYPE = frozenset({"count", "missing", "min", "max"})
_DECIMAL = re.compile(r"\s*(\d+)\s*,\s*(\d+)\s*")

SUMMARY = struct(
    Column("count", INT64, nullable=False),
    Column("missing", INT64, nullable=False),
    *(Column(name, FLOAT64) for name in ("sumw", "sum", "uss", "min", "max", "mean", "css")),
)


@dataclass(frozen=True, slots=True)
class Result:
    """One result of an Aggregator.

    Args:
        function: What is computed: one of FUNCTIONS, or ``rows`` for the number of rows.
        name: The output column.
        column: The input column; None for the number of rows.
        decimal: The decimal type asked for.
        missing: The number that counts as missing besides null.
        weight: The column with the rows' weights.
        by_count: Whether variances are divided by the number of values, not by one less.
        keeps_type: Whether the least and the greatest value keep the column's type.
        again: Whether the column holds summaries.
    """

    function: str
    name: str
    column: str | None = None
    decimal: DataType | None = None
    missing: str | None = None
    weight: str | None = None
    by_count: bool = False
    keeps_type: bool = False
    again: bool = False


def results_of(ctx: StageContext) -> tuple[Result, ...]:
    """Return what a stage computes, in order."""
    selection = str(ctx.get("selection") or "reduce").strip()
    default = _decimal(ctx.get("default_to_decimal")) if ctx.stage.is_set("default_to_decimal") else None
    if selection == "countField":
        return tuple(_row_counts(ctx))
    again = selection == "rereduce"
    said = ctx.get("rereduce_properties" if again else "reduce_properties") or ()
    found: list[Result] = []
    for entry in said:
        found += _results(list(_parts(entry)), "rereduce" if again else "reduce", default, again=again)
    return tuple(found)


def unknown_words(ctx: StageContext, listed: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each word of a property's entries that means nothing, with the words that would.

    Args:
        ctx: The stage.
        listed: The property that counts: ``reduce_properties``, ``rereduce_properties`` or ``count_field_properties``.
    """
    known = _SETTINGS[listed]
    if listed != "count_field_properties":
        known = (listed.removesuffix("_properties"), *FUNCTIONS, *_SPELT, *known)
    for entry in ctx.get(listed) or ():
        for part in _parts(entry):
            yield from ((str(word), known) for word in part if word not in known)


def _parts(entry: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings that an entry is made of: it travels as one, as a list of them, or with a list inside."""
    if isinstance(entry, Mapping):
        yield {name: value for name, value in entry.items() if name != "properties"}
        inner = entry.get("properties")
        if isinstance(inner, list | tuple):
            for item in inner:
                yield from _parts(item)
    elif isinstance(entry, list | tuple):
        for item in entry:
            yield from _parts(item)


def _row_counts(ctx: StageContext) -> Iterator[Result]:
    for entry in ctx.get("count_field_properties") or ():
        parts = list(_parts(entry))
        merged: dict[str, Any] = {}
        for part in parts:
            merged.update(part)
        name = text_of(merged, "countField", "count_field")
        if name:
            yield Result("rows", name, weight=text_of(merged, *_WEIGHTS) or None)


def _results(parts: list[Mapping[str, Any]], key: str, default: DataType | None, *, again: bool) -> Iterator[Result]:
    merged: dict[str, Any] = {}
    for part in parts:
        merged.update(part)
    base = Result(
        "count",
        "",
        text_of(merged, key),
        missing=text_of(merged, "mval") or None,
        weight=text_of(merged, *_WEIGHTS) or None,
        by_count=text_of(merged, "vardef").lower() in ("nrecs", "n"),
        keeps_type=text_of(merged, "preserveType", "preserve_type").lower() not in ("", "false", "0"),
        again=again,
    )
    for part in parts:
        for name, value in part.items():
            function = _SPELT.get(name, name)
            if function not in FUNCTIONS or not str(value or "").strip():
                continue
            asked = default
            if "decimal" in part:
                asked = _decimal(part["decimal"]) or decimal(8, 2)
            yield replace(base, function=function, name=str(value).strip(), decimal=asked)


def _decimal(said: Any) -> DataType | None:
    match = _DECIMAL.fullmatch(str(said or ""))
    if match is None:
        return None
    digits, scale = int(match.group(1)), int(match.group(2))
    return decimal(min(max(digits, 1), 38), min(scale, digits, 38))


def takes(result: Result, column: Column) -> bool:
    """Return whether a function can be computed of a column."""
    if result.again:
        return column.type.kind == "struct" and {"count", "css", "sum"} <= {item.name for item in column.type.fields}
    if result.function in _ANY_TYPE:
        return column.type.kind not in ("list", "struct")
    return column.type.is_numeric


def natural_type(result: Result, column: Column | None) -> DataType:
    """Return the type in which a result is computed: exact where the numbers are."""
    known = None if column is None else column.type
    if result.function == "summary":
        return SUMMARY
    if result.function == "rows":
        return INT64 if result.weight is None else FLOAT64
    if result.function == "count" or result.function == "missing":
        return INT64 if not result.again else decimal(38, 0)
    if result.again or known is None:
        return FLOAT64
    if result.function in ("min", "max"):
        return known
    if result.function == "sum" and result.weight is None and not known.is_float:
        return decimal(38, (known.scale or 0) if known.kind == "decimal" else 0)
    return FLOAT64


def result_type(result: Result, column: Column | None) -> DataType:
    """Return the type of a result where the output link does not say one: double, as a rule."""
    if result.function == "summary":
        return SUMMARY
    if result.function in _COUNTS or result.function == "rows":
        return result.decimal or (INT64 if result.weight is None or result.function in _COUNTS else FLOAT64)
    keeps = column is not None and (result.keeps_type or not column.type.is_numeric)
    if result.function in ("min", "max") and column is not None and keeps and not result.again:
        return column.type
    return result.decimal or FLOAT64


def aggregate(result: Result, column: Column | None, *, nulls: bool) -> exp.Expression:
    """Return a result as SQL over the rows of a group, which stand under the alias ``rows``.

    Args:
        result: What to compute.
        column: The input column.
        nulls: Whether null comes out where there is nothing to compute; else zero does.
    """
    from sqlglot import exp

    values = _Again(result) if result.again else _Values(result, column)
    value = values.of(result.function)
    if nulls or result.function in (*_COUNTS, "rows", "summary"):
        return value
    return exp.Coalesce(this=value, expressions=[default_value(natural_type(result, column))])


def _column(name: str) -> exp.Expression:
    from riverstage.expressions.nodes import column

    return column(name, "rows")


def _double(value: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    return exp.Cast(this=value, to=exp.DataType.build("DOUBLE"))


def _product(*factors: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    product = factors[0]
    for factor in factors[1:]:
        product = exp.Mul(this=product, expression=factor)
    return product


def _quotient(number: exp.Expression, divisor: exp.Expression) -> exp.Expression:
    """Return a quotient of doubles; null where the divisor is zero."""
    from sqlglot import exp

    zero = exp.Nullif(this=divisor, expression=exp.Literal.number(0))
    return exp.Div(this=exp.Paren(this=number), expression=_double(zero))


class _Base:
    """What all results are computed of; the two below say how the parts are had."""

    def __init__(self, result: Result) -> None:
        self.result = result

    def part(self, name: str) -> exp.Expression:
        """Return one of the parts: count, missing, sumw, sum, uss, min, max, mean (without weights), css."""
        raise NotImplementedError

    def of(self, function: str) -> exp.Expression:
        """Return a function's value."""
        from sqlglot import exp

        from riverstage.expressions.nodes import call

        if function == "mean":
            return self.mean()
        if function == "range":
            return exp.Sub(this=_double(self.part("max")), expression=_double(self.part("min")))
        if function == "var":
            return self.variance()
        if function == "std":
            return call("square_root", self.variance())
        if function == "ste":
            root = call("square_root", _double(self.part("count")))
            return _quotient(call("square_root", self.variance()), root)
        if function == "cv":
            percent = _product(exp.Literal.number(100), call("square_root", self.variance()))
            return _quotient(percent, self.mean())
        if function == "summary":
            fields = [
                exp.PropertyEQ(this=exp.Identifier(this=item.name, quoted=True), expression=self.field(item))
                for item in SUMMARY.fields
            ]
            return exp.Struct(expressions=fields)
        return self.part(function)

    def field(self, item: Column) -> exp.Expression:
        """Return a part as a summary holds it."""
        from sqlglot import exp

        kind = "BIGINT" if item.type == INT64 else "DOUBLE"
        return exp.Cast(this=self.part(item.name), to=exp.DataType.build(kind))

    def mean(self) -> exp.Expression:
        """Return the mean, with weights where there are any."""
        raise NotImplementedError

    def variance(self) -> exp.Expression:
        """Return the variance; null for a single value, unless it is divided by the number of values."""
        from sqlglot import exp

        divisor: exp.Expression = self.part("count")
        if not self.result.by_count:
            divisor = exp.Paren(this=exp.Sub(this=divisor, expression=exp.Literal.number(1)))
        return _quotient(self.part("css"), divisor)


class _Values(_Base):
    """Results of the values of a column."""

    def __init__(self, result: Result, column: Column | None) -> None:
        super().__init__(result)
        self.column = column

    def value(self) -> exp.Expression:
        """Return a row's value; null where it is missing."""
        from sqlglot import exp

        value = _column(self.result.column or "")
        if self.result.missing is None or self.column is None or not self.column.type.is_numeric:
            return value
        number = exp.Cast(this=exp.Literal.string(self.result.missing), to=exp.DataType.build("DOUBLE"))
        return exp.Nullif(this=value, expression=number) if self.column.type.is_float else _unless(value, number)

    def weight(self) -> exp.Expression | None:
        """Return a row's weight; None where every row weighs the same."""
        return None if self.result.weight is None else _double(_column(self.result.weight))

    def part(self, name: str) -> exp.Expression:
        """Return one of the parts over the rows of a group."""
        from sqlglot import exp

        from riverstage.expressions.nodes import call

        value, weight = self.value(), self.weight()
        known = self.column.type if self.column is not None else FLOAT64
        if name == "rows":
            if weight is None:
                return exp.Count(this=exp.Star())
            return exp.Coalesce(
                this=call("aggregate_sum", weight, types=(FLOAT64,)), expressions=[exp.Literal.number(0)]
            )
        if name == "count":
            return exp.Count(this=value)
        if name == "missing":
            return exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=value))
        if name in ("min", "max"):
            return (exp.Min if name == "min" else exp.Max)(this=value)
        if name == "sum" and weight is None:
            return call("aggregate_sum", value, types=(known,))
        if name == "sumw" and weight is None:
            return _double(exp.Count(this=value))
        if name == "css":
            spread = call("aggregate_variance_population", _double(value))
            return exp.Mul(this=spread, expression=exp.Count(this=value.copy()))
        if name == "mean":
            return call("aggregate_mean", value, types=(known,))
        factors = {"sum": [_double(value)], "uss": [_double(value), _double(value.copy())], "sumw": []}[name]
        if weight is not None:
            present = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
            factors.append(exp.Case(ifs=[exp.If(this=present, true=weight)]))
        total = call("aggregate_sum", _product(*factors), types=(FLOAT64,))
        return exp.Coalesce(this=total, expressions=[exp.Literal.number(0)]) if name == "sumw" else total

    def mean(self) -> exp.Expression:
        """Return the mean, with weights where there are any."""
        if self.result.weight is None:
            return self.part("mean")
        return _quotient(self.part("sum"), self.part("sumw"))


def _unless(value: exp.Expression, number: exp.Expression) -> exp.Expression:
    from sqlglot import exp

    same = exp.EQ(this=_double(value.copy()), expression=number)
    return exp.Case(ifs=[exp.If(this=same, true=exp.Null())], default=value)


class _Again(_Base):
    """Results of summaries that an Aggregator made before."""

    def field_of(self, name: str) -> exp.Expression:
        """Return a field of a row's summary."""
        from sqlglot import exp

        return exp.Dot(this=_column(self.result.column or ""), expression=exp.Identifier(this=name, quoted=True))

    def total(self, value: exp.Expression, type: DataType = FLOAT64) -> exp.Expression:
        """Return a sum over the group's summaries."""
        from riverstage.expressions.nodes import call

        return call("aggregate_sum", value, types=(type,))

    def part(self, name: str) -> exp.Expression:
        """Return one of the parts over the summaries of a group."""
        from sqlglot import exp

        if name in ("count", "missing"):
            return exp.Coalesce(this=self.total(self.field_of(name), INT64), expressions=[exp.Literal.number(0)])
        if name in ("min", "max"):
            return (exp.Min if name == "min" else exp.Max)(this=self.field_of(name))
        sums = _product(_double(self.field_of("count")), self.field_of("mean"))
        if name == "mean":
            return _quotient(self.total(sums), self.total(self.field_of("count"), INT64))
        if name == "css":
            squares = exp.Add(this=self.field_of("css"), expression=_product(sums.copy(), self.field_of("mean")))
            mean, count = self.part("mean"), _double(self.part("count"))
            about = _product(count, exp.Paren(this=mean), exp.Paren(this=mean.copy()))
            return exp.Greatest(
                this=exp.Sub(this=self.total(squares), expression=about), expressions=[exp.Literal.number(0)]
            )
        return self.total(self.field_of(name))

    def mean(self) -> exp.Expression:
        """Return the mean of all values, with the weights that they had."""
        return _quotient(self.part("sum"), self.part("sumw"))
