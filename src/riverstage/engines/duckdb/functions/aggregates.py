"""How groups are summed up on DuckDB.

Sums of exact numbers are exact (decimals of 38 digits), so that they do not depend on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from riverstage.types import DataType

__all__ = ["LOWER"]

_Lowering = Callable[[list[exp.Expression], tuple[DataType, ...], DataType | None], exp.Expression]


def _sum(arguments: list[exp.Expression], types: tuple[DataType, ...], _returns: DataType | None) -> exp.Expression:
    total = exp.Sum(this=arguments[0])
    if not types or types[0].is_float:
        return total
    scale = types[0].scale or 0 if types[0].kind == "decimal" else 0
    return exp.Cast(this=total, to=exp.DataType.build(f"DECIMAL(38, {scale})"))


def _call(name: str) -> _Lowering:
    def lowered(
        arguments: list[exp.Expression], _types: tuple[DataType, ...], _returns: DataType | None
    ) -> exp.Expression:
        return exp.Anonymous(this=name, expressions=arguments)

    return lowered


LOWER: dict[str, _Lowering] = {
    "aggregate_sum": _sum,
    "aggregate_mean": _call("avg"),
    "aggregate_variance": _call("var_samp"),
    "aggregate_variance_population": _call("var_pop"),
    "square_root": _call("sqrt"),
}
