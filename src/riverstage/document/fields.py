"""Between the fields of a schema on the wire and columns: types, keys, nesting, vectors and directives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from riverstage.document._directives import Word, parse_directives, write_directives
from riverstage.document._templates import clone, put_in_order
from riverstage.errors import DocumentError, Place, UsageError
from riverstage.types import Column, DataType, Kind, RowType, list_of

__all__ = [
    "ODBC_TYPES",
    "OdbcType",
    "Word",
    "column_of",
    "columns_of",
    "field_of",
    "fields_of",
    "known_kind",
    "known_names",
    "odbc_type_of",
    "parse_directives",
    "row_type_of",
    "write_directives",
]

OdbcType = Literal[
    "BIGINT", "BINARY", "BIT", "CHAR", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INTEGER", "LONGNVARCHAR",
    "LONGVARBINARY", "LONGVARCHAR", "NCHAR", "NUMERIC", "NVARCHAR", "REAL", "SMALLINT", "TIME", "TIMESTAMP", "TINYINT",
    "UNKNOWN", "VARBINARY", "VARCHAR",
]  # fmt: skip

MOST_DIGITS = 38
MOST_FRACTION = 6


@dataclass(frozen=True, slots=True)
class _Wire:
    """How one of the 23 types is written."""

    type: str
    code: str
    odbc: str
    length: int
    kind: Kind
    min_length: int = 0
    precision: int = 100

    @property
    def is_fixed(self) -> bool:
        return self.odbc in ("CHAR", "WCHAR", "BINARY")


ODBC_TYPES: Mapping[str, _Wire] = {
    "BIGINT": _Wire("integer", "INT64", "BIGINT", 6, "int64"),
    "BINARY": _Wire("binary", "BINARY", "BINARY", 100, "binary", 100, 0),
    "BIT": _Wire("boolean", "BOOLEAN", "BIT", 6, "boolean", 6),
    "CHAR": _Wire("string", "STRING", "CHAR", 100, "string", 100, 0),
    "DATE": _Wire("date", "DATE", "DATE", 10, "date"),
    "DECIMAL": _Wire("double", "DECIMAL", "DECIMAL", 100, "decimal"),
    "DOUBLE": _Wire("double", "DFLOAT", "DOUBLE", 6, "float64"),
    "FLOAT": _Wire("double", "SFLOAT", "FLOAT", 6, "float32"),
    "INTEGER": _Wire("integer", "INT32", "INTEGER", 6, "int32"),
    "LONGNVARCHAR": _Wire("string", "STRING", "WLONGVARCHAR", 100, "string"),
    "LONGVARBINARY": _Wire("binary", "BINARY", "LONGVARBINARY", 100, "binary"),
    "LONGVARCHAR": _Wire("string", "STRING", "LONGVARCHAR", 100, "string"),
    "NCHAR": _Wire("string", "STRING", "WCHAR", 100, "string", 100),
    "NUMERIC": _Wire("double", "DECIMAL", "NUMERIC", 100, "decimal"),
    "NVARCHAR": _Wire("string", "STRING", "WVARCHAR", 100, "string"),
    "REAL": _Wire("double", "SFLOAT", "REAL", 100, "float32"),
    "SMALLINT": _Wire("integer", "INT16", "SMALLINT", 6, "int16"),
    "TIME": _Wire("time", "TIME", "TIME", 8, "time", 0, 8),
    "TIMESTAMP": _Wire("timestamp", "DATETIME", "TIMESTAMP", 19, "timestamp", 0, 19),
    "TINYINT": _Wire("integer", "INT8", "TINYINT", 6, "int8"),
    "UNKNOWN": _Wire("string", "UNKNOWN", "UNKNOWN", 100, "string"),
    "VARBINARY": _Wire("binary", "BINARY", "VARBINARY", 100, "binary"),
    "VARCHAR": _Wire("string", "STRING", "VARCHAR", 100, "string"),
}
"""The 23 types of columns, by the names that people use."""

_BY_ODBC = {wire.odbc: name for name, wire in ODBC_TYPES.items()}
_KIND_OF_CODE: Mapping[str, Kind] = {
    "INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64", "UINT8": "uint8", "UINT16": "uint16",
    "UINT32": "uint32", "UINT64": "uint64", "SFLOAT": "float32", "DFLOAT": "float64", "DECIMAL": "decimal",
    "STRING": "string", "USTRING": "string", "BINARY": "binary", "RAW": "binary", "DATE": "date", "TIME": "time",
    "DATETIME": "timestamp", "TIMESTAMP": "timestamp", "BOOLEAN": "boolean", "UNKNOWN": "string",
}  # fmt: skip
_KIND_OF_TYPE: Mapping[str, Kind] = {
    "integer": "int32", "double": "float64", "string": "string", "binary": "binary", "date": "date", "time": "time",
    "timestamp": "timestamp", "boolean": "boolean",
}  # fmt: skip
_UNSIGNED: Mapping[str, Kind] = {"int8": "uint8", "int16": "uint16", "int32": "uint32", "int64": "uint64"}
_NAME_OF_KIND: Mapping[str, OdbcType] = {
    "binary": "VARBINARY", "boolean": "BIT", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER",
    "int64": "BIGINT", "uint8": "TINYINT", "uint16": "SMALLINT", "uint32": "INTEGER", "uint64": "BIGINT",
    "decimal": "DECIMAL", "float32": "FLOAT", "float64": "DOUBLE", "date": "DATE", "time": "TIME",
    "timestamp": "TIMESTAMP", "string": "VARCHAR", "null": "UNKNOWN",
}  # fmt: skip

_FIELD_ORDER = ("name", "type", "nullable", "metadata", "app_data")
_METADATA_ORDER = (
    "description", "max_length", "min_length", "decimal_precision", "decimal_scale", "is_key", "is_signed",
    "item_index", "source_field_id",
)  # fmt: skip
_DIRECTIVES = "apt_field_properties"
_DIMENSIONS = ("dimension_min_size", "dimension_max_size")


def odbc_type_of(field: Mapping[str, Any]) -> OdbcType:
    """Return which of the 23 types a field has, by its usual name (``NVARCHAR``, not the wire's ``WVARCHAR``)."""
    app_data = field.get("app_data") or {}
    said = str(app_data.get("odbc_type") or "").upper()
    if said in ODBC_TYPES:
        return said  # type: ignore[return-value]
    if said in _BY_ODBC:
        return _BY_ODBC[said]  # type: ignore[return-value]
    kind = _KIND_OF_CODE.get(str(app_data.get("type_code") or "").upper())
    return _NAME_OF_KIND[kind or _KIND_OF_TYPE.get(str(field.get("type") or "").lower(), "string")]


def known_kind(member: str, value: object) -> Kind | None:
    """Return the kind that one of the members that say a field's type means, or None where it means none.

    Args:
        member: ``type``, ``odbc_type`` or ``type_code``.
        value: What it says.

    Example:
        >>> known_kind("type_code", "INT32"), known_kind("odbc_type", "FOO")
        ('int32', None)
    """
    if member == "type_code":
        return _KIND_OF_CODE.get(str(value).upper())
    if member == "type":
        return _KIND_OF_TYPE.get(str(value).lower())
    name = str(value).upper()
    wire = ODBC_TYPES.get(_BY_ODBC.get(name, name))
    return wire.kind if wire is not None else None


def known_names(member: str) -> tuple[str, ...]:
    """Return what ``type``, ``odbc_type`` or ``type_code`` can be."""
    of = {"type": _KIND_OF_TYPE, "type_code": _KIND_OF_CODE, "odbc_type": {**ODBC_TYPES, **_BY_ODBC}}
    return tuple(of[member])


def column_of(field: Mapping[str, Any]) -> Column:
    """Return the column that a schema field describes. Nesting among fields is read by ``columns_of``.

    Args:
        field: The field, as it stands in a document.

    Raises:
        DocumentError: If its numbers are none, or its directives cannot be read.

    Example:
        >>> field = field_of(Column("amount", DataType("decimal", precision=10, scale=2)))
        >>> str(column_of(field).type)
        'decimal(10,2)'
    """
    name = str(field.get("name", ""))
    metadata, app_data = field.get("metadata") or {}, field.get("app_data") or {}
    base = _base_type(field, name)
    is_vector = any(key in app_data and _number(app_data, key, name) is not None for key in _DIMENSIONS)
    directives = app_data.get(_DIRECTIVES)
    properties = parse_directives(directives, place=Place(column=name)) if isinstance(directives, str) else {}
    return Column(
        name,
        list_of(base) if is_vector else base,
        nullable=bool(field.get("nullable", False)),
        key=bool(metadata.get("is_key", False)),
        properties=properties,
    )


def _base_type(field: Mapping[str, Any], name: str) -> DataType:
    metadata, app_data = field.get("metadata") or {}, field.get("app_data") or {}
    wire = ODBC_TYPES[odbc_type_of(field)]
    kind = _KIND_OF_CODE.get(str(app_data.get("type_code") or "").upper(), wire.kind)
    length = _number(metadata, "max_length", name) or None
    if kind in ("string", "binary"):
        return DataType(kind, length=length, fixed=wire.is_fixed and length is not None)
    if kind == "decimal":
        precision = _number(metadata, "decimal_precision", name) or length or MOST_DIGITS
        scale = _number(metadata, "decimal_scale", name) or 0
        if scale > min(precision, MOST_DIGITS):
            message = f"A decimal of {precision} digits cannot have {scale} of them behind the point."
            if precision > MOST_DIGITS:
                message = (
                    f"A decimal has at most {MOST_DIGITS} digits, and this one is to have {scale} behind the point."
                )
            raise DocumentError(message, code="RS-1051", place=Place(column=name, property="decimal_scale"))
        return DataType(kind, precision=min(precision, MOST_DIGITS), scale=scale)
    if kind in ("time", "timestamp"):
        extended = str(app_data.get("extended_type") or "")
        scale = _number(app_data, "time_scale", name) or _number(metadata, "decimal_scale", name) or 0
        scale = min(scale or (MOST_FRACTION if "microseconds" in extended else 0), MOST_FRACTION)
        return DataType(kind, scale=scale, zone=kind == "timestamp" and "timezone" in extended)
    if kind in _UNSIGNED and metadata.get("is_signed") is False:
        return _plain(_UNSIGNED[kind])
    return _plain(kind)


@cache
def _plain(kind: Kind) -> DataType:
    """Return the type of a kind without sizes: one object for all columns, which compares at once."""
    return DataType(kind)


def _number(holder: Mapping[str, Any], key: str, name: str) -> int | None:
    """Return a count of a field; None where there is none."""
    value = holder.get(key)
    if value is None or value == "":
        return None
    if type(value) is int and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        message = f"Expected a count as '{key}', found {value!r}."
        raise DocumentError(message, code="RS-1051", place=Place(column=name, property=key))
    return int(value)


def columns_of(fields: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Return the columns of a schema. A field followed by fields of a deeper level (``item_index``) holds them.

    Raises:
        DocumentError: If a field cannot be read.
    """
    made, _ = _nested(fields, 0, 0)
    return made


def row_type_of(fields: Sequence[Mapping[str, Any]]) -> RowType:
    """Return the row that a schema describes."""
    return RowType(columns_of(fields))


def _level(field: Mapping[str, Any]) -> int:
    return _number(field.get("metadata") or {}, "item_index", str(field.get("name", ""))) or 0


def _nested(fields: Sequence[Mapping[str, Any]], start: int, above: int) -> tuple[tuple[Column, ...], int]:
    """Read the fields from ``start`` that are deeper than ``above`` (all, at the top)."""
    made: list[Column] = []
    at = start
    while at < len(fields) and (above == 0 or _level(fields[at]) > above):
        field, level = fields[at], _level(fields[at])
        column = column_of(field)
        at += 1
        if level and at < len(fields) and _level(fields[at]) > level:
            inner, at = _nested(fields, at, level)
            group = DataType("struct", fields=inner)
            of = list_of(group) if column.type.kind == "list" else group
            column = Column(column.name, of, column.nullable, column.key, column.properties)
        made.append(column)
    return tuple(made), at


def field_of(
    column: Column,
    *,
    odbc_type: OdbcType | None = None,
    like: Mapping[str, Any] | None = None,
    description: str | None = None,
    source: str | None = None,
    derivation: str | None = None,
    level: int = 0,
) -> dict[str, Any]:
    """Return the schema field that describes a column.

    Args:
        column: The column; for a struct, the field of the group alone (see ``fields_of``).
        odbc_type: Which of the 23 types to write; by default the nearest to the column's.
        like: A field to start from. What it says about the column already stays as it is written there, and its
            other members stay too.
        description: What the column holds.
        source: Where its values come from, ``link.column``.
        derivation: The expression it is derived by.
        level: Its level of nesting; 0 outside groups.

    Raises:
        UsageError: If the type cannot be written as ``odbc_type``.
    """
    made: dict[str, Any] = clone(dict(like)) if like is not None else _blank(column, odbc_type)
    made["name"] = column.name
    if like is not None and (odbc_type not in (None, odbc_type_of(like)) or column_of(like).type != column.type):
        _retype(made, _blank(column, odbc_type))
    put_in_order(made, "nullable", column.nullable, _FIELD_ORDER)
    metadata = _part(made, "metadata")
    said: dict[str, object] = {"is_key": column.key, "description": description, "source_field_id": source}
    if level or like is None:
        said["item_index"] = level
    for key, value in said.items():
        if value is not None:
            put_in_order(metadata, key, value, _METADATA_ORDER)
    app_data = _part(made, "app_data")
    if derivation is not None:
        app_data["derivation"] = derivation
    _write_properties(app_data, column)
    return made


def _part(field: dict[str, Any], key: str) -> dict[str, Any]:
    if key not in field:
        put_in_order(field, key, {}, _FIELD_ORDER)
    part: dict[str, Any] = field[key]
    return part


def _write_properties(app_data: dict[str, Any], column: Column) -> None:
    """Write the directives, but leave text alone that says the same already."""
    former = app_data.get(_DIRECTIVES)
    if isinstance(former, str) and parse_directives(former) == column.properties:
        return
    if column.properties:
        app_data[_DIRECTIVES] = write_directives(column.properties)
    else:
        app_data.pop(_DIRECTIVES, None)


def _retype(field: dict[str, Any], fresh: dict[str, Any]) -> None:
    """Write another type into a field and leave the rest of it."""
    put_in_order(field, "type", fresh["type"], _FIELD_ORDER)
    metadata, app_data = _part(field, "metadata"), _part(field, "app_data")
    for key in ("max_length", "min_length", "decimal_precision", "decimal_scale", "is_signed"):
        put_in_order(metadata, key, fresh["metadata"][key], _METADATA_ORDER)
    for key in ("dimension_min_size", "dimension_max_size", "extended_type"):
        app_data.pop(key, None)
    app_data.update(clone(fresh["app_data"]))


def _blank(column: Column, odbc_type: OdbcType | None) -> dict[str, Any]:
    of = column.type
    base = of.element if of.kind == "list" and of.element is not None else of
    name = odbc_type or _name_of(base)
    wire = ODBC_TYPES.get(name)
    if wire is None:
        message = f"A column's type is one of {', '.join(ODBC_TYPES)}, not {name!r}."
        raise UsageError(message, place=Place(column=column.name))
    if base.kind != "struct" and not _fits(wire, base):
        message = f"A {base} cannot be written as {name}."
        raise UsageError(message, place=Place(column=column.name))
    app_data: dict[str, Any] = {"time_scale": 0, "type_code": wire.code, "odbc_type": wire.odbc}
    metadata = {
        "description": "",
        "max_length": wire.length,
        "min_length": wire.min_length,
        "decimal_precision": wire.precision,
        "decimal_scale": 0,
        "is_key": column.key,
        "is_signed": not base.kind.startswith("uint"),
        "item_index": 0,
    }
    _measure(metadata, app_data, base, wire)
    if of.kind == "list":  # of any length; a fixed one is kept where the field is written over its former self
        app_data.update(dimension_min_size=0, dimension_max_size=0)
    return {
        "name": column.name,
        "type": wire.type,
        "nullable": column.nullable,
        "metadata": metadata,
        "app_data": app_data,
    }


def _fits(wire: _Wire, base: DataType) -> bool:
    return (
        _UNSIGNED.get(wire.kind) == base.kind
        or base.kind in (wire.kind, "null")
        or (wire.odbc in ("FLOAT", "REAL", "DOUBLE") and base.is_float)
    )


def _measure(metadata: dict[str, Any], app_data: dict[str, Any], base: DataType, wire: _Wire) -> None:
    """Write lengths, digits and fractions."""
    if base.kind in ("string", "binary"):
        metadata["max_length"] = base.length or 0
        metadata["min_length"] = (base.length or 0) if wire.is_fixed else 0
    elif base.kind == "decimal":
        metadata.update(
            max_length=base.precision or MOST_DIGITS,
            decimal_precision=base.precision or MOST_DIGITS,
            decimal_scale=base.scale or 0,
        )
    elif base.kind in ("time", "timestamp"):
        metadata["decimal_scale"] = app_data["time_scale"] = base.scale or 0
        extended = [*(["microseconds"] if base.scale else []), *(["timezone"] if base.zone else [])]
        if extended:
            app_data["extended_type"] = ",".join(extended)
    elif base.is_float:
        app_data["type_code"] = "SFLOAT" if base.kind == "float32" else "DFLOAT"


def _name_of(base: DataType) -> OdbcType:
    if base.kind == "string" and base.fixed:
        return "CHAR"
    if base.kind == "binary" and base.fixed:
        return "BINARY"
    return _NAME_OF_KIND.get(base.kind, "UNKNOWN")


def fields_of(
    columns: Iterable[Column], *, like: Mapping[str, Mapping[str, Any]] | None = None, level: int = 0
) -> list[dict[str, Any]]:
    """Return the schema fields of columns; a struct becomes its field and, one level deeper, those inside it.

    Args:
        columns: The columns.
        like: Fields to start from, by name, for columns outside groups.
        level: The level of nesting to begin with.
    """
    made = []
    for column in columns:
        of = column.type.element if column.type.kind == "list" and column.type.element else column.type
        own_level = level or (1 if of.kind == "struct" else 0)
        known = like.get(column.name) if like and not level and of.kind != "struct" else None
        made.append(field_of(column, like=known, level=own_level))
        if of.kind == "struct":
            made.extend(fields_of(of.fields, level=own_level + 1))
    return made
