"""What can be said to a stage: its properties by dot and by bracket, read from and written to the document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from riverstage.catalogue import MASK, Property
from riverstage.errors import CatalogueError, UsageError
from riverstage.flow import _slots
from riverstage.flow._errors import UnknownNameError, did_you_mean
from riverstage.flow._values import bind, plain

if TYPE_CHECKING:
    from riverstage.catalogue import StageSpec
    from riverstage.flow.link import Link
    from riverstage.flow.stage import StageNode

__all__ = ["Configuration", "ConnectionConfiguration"]

_COUNTS = ("input_count", "output_count")
_PROPAGATION = "runtime_column_propagation"
_SHOWN = (*_COUNTS, "connection")


def mask(prop: Property, value: Any) -> Any:
    """Return a value as it may be shown: secrets covered, also those inside a table."""
    if prop.secret and value not in (None, ""):
        return MASK
    if prop.items is not None and isinstance(value, list):
        return [_mask_row(prop, row) for row in value]
    return plain(value)


def _mask_row(prop: Property, row: Any) -> Any:
    if isinstance(row, list):
        return [_mask_row(prop, part) for part in row]
    if not isinstance(row, dict) or prop.items is None:
        return plain(row)
    shown = {}
    for key, value in row.items():
        field = prop.items.field(key)
        shown[key] = mask(field, value) if field is not None else plain(value)
    return shown


class _Slots:
    """What configurations of a stage, of its connection and of a link share: names to properties to the document."""

    __slots__ = ("_stage",)

    _stage: Any

    def __init__(self, stage: StageNode | Link) -> None:
        object.__setattr__(self, "_stage", stage)

    # What subclasses say.

    def _properties(self) -> Mapping[str, Property]:
        raise NotImplementedError

    def _what(self) -> str:
        raise NotImplementedError

    def _read(self, prop: Property) -> tuple[bool, Any]:
        return _slots.read(self._stage._node(), prop)

    def _put(self, prop: Property, wire: Any) -> None:
        _slots.put(self._stage._node(), self._stage._spec(), prop, wire)

    def _erase(self, prop: Property) -> None:
        _slots.erase(self._stage._node(), prop)

    def _slot_key(self, prop: Property) -> tuple[object, ...]:
        stage = self._stage
        return (type(self).__name__, id(stage._document), stage._key, prop.name)

    # Names.

    def _find(self, name: object) -> Property:
        properties = self._properties()
        if isinstance(name, str):
            found = properties.get(name) or next((prop for prop in properties.values() if prop.wire == name), None)
            if found is not None:
                return found
        message = f"{self._what()} has no property {name!r}."
        raise UnknownNameError(message, place=self._stage._place(), mend=did_you_mean(name, properties))

    # Values.

    def _get(self, prop: Property) -> Any:
        if prop.kind in ("list", "table", "map", "any"):
            return bind(self._slot_key(prop), lambda: self._value(prop), lambda value: self._set(prop, value))
        return self._value(prop)

    def _value(self, prop: Property) -> Any:
        is_set, wire = self._read(prop)
        return prop.read(wire if is_set else prop.default)

    def _set(self, prop: Property, value: object) -> None:
        try:
            wire = prop.encode(plain(value), known=_keys(self._read(prop)[1]) if prop.items is not None else ())
        except CatalogueError as error:
            place = replace(self._stage._place(), property=prop.name)
            raise CatalogueError(error.message, code=error.code, place=place, mend=error.mend) from None
        if wire is None:
            self._erase(prop)
        else:
            self._put(prop, plain(wire))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._get(self._find(name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(self._find(name), value)

    def __delattr__(self, name: str) -> None:
        self._erase(self._find(name))

    def __getitem__(self, name: str) -> Any:
        return self._get(self._find(name))

    def __setitem__(self, name: str, value: Any) -> None:
        self._set(self._find(name), value)

    def __delitem__(self, name: str) -> None:
        self._erase(self._find(name))

    def __contains__(self, name: object) -> bool:
        try:
            self._find(name)
        except UnknownNameError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, prop in self._properties().items() if name == prop.name])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def keys(self) -> list[str]:
        """Return the names of the properties, each once, so that ``dict(configuration)`` is a copy of their values."""
        return list(iter(self))

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a property, or another where there is no such property."""
        try:
            return self[name]
        except UnknownNameError:
            return default

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, _Slots) and other._stage == self._stage

    def __hash__(self) -> int:
        return hash((type(self), self._stage))

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._properties()})

    def _shown(self) -> dict[str, Any]:
        shown = {}
        for name, prop in self._properties().items():
            if name == prop.name and (not prop.internal or name in _SHOWN):
                shown[name] = mask(prop, self._value(prop))
        return shown

    def __repr__(self) -> str:
        return json.dumps(self._shown(), indent=4, ensure_ascii=False, default=_as_json)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001, ARG002
        printer.text(repr(self))


