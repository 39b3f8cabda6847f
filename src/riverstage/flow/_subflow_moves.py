"""Moving stages into a subflow and out of it: on a copy of the tree, which then takes the place of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from riverstage.document import clone
from riverstage.errors import Place, UsageError
from riverstage.flow._subflow_room import Room

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["move_in", "move_out", "uses"]

_Json = dict[str, Any]
_GRAPHICS = "/data-intg/flows/graphics"


def uses(document: Document, inside: str) -> int:
    """Return how many stages run a pipeline of the document."""
    return sum(
        (node.get("subflow_ref") or {}).get("pipeline_id_ref") == inside
        for pipeline in document.pipeline_ids
        for node in document.nodes(pipeline)
    )


def _links(nodes: list[_Json]) -> Iterator[tuple[_Json, _Json, _Json]]:
    """Yield each link with the port and the node that hold it."""
    for node in nodes:
        for port in node.get("inputs") or ():
            for link in port.get("links") or ():
                yield node, port, link


def _find(listed: list[_Json], key: str) -> _Json:
    return next(one for one in listed if one.get("id") == key)


def _output(node: _Json, link: _Json) -> _Json | None:
    ports = node.get("outputs") or []
    named = next((port for port in ports if port.get("id") and port["id"] == link.get("port_id_ref")), None)
    if named is not None:
        return named  # type: ignore[no-any-return]
    owned = next((port for port in ports if _datastage(port).get("is_source_of_link") == link.get("id")), None)
    return owned or (ports[0] if len(ports) == 1 else None)


def _datastage(holder: _Json) -> _Json:
    held: _Json = holder.setdefault("app_data", {}).setdefault("datastage", {})
    return held


def _refuse(message: str, label: str) -> UsageError:
    return UsageError(message, code="RS-2010", place=Place(stage=label))


class _Move:
    """What both directions share: the copy of the tree, new ids, copies of schemas."""

    def __init__(self, document: Document, pipeline: str) -> None:
        self.document = document
        self.tree: _Json = clone(document.tree)
        self.outer = _find(self.tree["pipelines"], pipeline)
        self.schemas = {schema["id"]: schema for schema in self.tree.get("schemas") or ()}

    def id(self, kind: str, name: str) -> str:
        return self.document.new_id(kind, name)

    def own_schema(self, reference: str | None, name: str) -> str | None:
        """Return a copy of a schema, so that the link inside and the one outside do not share one."""
        if reference is None or reference not in self.schemas:
            return None
        made = {**clone(self.schemas[reference]), "id": self.id("schema", name)}
        self.tree.setdefault("schemas", []).append(made)
        self.schemas[made["id"]] = made
        return str(made["id"])

    def drop_schema(self, reference: str | None) -> None:
        """Remove a schema that nothing refers to any more."""
        ports = (
            port
            for pipeline in self.tree["pipelines"]
            for node in pipeline.get("nodes") or ()
            for side in ("inputs", "outputs")
            for port in node.get(side) or ()
        )
        if reference and all(port.get("schema_ref") != reference for port in ports):
            self.tree["schemas"] = [one for one in self.tree.get("schemas") or () if one["id"] != reference]

    def comments(self, pipeline: _Json) -> list[_Json]:
        listed: list[_Json] = pipeline.setdefault("app_data", {}).setdefault("ui_data", {}).setdefault("comments", [])
        return listed


# In ------------------------------------------------------------------------------------------------------------------


def move_in(document: Document, pipeline: str, label: str, keys: list[str]) -> str:
    """Move nodes into a new subflow and return the id of its stage."""
    chosen = set(keys)
    _require_closed(document, pipeline, chosen, label)
    move = _In(document, pipeline, label)
    return move.run(chosen)


def _require_closed(document: Document, pipeline: str, chosen: set[str], label: str) -> None:
    """Raise where a path leaves the chosen stages and comes back: the subflow would feed itself."""
    below: dict[str, list[str]] = {}
    for ref in document.links(pipeline):
        below.setdefault(ref.source, []).append(ref.target)
    for key in chosen:
        node = document.node(pipeline, key)
        if node.get("type") == "binding" and not node.get("op"):
            message = "Where rows come into a subflow or go out of it cannot be moved."
            raise _refuse(message, document.label(pipeline, key) or "")
    waiting = [target for key in chosen for target in below.get(key, ()) if target not in chosen]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in chosen:
            message = f"A path leaves the stages of '{label}' and comes back into them."
            raise UsageError(message, code="RS-2010", place=Place(stage=label), mend="Take the stages on it along.")
        if key not in seen:
            seen.add(key)
            waiting += below.get(key, ())


class _In(_Move):
    def __init__(self, document: Document, pipeline: str, label: str) -> None:
        super().__init__(document, pipeline)
        self.super: _Json = {
            "type": "super_node",
            "id": self.id("node", label),
            "app_data": {"ui_data": {"label": label, "image": f"{_GRAPHICS}/flows/localsubflow.svg"}},
            "subflow_ref": {"pipeline_id_ref": self.id("pipeline", label)},
            "inputs": [],
            "outputs": [],
            "parameters": {},
        }
        self.inner: _Json = {
            "id": self.super["subflow_ref"]["pipeline_id_ref"],
            "runtime_ref": self.outer.get("runtime_ref", "pxOsh"),
            "nodes": [],
            "app_data": {"ui_data": {"comments": []}},
        }
        self.entries: list[_Json] = []
        self.exits: list[_Json] = []

    def run(self, chosen: set[str]) -> str:
        nodes = self.outer["nodes"]
        moved = [node for node in nodes if node["id"] in chosen]
        for node, port, link in list(_links(nodes)):
            comes, goes = link["node_id_ref"] in chosen, node["id"] in chosen
            if goes and not comes:
                self._enter(port, link)
            elif comes and not goes:
                self._leave(port, link, _find(nodes, link["node_id_ref"]))
        at = nodes.index(moved[0]) if moved else len(nodes)
        nodes[:] = [node for node in nodes if node["id"] not in chosen]
        nodes.insert(min(at, len(nodes)), self.super)
        self.inner["nodes"] = [*self.entries, *moved, *self.exits]
        self._stand(moved)
        self._take_comments(chosen)
        self.tree["pipelines"].append(self.inner)
        self.document.replace(self.tree)
        return str(self.super["id"])

    def _bare(self, side: str, node_id: str, port: _Json) -> _Json:
        image, word = ("Input", "Entry") if side == "outputs" else ("Output", "Exit")
        number = len(self.entries if side == "outputs" else self.exits) + 1
        ui_data = {"label": f"{word} node_{number}", "image": f"{_GRAPHICS}/palette/{image}.svg"}
        return {"type": "binding", "id": node_id, "app_data": {"ui_data": ui_data}, side: [port], "parameters": {}}

    def _enter(self, port: _Json, link: _Json) -> None:
        """Lead a link into the subflow: it ends at the subflow's stage, a new one goes on from an entry node."""
        name, kind = link.get("link_name") or "", link.get("type_attr") or "PRIMARY"
        link.setdefault("id", self.id("link", name))
        entry, inside, way = self.id("node", f"entry {name}"), self.id("link", f"in {name}"), self.id("port", name)
        schema = port.get("schema_ref")
        outer_port = {
            "id": self.id("port", f"super in {name}"),
            **({"schema_ref": schema} if schema else {}),
            "links": [link],
            "subflow_node_ref": entry,
            "parameters": {},
            "app_data": {"ui_data": {"label": "Binding port for supernode"}},
        }
        self.super["inputs"].append(outer_port)
        inner = {**clone(link), "id": inside, "node_id_ref": entry, "port_id_ref": way}
        inner["type_attr"] = kind if kind == "REFERENCE" else "PRIMARY"
        link["type_attr"] = "PRIMARY" if kind == "REFERENCE" else kind
        _datastage(link)["partner_link_in"] = name
        port["links"] = [inner if one is link else one for one in port["links"]]
        own = self.own_schema(schema, f"in {name}")
        if own:
            port["schema_ref"] = own
        way_out = {
            "id": way,
            **({"schema_ref": own} if own else {}),
            "parameters": {},
            "app_data": {
                "ui_data": {"cardinality": {"min": 1, "max": 1}, "label": "outPort"},
                "datastage": {"is_source_of_link": inside},
            },
        }
        self.entries.append(self._bare("outputs", entry, way_out))

    def _leave(self, port: _Json, link: _Json, source: _Json) -> None:
        """Lead a link out of the subflow: it starts at the subflow's stage, a new one ends at an exit node."""
        name, kind = link.get("link_name") or "", link.get("type_attr") or "PRIMARY"
        link.setdefault("id", self.id("link", name))
        output = _output(source, link)
        goes, inside, way = self.id("node", f"exit {name}"), self.id("link", f"out {name}"), self.id("port", name)
        schema = port.get("schema_ref")
        own = self.own_schema(schema, f"out {name}")
        inner = {**clone(link), "id": inside, "type_attr": kind if kind == "REJECT" else "PRIMARY"}
        self.exits.append(
            self._bare(
                "inputs",
                goes,
                {
                    "id": self.id("port", f"exit {name}"),
                    **({"schema_ref": own} if own else {}),
                    "links": [inner],
                    "parameters": {},
                    "app_data": {"ui_data": {"label": ""}},
                },
            )
        )
        if output is not None:
            _datastage(output)["is_source_of_link"] = inside
            if own:
                output["schema_ref"] = own
        link.update(node_id_ref=self.super["id"], port_id_ref=way)
        link["type_attr"] = "PRIMARY" if kind == "REJECT" else kind
        _datastage(link)["partner_link_out"] = name
        self.super["outputs"].append(
            {
                "id": way,
                **({"schema_ref": schema} if schema else {}),
                "subflow_node_ref": goes,
                "parameters": {},
                "app_data": {
                    "ui_data": {"label": "Binding port for supernode"},
                    "datastage": {"is_source_of_link": link["id"]},
                },
            }
        )

    def _stand(self, moved: list[_Json]) -> None:
        """Put the subflow's stage in the middle of where its stages stood."""
        places = [place for node in moved if (place := _place(node)) is not None]
        if places:
            ui_data = self.super["app_data"]["ui_data"]
            for key, values in zip(("x_pos", "y_pos"), zip(*places, strict=True), strict=True):
                ui_data[key] = round((min(values) + max(values)) / 2)

    def _take_comments(self, chosen: set[str]) -> None:
        outside = self.comments(self.outer)
        for comment in list(outside):
            refs = comment.get("associated_id_refs") or []
            keys = {ref.get("node_ref") for ref in refs}
            if keys and keys <= chosen:
                outside.remove(comment)
                self.comments(self.inner).append(comment)
            elif keys & chosen:
                kept = [ref for ref in refs if ref.get("node_ref") not in chosen]
                comment["associated_id_refs"] = [*kept, {"node_ref": self.super["id"]}]


