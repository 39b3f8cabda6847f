"""The names that DuckDB has for the types of data."""

from __future__ import annotations

from riverstage.types import DataType

__all__ = ["type_name"]

_NAMES = {
    "string": "VARCHAR", "binary": "BLOB", "boolean": "BOOLEAN",
    "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT",
    "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT",
    "float32": "FLOAT", "float64": "DOUBLE", "date": "DATE", "time": "TIME", "null": "INTEGER",
}  # fmt: skip


def type_name(type: DataType) -> str:
    """Return the name of a type in DuckDB."""
    match type.kind:
        case "decimal":
            return f"DECIMAL({type.precision or 38}, {type.scale or 0})"
        case "timestamp":
            return "TIMESTAMPTZ" if type.zone else "TIMESTAMP"
        case "list" if type.element is not None:
            return f"{type_name(type.element)}[]"
        case "struct":
            fields = ", ".join(
                f'"{column.name.replace(chr(34), chr(34) * 2)}" {type_name(column.type)}' for column in type.fields
            )
            return f"STRUCT({fields})"
    return _NAMES[type.kind]
