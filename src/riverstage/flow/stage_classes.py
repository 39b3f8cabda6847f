"""One class for each stage type, made when it is first used.

``from riverstage.flow.stage_classes import PeekStage`` works for every one of them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from riverstage.errors import CatalogueError, RemovedError
from riverstage.flow.configuration import spec_of
from riverstage.flow.stage import StageNode

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["EntryNode", "ExitNode", "UnknownStage", "class_of", "stage_at"]


class UnknownStage(StageNode):
    """A stage of a type that the catalogue does not know; it is kept as it is."""

    __slots__ = ()


class EntryNode(StageNode):
    """Where the rows of one input of a subflow come in."""

    __slots__ = ()


class ExitNode(StageNode):
    """Where the rows of one output of a subflow go out."""

    __slots__ = ()


@cache
def _by_class() -> dict[str, str]:
    """Return the name of each stage type by the name of its class."""
    from riverstage import catalogue

    found = {info.class_name: info.name for info in catalogue.stage_types()}
    listed = set(found.values())
    for name in catalogue.accepted_names():
        if name not in listed:
            found.setdefault(catalogue.find(name).class_name, name)
    return found


@cache
def class_of(class_name: str) -> type[StageNode]:
    """Return the class of that name, making it the first time."""
    from riverstage import catalogue

    type_name = _by_class().get(class_name)
    if type_name is None:
        raise CatalogueError(f"No stage type has the class '{class_name}'.", code="RS-2101")
    info = next((info for info in catalogue.stage_types() if info.name == type_name), None)
    summary = info.summary if info is not None else ""
    body = {
        "__slots__": (),
        "__module__": __name__,
        "__qualname__": class_name,
        "__doc__": f"A {type_name} stage. {summary}".rstrip(),
        "stage_type": type_name,
    }
    return type(class_name, (StageNode,), body)


@cache
def _class_by_op(op: str) -> type[StageNode]:
    from riverstage import catalogue

    spec = catalogue.by_op(op)
    return UnknownStage if spec is None else class_of(spec.class_name)


def _class_of_node(node: dict[str, Any]) -> type[StageNode]:
    op = node.get("op")
    if isinstance(op, str) and op:
        found = _class_by_op(op)
        if found is UnknownStage and (spec := spec_of(node)) is not None:
            return class_of(spec.class_name)
        return found
    if node.get("type") == "super_node":
        from riverstage.flow.subflow import Subflow

        return Subflow
    if node.get("type") == "binding":
        return EntryNode if node.get("outputs") else ExitNode
    return UnknownStage


def stage_at(document: Document, pipeline: str, key: str) -> StageNode:
    """Return the cursor for a node of the document, of the class of its type.

    Raises:
        RemovedError: There is no such node.
    """
    if not document.has_node(pipeline, key):
        raise RemovedError("This stage was removed from its flow.")
    return _class_of_node(document.node(pipeline, key))(document, pipeline, key)


def __getattr__(name: str) -> type[StageNode]:
    if name.startswith("_") or name not in _by_class():
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return class_of(name)


def __dir__() -> list[str]:
    return sorted([*__all__, *_by_class()])