def _place(node: _Json) -> tuple[float, float] | None:
    data = (node.get("app_data") or {}).get("ui_data") or {}
    x, y = data.get("x_pos"), data.get("y_pos")
    return (x, y) if isinstance(x, int | float) and isinstance(y, int | float) else None


# Out -----------------------------------------------------------------------------------------------------------------


def move_out(document: Document, pipeline: str, key: str, inside: str) -> None:
    """Put the nodes of a subflow in the place of its stage."""
    _make_names_fit(document, pipeline, key, inside)
    _Out(document, pipeline, key, inside).run()


def _partners(document: Document, pipeline: str, key: str, inside: str) -> dict[str, str]:
    """Return, for each link at the border inside, by id, the name of the link outside that it continues."""
    found: dict[str, str] = {}
    node = document.node(pipeline, key)
    entries = {port.get("subflow_node_ref"): port for port in node.get("inputs") or () if port.get("subflow_node_ref")}
    for ref in document.links(inside):
        port = entries.get(ref.source)
        if port and port.get("links") and ref.id:
            found[ref.id] = str(port["links"][0].get("link_name") or "")
    for outer in document.links_out(pipeline, key):
        goes = (outer.source_port or {}).get("subflow_node_ref")
        for ref in document.links_in(inside, goes) if goes and document.has_node(inside, goes) else ():
            if ref.id:
                found[ref.id] = outer.name or ""
    return found


