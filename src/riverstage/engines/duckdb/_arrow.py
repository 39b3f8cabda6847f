"""Types of ours as Arrow types."""

from __future__ import annotations

from typing import Any

from riverstage.types import DataType, RowType

__all__ = ["arrow_schema", "arrow_type"]


def arrow_type(data_type: DataType) -> Any:
    """Return the Arrow type that holds the values of a type."""
    import pyarrow as pa

    simple = {
        "string": pa.string, "binary": pa.binary, "boolean": pa.bool_, "null": pa.null,
        "int8": pa.int8, "int16": pa.int16, "int32": pa.int32, "int64": pa.int64,
        "uint8": pa.uint8, "uint16": pa.uint16, "uint32": pa.uint32, "uint64": pa.uint64,
        "float32": pa.float32, "float64": pa.float64, "date": pa.date32,
    }  # fmt: skip
    if data_type.kind in simple:
        return simple[data_type.kind]()
    if data_type.kind == "decimal":
        return pa.decimal128(data_type.precision or 38, data_type.scale or 0)
    if data_type.kind == "time":
        return pa.time64("us")
    if data_type.kind == "timestamp":
        return pa.timestamp("us", tz="UTC" if data_type.zone else None)
    if data_type.kind == "list" and data_type.element is not None:
        return pa.list_(arrow_type(data_type.element))
    return pa.struct([pa.field(column.name, arrow_type(column.type), column.nullable) for column in data_type.fields])


def arrow_schema(row: RowType) -> Any:
    """Return the Arrow schema of a row."""
    import pyarrow as pa

    # Every field is nullable in Arrow: what may be null is checked by the plan, not by the container.
    return pa.schema([pa.field(column.name, arrow_type(column.type), nullable=True) for column in row])
