"""Types of ours as Arrow types: one way for every room that hands rows over as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverstage.types import STRING, DataType, RowType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["arrow_schema", "arrow_type"]


def arrow_type(type: DataType) -> pa.DataType:
    """Return the Arrow type that holds the values of a type."""
    import pyarrow as pa

    simple = {
        "string": pa.string, "binary": pa.binary, "boolean": pa.bool_, "null": pa.null,
        "int8": pa.int8, "int16": pa.int16, "int32": pa.int32, "int64": pa.int64,
        "uint8": pa.uint8, "uint16": pa.uint16, "uint32": pa.uint32, "uint64": pa.uint64,
        "float32": pa.float32, "float64": pa.float64, "date": pa.date32,
    }  # fmt: skip
    if type.kind in simple:
        return simple[type.kind]()
    if type.kind == "decimal":
        return pa.decimal128(type.precision or 38, type.scale or 0)
    if type.kind == "time":
        return pa.time64("us")
    if type.kind == "timestamp":
        return pa.timestamp("us", tz="UTC" if type.zone else None)
    if type.kind == "list":
        return pa.list_(arrow_type(type.element or STRING))
    return pa.struct([pa.field(column.name, arrow_type(column.type), column.nullable) for column in type.fields])


def arrow_schema(row: RowType) -> pa.Schema:
    """Return the Arrow schema of a row; every field is nullable there, as plans see to nulls."""
    import pyarrow as pa

    return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in row])
