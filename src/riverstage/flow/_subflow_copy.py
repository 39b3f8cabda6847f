"""Copying a subflow with all that is inside: its pipelines, their schemas, and the subflows in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riverstage.document import clone

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["copy_in"]

_Json = dict[str, Any]
_REFERENCES = frozenset(
    {"id", "is_source_of_link", "node_id_ref", "node_ref", "pipeline_id_ref", "schema_ref", "subflow_node_ref"}
)
_VALUES = frozenset({"parameters", "connection"})


def copy_in(document: Document, pipeline: str, label: str, source: Document, node: Mapping[str, Any]) -> str:
    """Add a stage to a pipeline that runs a copy of what a subflow's stage runs, and return its id.

    Args:
        document: The document that gets it.
        pipeline: The pipeline there.
        label: The new stage's label.
        source: The document of the subflow, which may be the same.
        node: The subflow's stage, whose pipeline stands in ``source``.
    """
    inside = node["subflow_ref"]["pipeline_id_ref"]
    found = [source.pipeline(pid) for pid in _reached(source, inside)]
    used = {port["schema_ref"] for one in found for port in _ports(one) if port.get("schema_ref")}
    schemas = [schema for schema in source.tree.get("schemas") or () if schema["id"] in used]
    ids = dict(_new_ids(document, found, schemas))
    tree: _Json = clone(document.tree)
    outer = next(one for one in tree["pipelines"] if one["id"] == pipeline)
    key = document.new_id("node", label)
    held = node.get("app_data", {}).get("ui_data", {})
    ui_data = {"label": label, **{name: held[name] for name in ("image",) if name in held}}
    made: _Json = {
        "type": "super_node",
        "id": key,
        "app_data": {"ui_data": ui_data},
        "subflow_ref": {"pipeline_id_ref": ids[inside]},
        "inputs": [],
        "outputs": [],
        "parameters": clone(dict(node.get("parameters") or {})),
    }
    outer.setdefault("nodes", []).append(made)
    for one in found:
        copied = _renewed(clone(one), ids)
        copied["runtime_ref"] = outer.get("runtime_ref", copied.get("runtime_ref"))
        tree["pipelines"].append(copied)
    tree.setdefault("schemas", []).extend({**clone(schema), "id": ids[schema["id"]]} for schema in schemas)
    document.replace(tree)
    return key


def _reached(document: Document, inside: str) -> list[str]:
    """Return a pipeline and those of the subflows in it, each once."""
    found: list[str] = []
    waiting = [inside]
    while waiting:
        pid = waiting.pop()
        if pid in found or pid not in document.pipeline_ids:
            continue
        found.append(pid)
        waiting += [str((node.get("subflow_ref") or {}).get("pipeline_id_ref") or "") for node in document.nodes(pid)]
    return found


def _ports(pipeline: _Json) -> Iterator[_Json]:
    for node in pipeline.get("nodes") or ():
        for side in ("inputs", "outputs"):
            yield from node.get(side) or ()


def _new_ids(document: Document, pipelines: list[_Json], schemas: list[_Json]) -> Iterator[tuple[str, str]]:
    """Give every pipeline, stage, link, comment and schema a new id; ports keep theirs, which count in their stage."""
    for pipeline in pipelines:
        yield pipeline["id"], document.new_id("pipeline", pipeline["id"])
        for node in pipeline.get("nodes") or ():
            yield node["id"], document.new_id("node", node["id"])
        for port in _ports(pipeline):
            for link in port.get("links") or ():
                if link.get("id"):
                    yield link["id"], document.new_id("link", link["id"])
        comments = ((pipeline.get("app_data") or {}).get("ui_data") or {}).get("comments") or ()
        for comment in comments:
            yield comment["id"], document.new_id("comment", comment["id"])
    for schema in schemas:
        yield schema["id"], document.new_id("schema", schema["id"])


def _renewed(tree: Any, ids: Mapping[str, str]) -> Any:
    """Put new ids in place of the old ones wherever one stands for an element; what people set stays."""
    if isinstance(tree, list):
        return [_renewed(one, ids) for one in tree]
    if not isinstance(tree, dict):
        return tree
    done = {}
    for key, value in tree.items():
        if key in _REFERENCES and isinstance(value, str):
            done[key] = ids.get(value, value)
        else:
            done[key] = value if key in _VALUES else _renewed(value, ids)
    return done
