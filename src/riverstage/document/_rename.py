"""Every place where the name of a link stands: a closed list, for renaming.

Expressions are rewritten by a function that the caller brings, which knows their grammar; text is never searched and
replaced, for one name can be that of a link and of a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from riverstage.document._index import LinkEntry, PipelineIndex
from riverstage.document._order import rename_in_orders

__all__ = ["Rewrite", "rename_everywhere"]

Rewrite = Callable[[str, dict[str, str]], str]
"""Rewrites the names of links in an expression: its text, and the new names by the old."""

_EXPRESSIONS = ("LoopWhile", "TransformerConstraint", "condition")
_VARIABLES = ("StageVariables", "LoopVariables")


def rename_everywhere(
    tree: dict[str, Any],
    index: PipelineIndex,
    entry: LinkEntry,
    names: tuple[str, str],
    *,
    is_alone: bool,
    rewrite: Rewrite,
) -> None:
    """Put a link's new name wherever its old one stands, except on the link itself.

    Args:
        tree: The document.
        index: The link's pipeline.
        entry: The link.
        names: The old name and the new.
        is_alone: Whether no other link of the pipeline has the old name. If one has, the schemas that are further
            away than the next stage are left alone: nobody can say which of the two they mean.
        rewrite: Rewrites an expression.
    """
    old, new = names
    source, target = index.nodes[entry.source], index.nodes[entry.target]
    output = index.source_port(entry)
    rename_in_orders(source, "outputs", old, new)
    rename_in_orders(target, "inputs", old, new)
    _rename_values(source, "outputName", output, old, new)
    _rename_values(target, "inputName", entry.target_port, old, new)
    _rename_decorations(entry.link, old, new)
    _rename_partners(tree, index.pipeline["id"], entry, old, new)
    expression = _expression_rewriter(rewrite, old, new)
    for node in (source, target) if source is not target else (source,):
        _rename_in_node(node, expression, old, new)
    ports: Iterable[dict[str, Any]] = _all_ports(index) if is_alone else target.get("outputs", ())
    _rename_in_schemas(tree, {port.get("schema_ref") for port in ports}, expression, old, new)


def _expression_rewriter(rewrite: Rewrite, old: str, new: str) -> Callable[[str], str]:
    # The grammar decides; looking for the name first only saves parsing what cannot hold it. A quote in a name is
    # written twice, so that such a name does not stand in the text as it is.
    is_plain = '"' not in old and "'" not in old
    return lambda text: rewrite(text, {old: new}) if not is_plain or old in text else text


def _all_ports(index: PipelineIndex) -> Iterable[dict[str, Any]]:
    for node in index.pipeline.get("nodes", ()):
        yield from node.get("inputs", ())
        yield from node.get("outputs", ())


def _rename_values(node: dict[str, Any], key: str, port: dict[str, Any] | None, old: str, new: str) -> None:
    connection = node.get("connection") or {}
    for holder in (node.get("parameters"), connection.get("properties"), (port or {}).get("parameters")):
        if holder and holder.get(key) == old:
            holder[key] = new


def _rename_decorations(link: dict[str, Any], old: str, new: str) -> None:
    for decoration in link.get("app_data", {}).get("ui_data", {}).get("decorations", ()):
        for key in ("label", "tooltip"):
            if decoration.get(key) == old:
                decoration[key] = new


def _rename_partners(tree: dict[str, Any], pipeline_id: str, entry: LinkEntry, old: str, new: str) -> None:
    """Rename in the links around a subflow: each names the link inside that continues it."""
    for pipeline in tree["pipelines"]:
        nodes = pipeline.get("nodes", ())
        around = {
            node["id"]: node for node in nodes if node.get("subflow_ref", {}).get("pipeline_id_ref") == pipeline_id
        }
        if not around:
            continue
        leaving = {(node_id, port["id"]): port for node_id, node in around.items() for port in node.get("outputs", ())}
        for node in nodes:
            for port in node.get("inputs", ()):
                for link in port.get("links", ()):
                    partners = link.get("app_data", {}).get("datastage", {})
                    if node["id"] in around and port.get("subflow_node_ref", entry.source) == entry.source:
                        _rename_key(partners, "partner_link_in", old, new)
                    outer = leaving.get((link["node_id_ref"], link.get("port_id_ref") or ""), {})
                    if link["node_id_ref"] in around and outer.get("subflow_node_ref", entry.target) == entry.target:
                        _rename_key(partners, "partner_link_out", old, new)


def _rename_key(holder: dict[str, Any], key: str, old: str, new: str) -> None:
    if holder.get(key) == old:
        holder[key] = new


def _rename_in_node(node: dict[str, Any], expression: Callable[[str], str], old: str, new: str) -> None:
    """Rename in the expressions of a node and of its ports."""
    _rename_in_parameters(node.get("parameters"), expression, old, new)
    for side in ("inputs", "outputs"):
        for port in node.get(side, ()):
            _rename_in_parameters(port.get("parameters"), expression, old, new)


def _rename_in_parameters(
    parameters: dict[str, Any] | None, expression: Callable[[str], str], old: str, new: str
) -> None:
    if not parameters:
        return
    for key in _EXPRESSIONS:
        value = parameters.get(key)
        if isinstance(value, str):
            _set(parameters, key, expression(value))
    for key in _VARIABLES:
        for variable in _objects(parameters.get(key)):
            for part in ("Derivation", "InitialValue"):
                if isinstance(variable.get(part), str):
                    _set(variable, part, expression(variable[part]))
    for condition in _objects(parameters.get("whereProperties")):
        if isinstance(condition.get("where"), str):
            _set(condition, "where", expression(condition["where"]))
    for key in ("valueDerivation", "lookupDerivation"):
        for derivation in _objects(parameters.get(key)):
            if isinstance(derivation.get("parsedExpression"), str):
                _set(derivation, "parsedExpression", expression(derivation["parsedExpression"]))
            if isinstance(derivation.get("sourceColumn"), str):
                _set(derivation, "sourceColumn", _renamed_sources(derivation["sourceColumn"], old, new))


def _set(holder: dict[str, Any], key: str, value: str) -> None:
    if holder[key] != value:
        holder[key] = value


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _renamed_sources(text: str, old: str, new: str) -> str:
    """Rename in a list of columns such as ``La.k;Lb.k``."""
    return re.sub(rf"(?:^|(?<=;)){re.escape(old)}(?=\.)", lambda _: new, text)


def _rename_in_schemas(
    tree: dict[str, Any], schema_ids: set[str | None], expression: Callable[[str], str], old: str, new: str
) -> None:
    for schema in tree.get("schemas", ()):
        if schema["id"] not in schema_ids:
            continue
        for field in schema.get("fields", ()):
            metadata, app_data = field.get("metadata", {}), field.get("app_data", {})
            source = metadata.get("source_field_id")
            if isinstance(source, str) and old in source:
                metadata["source_field_id"] = _renamed_sources(source, old, new)
            derivation = app_data.get("derivation")
            if isinstance(derivation, str):
                _set(app_data, "derivation", expression(derivation))
