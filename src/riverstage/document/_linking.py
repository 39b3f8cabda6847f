"""Add and remove links: ports, placeholders, schemas and orders around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from riverstage.document._index import LinkEntry, PipelineIndex
from riverstage.document._links import LinkKey, LinkKind
from riverstage.document._order import Ordered, Side, enter_orders, leave_orders
from riverstage.document._templates import (
    blank_input,
    blank_link,
    blank_output,
    clone,
    in_order_of,
    node_order,
    port_order,
    put_in_order,
)

if TYPE_CHECKING:
    from riverstage.document._document import Document

__all__ = [
    "connect",
    "disconnect",
    "forget_port",
    "lead_from",
    "lead_to",
    "ordered_links",
    "placeholder",
    "says_something",
    "settle",
]

_BOILERPLATE = frozenset({"ui_data", "datastage", "additionalProperties"})


def says_something(port: dict[str, Any]) -> bool:
    """Return whether a port without a link holds a value that somebody set."""
    if port.get("parameters") or port.get("schema_ref"):
        return True
    if not _BOILERPLATE.issuperset(port.get("app_data", ())):
        return True
    return any(key not in ("id", "links", "parameters", "app_data", "schema_ref") for key in port)


def ordered_links(index: PipelineIndex, node: dict[str, Any], side: Side) -> list[Ordered]:
    """Return the links of a node on one side in the order of the arrays."""
    if side == "inputs":
        return [Ordered(key, entry.link, entry.target_port["id"]) for key, entry in index.links_at(node)]
    keys = index.by_source.get(node["id"], {})
    found = []
    for key in keys:
        entry = index.links[key]
        port = index.source_port(entry)
        found.append((port, Ordered(key, entry.link, port["id"] if port else "")))
    if len(found) > 1:
        places = {id(port): place for place, port in enumerate(node.get("outputs", ()))}
        ranks = [places.get(id(port), len(places)) for port, _ in found]
        if len(set(ranks)) < len(ranks):  # one port feeds several links: the tree decides among them
            seen = {id(link): place for place, link in enumerate(_links_of_tree(index))}
            found.sort(key=lambda each: seen[id(each[1].link)])
        found.sort(key=lambda each: places.get(id(each[0]), len(places)))
    return [each for _, each in found]


def _links_of_tree(index: PipelineIndex) -> list[dict[str, Any]]:
    return [
        link
        for node in index.pipeline.get("nodes", ())
        for port in node.get("inputs", ())
        for link in port.get("links", ())
    ]


def settle(document: Document, index: PipelineIndex, node: dict[str, Any]) -> None:
    """Give ids to the links into a node that have none of their own, before ports move under them."""
    for key, entry in list(index.links_at(node)):
        if isinstance(key, tuple):
            index.leave_link(key)
            link_id = document.new_id("link", entry.link.get("link_name") or "")
            entry.link.pop("id", None)
            rest = dict(entry.link)
            entry.link.clear()
            entry.link.update({"id": link_id, **rest})
            index.enter_link(link_id, entry)
            document.note_alias(index.pipeline["id"], key, link_id)


def _settle_doubles(document: Document, index: PipelineIndex, key: LinkKey) -> None:
    """Give ids of their own to links that share the id of one that is about to go."""
    if index.positional:
        for other in {
            entry.target
            for each, entry in index.links.items()
            if isinstance(each, tuple) and entry.link.get("id") == key
        }:
            settle(document, index, index.nodes[other])


def placeholder(node: dict[str, Any], side: Side) -> dict[str, Any]:
    """Return the port without a link on one side of a node; one is made where there is none."""
    ports = _ports(node, side)
    for port in ports:
        if not port["id"] and not port.get("links"):
            return port
    made = _blank_port(node, side)
    ports.append(made)
    return made


def _ports(node: dict[str, Any], side: Side) -> list[dict[str, Any]]:
    if side not in node:
        put_in_order(node, side, [], node_order(node))
    return cast("list[dict[str, Any]]", node[side])


def _blank_port(node: dict[str, Any], side: Side) -> dict[str, Any]:
    if side == "inputs":
        return {"id": ""}
    ports = node.get("outputs", ())
    ui_data = ports[0].get("app_data", {}).get("ui_data") if ports else None
    if ui_data is not None:
        return {"id": "", "app_data": {"ui_data": clone(ui_data)}}
    return {"id": ""} if node.get("type") == "binding" else blank_output()


def connect(
    document: Document, index: PipelineIndex, ends: tuple[str, str], name: str | None, kind: LinkKind, link_id: str
) -> LinkEntry:
    """Add a link between two nodes of a pipeline; its ports get no schema unless their placeholder had one."""
    source, target = index.nodes[ends[0]], index.nodes[ends[1]]
    settle(document, index, target)
    outgoing = ordered_links(index, source, "outputs")
    incoming = ordered_links(index, target, "inputs")
    output = _fill(document, source, "outputs", link_id)
    entering = _fill(document, target, "inputs", link_id)
    link = blank_link(link_id, ends[0], output["id"], name, kind)
    entering["links"].append(link)
    index.outputs[source["id"], output["id"]] = output
    entry = LinkEntry(link, ends[0], ends[1], entering)
    index.enter_link(link_id, entry)
    enter_orders(source, "outputs", outgoing, name, output["id"])
    enter_orders(target, "inputs", incoming, name, entering["id"])
    _drop_other_side(document, index, source, "inputs")
    _drop_other_side(document, index, target, "outputs")
    return entry


def lead_from(document: Document, index: PipelineIndex, link_id: str, source_id: str) -> LinkEntry:
    """Let a link come from another node; what its target says of it stays."""
    entry = index.links[link_id]
    output = index.source_port(entry)
    former, source = index.nodes[entry.source], index.nodes[source_id]
    outgoing = ordered_links(index, source, "outputs")
    index.leave_link(link_id)
    name = entry.link.get("link_name")
    if output is not None:
        _leave_output(document, index, former, output, entry)
    made = _fill(document, source, "outputs", link_id)
    index.outputs[source_id, made["id"]] = made
    entry.link.update(node_id_ref=source_id, port_id_ref=made["id"])
    moved = LinkEntry(entry.link, source_id, entry.target, entry.target_port)
    index.enter_link(link_id, moved)
    enter_orders(source, "outputs", outgoing, name, made["id"])
    _drop_other_side(document, index, source, "inputs")
    _restore_side(document, index, former)
    return moved


def lead_to(document: Document, index: PipelineIndex, link_id: str, target_id: str) -> LinkEntry:
    """Let a link go to another node; what its source says of it stays."""
    entry = index.links[link_id]
    former, target = index.nodes[entry.target], index.nodes[target_id]
    settle(document, index, target)
    incoming = ordered_links(index, target, "inputs")
    index.leave_link(link_id)
    name = entry.link.get("link_name")
    _leave_input(document, index, former, entry)
    entering = _fill(document, target, "inputs", link_id)
    entering["links"].append(entry.link)
    moved = LinkEntry(entry.link, entry.source, target_id, entering)
    index.enter_link(link_id, moved)
    enter_orders(target, "inputs", incoming, name, entering["id"])
    _drop_other_side(document, index, target, "outputs")
    _restore_side(document, index, former)
    return moved


def _leave_input(document: Document, index: PipelineIndex, target: dict[str, Any], entry: LinkEntry) -> None:
    entry.target_port["links"] = [link for link in entry.target_port["links"] if link is not entry.link]
    port_id = entry.target_port["id"]
    if not entry.target_port["links"]:
        forget_port(document, index, target, "inputs", entry.target_port)
    leave_orders(target, "inputs", ordered_links(index, target, "inputs"), entry.link.get("link_name"), port_id)


def _leave_output(
    document: Document, index: PipelineIndex, source: dict[str, Any], output: dict[str, Any], entry: LinkEntry
) -> None:
    port_id = output["id"]
    if not _still_used(index, entry.source, output):
        forget_port(document, index, source, "outputs", output)
    elif entry.link.get("id") == output.get("app_data", {}).get("datastage", {}).get("is_source_of_link"):
        del output["app_data"]["datastage"]["is_source_of_link"]
    leave_orders(source, "outputs", ordered_links(index, source, "outputs"), entry.link.get("link_name"), port_id)


def _fill(document: Document, node: dict[str, Any], side: Side, link_id: str) -> dict[str, Any]:
    """Turn the placeholder of a node into the port of a link, or add a port."""
    port = placeholder(node, side)
    full = blank_input() if side == "inputs" else {"parameters": {}, **blank_output()}
    members = {**full, **port, "id": document.port_id(link_id, side)}
    if side == "outputs":
        app_data = members["app_data"]
        app_data["datastage"] = {**app_data.get("datastage", {}), "is_source_of_link": link_id}
    else:
        members["links"] = []
    whole = in_order_of(members, port_order(side))
    port.clear()
    port.update(whole)
    return port


def _drop_other_side(document: Document, index: PipelineIndex, node: dict[str, Any], side: Side) -> None:
    """Take the empty placeholder from the other side of a source or target: a linked binding shows one side."""
    ports = node.get(side)
    if node.get("type") != "binding" or not ports:
        return
    if all(not port["id"] and not port.get("links") and not says_something(port) for port in ports):
        del node[side]
        document.note_dropped(index.pipeline["id"], node["id"], side)


def disconnect(document: Document, index: PipelineIndex, key: LinkKey) -> LinkEntry:
    """Remove a link with the ports that nothing else uses."""
    _settle_doubles(document, index, key)
    entry = index.links[key]
    output = index.source_port(entry)
    source, target = index.nodes[entry.source], index.nodes[entry.target]
    index.leave_link(key)
    _leave_input(document, index, target, entry)
    if output is not None:
        _leave_output(document, index, source, output, entry)
    _restore_side(document, index, source)
    _restore_side(document, index, target)
    return entry


def _still_used(index: PipelineIndex, node_id: str, output: dict[str, Any]) -> bool:
    return any(index.source_port(index.links[key]) is output for key in index.by_source.get(node_id, ()))


def forget_port(
    document: Document, index: PipelineIndex, node: dict[str, Any], side: Side, port: dict[str, Any]
) -> None:
    """Take away a port that lost its last link.

    The last port of its side becomes the placeholder again and keeps what was set on it. With other ports left, what
    it says belongs to the link and goes with it.
    """
    ports: list[dict[str, Any]] = node[side]
    document.schemas.unrefer(port)
    if side == "outputs":
        index.outputs.pop((node["id"], port["id"]), None)
    if len(ports) > 1:
        node[side] = [other for other in ports if other is not port]
        if side == "outputs":  # of two ports with one id, the other may now be found
            for other in node[side]:
                if other["id"]:
                    index.outputs.setdefault((node["id"], other["id"]), other)
        return
    kept = _unlinked(node, side, port)
    if side == "inputs" and not says_something(kept) and node.get("type") != "binding":
        node[side] = []
        return
    port.clear()
    port.update(kept)


def _unlinked(node: dict[str, Any], side: Side, port: dict[str, Any]) -> dict[str, Any]:
    """Return what a port is without its link."""
    parameters = {
        key: value for key, value in port.get("parameters", {}).items() if key not in ("inputName", "outputName")
    }
    kept: dict[str, Any] = {"id": ""}
    others = ("id", "schema_ref", "links", "parameters", "app_data", "subflow_node_ref")
    kept.update((key, value) for key, value in port.items() if key not in others)
    if parameters:
        kept["parameters"] = parameters
    app_data = {key: value for key, value in port.get("app_data", {}).items() if key not in _BOILERPLATE}
    ui_data = port.get("app_data", {}).get("ui_data")
    if side == "outputs" and node.get("type") != "binding" and ui_data is not None:
        app_data["ui_data"] = ui_data
    if app_data:
        kept["app_data"] = app_data
    return kept


def _restore_side(document: Document, index: PipelineIndex, node: dict[str, Any]) -> None:
    """Give an unlinked source or target back the placeholder that linking took away."""
    if node.get("type") != "binding":
        return
    for side in ("inputs", "outputs"):
        other: Side = "outputs" if side == "inputs" else "inputs"
        linked = any(port["id"] or port.get("links") for port in node.get(other, ()))
        if side not in node and not linked and document.take_dropped(index.pipeline["id"], node["id"], side):
            put_in_order(node, side, [{"id": ""}], node_order(node))
