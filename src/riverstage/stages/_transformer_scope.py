"""The names that an expression of a stage may use: columns of its links, parameters, macros; and findings about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from riverstage.errors import Diagnostic, ExpressionError
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.tree import MACROS
from riverstage.types import DATE, FLOAT32, FLOAT64, INT32, INT64, STRING, DataType, decimal, time, timestamp

if TYPE_CHECKING:
    from riverstage.plan import StageContext

__all__ = ["expression_problem", "macros", "names", "parameters"]

_KINDS = {"int64": INT64, "integer": INT64, "sfloat": FLOAT32, "float": FLOAT64, "dfloat": FLOAT64, "date": DATE}


def parameters(ctx: StageContext) -> dict[str, Bound]:
    """Return the flow's parameters as constants."""
    found: dict[str, Bound] = {}
    for name, parameter in ctx.graph.parameters.items():
        known = _type_of(parameter.type, parameter.value)
        found[name] = Bound(_value_as(parameter.value, known), known, parameter.value is None, constant=True)
    return found


def _type_of(kind: str, value: object) -> DataType:
    if isinstance(value, Decimal):
        _, digits, exponent = value.as_tuple()
        scale = max(-int(exponent), 0) if isinstance(exponent, int) else 0
        return decimal(min(max(len(digits), scale, 1), 38), min(scale, 38))
    if kind in ("time", "timestamp"):
        return time(6) if kind == "time" else timestamp(6)
    if kind in ("int64", "integer") and isinstance(value, int) and -(2**31) <= value < 2**31:
        return INT32
    return _KINDS.get(kind, STRING)


def _value_as(value: Any, type: DataType) -> Any:
    return str(value) if type is STRING and value is not None else value


def macros(ctx: StageContext) -> dict[str, Bound]:
    """Return the macros as constant texts; one that the run does not know is an empty text."""
    own = {"DSJobName": ctx.graph.name, "DSFlowName": ctx.graph.name, "DSStageName": ctx.stage.label}
    known = {**own, "DSJobWaveNo": 0, **{name: value for name, value in ctx.facts.items() if value is not None}}
    known["DSStageName"] = ctx.stage.label
    found: dict[str, Bound] = {}
    for name in MACROS:
        value = known.get(name, "")
        if name == "DSJobWaveNo":
            found[name] = Bound(int(value), INT32, nullable=False, constant=True)
        else:
            found[name] = Bound(_shown(value), STRING, nullable=False, constant=True)
    return found


def _shown(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def names(
    ctx: StageContext,
    columns: Mapping[str, Mapping[str, Bound]],
    variables: Mapping[str, Bound] | None = None,
    system: Mapping[str, Bound] | None = None,
) -> Names:
    """Return the scope of a stage's expressions."""
    partitions = {
        "@NUMPARTITIONS": Bound(1, INT32, nullable=False, constant=True),
        "@PARTITIONNUM": Bound(0, INT32, nullable=False, constant=True),
    }
    return Names(columns, variables or {}, parameters(ctx), {**partitions, **(system or {})}, macros(ctx))


def expression_problem(
    ctx: StageContext, error: ExpressionError, *, property: str, link: str | None = None, column: str | None = None
) -> Diagnostic:
    """Return a finding about an expression that cannot be read or typed."""
    return ctx.problem(
        error.code,
        error.message,
        property=property,
        link=link,
        column=column,
        position=error.place.position,
        mend=error.mend,
    )
