"""Where the value of a property stands in a node: the parameters of the node, of its ports, of its connection.

Reading accepts every place. Writing updates every place that holds the key already; the first home of a new value is
the connection where it is listed there, else the port of a stage that has links on one side only, else the node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from riverstage.document import put as put_value

if TYPE_CHECKING:
    from riverstage.catalogue import Property, StageSpec

__all__ = ["connection_parameters", "erase", "port_parameters", "put", "put_value", "read", "values"]

_Side = Literal["input", "output"]
_PORTS: dict[_Side, Literal["inputs", "outputs"]] = {"input": "inputs", "output": "outputs"}
_Node = dict[str, Any]


def _ports(node: _Node, side: _Side) -> list[dict[str, Any]]:
    ports = node.get(_PORTS[side])
    return [port for port in ports if isinstance(port, dict)] if isinstance(ports, list) else []


def _of(holder: dict[str, Any], key: str = "parameters") -> dict[str, Any] | None:
    held = holder.get(key)
    return held if isinstance(held, dict) else None


def _sides(prop: Property) -> list[_Side]:
    listed: list[_Side] = [side for side in _PORTS if side in prop.places]
    return listed or ["output", "input"]


def _maps(node: _Node, prop: Property) -> Iterator[dict[str, Any]]:
    """Yield every map of parameters of a node, likeliest place of the property first."""
    connection = node.get("connection")
    if isinstance(connection, dict) and (held := _of(connection, "properties")) is not None:
        yield held
    for side in sorted(_PORTS, key=lambda side: side not in _sides(prop)):
        for port in _ports(node, side):
            if (held := _of(port)) is not None:
                yield held
    if (held := _of(node)) is not None:
        yield held


def values(node: _Node, prop: Property) -> list[Any]:
    """Return every wire value that a node holds for a property, likeliest place first."""
    return [held[prop.wire] for held in _maps(node, prop) if prop.wire in held]


def read(node: _Node, prop: Property) -> tuple[bool, Any]:
    """Return whether a property is set, and its wire value."""
    for held in _maps(node, prop):
        if prop.wire in held:
            return True, held[prop.wire]
    return False, None


def put(node: _Node, spec: StageSpec | None, prop: Property, wire: Any) -> None:
    """Write a wire value wherever the key stands already, and on every port that it is for."""
    held = [one for one in _maps(node, prop) if prop.wire in one]
    side = _port_side(node, spec, prop)
    if not held:
        home = _home(node, spec, prop)
        held = [home] if home is not None else [_parameters(port) for port in _linked_or_placeholder(node, side)]
    elif side is not None and _holds(node, side, held):
        for port in _ports(node, side):
            here = _parameters(port)
            if not any(here is one for one in held):
                held.append(here)
    for one in held:
        put_value(one, prop.wire, wire)


def _holds(node: _Node, side: _Side, maps: list[dict[str, Any]]) -> bool:
    return any(_of(port) is one for port in _ports(node, side) for one in maps)


def erase(node: _Node, prop: Property) -> None:
    """Take a property's key away everywhere, and placeholder ports that say nothing any more with it."""
    for held in list(_maps(node, prop)):
        held.pop(prop.wire, None)
    for key in _PORTS.values():
        ports = node.get(key)
        if isinstance(ports, list) and any(_is_placeholder(port) and port.get("parameters") == {} for port in ports):
            for port in ports:
                if _is_placeholder(port) and port.get("parameters") == {}:
                    del port["parameters"]


def _is_placeholder(port: Any) -> bool:
    return isinstance(port, dict) and not port.get("id")


def _home(node: _Node, spec: StageSpec | None, prop: Property) -> dict[str, Any] | None:
    """Return the map that a first value goes to, or None where it goes to ports."""
    if "connection" in prop.places and (isinstance(node.get("connection"), dict) or (spec and spec.is_connector)):
        return connection_parameters(node)
    if _port_side(node, spec, prop) is not None:
        return None
    held = node.setdefault("parameters", {})
    return held if isinstance(held, dict) else None


def connection_parameters(node: _Node) -> dict[str, Any]:
    """Return the properties of a node's connection, making a local connection where there is none."""
    connection = node.get("connection")
    if not isinstance(connection, dict):
        connection = {"app_data": {}, "ref": "local"}
        tail: _Node = {key: node.pop(key) for key in ("op", "parameters") if key in node}
        node["connection"] = connection
        node.update(tail)
    held = connection.get("properties")
    if not isinstance(held, dict):
        held = connection["properties"] = {}
    return held


def _port_side(node: _Node, spec: StageSpec | None, prop: Property) -> _Side | None:
    """Return the side whose ports are the home of a property, or None where the node is."""
    listed: list[_Side] = [side for side in _PORTS if side in prop.places]
    if not listed:
        return None
    if prop.wire == "runtime_column_propagation" and "input" in listed:
        return "input"  # It is a setting of each input; only a stage without any has it on the node.
    if "node" not in prop.places:
        return listed[0] if len(listed) == 1 else (_role(node, spec) or listed[-1])
    if len(listed) == 1 and prop.role is not None:
        return listed[0]
    role = _role(node, spec)
    return role if role in listed else None


def _role(node: _Node, spec: StageSpec | None) -> _Side | None:
    """Return the one side that a stage has links on, by its type or, where it may have either, by its links."""
    if spec is None:
        return None
    if spec.inputs.max == 0:
        return "output"
    if spec.outputs.max == 0:
        return "input"
    if spec.node_type != "binding":
        return None
    linked: list[_Side] = [side for side in _PORTS if any(port.get("id") for port in _ports(node, side))]
    return linked[0] if len(linked) == 1 else None


def _linked_or_placeholder(node: _Node, side: _Side | None) -> list[dict[str, Any]]:
    side = side or "output"
    ports = _ports(node, side)
    if ports:
        return ports
    placeholder: dict[str, Any] = {"id": ""}
    node[_PORTS[side]] = [placeholder]
    return [placeholder]


def _parameters(port: dict[str, Any]) -> dict[str, Any]:
    held = port.get("parameters")
    if isinstance(held, dict):
        return held
    made: dict[str, Any] = {}
    tail = {key: port.pop(key) for key in list(port) if key == "app_data"}
    port["parameters"] = made
    port.update(tail)
    return made


def port_parameters(port: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a port, making them where there are none."""
    return _parameters(port)
