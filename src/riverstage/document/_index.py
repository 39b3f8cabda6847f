"""What a document knows beside its tree: where nodes, links, names and ports are. Kept as edits are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from riverstage.document._links import LinkKey

__all__ = ["LinkEntry", "PipelineIndex", "label_of", "schema_references", "split_number"]


@dataclass(slots=True)
class LinkEntry:
    """One link of the tree and what it hangs on."""

    link: dict[str, Any]
    source: str
    target: str
    target_port: dict[str, Any]


def label_of(node: dict[str, Any]) -> str | None:
    """Return a node's label; None where it has none (missing, null or empty)."""
    app_data = node.get("app_data")
    ui_data = app_data.get("ui_data") if app_data else None
    return (ui_data.get("label") or None) if ui_data else None


def split_number(label: str) -> tuple[str, int]:
    """Return a label's base and number: ``Peek_3`` is Peek and 3, ``Peek`` is Peek and 1."""
    base, mark, number = label.rpartition("_")
    if mark and base and number.isascii() and number.isdigit() and number[0] != "0" and len(number) < 10:
        return base, int(number)
    return label, 1


class PipelineIndex:
    """The derived state of one pipeline."""

    __slots__ = ("by_source", "labels", "links", "names", "nodes", "outputs", "pipeline", "positional")

    def __init__(self, pipeline: dict[str, Any]) -> None:
        self.pipeline = pipeline
        self.nodes: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, None]] = {}
        self.links: dict[LinkKey, LinkEntry] = {}
        self.by_source: dict[str, dict[LinkKey, None]] = {}
        self.names: dict[str, dict[LinkKey, None]] = {}
        self.outputs: dict[tuple[str, str], dict[str, Any]] = {}
        self.positional = 0
        nodes = pipeline.get("nodes") or []
        for node in nodes:
            self.enter_node(node)
        for node in nodes:
            for key, entry in self.links_at(node):
                self.enter_link(key, entry)

    def enter_node(self, node: dict[str, Any]) -> None:
        """Take in a node and its output ports."""
        node_id = node["id"]
        self.nodes[node_id] = node
        if label := label_of(node):
            self.labels.setdefault(label, {})[node_id] = None
        for port in node.get("outputs", ()):
            if port["id"]:
                self.outputs.setdefault((node_id, port["id"]), port)

    def leave_node(self, node: dict[str, Any]) -> None:
        """Forget a node without links."""
        node_id = node["id"]
        del self.nodes[node_id]
        self.forget_label(node_id, label_of(node))
        for port in node.get("outputs", ()):
            self.outputs.pop((node_id, port["id"]), None)

    def forget_label(self, node_id: str, label: str | None) -> None:
        """Forget that a node has this label."""
        if label and label in self.labels:
            ids = self.labels[label]
            ids.pop(node_id, None)
            if not ids:
                del self.labels[label]

    def links_at(self, node: dict[str, Any]) -> Iterator[tuple[LinkKey, LinkEntry]]:
        """Yield the links into a node in the order of the tree, each with its key."""
        for side, port in enumerate(node.get("inputs", ())):
            for ordinal, link in enumerate(port.get("links", ())):
                link_id = link.get("id")
                known = self.links.get(link_id) if link_id else None
                has_own = link_id and (known is None or known.link is link)
                key: LinkKey = link_id if has_own else (node["id"], side, ordinal)
                yield key, LinkEntry(link, link["node_id_ref"], node["id"], port)

    def enter_link(self, key: LinkKey, entry: LinkEntry) -> None:
        """Take in a link."""
        self.links[key] = entry
        self.positional += isinstance(key, tuple)
        self.by_source.setdefault(entry.source, {})[key] = None
        if name := entry.link.get("link_name"):
            self.names.setdefault(name, {})[key] = None

    def leave_link(self, key: LinkKey) -> LinkEntry:
        """Forget a link and return what was known of it."""
        entry = self.links.pop(key)
        self.positional -= isinstance(key, tuple)
        leaving = self.by_source[entry.source]
        del leaving[key]
        if not leaving:
            del self.by_source[entry.source]
        self.forget_name(key, entry.link.get("link_name"))
        return entry

    def forget_name(self, key: LinkKey, name: str | None) -> None:
        """Forget that a link has this name."""
        if name and name in self.names:
            keys = self.names[name]
            keys.pop(key, None)
            if not keys:
                del self.names[name]

    def source_port(self, entry: LinkEntry) -> dict[str, Any] | None:
        """Return the output port a link comes from: the one it names, else the one that names it, else the only one."""
        said = entry.link.get("port_id_ref")
        if said:
            port = self.outputs.get((entry.source, said))
            if port is not None:
                return port
        ports: list[dict[str, Any]] = self.nodes[entry.source].get("outputs", [])
        link_id = entry.link.get("id")
        if link_id:
            for port in ports:
                if port.get("app_data", {}).get("datastage", {}).get("is_source_of_link") == link_id:
                    return port
        return ports[0] if len(ports) == 1 else None


def schema_references(pipeline: dict[str, Any]) -> Counter[str]:
    """Count how often each schema is referred to from the ports of a pipeline."""
    counts: Counter[str] = Counter()
    for node in pipeline.get("nodes", ()):
        for side in ("inputs", "outputs"):
            for port in node.get(side, ()):
                if reference := port.get("schema_ref"):
                    counts[reference] += 1
    return counts
