"""Arrow columns as Python values and back: whole columns at a time, through NumPy where it is faster and there."""

from __future__ import annotations

from typing import Any

from riverstage._arrow import arrow_type
from riverstage.types import DataType

__all__ = ["column_of", "values_of"]

_THROUGH_NUMPY = frozenset({"date", "time", "timestamp", "decimal"})


def values_of(column: Any, type: DataType) -> list[Any]:
    """Return a column's values as Python scalars, None for null.

    Args:
        column: An Arrow array.
        type: The type that its values are wanted in.
    """
    wanted = arrow_type(type)
    if not column.type.equals(wanted):
        column = column.cast(wanted)
    if type.kind not in _THROUGH_NUMPY or type.zone:
        values: list[Any] = column.to_pylist()
        return values
    try:
        import numpy  # noqa: F401 - Arrow needs it for to_numpy
    except ImportError:
        values = column.to_pylist()
    else:
        values = column.to_numpy(zero_copy_only=False).tolist()
    return values


def column_of(values: list[Any], type: DataType) -> Any:
    """Return Python scalars as an Arrow array."""
    import pyarrow as pa

    return pa.array(values, arrow_type(type))
