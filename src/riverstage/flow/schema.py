"""The columns of a link."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, overload

from riverstage.document import clone
from riverstage.document.fields import ODBC_TYPES, odbc_type_of
from riverstage.errors import NotFoundError, Place, UsageError
from riverstage.flow._errors import did_you_mean
from riverstage.flow._field_index import FieldIndex, index_of
from riverstage.flow._settable import plain
from riverstage.flow.fields import FIELD_CLASSES, Field, blank_field

if TYPE_CHECKING:
    from riverstage.flow.link import Link

__all__ = ["Schema"]

_BY_WIRE = {wire.odbc: name for name, wire in ODBC_TYPES.items()}


class Schema:
    """The columns of a link, in order. Both stages at its ends see the same ones.

    Example:
        >>> from riverstage import BatchFlow
        >>> flow = BatchFlow("demo")
        >>> link = flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek"))
        >>> schema = link.create_schema()
        >>> schema.add_field("INTEGER", "id", key=True)
        Integer(name=id, type=integer)
        >>> schema.add_field("VARCHAR", "name", length=100, nullable=True)
        VarChar(name=name, type=string)
        >>> [field.name for field in schema]
        ['id', 'name']
    """

    __slots__ = ("_link", "_loose", "_loose_index")

    _link: Link | None
    _loose: list[dict[str, Any]]

    def __init__(self, link: Link | None = None, fields: Iterable[Field] | None = None) -> None:
        self._link = link
        self._loose = [field.to_dict() for field in fields or ()]
        self._loose_index = FieldIndex()

    @classmethod
    def _detached(cls, fields: list[dict[str, Any]]) -> Schema:
        made = cls()
        made._loose = fields
        return made

    # Where the fields are.

    def _fields(self) -> list[dict[str, Any]]:
        if self._link is None:
            return self._loose
        ref = self._link._live()
        held = self._link._document.link_schema(ref)
        if held is None:
            return []
        fields: list[dict[str, Any]] = held.setdefault("fields", [])
        return fields

    def _own(self) -> list[dict[str, Any]]:
        """Return the fields to be changed; a schema that other links share becomes the link's own first."""
        if self._link is None:
            return self._loose
        document, ref = self._link._document, self._link._live()
        held = document.link_schema(ref)
        if held is None or self._is_shared(held["id"]):
            held = document.set_link_schema(ref, [] if held is None else held.get("fields") or [])
        fields: list[dict[str, Any]] = held.setdefault("fields", [])
        return fields

    def _is_shared(self, schema_id: str) -> bool:
        if self._link is None:
            return False
        ref = self._link._live()
        ports = [port for port in (ref.target_port, ref.source_port) if port is not None]
        own: int = sum(port.get("schema_ref") == schema_id for port in ports)
        references: int = self._link._document.schemas.references[schema_id]
        return bool(own < len(ports) or references > own)

    def _index(self) -> FieldIndex:
        """Return where the fields are by name."""
        fields = self._fields()
        kept = self._loose_index if self._link is None else index_of(self._link._document, fields)
        return kept.of(fields)

    def _field(self, name: str) -> dict[str, Any]:
        found = self._index().get(name)
        if found is not None:
            return found
        names = [str(wire.get("name")) for wire in self._fields()]
        message = f"The schema has no field '{name}'."
        raise NotFoundError(message, place=self._place(name), mend=did_you_mean(name, names))

    def _place(self, column: str | None = None) -> Place:
        return Place(link=None if self._link is None else self._link.name, column=column)

    def _cursor(self, wire: dict[str, Any]) -> Field:
        return FIELD_CLASSES[odbc_type_of(wire)](self, str(wire.get("name")))

    # Reading.

    @property
    def fields(self) -> list[Field]:
        """The columns, in order."""
        return [self._cursor(wire) for wire in self._fields()]

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [str(wire.get("name")) for wire in self._fields()]

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self._fields())

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        said = getattr(name, "_name", name)
        return isinstance(said, str) and self._index().get(said) is not None

    @overload
    def __getitem__(self, index: int | str) -> Field: ...
    @overload
    def __getitem__(self, index: slice) -> list[Field]: ...
    def __getitem__(self, index: int | str | slice) -> Field | list[Field]:
        if isinstance(index, str):
            return self._cursor(self._field(index))
        return self.fields[index]

    def __setitem__(self, index: int | str, field: Field) -> None:
        """Put a copy of a field in the place of a column; what the stage before computes it by comes along.

        Raises:
            NotFoundError: There is no column of that name.
            IndexError: There is none at that place.
            UsageError: It is no field, or another column has its name.
        """
        if not isinstance(field, Field):
            raise UsageError(f"A schema holds fields, not {field!r}.", code="RS-2020", place=self._place())
        former, derivation = self[index], plain(field.derivation)
        if field.name != former.name:
            self._require_free(field.name)
        wire = clone(field.to_dict())
        (wire.get("app_data") or {}).pop("derivation", None)  # where a field that belongs to no link keeps it
        former.derivation = None
        self._own()[self.names.index(former.name)] = wire
        self._index().forget()
        if derivation is not None:
            self._cursor(wire).derivation = derivation

    @property
    def configuration(self) -> list[dict[str, Any]]:
        """The columns as documents have them: copies, to read."""
        return [clone(wire) for wire in self._fields()]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Schema):
            return NotImplemented
        return self is other or (self._link is not None and self._link == other._link)

    def __hash__(self) -> int:
        return id(self._loose) if self._link is None else hash(self._link)

    def __repr__(self) -> str:
        return json.dumps([field._shown() for field in self.fields], indent=4, ensure_ascii=False)

    def _repr_html_(self) -> str:
        from riverstage.flow.draw import schema_table

        return schema_table(self)

    # Changing.

    def add_field(
        self,
        odbc_type: str,
        name: str,
        description: str = "",
        *,
        nullable: bool | None = None,
        key: bool | None = None,
        length: int | None = None,
        scale: int | None = None,
        source: str | None = None,
        derivation: str | None = None,
        **options: Any,
    ) -> Field:
        """Add a column behind the others.

        Args:
            odbc_type: One of the 23 types: ``VARCHAR``, ``INTEGER``, ``DECIMAL``, ``DATE``, ``TIMESTAMP`` …
            name: The column's name.
            description: What it holds.
            nullable: Whether it can be null; it cannot where nobody says.
            key: Whether it is part of the key.
            length: The length of text; the digits in all of a decimal.
            scale: The digits behind the point.
            source: Where its values come from, ``link.column``.
            derivation: The expression that the stage before the link computes it by.
            **options: What else the type has room for: ``unsigned``, ``cycle_values``, ``percent_null``,
                ``null_field_value``, ``format_string`` … All are attributes of the field as well.

        Returns:
            The column.

        Raises:
            UsageError: The type is none, or the schema has a column of that name, or a value cannot be.
            UnknownNameError: The type has no such option; it is an ``AttributeError`` too.
        """
        kind = _odbc_name(odbc_type, self._place(name if isinstance(name, str) else None))
        self._require_free(name)
        said = {
            "nullable": nullable, "key": key, "length": length, "scale": scale, "source": source,
            **options,
        }  # fmt: skip
        made = Schema._detached([blank_field(kind, name)])
        said["description"] = description or None
        made.fields[0].set(**{option: value for option, value in said.items() if value is not None})
        index, fields = self._index(), self._own()
        fields.append(made._loose[0])
        index.added(fields)
        added = self._cursor(made._loose[0])
        if derivation is not None:
            added.derivation = derivation
        return added

    def _require_free(self, name: object) -> None:
        if not isinstance(name, str) or not name:
            message = f"The name of a field is text that is not empty, not {name!r}."
            raise UsageError(message, code="RS-2020", place=self._place())
        if name in self:
            message = f"Field {name} already exists in schema."
            raise UsageError(message, code="RS-2020", place=self._place(name))

    def remove_field(self, name: str) -> Schema:
        """Remove a column.

        Returns:
            The schema.

        Raises:
            NotFoundError: There is none of that name.
        """
        self._field(name)
        if self._link is not None:
            self._link.derivations.discard(name)
        fields = self._own()
        fields[:] = [wire for wire in fields if wire.get("name") != name]
        self._index().forget()
        return self

    def select_fields(self, *names: str) -> Schema:
        """Keep only these columns, in this order.

        Returns:
            The schema.

        Raises:
            NotFoundError: There is none of one of the names.
        """
        for name in names:
            self._field(name)
        for name in self.names:
            if name not in names:
                self.remove_field(name)
        fields = self._own()
        fields.sort(key=lambda wire: names.index(str(wire.get("name"))))
        return self

    def clone(self) -> Schema:
        """Return a copy that belongs to no link; ``link.schema = copy`` gives its columns to one."""
        return Schema._detached([clone(wire) for wire in self._fields()])

    def _rename(self, old: str, new: str) -> None:
        if new == old:
            return
        self._require_free(new)
        wire = self._field(old)
        if self._link is not None:
            self._link.derivations.rename(old, new)
            self._own()
            wire = self._field(old)
        wire["name"] = new
        self._index().forget()

    def _derivation(self, name: str) -> str | None:
        wire = self._field(name)
        own = (wire.get("app_data") or {}).get("derivation")
        if self._link is None:
            return own
        return self._link.derivations._said(name) or own

    def _set_derivation(self, name: str, expression: str | None) -> None:
        wire = self._field(name)
        if self._link is None:
            if expression is None:
                wire.get("app_data", {}).pop("derivation", None)
            else:
                wire.setdefault("app_data", {})["derivation"] = expression
            return
        self._own()
        if expression is None:
            self._link.derivations.discard(name)
        else:
            self._link.derivations[name] = expression


def _odbc_name(said: object, place: Place) -> str:
    text = str(getattr(said, "value", said)).upper()
    found = text if text in FIELD_CLASSES else _BY_WIRE.get(text)
    if found is not None:
        return found
    message = f"Unsupported field type: {getattr(said, 'value', said)}. Supported types are: {sorted(FIELD_CLASSES)}"
    raise UsageError(message, code="RS-2020", place=place, mend=did_you_mean(text, FIELD_CLASSES))


def replace_schema(link: Link, schema: Schema | None) -> None:
    """Give a link the columns of a schema, or, with None, no schema."""
    if schema is None:
        link._document.drop_link_schema(link._live())
        return
    if not isinstance(schema, Schema):
        message = f"A link's schema is a Schema, not {schema!r}."
        raise UsageError(message, code="RS-2020", place=link._place())
    wires = [clone(wire) for wire in schema._fields()]
    link._document.set_link_schema(link._live(), wires)
    for wire in wires:
        expression = (wire.get("app_data") or {}).get("derivation")
        if expression:
            link.derivations[str(wire.get("name"))] = expression
