"""What can be said to one link alone: the properties that the stages at its ends keep on its ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverstage.flow._slots import port_parameters, put_value
from riverstage.flow.configuration import _Slots, spec_of

if TYPE_CHECKING:
    from riverstage.catalogue import Property

__all__ = ["LinkConfiguration"]


class LinkConfiguration(_Slots):
    """The properties of one link, by dot and by bracket.

    The stage behind the link has some (``lookup_fail``, ``runtime_column_propagation``), the one before it others
    (``row_limit``). What is set here is set for this link; what is set on the stage, for all its links.
    """

    __slots__ = ()

    def _both(self) -> dict[str, tuple[str, Property]]:
        link = self._stage
        found: dict[str, tuple[str, Property]] = {}
        for place, stage in (("input", link.dest), ("output", link.src)):
            spec = spec_of(stage._node())
            for name, prop in (spec.properties if spec else {}).items():
                if place in prop.places:
                    found.setdefault(name, (place, prop))
        return found

    def _properties(self) -> dict[str, Property]:
        return {name: prop for name, (_, prop) in self._both().items()}

    def _what(self) -> str:
        return f"The link '{self._stage.name}'"

    def _port(self, prop: Property) -> dict[str, Any]:
        ref = self._stage._live()
        port = ref.target_port if self._both()[prop.name][0] == "input" else ref.source_port
        return port if port is not None else {}

    def _read(self, prop: Property) -> tuple[bool, Any]:
        held = self._port(prop).get("parameters") or {}
        return prop.wire in held, held.get(prop.wire)

    def _put(self, prop: Property, wire: Any) -> None:
        put_value(port_parameters(self._port(prop)), prop.wire, wire)

    def _erase(self, prop: Property) -> None:
        (self._port(prop).get("parameters") or {}).pop(prop.wire, None)

    def _slot_key(self, prop: Property) -> tuple[object, ...]:
        return (type(self).__name__, id(self._stage._document), self._stage._ref, prop.name)
