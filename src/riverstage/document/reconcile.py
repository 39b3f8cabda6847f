"""Keep ids when a client sends a document back whose ids it made anew.

Such a client knows elements by their names: stages by label, links by name. So elements of the document that was sent
are matched with those of the document that was kept, and get their ids, their order and their keys' order back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from riverstage.document._canonical import canonical
from riverstage.document._index import label_of
from riverstage.document._shape import check_document
from riverstage.document._templates import clone, put_in_order
from riverstage.errors import DocumentError

__all__ = ["reconcile"]

_Object = dict[str, Any]


@dataclass(slots=True)
class _Pairs:
    """What was matched: new ids to kept ids for each kind of element, and the matched objects."""

    pipelines: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    ports: dict[tuple[str, str, str], str] = field(default_factory=dict)
    links: dict[str, dict[str, str]] = field(default_factory=dict)
    schemas: dict[str, str] = field(default_factory=dict)
    comments: dict[str, dict[str, str]] = field(default_factory=dict)
    taken_schemas: set[str] = field(default_factory=set)

    def pair_schemas(self, new: str | None, old: str | None) -> None:
        """Match two schemas unless one of them is matched already."""
        if new and old and new not in self.schemas and old not in self.taken_schemas:
            self.schemas[new] = old
            self.taken_schemas.add(old)


def reconcile(kept: Mapping[str, Any], sent: Mapping[str, Any], *, keep_layout: bool = False) -> _Object:
    """Return the document that was sent, with the ids of the one that was kept wherever elements match.

    Stages match by id, else by label (of two with one label, in their order); links by name, else by the stages they
    join; ports and schemas by their link; comments by content. What a client drops that does not know it
    (``app_data.riverstage``) is taken over.

    Args:
        kept: The tree of the document as it is stored.
        sent: The tree that a client sent; it is not changed.
        keep_layout: Whether matched stages and comments go back to where they were, for clients that arrange a flow
            anew at every save.

    Raises:
        DocumentError: If what was sent is no flow document.
    """
    try:
        made: _Object = clone(check_document(dict(sent)))
    except RecursionError:
        message = "The document is nested too deeply."
        raise DocumentError(message, code="RS-1005") from None
    pairs = _Pairs()
    for schema_id in {schema["id"] for schema in kept.get("schemas", ())} & {
        each["id"] for each in made.get("schemas", ())
    }:
        pairs.pair_schemas(schema_id, schema_id)
    _match_pipelines(kept, made, pairs)
    old_pipelines = {pipeline["id"]: pipeline for pipeline in kept["pipelines"]}
    for pipeline in made["pipelines"]:
        old = old_pipelines.get(pairs.pipelines.get(pipeline["id"], ""))
        if old is not None:
            _match_within(old, pipeline, pairs)
    _match_left_schemas(kept, made, pairs)
    _rewrite(made, pairs)
    if kept.get("id"):
        put_in_order(made, "id", kept["id"], list(kept))
    return _aligned(kept, made, keep_layout=keep_layout)


def _match_pipelines(kept: Mapping[str, Any], made: _Object, pairs: _Pairs) -> None:
    """Match the primary pipelines, and those of subflows by the labels on the way to them."""
    old, new = _pipeline_paths(kept), _pipeline_paths(made)
    by_path = {path: pipeline_id for pipeline_id, path in old.items()}
    taken: set[str] = set()
    for pipeline in made["pipelines"]:
        own = pipeline["id"]
        match = own if own in old and own else by_path.get(new.get(own, ("?", own)))
        if match is not None and match not in taken:
            taken.add(match)
            pairs.pipelines[own] = match


def _pipeline_paths(tree: Mapping[str, Any]) -> dict[str, tuple[str | None, ...]]:
    pipelines = {pipeline["id"]: pipeline for pipeline in tree["pipelines"]}
    paths: dict[str, tuple[str | None, ...]] = {tree["primary_pipeline"]: ()}
    waiting = [tree["primary_pipeline"]]
    while waiting:
        at = waiting.pop()
        for node in pipelines[at].get("nodes", ()):
            inner = node.get("subflow_ref", {}).get("pipeline_id_ref")
            if inner in pipelines and inner not in paths:
                paths[inner] = (*paths[at], label_of(node))
                waiting.append(inner)
    return paths


def _match(
    old: Iterable[_Object], new: Iterable[_Object], keys: Iterable[Callable[[_Object], Hashable | None]]
) -> list[tuple[_Object, _Object]]:
    """Pair objects, key after key; equal keys pair in their order, None never matches."""
    left_old, left_new, found = list(old), list(new), []
    for key in keys:
        waiting: dict[Hashable, list[_Object]] = {}
        for each in left_old:
            said = key(each)
            if said is not None:
                waiting.setdefault(said, []).append(each)
        rest = []
        for each in left_new:
            said = key(each)
            if said is not None and waiting.get(said):
                found.append((waiting[said].pop(0), each))
            else:
                rest.append(each)
        gone = {id(each) for each, _ in found}
        left_old, left_new = [each for each in left_old if id(each) not in gone], rest
    return found


def _id(each: _Object) -> str:
    return str(each["id"])


def _operator_without_label(node: _Object) -> Hashable | None:
    return None if label_of(node) else (node.get("op"), node.get("type"))


def _match_within(old: _Object, new: _Object, pairs: _Pairs) -> None:
    """Match what is inside two pipelines."""
    pid = new["id"]
    nodes = _match(old.get("nodes", ()), new.get("nodes", ()), (_id, label_of, _operator_without_label))
    to_old = {fresh["id"]: former["id"] for former, fresh in nodes}
    pairs.nodes[pid] = to_old
    old_links, new_links = list(_links(old)), list(_links(new))
    ends = {id(link): (link["node_id_ref"], node["id"]) for node, _, link in old_links}
    ends.update(
        (id(link), (to_old.get(link["node_id_ref"], ""), to_old.get(node["id"], ""))) for node, _, link in new_links
    )
    links = _match(
        (link for _, _, link in old_links),
        (link for _, _, link in new_links),
        (
            lambda link: link.get("id") or None,
            lambda link: (link["link_name"], ends[id(link)]) if link.get("link_name") else None,
            lambda link: link.get("link_name") or None,
            lambda link: ends[id(link)],
        ),
    )
    places = {id(link): (node, port) for node, port, link in [*old_links, *new_links]}
    pairs.links[pid] = {fresh["id"]: former["id"] for former, fresh in links if former.get("id") and fresh.get("id")}
    old_outputs, new_outputs = _outputs(old), _outputs(new)
    for former, fresh in links:
        (_, old_port), (new_node, new_port) = places[id(former)], places[id(fresh)]
        _match_port(pairs, (pid, new_node["id"]), old_port, new_port)
        old_out = old_outputs.get((former["node_id_ref"], former.get("port_id_ref") or ""))
        new_out = new_outputs.get((fresh["node_id_ref"], fresh.get("port_id_ref") or ""))
        if old_out and new_out:
            _match_port(pairs, (pid, fresh["node_id_ref"]), old_out, new_out)
    comments = _match(_comments(old), _comments(new), (_id, lambda each: (each.get("content"), _type(each)), _type))
    pairs.comments[pid] = {fresh["id"]: former["id"] for former, fresh in comments}


def _type(comment: _Object) -> str:
    return str(comment.get("contentType") or comment.get("content_type") or "")


def _match_port(pairs: _Pairs, owner: tuple[str, str], old: _Object, new: _Object) -> None:
    if new["id"] and old["id"]:
        pairs.ports.setdefault((*owner, new["id"]), old["id"])
    pairs.pair_schemas(new.get("schema_ref"), old.get("schema_ref"))


def _match_left_schemas(kept: Mapping[str, Any], made: _Object, pairs: _Pairs) -> None:
    """Match the schemas that no link led to by what is in them."""
    old = (schema for schema in kept.get("schemas", ()) if schema["id"] not in pairs.taken_schemas)
    new = (schema for schema in made.get("schemas", ()) if schema["id"] not in pairs.schemas)
    for former, fresh in _match(old, new, (lambda schema: canonical(schema.get("fields", [])),)):
        pairs.pair_schemas(fresh["id"], former["id"])


def _links(pipeline: _Object) -> Iterable[tuple[_Object, _Object, _Object]]:
    for node in pipeline.get("nodes", ()):
        for port in node.get("inputs", ()):
            for link in port.get("links", ()):
                yield node, port, link


def _outputs(pipeline: _Object) -> dict[tuple[str, str], _Object]:
    return {(node["id"], port["id"]): port for node in pipeline.get("nodes", ()) for port in node.get("outputs", ())}


def _comments(pipeline: _Object) -> list[_Object]:
    found: list[_Object] = pipeline.get("app_data", {}).get("ui_data", {}).get("comments", [])
    return found


def _rewrite(made: _Object, pairs: _Pairs) -> None:
    """Put the kept ids wherever the new ones stand."""
    inner_of = {
        node["subflow_ref"]["pipeline_id_ref"]: pipeline["id"]
        for pipeline in made["pipelines"]
        for node in pipeline.get("nodes", ())
        if node.get("subflow_ref", {}).get("pipeline_id_ref")
    }
    anywhere = {new: old for pid in inner_of for new, old in pairs.nodes.get(pid, {}).items()}
    for pipeline in made["pipelines"]:
        pid = pipeline["id"]
        nodes, links = pairs.nodes.get(pid, {}), pairs.links.get(pid, {})
        for node in pipeline.get("nodes", ()):
            _rewrite_node(node, pid, pairs, anywhere)
        for node in pipeline.get("nodes", ()):
            node["id"] = nodes.get(node["id"], node["id"])
        for comment in _comments(pipeline):
            comment["id"] = pairs.comments.get(pid, {}).get(comment["id"], comment["id"])
            for ref in comment.get("associated_id_refs", ()):
                if ref.get("node_ref") in nodes:
                    ref["node_ref"] = nodes[ref["node_ref"]]
        for _, _, link in _links(pipeline):
            if link.get("id") in links:
                link["id"] = links[link["id"]]
        pipeline["id"] = pairs.pipelines.get(pid, pid)
    made["primary_pipeline"] = pairs.pipelines.get(made["primary_pipeline"], made["primary_pipeline"])
    for schema in made.get("schemas", ()):
        schema["id"] = pairs.schemas.get(schema["id"], schema["id"])


def _rewrite_node(node: _Object, pid: str, pairs: _Pairs, anywhere: Mapping[str, str]) -> None:
    """Rewrite what a node refers to; its own id is still the new one."""
    inner = node.get("subflow_ref", {}).get("pipeline_id_ref")
    if inner in pairs.pipelines:
        node["subflow_ref"]["pipeline_id_ref"] = pairs.pipelines[inner]
    nodes, links = pairs.nodes.get(pid, {}), pairs.links.get(pid, {})
    own = node["id"]
    for side in ("inputs", "outputs"):
        for port in node.get(side, ()):
            for link in port.get("links", ()):
                source = link["node_id_ref"]
                if link.get("port_id_ref"):
                    link["port_id_ref"] = pairs.ports.get((pid, source, link["port_id_ref"]), link["port_id_ref"])
                link["node_id_ref"] = nodes.get(source, source)
            port["id"] = pairs.ports.get((pid, own, port["id"]), port["id"])
            if port.get("schema_ref"):
                port["schema_ref"] = pairs.schemas.get(port["schema_ref"], port["schema_ref"])
            if port.get("subflow_node_ref") in anywhere:
                port["subflow_node_ref"] = anywhere[port["subflow_node_ref"]]
            datastage = port.get("app_data", {}).get("datastage", {})
            if datastage.get("is_source_of_link") in links:
                datastage["is_source_of_link"] = links[datastage["is_source_of_link"]]
    datastage = node.get("app_data", {}).get("datastage", {})
    for key in ("inputs_order", "outputs_order"):
        if datastage.get(key):
            ports = datastage[key].split("|")
            datastage[key] = "|".join(pairs.ports.get((pid, own, port), port) for port in ports)


_KEPT_PLACES = ("x_pos", "y_pos", "width", "height")


def _aligned(old: Mapping[str, Any], new: _Object, *, keep_layout: bool) -> _Object:
    """Return the new tree with keys and matched elements in the order of the old."""
    made: _Object = _align(old, new)
    _take_own(old, made)
    old_pipelines = {pipeline["id"]: pipeline for pipeline in old["pipelines"]}
    for pipeline in made["pipelines"]:
        former = old_pipelines.get(pipeline["id"])
        if former is None:
            continue
        _take_own(former, pipeline)
        old_nodes = {node["id"]: node for node in former.get("nodes", ())}
        for node in pipeline.get("nodes", ()):
            if node["id"] in old_nodes:
                _take_own(old_nodes[node["id"]], node)
                if keep_layout:
                    places = node.get("app_data", {}).get("ui_data", {})
                    _take_places(old_nodes[node["id"]].get("app_data", {}).get("ui_data", {}), places)
        old_comments = {comment["id"]: comment for comment in _comments(former)}
        for comment in _comments(pipeline) if keep_layout else ():
            _take_places(old_comments.get(comment["id"], {}), comment)
    return made


def _take_own(old: Mapping[str, Any], new: _Object) -> None:
    own = old.get("app_data", {}).get("riverstage")
    if own is not None and "riverstage" not in new.get("app_data", {}):
        put_in_order(new.setdefault("app_data", {}), "riverstage", clone(own), list(old["app_data"]))


def _take_places(old: Mapping[str, Any], new: _Object) -> None:
    for key in _KEPT_PLACES:
        if key in old and key in new:
            new[key] = old[key]


_SORTED = frozenset({"pipelines", "nodes", "schemas", "comments"})
"""Lists whose order says nothing. That of ports and links does."""


def _align(old: Any, new: Any, key: str = "") -> Any:
    """Return ``new`` with its keys in the order of ``old``, and lists whose order says nothing likewise."""
    if type(old) is dict and type(new) is dict:
        made = {name: _align(old[name], new[name], name) for name in old if name in new}
        for name, value in new.items():
            if name not in made:
                put_in_order(made, name, value, list(new))
        return made
    if type(old) is list and type(new) is list:
        old_by_id = _by_id(old)
        if old_by_id is None or _by_id(new) is None:
            return [_align(*pair) for pair in zip(old, new, strict=False)] + new[len(old) :]
        if key in _SORTED:
            places = {each: place for place, each in enumerate(old_by_id)}
            new = sorted(new, key=lambda each: places.get(each["id"], len(places)))
        return [_align(old_by_id.get(each["id"]), each) for each in new]
    return new


def _by_id(items: list[Any]) -> dict[str, Any] | None:
    """Return the members by their ids; None unless each has one of its own."""
    found = {}
    for item in items:
        key = item.get("id") if type(item) is dict else None
        if not isinstance(key, str) or not key or key in found:
            return None
        found[key] = item
    return found
