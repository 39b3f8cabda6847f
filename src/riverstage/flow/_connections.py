"""Letting a connector use a connection of its project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverstage.errors import UsageError

if TYPE_CHECKING:
    from riverstage.flow.stage import StageNode

__all__ = ["use"]


def use(stage: StageNode, connection: object) -> None:
    """Make a connector use a connection, given as an object with a name or by its name.

    What the stage says about reading and writing stays; its own host, user and so on go.
    """
    spec = stage._spec()
    if spec is None or not spec.is_connector:
        message = f"{stage!r} is no connector: it has no connection."
        raise UsageError(message, code="RS-2011", place=stage._place())
    name = connection if isinstance(connection, str) else getattr(connection, "name", None)
    if not isinstance(name, str) or not name:
        message = f"A connection has a name; {connection!r} has none."
        raise UsageError(message, code="RS-2011", place=stage._place())
    node = stage._node()
    held = node.get("connection")
    former: dict[str, Any] = held if isinstance(held, dict) else {}
    own = {prop.wire for prop in spec.connection.fields.values()} if spec.connection is not None else set()
    own -= {prop.wire for prop in spec.slots}
    kept = {key: value for key, value in (former.get("properties") or {}).items() if key not in own}
    made: dict[str, Any] = {"name": name, "app_data": former.get("app_data") or {}}
    made["ref"] = str(getattr(connection, "connection_id", None) or name)
    project = getattr(getattr(connection, "project", None), "project_id", None)
    if project:
        made["project_ref"] = str(project)
    made["properties"] = kept
    former.clear()
    former.update(made)
    if not isinstance(held, dict):
        tail: dict[str, Any] = {key: node.pop(key) for key in ("op", "parameters") if key in node}
        node["connection"] = former
        node.update(tail)
