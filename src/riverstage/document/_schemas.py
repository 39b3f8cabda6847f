"""The schemas of a document and how often its ports refer to each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from riverstage.document._index import schema_references
from riverstage.document._templates import put_in_order

__all__ = ["SchemaTable"]


class SchemaTable:
    """Finds schemas by id, and removes one when a removal takes its last reference.

    A schema that nothing refers to when it is loaded stays: only what is taken away here can orphan one.
    """

    __slots__ = ("_tree", "by_id", "references")

    def __init__(self, tree: dict[str, Any]) -> None:
        self._tree = tree
        self.by_id: dict[str, dict[str, Any]] = {schema["id"]: schema for schema in tree.get("schemas", ())}
        self.references: Counter[str] = Counter()
        for pipeline in tree["pipelines"]:
            self.references.update(schema_references(pipeline))

    def add(self, schema: dict[str, Any]) -> None:
        """Take in a new schema."""
        self._tree.setdefault("schemas", []).append(schema)
        self.by_id[schema["id"]] = schema

    def refer(self, port: dict[str, Any], schema_id: str, order: tuple[str, ...]) -> None:
        """Make a port refer to a schema."""
        if port.get("schema_ref") == schema_id:
            return
        self.references[schema_id] += 1
        former = port.get("schema_ref")
        put_in_order(port, "schema_ref", schema_id, order)
        if former:
            self._release(former)

    def unrefer(self, port: dict[str, Any]) -> None:
        """Take away a port's reference."""
        former = port.pop("schema_ref", None)
        if former:
            self._release(former)

    def enter(self, port: dict[str, Any]) -> None:
        """Count the reference of a port that comes in."""
        if reference := port.get("schema_ref"):
            self.references[reference] += 1

    def leave(self, port: dict[str, Any]) -> None:
        """Release the reference of a port that goes."""
        if reference := port.get("schema_ref"):
            self._release(reference)

    def _release(self, schema_id: str) -> None:
        self.references[schema_id] -= 1
        if self.references[schema_id] > 0:
            return
        del self.references[schema_id]
        schema = self.by_id.pop(schema_id, None)
        if schema is not None:
            schemas: list[dict[str, Any]] = self._tree["schemas"]
            for index in range(len(schemas) - 1, -1, -1):
                if schemas[index] is schema:
                    del schemas[index]
                    break
