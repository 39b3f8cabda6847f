"""End a run from inside a statement: the error names the stage, the link and the column."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering
from riverstage.types import DataType

__all__ = ["LOWER"]


# Of a value that is shown so many characters are handed over: one more than are shown.
_SHOWN = 81


def _fail_when(
    arguments: list[exp.Expression], types: tuple[DataType, ...], returns: DataType | None
) -> exp.Expression:
    """Return the value, or raise the message where the condition is true, with the values to be shown behind it."""
    del types, returns  # the message and the values are all there is
    condition, message, value, *shown = arguments
    if shown:
        texts = [
            exp.Left(this=exp.Cast(this=item, to=exp.DataType.build("TEXT")), expression=exp.Literal.number(_SHOWN))
            for item in shown
        ]
        message = exp.DPipe(
            this=message, expression=exp.Anonymous(this="to_json", expressions=[exp.Array(expressions=texts)])
        )
    failing = exp.If(this=condition, true=exp.Anonymous(this="error", expressions=[message]))
    return exp.Case(ifs=[failing], default=value)


LOWER: dict[str, Lowering] = {"fail_when": _fail_when}