def _make_names_fit(document: Document, pipeline: str, key: str, inside: str) -> None:
    """Rename what is inside so that nothing is called as something outside is, and borders as they are outside."""
    from riverstage.flow.link import _rewrite

    partners = _partners(document, pipeline, key, inside)
    wanted = set(partners.values())
    outside = {ref.name for ref in document.links(pipeline)}
    for ref in document.links(inside):
        if ref.id not in partners and (ref.name in outside or ref.name in wanted):
            document.rename_link(ref, _free_name(document, (pipeline, inside)), _rewrite)
    for ref in document.links(inside):
        name = partners.get(ref.id or "")
        if name and name != ref.name:
            document.rename_link(ref, name, _rewrite)
    for node in document.nodes(inside):
        label = document.label(inside, node["id"])
        if label and document.labelled(pipeline, label) and node.get("op"):
            free = next(
                one for one in _numbered(label) if not any(document.labelled(p, one) for p in (pipeline, inside))
            )
            document.rename_node(inside, node["id"], free)


def _numbered(base: str) -> Iterator[str]:
    number = 2
    while True:
        yield f"{base}_{number}"
        number += 1


def _free_name(document: Document, pipelines: tuple[str, ...]) -> str:
    number = 1
    while any(document.link_named(pipeline, f"Link_{number}") for pipeline in pipelines):
        number += 1
    return f"Link_{number}"


