"""End a run from inside a statement: the error names the stage, the link and the column."""

from __future__ import annotations

from sqlglot import exp

from riverstage.engines.duckdb.functions._sql import Lowering
from riverstage.types import DataType

__all__ = ["LOWER"]


def _fail_when(
    arguments: list[exp.Expression], types: tuple[DataType, ...], returns: DataType | None
) -> exp.Expression:
    """Return the value, or raise the message where the condition is true."""
    del types, returns  # the message and the value are all there is
    condition, message, value = arguments
    failing = exp.If(this=condition, true=exp.Anonymous(this="error", expressions=[message]))
    return exp.Case(ifs=[failing], default=value)


LOWER: dict[str, Lowering] = {"fail_when": _fail_when}
