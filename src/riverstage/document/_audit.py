"""Compare the indexes of a document with its tree, for tests."""

from __future__ import annotations

from typing import Any

from riverstage.document._index import PipelineIndex
from riverstage.document._schemas import SchemaTable

__all__ = ["audit_indexes"]


def audit_indexes(tree: dict[str, Any], pipelines: dict[str, PipelineIndex], schemas: SchemaTable) -> None:
    """Build every index anew and compare.

    Raises:
        AssertionError: If one differs.
    """
    _same("pipelines", list(pipelines), [pipeline["id"] for pipeline in tree["pipelines"]])
    for pipeline in tree["pipelines"]:
        kept, fresh = pipelines[pipeline["id"]], PipelineIndex(pipeline)
        _same_objects("nodes", kept.nodes, fresh.nodes)
        _same("labels", _sets(kept.labels), _sets(fresh.labels))
        _same("link names", _sets(kept.names), _sets(fresh.names))
        _same("links by source", _sets(kept.by_source), _sets(fresh.by_source))
        _same_objects("output ports", kept.outputs, fresh.outputs)
        _same("links", set(kept.links), set(fresh.links))
        for key, entry in fresh.links.items():
            held = kept.links[key]
            _same(f"link {key}", (held.source, held.target), (entry.source, entry.target))
            if held.link is not entry.link or held.target_port is not entry.target_port:
                message = f"The index holds another object for the link {key} than the tree."
                raise AssertionError(message)
    fresh_schemas = SchemaTable(tree)
    _same_objects("schemas", schemas.by_id, fresh_schemas.by_id)
    _same("schema references", dict(schemas.references), dict(fresh_schemas.references))


def _sets(index: dict[Any, dict[Any, None]]) -> dict[Any, set[Any]]:
    return {key: set(members) for key, members in index.items()}


def _same(what: str, kept: object, fresh: object) -> None:
    if kept != fresh:
        message = f"The index of {what} differs from the tree: {kept!r} for {fresh!r}."
        raise AssertionError(message)


def _same_objects(what: str, kept: dict[Any, Any], fresh: dict[Any, Any]) -> None:
    _same(what, set(kept), set(fresh))
    for key, value in fresh.items():
        if kept[key] is not value:
            message = f"The index of {what} holds another object for {key!r} than the tree."
            raise AssertionError(message)