class _Out(_Move):
    def __init__(self, document: Document, pipeline: str, key: str, inside: str) -> None:
        super().__init__(document, pipeline)
        self.super = _find(self.outer["nodes"], key)
        self.inner = _find(self.tree["pipelines"], inside)
        self.room = Room(document, pipeline, key, inside) if _place(self.super) is not None else None

    def run(self) -> None:
        nodes, inside = self.outer["nodes"], self.inner.get("nodes") or []
        borders = {node["id"] for node in inside if node.get("type") == "binding" and not node.get("op")}
        moved = [node for node in inside if node["id"] not in borders]
        dropped: list[str | None] = []
        for port in self._inputs():
            dropped += self._come(port, inside, borders)
        for node, port, link in list(_links(nodes)):
            if link["node_id_ref"] == self.super["id"] and node is not self.super:
                dropped += self._go(port, link, inside, nodes)
        at = nodes.index(self.super)
        if self.room is not None:
            outside = [node for node in nodes if node is not self.super]
            self.room.make(moved, outside, self.comments(self.inner), self.comments(self.outer))
        nodes[at : at + 1] = moved
        self.tree["pipelines"] = [one for one in self.tree["pipelines"] if one is not self.inner]
        self._give_comments(moved)
        for reference in dropped:
            self.drop_schema(reference)
        self.document.replace(self.tree)

    def _inputs(self) -> list[_Json]:
        return [port for port in self.super.get("inputs") or () if port.get("links")]

    def _entry_of(self, port: _Json, inside: list[_Json]) -> str | None:
        """Return the entry node that continues an input of the subflow's stage."""
        named = port.get("subflow_node_ref")
        if named:
            return str(named)
        partner = _datastage(port["links"][0]).get("partner_link_in")
        for _, _, link in _links(inside):
            if partner and link.get("link_name") == partner:
                return str(link["node_id_ref"])
        entries = [node["id"] for node in inside if not node.get("op") and node.get("outputs")]
        place = self._inputs().index(port)
        return entries[place] if place < len(entries) else None

    def _come(self, outer_port: _Json, inside: list[_Json], borders: set[str]) -> list[str | None]:
        """Let the link into the subflow go on to the stage that its entry node led to."""
        outer: _Json = outer_port["links"][0]
        entry = self._entry_of(outer_port, inside)
        _datastage(outer).pop("partner_link_in", None)
        for node, port, link in list(_links(inside)):
            if link["node_id_ref"] != entry or node["id"] in borders:
                continue
            if (link.get("type_attr") or "PRIMARY") != "PRIMARY":
                outer["type_attr"] = link["type_attr"]
            port["links"] = [outer if one is link else one for one in port["links"]]
            former = port.get("schema_ref")
            if outer_port.get("schema_ref"):
                port["schema_ref"] = outer_port["schema_ref"]
                return [former]
        return [outer_port.get("schema_ref")]

    def _exit_of(self, link: _Json, inside: list[_Json]) -> str | None:
        output = _output(self.super, link)
        if output is not None and output.get("subflow_node_ref"):
            return str(output["subflow_node_ref"])
        partner = _datastage(link).get("partner_link_out")
        exits = [
            node["id"] for node, _, inner in _links(inside) if not node.get("op") and partner == inner.get("link_name")
        ]
        if not exits:
            exits = [node["id"] for node in inside if not node.get("op") and node.get("inputs")]
        return exits[0] if exits else None

    def _go(self, port: _Json, outer: _Json, inside: list[_Json], nodes: list[_Json]) -> list[str | None]:
        """Let the link out of the subflow start at the stage that led to its exit node."""
        goes = self._exit_of(outer, inside)
        _datastage(outer).pop("partner_link_out", None)
        inner = next((link for node, _, link in _links(inside) if node["id"] == goes), None)
        source = None if inner is None else next((one for one in inside if one["id"] == inner["node_id_ref"]), None)
        if inner is None or source is None:
            port["links"] = [link for link in port["links"] if link is not outer]
            return [port.pop("schema_ref", None)]
        if not source.get("op") and source.get("type") == "binding":
            source, inner = self._through(source["id"], nodes, inner)
        output = _output(source, inner)
        if (inner.get("type_attr") or "PRIMARY") == "REJECT":
            outer["type_attr"] = "REJECT"
        outer["node_id_ref"] = source["id"]
        if output is None:
            return []
        outer["port_id_ref"] = output["id"]
        _datastage(output)["is_source_of_link"] = outer["id"]
        former = output.get("schema_ref")
        if port.get("schema_ref"):
            output["schema_ref"] = port["schema_ref"]
        return [former]

    def _through(self, entry: str, nodes: list[_Json], inner: _Json) -> tuple[_Json, _Json]:
        """Return the stage outside, and its link, for rows that only pass through the subflow."""
        for port in self._inputs():
            if port.get("subflow_node_ref") == entry:
                link = port["links"][0]
                return _find(nodes, link["node_id_ref"]), link
        return _find(self.inner["nodes"], entry), inner

    def _give_comments(self, moved: list[_Json]) -> None:
        keys = {node["id"] for node in moved}
        outside = self.comments(self.outer)
        for comment in outside:
            refs = comment.get("associated_id_refs") or []
            if any(ref.get("node_ref") == self.super["id"] for ref in refs):
                kept = [ref for ref in refs if ref.get("node_ref") != self.super["id"]]
                comment["associated_id_refs"] = [*kept, *({"node_ref": node["id"]} for node in moved)]
        for comment in self.comments(self.inner):
            refs = comment.get("associated_id_refs") or []
            comment["associated_id_refs"] = [ref for ref in refs if ref.get("node_ref") in keys]
            outside.append(comment)
