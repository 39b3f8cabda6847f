"""Types of ours in Arrow, in DuckDB's SQL and in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riverstage.types import NULL, STRING, Column, DataType, RowType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "duckdb_type",
    "row_as_json",
    "row_from_arrow",
    "row_from_json",
    "type_from_arrow",
    "type_from_duckdb",
]

_SIMPLE_SQL = {
    "string": "VARCHAR", "binary": "BLOB", "boolean": "BOOLEAN",
    "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT",
    "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER", "uint64": "UBIGINT",
    "float32": "FLOAT", "float64": "DOUBLE", "date": "DATE", "time": "TIME", "null": "INTEGER",
}  # fmt: skip
_FRACTIONS = {"s": 0, "ms": 3, "us": 6, "ns": 6}


def duckdb_type(type: DataType) -> str:
    """Return a type in DuckDB's SQL."""
    if type.kind in _SIMPLE_SQL:
        return _SIMPLE_SQL[type.kind]
    if type.kind == "decimal":
        return f"DECIMAL({type.precision or 38},{type.scale or 0})"
    if type.kind == "timestamp":
        return "TIMESTAMPTZ" if type.zone else "TIMESTAMP"
    if type.kind == "list":
        return f"{duckdb_type(type.element or STRING)}[]"
    fields = ", ".join(_quoted(column.name) + " " + duckdb_type(column.type) for column in type.fields)
    return f"STRUCT({fields})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def row_from_arrow(schema: pa.Schema) -> RowType:
    """Return the columns of an Arrow schema."""
    return RowType(tuple(Column(field.name, type_from_arrow(field.type), field.nullable) for field in schema))


def type_from_arrow(type: pa.DataType) -> DataType:
    """Return the type that holds the values of an Arrow type; what has no counterpart is held as a string."""
    import pyarrow as pa

    kinds = pa.types
    if isinstance(type, pa.BaseExtensionType):
        return STRING
    if kinds.is_decimal(type):
        return DataType("decimal", precision=min(type.precision, 38), scale=min(type.scale, 38))
    if kinds.is_timestamp(type):
        return DataType("timestamp", scale=_FRACTIONS[type.unit], zone=type.tz is not None)
    if kinds.is_time(type):
        return DataType("time", scale=_FRACTIONS[type.unit])
    if kinds.is_fixed_size_binary(type):
        return DataType("binary", length=type.byte_width, fixed=True)
    if kinds.is_list(type) or kinds.is_large_list(type) or kinds.is_fixed_size_list(type):
        return DataType("list", element=type_from_arrow(type.value_type))
    if kinds.is_struct(type):
        fields = (type.field(index) for index in range(type.num_fields))
        return DataType(
            "struct", fields=tuple(Column(item.name, type_from_arrow(item.type), item.nullable) for item in fields)
        )
    for known, kind in _plain_arrow():
        if known(type):
            return DataType(kind)
    return STRING


def _plain_arrow() -> tuple[tuple[Any, Any], ...]:
    import pyarrow.types as kinds

    return (
        (kinds.is_boolean, "boolean"), (kinds.is_null, "null"), (kinds.is_date, "date"),
        (kinds.is_int8, "int8"), (kinds.is_int16, "int16"), (kinds.is_int32, "int32"), (kinds.is_int64, "int64"),
        (kinds.is_uint8, "uint8"), (kinds.is_uint16, "uint16"), (kinds.is_uint32, "uint32"),
        (kinds.is_uint64, "uint64"), (kinds.is_float16, "float32"), (kinds.is_float32, "float32"),
        (kinds.is_float64, "float64"), (kinds.is_binary, "binary"), (kinds.is_large_binary, "binary"),
    )  # fmt: skip


def type_from_duckdb(type: Any) -> DataType:
    """Return the type that holds the values of a DuckDB type (as ``DuckDBPyType``)."""
    name, children = str(type.id), dict(type.children) if type.id in ("decimal", "list", "array", "struct") else {}
    if name == "decimal":
        return DataType("decimal", precision=int(children["precision"]), scale=int(children["scale"]))
    if name in ("list", "array"):
        return DataType("list", element=type_from_duckdb(children["child"]))
    if name == "struct":
        return DataType("struct", fields=tuple(Column(key, type_from_duckdb(item)) for key, item in children.items()))
    if name.startswith("timestamp"):
        return DataType("timestamp", scale=0 if name.endswith("_s") else 6, zone="time zone" in name or "tz" in name)
    simple = {
        "boolean": "boolean", "tinyint": "int8", "smallint": "int16", "integer": "int32", "bigint": "int64",
        "utinyint": "uint8", "usmallint": "uint16", "uinteger": "uint32", "ubigint": "uint64",
        "float": "float32", "double": "float64", "date": "date", "blob": "binary",
    }  # fmt: skip
    if name == "hugeint":
        return DataType("decimal", precision=38, scale=0)
    if name.startswith("time"):
        return DataType("time", scale=6)
    if name in simple:
        return DataType(simple[name])  # type: ignore[arg-type]
    return STRING


_TYPE_PARTS = ("length", "fixed", "precision", "scale", "zone")


def _type_as_json(type: DataType) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": type.kind}
    said |= {part: getattr(type, part) for part in _TYPE_PARTS if getattr(type, part) not in (None, False)}
    if type.element is not None:
        said["element"] = _type_as_json(type.element)
    if type.fields:
        said["fields"] = row_as_json(RowType(type.fields))
    return said


def _type_from_json(said: Mapping[str, Any]) -> DataType:
    parts = {part: said[part] for part in _TYPE_PARTS if part in said}
    element = _type_from_json(said["element"]) if "element" in said else None
    fields = row_from_json(said.get("fields", [])).columns
    return DataType(said["kind"], element=element, fields=fields, **parts) if said["kind"] != "null" else NULL


def row_as_json(row: RowType) -> list[dict[str, Any]]:
    """Return columns as JSON-ready data."""
    return [
        {
            "name": column.name,
            "type": _type_as_json(column.type),
            "nullable": column.nullable,
            **({"key": True} if column.key else {}),
        }
        for column in row
    ]


def row_from_json(said: list[dict[str, Any]]) -> RowType:
    """Return the columns that ``row_as_json`` wrote."""
    return RowType(
        tuple(
            Column(item["name"], _type_from_json(item["type"]), bool(item.get("nullable", True)), bool(item.get("key")))
            for item in said
        )
    )
