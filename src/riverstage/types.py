"""The types of data: what a column can hold, and what a row is made of.

One vocabulary for the whole house: schemas in documents, expressions, plans and engines speak of these. Values are
immutable; a change is a copy (``dataclasses.replace``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

__all__ = [
    "BOOLEAN",
    "DATE",
    "FLOAT32",
    "FLOAT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "NULL",
    "STRING",
    "TIME",
    "TIMESTAMP",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "Column",
    "DataType",
    "Kind",
    "RowType",
    "binary",
    "decimal",
    "list_of",
    "string",
    "struct",
    "time",
    "timestamp",
    "type_named",
]

Kind = Literal[
    "string", "binary", "boolean",
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "decimal", "float32", "float64",
    "date", "time", "timestamp",
    "list", "struct", "null",
]  # fmt: skip

_INTEGERS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"})


@dataclass(frozen=True, slots=True)
class DataType:
    """What a column can hold.

    Args:
        kind: The kind of value.
        length: Longest string in characters or binary in bytes; None for no limit.
        fixed: Whether a string or binary always has ``length`` (CHAR, BINARY).
        precision: Digits of a decimal in all.
        scale: Digits of a decimal behind the point; fractional digits of seconds (0 to 6) of a time or timestamp.
        zone: Whether a timestamp is an instant (with time zone).
        element: The type of a list's elements.
        fields: The columns of a struct.
    """

    kind: Kind
    length: int | None = None
    fixed: bool = False
    precision: int | None = None
    scale: int | None = None
    zone: bool = False
    element: DataType | None = None
    fields: tuple[Column, ...] = ()

    def __eq__(self, other: object) -> bool:
        # Mostly it is the very same object: that is asked for each column of each link.
        if self is other:
            return True
        if not isinstance(other, DataType):
            return NotImplemented
        return (
            self.kind == other.kind
            and self.length == other.length
            and self.fixed == other.fixed
            and self.precision == other.precision
            and self.scale == other.scale
            and self.zone == other.zone
            and self.element == other.element
            and self.fields == other.fields
        )

    def __copy__(self) -> DataType:
        return self

    def __deepcopy__(self, memo: object) -> DataType:
        # It is immutable, and trees that carry types are copied often.
        return self

    @property
    def is_integer(self) -> bool:
        """Whether it is a whole number of some width."""
        return self.kind in _INTEGERS

    @property
    def is_float(self) -> bool:
        """Whether it is a binary floating-point number."""
        return self.kind in ("float32", "float64")

    @property
    def is_numeric(self) -> bool:
        """Whether it is a number of any kind."""
        return self.kind in _INTEGERS or self.kind in ("decimal", "float32", "float64")

    @property
    def is_temporal(self) -> bool:
        """Whether it is a date, a time or a timestamp."""
        return self.kind in ("date", "time", "timestamp")

    @property
    def is_text(self) -> bool:
        """Whether it is a string."""
        return self.kind == "string"

    def __str__(self) -> str:
        if self.kind in ("string", "binary") and self.length is not None:
            return f"{'fixed ' if self.fixed else ''}{self.kind}({self.length})"
        if self.kind == "decimal":
            return f"decimal({self.precision},{self.scale or 0})"
        if self.kind in ("time", "timestamp") and self.scale:
            return f"{self.kind}({self.scale}){' with zone' if self.zone else ''}"
        if self.kind == "list":
            return f"list of {self.element}"
        if self.kind == "struct":
            return "{" + ", ".join(f"{column.name}: {column.type}" for column in self.fields) + "}"
        return self.kind


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a row.

    Args:
        name: Its name; names are compared exactly, case included.
        type: What it can hold.
        nullable: Whether it can be null.
        key: Whether it is part of the key.
        properties: Format and generator directives of the column, by their wire names (``null_field``, ``quote``,
            ``cycle`` …), as read from ``apt_field_properties`` of its schema field.
    """

    name: str
    type: DataType
    nullable: bool = True
    key: bool = False
    properties: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class RowType:
    """The columns of a link, in order.

    Args:
        columns: The columns that are known.
        open: Whether more columns may come at run time (a source that could not be described).
    """

    columns: tuple[Column, ...] = ()
    open: bool = False
    _places: dict[object, Column] | None = field(default=None, init=False, repr=False, compare=False)

    def _by_name(self) -> dict[object, Column]:
        """Return the columns by name, made when first asked for; of two with one name the first counts."""
        places = self._places
        if places is None:
            places = {column.name: column for column in reversed(self.columns)}
            object.__setattr__(self, "_places", places)
        return places

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def get(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return self._by_name().get(name)

    def without(self, *names: str) -> RowType:
        """Return the row without those columns."""
        return replace(self, columns=tuple(column for column in self.columns if column.name not in names))

    def with_columns(self, *columns: Column) -> RowType:
        """Return the row with those columns at its end; one that has a name of the row replaces it in its place."""
        fresh = {column.name: column for column in columns}
        kept = tuple(fresh.pop(column.name, column) for column in self.columns)
        return replace(self, columns=kept + tuple(fresh.values()))


STRING = DataType("string")
BOOLEAN = DataType("boolean")
INT8 = DataType("int8")
INT16 = DataType("int16")
INT32 = DataType("int32")
INT64 = DataType("int64")
UINT8 = DataType("uint8")
UINT16 = DataType("uint16")
UINT32 = DataType("uint32")
UINT64 = DataType("uint64")
FLOAT32 = DataType("float32")
FLOAT64 = DataType("float64")
DATE = DataType("date")
TIME = DataType("time", scale=0)
TIMESTAMP = DataType("timestamp", scale=0)
NULL = DataType("null")


def string(length: int | None = None, *, fixed: bool = False) -> DataType:
    """Return a string type of at most (``fixed``: exactly) ``length`` characters."""
    return DataType("string", length=length, fixed=fixed)


def binary(length: int | None = None, *, fixed: bool = False) -> DataType:
    """Return a binary type of at most (``fixed``: exactly) ``length`` bytes."""
    return DataType("binary", length=length, fixed=fixed)


def decimal(precision: int, scale: int = 0) -> DataType:
    """Return an exact decimal of ``precision`` digits (1 to 38), ``scale`` of them behind the point."""
    return DataType("decimal", precision=precision, scale=scale)


def time(scale: int = 0) -> DataType:
    """Return a time of day with ``scale`` fractional digits of seconds (0 to 6)."""
    return DataType("time", scale=scale)


def timestamp(scale: int = 0, *, zone: bool = False) -> DataType:
    """Return a timestamp with ``scale`` fractional digits of seconds (0 to 6); ``zone`` makes it an instant."""
    return DataType("timestamp", scale=scale, zone=zone)


def list_of(element: DataType) -> DataType:
    """Return a list type."""
    return DataType("list", element=element)


def struct(*columns: Column) -> DataType:
    """Return a struct type."""
    return DataType("struct", fields=columns)


_NAMED = re.compile(r"(fixed )?([a-z]\w*)(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?( with zone)?", re.IGNORECASE)


def type_named(text: str) -> DataType:
    """Return the scalar type that a text names, as ``str`` of a type prints it.

    Args:
        text: ``int32``, ``string(10)``, ``fixed string(3)``, ``decimal(7,2)``, ``timestamp(6)`` …

    Raises:
        ValueError: It names none.

    Example:
        >>> type_named("decimal(7,2)") == decimal(7, 2), str(type_named("fixed string(3)"))
        (True, 'fixed string(3)')
    """
    match = _NAMED.fullmatch(text.strip())
    kind = match.group(2).lower() if match is not None else ""
    if match is None or kind not in get_args(Kind) or kind in ("list", "struct"):
        raise ValueError(f"'{text}' is no type")
    first, second = (int(group) if group else None for group in match.group(3, 4))
    if kind in ("string", "binary"):
        return DataType(kind, length=first, fixed=bool(match.group(1)))  # type: ignore[arg-type]
    if kind == "decimal":
        return decimal(first or 38, second or 0)
    if kind in ("time", "timestamp"):
        return DataType(kind, scale=first or 0, zone=bool(match.group(5)))  # type: ignore[arg-type]
    return DataType(kind)  # type: ignore[arg-type]