def _keys(wire: Any) -> set[str]:
    """Return the keys of the entries of a list, also of those in lists of entries."""
    if isinstance(wire, Mapping):
        return set(wire)
    return {key for entry in wire for key in _keys(entry)} if isinstance(wire, list) else set()


def _as_json(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return value._shown() if isinstance(value, _Slots) else str(value)


class Configuration(_Slots):
    """The properties of a stage, by dot and by bracket.

    A name that two properties share is one slot; a property's wire name means it too. What is set is checked, and
    text with a parameter in it (``#name#``) goes everywhere. None, or ``del``, brings the default back. Lists can be
    changed in place.

    Example:
        >>> from riverstage import BatchFlow
        >>> row_gen = BatchFlow("demo").add_stage("Row Generator")
        >>> row_gen.configuration.records = 5
        >>> row_gen.configuration["records"]
        5
    """

    __slots__ = ()

    def _properties(self) -> Mapping[str, Property]:
        spec: StageSpec | None = self._stage._spec()
        if spec is not None:
            return spec.properties
        return _unknown(self._stage._node())

    def _what(self) -> str:
        spec = self._stage._spec()
        return f"The configuration of a {spec.name} stage" if spec else "The configuration of this stage"

    def _find(self, name: object) -> Property:
        spec: StageSpec | None = self._stage._spec()
        if spec is not None and isinstance(name, str):
            found = spec.properties.get(name) or spec.by_wire.get(name)
            if found is None and spec.connection is not None:
                found = spec.connection.fields.get(name)
            if found is not None:
                return found
        return super()._find(name)

    def _value(self, prop: Property) -> Any:
        if prop.name == "input_count":
            return len(self._stage.get_input_links())
        if prop.name == "output_count":
            return len(self._stage.get_output_links())
        if self._is_connection(prop):
            return ConnectionConfiguration(self._stage)
        return super()._value(prop)

    def _is_connection(self, prop: Property) -> bool:
        spec = self._stage._spec()
        return prop.name == "connection" and spec is not None and spec.connection is not None

    def _get(self, prop: Property) -> Any:
        return self._value(prop) if self._is_connection(prop) else super()._get(prop)

    def _set(self, prop: Property, value: object) -> None:
        if prop.name in _COUNTS:
            message = f"'{prop.name}' is counted, not set."
            raise UsageError(message, place=self._stage._place(), mend="Connect or disconnect links instead.")
        if self._is_connection(prop):
            self._stage.use_connection(value)
            return
        super()._set(prop, value)


class ConnectionConfiguration(_Slots):
    """The settings of a connector's own connection: host, database, user and so on."""

    __slots__ = ()

    def _properties(self) -> Mapping[str, Property]:
        spec = self._stage._spec()
        return dict(spec.connection.fields) if spec is not None and spec.connection is not None else {}

    def _what(self) -> str:
        spec = self._stage._spec()
        return f"The connection of a {spec.name if spec else ''} stage"

    def _home(self) -> dict[str, Any]:
        connection = self._stage._node().get("connection")
        held = connection.get("properties") if isinstance(connection, dict) else None
        return held if isinstance(held, dict) else {}

    def _read(self, prop: Property) -> tuple[bool, Any]:
        held = self._home()
        return prop.wire in held, held.get(prop.wire)

    def _put(self, prop: Property, wire: Any) -> None:
        _slots.connection_parameters(self._stage._node())[prop.wire] = wire

    def _erase(self, prop: Property) -> None:
        self._home().pop(prop.wire, None)


def _unknown(node: dict[str, Any]) -> dict[str, Property]:
    """Return the properties of a stage that the catalogue does not know: what its node says."""
    held = node.get("parameters")
    names = [*(held if isinstance(held, dict) else ()), *_COUNTS]
    found = {name: Property(name=name, wire=name, kind="any", places=("node",)) for name in dict.fromkeys(names)}
    found[_PROPAGATION] = Property(
        name=_PROPAGATION, wire=_PROPAGATION, kind="boolean", places=("node", "input"), as_number=True
    )
    return found


def spec_of(node: dict[str, Any]) -> StageSpec | None:
    """Return the catalogue's spec of a node, or None where the catalogue does not know it."""
    from riverstage import catalogue

    op = node.get("op")
    found = catalogue.by_op(op) if isinstance(op, str) else None
    if found is None:
        said = ((node.get("app_data") or {}).get("riverstage") or {}).get("type")
        found = catalogue.find(said) if said in catalogue.accepted_names() else None
    return found


def default_label(spec: StageSpec) -> str:
    """Return the label of the first stage of a type that is added without one."""
    return spec.name.replace(" ", "_")
