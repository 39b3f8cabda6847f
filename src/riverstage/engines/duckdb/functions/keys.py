"""How keys are compared on DuckDB."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from riverstage.types import DataType

__all__ = ["LOWER"]


def _caseless(
    arguments: list[exp.Expression], _types: tuple[DataType, ...], _returns: DataType | None
) -> exp.Expression:
    return exp.Lower(this=arguments[0])


LOWER: dict[str, Callable[[list[exp.Expression], tuple[DataType, ...], DataType | None], exp.Expression]] = {
    "caseless": _caseless
}
