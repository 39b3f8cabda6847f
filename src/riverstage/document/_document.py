"""A flow document: the tree that is saved, and the one door through which its structure changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from riverstage.document import _shape
from riverstage.document._canonical import canonical
from riverstage.document._ids import IdMaker, flow_id_of
from riverstage.document._index import LinkEntry, PipelineIndex, label_of, split_number
from riverstage.document._linking import (
    connect,
    disconnect,
    forget_port,
    lead_from,
    lead_to,
    ordered_links,
    placeholder,
    settle,
)
from riverstage.document._links import KINDS, LinkKey, LinkKind, LinkRef
from riverstage.document._order import Side, enter_orders
from riverstage.document._reading import read_json
from riverstage.document._rename import Rewrite, rename_everywhere
from riverstage.document._templates import (
    arranged,
    blank_comment,
    blank_document,
    blank_pipeline,
    clone,
    node_order,
    port_order,
    put_in_order,
)
from riverstage.document._view import DocumentView
from riverstage.errors import DocumentError, NotFoundError, Place, UsageError

__all__ = ["Document"]

_LINK_ORDER = ("id", "node_id_ref", "port_id_ref", "link_name", "type_attr", "app_data")


class Document(DocumentView):
    """A pipeline-flow document and what is known about it.

    The tree may be read anywhere and values inside parameters may be set in place. Structure (nodes, labels, ports,
    links, names, schemas, comments) changes through the methods here alone, so that the indexes stay true.

    Example:
        >>> from riverstage.document import blank_node
        >>> document = Document.new("orders")
        >>> main = document.primary_pipeline
        >>> rows = document.add_node(main, blank_node("binding", "PxRowGenerator", label="Rows"))
        >>> peek = document.add_node(main, blank_node("execution_node", "PxPeek", label="Peek"))
        >>> link = document.add_link(main, rows, peek, name=document.free_link_name(main))
        >>> link.name, link.source == rows, document.labelled(main, "Peek") == (peek,)
        ('Link_1', True, True)
    """

    def __init__(self, tree: dict[str, Any], *, source: str | None = None) -> None:
        """Take over a tree that was read elsewhere.

        Args:
            tree: The tree; it belongs to the document from here on.
            source: Name of the file, for errors.

        Raises:
            DocumentError: If it is not the tree of a flow document.
        """
        super().__init__(_shape.check_document(tree, source=source))

    @classmethod
    def new(
        cls, name: str, description: str = "", *, flow_id: str | None = None, own: Mapping[str, Any] | None = None
    ) -> Document:
        """Return a document without stages.

        Args:
            name: The flow's name. The document does not keep it; its ids come from it unless ``flow_id`` is given.
            description: What the flow is for.
            flow_id: The document's id; by default the same for every flow of that name, so that building a flow
                again gives the same bytes.
            own: What to keep in ``app_data.riverstage``, such as the version of the catalogue.
        """
        made = flow_id if flow_id is not None else flow_id_of(name)
        pipeline_id = IdMaker(made).part("pipeline", "primary")
        return cls(blank_document(made, pipeline_id, description, own or {}))

    @classmethod
    def loads(cls, data: bytes | bytearray | str, *, source: str | None = None) -> Document:
        """Read a document from JSON.

        Args:
            data: The JSON text or its UTF-8 bytes.
            source: Name of the file, for errors.

        Raises:
            DocumentError: If it cannot be read; the place in it is named.
        """
        tree: Any = read_json(data, source=source)
        return cls(tree, source=source)

    @classmethod
    def load(cls, path: str | Path) -> Document:
        """Read a document from a file.

        Raises:
            DocumentError: If the file cannot be read or is no flow document.
        """
        file = Path(path)
        try:
            data = file.read_bytes()
        except OSError as error:
            message = f"The flow file cannot be read: {error.strerror}."
            raise DocumentError(message, code="RS-1008", place=Place(file=str(file))) from None
        return cls.loads(data, source=str(file))

    def dumps(self) -> bytes:
        """Return the canonical text of the document, as UTF-8.

        Raises:
            DocumentError: If a value was set that JSON cannot hold; its place is named.
        """
        return canonical(self._tree)

    def replace(self, tree: dict[str, Any]) -> None:
        """Put another tree in place of this one: undo, a merge, an edit of the canvas.

        References to what is not in the new tree now say that it was removed.

        Args:
            tree: The tree; it belongs to the document from here on.

        Raises:
            DocumentError: If it is not the tree of a flow document; the document is as it was.
        """
        checked = _shape.check_document(tree)
        former = set(self._everything())
        self._adopt(checked)
        self._removed = (self._removed | former) - set(self._everything())

    def copy(self) -> Document:
        """Return a document of its own with the same content.

        Raises:
            DocumentError: If it is nested too deeply.
        """
        try:
            made = Document(clone(self._tree))
        except RecursionError:
            message = "The document is nested too deeply to be copied."
            raise DocumentError(message, code="RS-1005") from None
        made.unplaced = set(self.unplaced)
        return made

    def set_own(self, key: str, value: Any) -> None:
        """Keep a value in ``app_data.riverstage``; None takes it away."""
        self._marks.write_own(key, value)

    # Links ------------------------------------------------------------------------------------------------------------

    def add_link(
        self,
        pid: str,
        source_id: str,
        target_id: str,
        *,
        name: str | None = None,
        kind: LinkKind = "PRIMARY",
        schema_id: str | None = None,
    ) -> LinkRef:
        """Link two nodes; each gets a port for it, its placeholder if there is one.

        Args:
            pid: The pipeline.
            source_id: The node it comes from.
            target_id: The node it goes to.
            name: Its name.
            kind: What it carries.
            schema_id: A schema of the document that both ports shall refer to; by default the one that a placeholder
                refers to, else none.

        Raises:
            NotFoundError: If there is no such node or schema.
        """
        if kind not in KINDS:
            message = f"A link is one of {', '.join(KINDS)}, not {kind!r}."
            raise UsageError(message)
        if schema_id is not None and self.schema(schema_id) is None:
            message = f"The document has no schema '{schema_id}'."
            raise NotFoundError(message)
        self.node(pid, source_id)
        self.node(pid, target_id)
        link_id = self.new_id("link", name or "")
        index = self._index(pid)
        entry = connect(self, index, (source_id, target_id), name, kind, link_id)
        output = index.source_port(entry)
        ports = [entry.target_port, *([output] if output else [])]
        wanted = schema_id or next((port["schema_ref"] for port in reversed(ports) if port.get("schema_ref")), None)
        if wanted:
            self._refer(entry, output, wanted)
        return LinkRef(self, pid, link_id)

    def move_link(self, ref: LinkRef, *, source_id: str | None = None, target_id: str | None = None) -> LinkRef:
        """Lead a link from another node, or to another: it keeps its id, name, kind and schema.

        What the end that stays says of the link is kept; what the other end said goes.

        Args:
            ref: The link.
            source_id: The node of its pipeline that it shall come from.
            target_id: The node of its pipeline that it shall go to.

        Raises:
            NotFoundError: If there is no such node.
        """
        for node_id in (source_id, target_id):
            if node_id is not None:
                self.node(ref.pipeline, node_id)
        index, entry, schema = self._index(ref.pipeline), self.link_entry(ref), self.link_schema(ref)
        fields = None if schema is None else clone(schema.get("fields") or [])
        settle(self, index, index.nodes[entry.target])
        key = self._key(ref)
        link_id = key if isinstance(key, str) else str(entry.link["id"])
        if source_id is not None and source_id != entry.source:
            entry = lead_from(self, index, link_id, source_id)
        if target_id is not None and target_id != entry.target:
            lead_to(self, index, link_id, target_id)
        moved = LinkRef(self, ref.pipeline, link_id)
        if fields is not None:
            self.set_link_schema(moved, fields)
        return moved

    def remove_link(self, ref: LinkRef) -> None:
        """Remove a link, the ports nothing else uses, and its schema when nothing else refers to it."""
        entry = self.link_entry(ref)
        index = self._index(ref.pipeline)
        settle(self, index, index.nodes[entry.target])
        self._disconnect(ref.pipeline, self._key(ref))
        self._note_removal((), [entry.link.get("link_name")])

    def _disconnect(self, pid: str, key: LinkKey) -> LinkEntry:
        self._removed.add((pid, f"link {key}"))
        return disconnect(self, self._index(pid), key)

    def _note_removal(self, labels: Iterable[str | None], links: Iterable[str | None]) -> None:
        self._marks.note_removal(
            labels=tuple(label for label in labels if label), links=tuple(name for name in links if name)
        )

    def rename_link(self, ref: LinkRef, new: str, rewrite: Rewrite) -> None:
        """Rename a link, and its name wherever else it stands.

        Args:
            ref: The link.
            new: Its new name.
            rewrite: Returns an expression with links renamed, given its text and the new names by the old.

        Raises:
            UsageError: If the new name is empty.
        """
        if not new:
            message = "A link's name must not be empty."
            raise UsageError(message)
        entry = self.link_entry(ref)
        index = self._index(ref.pipeline)
        old = entry.link.get("link_name") or None
        if old == new:
            return
        key = self._key(ref)
        if old:
            is_alone = len(index.names[old]) == 1
            rename_everywhere(self._tree, index, entry, (old, new), is_alone=is_alone, rewrite=rewrite)
            index.forget_name(key, old)
            self._marks.note_numbers(links=(old,))
        put_in_order(entry.link, "link_name", new, _LINK_ORDER)
        index.names.setdefault(new, {})[key] = None
        if not old:
            self._enter_named(index, entry, new)

    def _enter_named(self, index: PipelineIndex, entry: LinkEntry, name: str) -> None:
        """Add a link that had no name until now to the ordering lists of its stages."""
        ends: tuple[tuple[str, Side], ...] = ((entry.source, "outputs"), (entry.target, "inputs"))
        for node_id, side in ends:
            node = index.nodes[node_id]
            links = ordered_links(index, node, side)
            port_id = next((each.port_id for each in links if each.link is entry.link), "")
            enter_orders(node, side, [each for each in links if each.link is not entry.link], name, port_id)

    def set_link_kind(self, ref: LinkRef, kind: LinkKind) -> None:
        """Say what a link carries."""
        if kind not in KINDS:
            message = f"A link is one of {', '.join(KINDS)}, not {kind!r}."
            raise UsageError(message)
        put_in_order(self.link_entry(ref).link, "type_attr", kind, _LINK_ORDER)

    # Schemas ----------------------------------------------------------------------------------------------------------

    def set_link_schema(self, ref: LinkRef, fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """Give a link these fields and return its schema.

        Its schema keeps its id; a link that shares its schema with another gets one of its own.

        Raises:
            DocumentError: If the fields are not shaped as fields are.
        """
        made: list[Any] = [clone(dict(field)) for field in fields]
        try:
            _shape.check_fields({"fields": made})
        except _shape.Misshapen as problem:
            raise _shape.explain(problem) from None
        entry, output = self.link_entry(ref), ref.source_port
        schema = self.link_schema(ref)
        here = sum(
            bool(schema and port and port.get("schema_ref") == schema["id"]) for port in (entry.target_port, output)
        )
        if schema is None or self.schemas.references[schema["id"]] > here:
            owner = entry.link.get("id") or "/".join(map(str, (entry.source, entry.target, self._key(ref))))
            schema_id = self._ids.part("schema", owner)
            if schema_id in self.schemas.by_id:
                schema_id = self.new_id("schema", owner)
            schema = {"id": schema_id, "fields": made}
            self.schemas.add(schema)
        else:
            schema["fields"] = made
        self._refer(entry, output, schema["id"])
        return schema

    def _refer(self, entry: LinkEntry, output: dict[str, Any] | None, schema_id: str) -> None:
        self.schemas.refer(entry.target_port, schema_id, port_order("inputs"))
        if output is not None:
            self.schemas.refer(output, schema_id, port_order("outputs"))

    def drop_link_schema(self, ref: LinkRef) -> None:
        """Take a link's schema from it; the schema goes when nothing else refers to it."""
        for port in (ref.target_port, ref.source_port):
            if port is not None:
                self.schemas.unrefer(port)

    # Nodes ------------------------------------------------------------------------------------------------------------

    def add_node(self, pid: str, node: Mapping[str, Any], at: int | None = None) -> str:
        """Add a node without links and return its id.

        Args:
            pid: The pipeline.
            node: The node, such as ``blank_node`` makes; it is copied. Without an id it gets one.
            at: Its place among the nodes; the end by default.

        Raises:
            DocumentError: If it is not shaped as a node is, or its id is taken.
            UsageError: If it has links.
        """
        index = self._index(pid)
        made = arranged(node, node_order(node))
        if not made.get("id"):
            put_in_order(made, "id", self.new_id("node", label_of(made) or ""), node_order(node))
        try:
            _shape.check_node(made)
        except _shape.Misshapen as problem:
            raise _shape.explain(problem) from None
        if any(port.get("links") for port in made.get("inputs", ())):
            message = "A node is added without its links; connect it afterwards."
            raise UsageError(message)
        if made["id"] in index.nodes:
            message = f"The node id '{made['id']}' is taken already."
            raise DocumentError(message, code="RS-1004")
        nodes: list[dict[str, Any]] = index.pipeline.setdefault("nodes", [])
        nodes.insert(len(nodes) if at is None else at, made)
        index.enter_node(made)
        for side in ("inputs", "outputs"):
            for port in made.get(side, ()):
                self.schemas.enter(port)
        self._removed.discard((pid, made["id"]))
        return str(made["id"])

    def remove_node(self, pid: str, node_id: str) -> None:
        """Remove a node with its links, the comments' references to it, and the schemas that only it used."""
        node = self.node(pid, node_id)
        index = self._index(pid)
        settle(self, index, node)
        for target in dict.fromkeys(index.links[key].target for key in index.by_source.get(node_id, ())):
            settle(self, index, index.nodes[target])
        keys = [*dict(index.links_at(node)), *index.by_source.get(node_id, ())]
        names = [self._disconnect(pid, key).link.get("link_name") for key in dict.fromkeys(keys)]
        for side in ("inputs", "outputs"):
            for port in node.get(side, ()):
                self.schemas.leave(port)
        for comment in self.comments(pid):
            refs = comment.get("associated_id_refs")
            if refs:
                comment["associated_id_refs"] = [ref for ref in refs if ref.get("node_ref") != node_id]
        nodes = index.pipeline["nodes"]
        del nodes[next(place for place, other in enumerate(nodes) if other is node)]
        index.leave_node(node)
        self._removed.add((pid, node_id))
        self._note_removal([label_of(node)], names)

    def rename_node(self, pid: str, node_id: str, label: str, *, is_spent: bool = False) -> None:
        """Change the label of a node; its id stays.

        Args:
            pid: The pipeline.
            node_id: The node.
            label: Its new label.
            is_spent: Whether ``free_label`` shall not give out the old one again, though it has no number.

        Raises:
            UsageError: If the label is empty.
        """
        if not label:
            message = "A stage's label must not be empty."
            raise UsageError(message)
        node = self.node(pid, node_id)
        index = self._index(pid)
        old = label_of(node)
        index.forget_label(node_id, old)
        if old and (is_spent or split_number(old)[1] > 1):
            self._marks.note_numbers(labels=(old,))
        if "app_data" not in node:
            put_in_order(node, "app_data", {}, node_order(node))
        ui_data = node["app_data"].setdefault("ui_data", {})
        put_in_order(ui_data, "label", label, ("label", "image", "x_pos", "y_pos"))
        index.labels.setdefault(label, {})[node_id] = None

    def placeholder(self, pid: str, node_id: str, side: Side) -> dict[str, Any]:
        """Return the port without a link on one side of a node, to keep values until a link comes; made if missing."""
        return placeholder(self.node(pid, node_id), side)

    def drop_placeholder(self, pid: str, node_id: str, side: Side) -> None:
        """Take away what a port without a link says, and the port if its side has others."""
        node = self.node(pid, node_id)
        for port in list(node.get(side, ())):
            if not port["id"] and not port.get("links"):
                port.pop("parameters", None)
                forget_port(self, self._index(pid), node, side, port)

    # Pipelines and comments -------------------------------------------------------------------------------------------

    def add_pipeline(self, name: str, description: str | None = None) -> str:
        """Add an empty pipeline, for a subflow that lives in this document, and return its id."""
        pid = self.new_id("pipeline", name)
        pipeline = blank_pipeline(pid, description)
        self._tree["pipelines"].append(pipeline)
        self._pipelines[pid] = PipelineIndex(pipeline)
        return pid

    def remove_pipeline(self, pid: str) -> None:
        """Remove a pipeline with all that is in it.

        Raises:
            UsageError: If it is the primary one.
        """
        if pid == self.primary_pipeline:
            message = "The primary pipeline cannot be removed."
            raise UsageError(message)
        for node in self.nodes(pid):
            self.remove_node(pid, node["id"])
        pipeline = self.pipeline(pid)
        self._tree["pipelines"] = [other for other in self._tree["pipelines"] if other is not pipeline]
        del self._pipelines[pid]

    def add_comment(self, pid: str, comment: Mapping[str, Any], at: int | None = None) -> str:
        """Add a comment and return its id; what it lacks of place, size and content is filled in.

        Raises:
            DocumentError: If it is not shaped as a comment is, or its id is taken.
        """
        made = blank_comment(comment)
        if not made["id"]:
            made["id"] = self.new_id("comment", str(made["content"]))
        try:
            _shape.check_comment(made)
        except _shape.Misshapen as problem:
            raise _shape.explain(problem) from None
        if any(other["id"] == made["id"] for other in self.comments(pid)):
            message = f"The comment id '{made['id']}' is taken already."
            raise DocumentError(message, code="RS-1004")
        ui_data = self.pipeline(pid).setdefault("app_data", {}).setdefault("ui_data", {})
        comments = ui_data.setdefault("comments", [])
        comments.insert(len(comments) if at is None else at, made)
        self._removed.discard((pid, f"comment {made['id']}"))
        return str(made["id"])

    def remove_comment(self, pid: str, comment_id: str) -> None:
        """Remove a comment."""
        comment = self.comment(pid, comment_id)
        comments = self.pipeline(pid)["app_data"]["ui_data"]["comments"]
        del comments[next(place for place, other in enumerate(comments) if other is comment)]
        self._removed.add((pid, f"comment {comment_id}"))
        self._note_removal((), ())

    def new_id(self, kind: str, name: str) -> str:
        """Return an id for a new element that no element has or had."""
        is_taken = self._is_comment_id if kind == "comment" else self._is_id_taken
        return self._ids.make(kind, name, self._marks.removals, is_taken)

    def port_id(self, link_id: str, side: Side) -> str:
        """Return the id of the port of a new link."""
        return self._ids.part(f"port {side}", link_id)

    def _is_id_taken(self, made: str) -> bool:
        if made in self._pipelines or made in self.schemas.by_id:
            return True
        return any(made in index.nodes or made in index.links for index in self._pipelines.values())

    def _is_comment_id(self, made: str) -> bool:
        return any(comment["id"] == made for pid in self.pipeline_ids for comment in self.comments(pid))

    def note_alias(self, pid: str, key: LinkKey, link_id: str) -> None:
        """Remember that a link addressed by its place has an id now."""
        self._aliases[pid, key] = link_id

    def note_dropped(self, pid: str, node_id: str, side: Side) -> None:
        """Remember that linking took away an empty placeholder."""
        self._dropped.add((pid, node_id, side))

    def take_dropped(self, pid: str, node_id: str, side: Side) -> bool:
        """Return, once, whether linking took away an empty placeholder."""
        with suppress(KeyError):
            self._dropped.remove((pid, node_id, side))
            return True
        return False
