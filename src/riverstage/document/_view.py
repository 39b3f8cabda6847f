"""Reading a flow document: what is in it, found by id, label and name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from riverstage.document._audit import audit_indexes
from riverstage.document._ids import IdMaker
from riverstage.document._index import LinkEntry, PipelineIndex, label_of
from riverstage.document._linking import ordered_links
from riverstage.document._links import LinkKey, LinkRef
from riverstage.document._marks import LINK, Marks
from riverstage.document._order import Side, in_order
from riverstage.document._places import has_place
from riverstage.document._schemas import SchemaTable
from riverstage.errors import NotFoundError, Place, RemovedError

if TYPE_CHECKING:
    from riverstage.document._document import Document

__all__ = ["DocumentView"]


class DocumentView:
    """The reading half of ``Document``: the tree and the indexes beside it."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self._removed: set[tuple[str, str]] = set()
        self._dropped: set[tuple[str, str, Side]] = set()
        self._adopt(tree)
        #: Ids of the stages and comments that came without a place: saving the document gives them none.
        self.unplaced = {part["id"] for part in self._parts() if not has_place(part)}

    def _parts(self) -> Iterable[dict[str, Any]]:
        for pid in self._pipelines:
            yield from self.nodes(pid)
            yield from self.comments(pid)

    def _adopt(self, tree: dict[str, Any]) -> None:
        self._tree = tree
        self._pipelines = {pipeline["id"]: PipelineIndex(pipeline) for pipeline in tree["pipelines"]}
        self.schemas = SchemaTable(tree)
        self._marks = Marks(tree)
        self._ids = IdMaker(tree.get("id") or "")
        self._next: dict[tuple[str, str], int] = {}
        self._aliases: dict[tuple[str, LinkKey], str] = {}
        self._dropped.clear()

    @property
    def _self(self) -> Document:
        return cast("Document", self)

    def _everything(self) -> Iterable[tuple[str, str]]:
        """Yield the address of every node, link and comment."""
        for pipeline_id, index in self._pipelines.items():
            yield from ((pipeline_id, node_id) for node_id in index.nodes)
            yield from ((pipeline_id, f"link {key}") for key in index.links)
            yield from ((pipeline_id, f"comment {comment['id']}") for comment in self.comments(pipeline_id))

    @property
    def tree(self) -> dict[str, Any]:
        """The tree, to read. Its structure changes through the document's methods alone."""
        return self._tree

    @property
    def id(self) -> str:
        """The document's id; empty in one that was loaded without."""
        return str(self._tree.get("id") or "")

    @property
    def own(self) -> Mapping[str, Any]:
        """What this product keeps in ``app_data.riverstage``."""
        return self._marks.own

    @property
    def primary_pipeline(self) -> str:
        """The id of the pipeline that runs first; the others are subflows."""
        return str(self._tree["primary_pipeline"])

    @property
    def pipeline_ids(self) -> tuple[str, ...]:
        """The ids of all pipelines, in the order of the document."""
        return tuple(self._pipelines)

    def pipeline(self, pid: str) -> dict[str, Any]:
        """Return the object of a pipeline."""
        return self._index(pid).pipeline

    def _index(self, pid: str) -> PipelineIndex:
        found = self._pipelines.get(pid)
        if found is None:
            message = f"The document has no pipeline '{pid}'."
            raise NotFoundError(message, place=Place(path="pipelines"))
        return found

    def node(self, pid: str, node_id: str) -> dict[str, Any]:
        """Return the object of a node.

        Raises:
            RemovedError: If it was removed.
            NotFoundError: If there never was one.
        """
        found = self._index(pid).nodes.get(node_id)
        if found is not None:
            return found
        if (pid, node_id) in self._removed:
            message = "The stage was removed from its flow."
            raise RemovedError(message, mend="Add it again, or undo the removal.")
        message = f"The flow has no stage with the id '{node_id}'."
        raise NotFoundError(message)

    def nodes(self, pid: str) -> list[dict[str, Any]]:
        """Return the nodes of a pipeline in the order of the tree."""
        return list(self._index(pid).pipeline.get("nodes", ()))

    def has_node(self, pid: str, node_id: str) -> bool:
        """Return whether a pipeline has a node of this id."""
        index = self._pipelines.get(pid)
        return index is not None and node_id in index.nodes

    def is_removed(self, pid: str, node_id: str) -> bool:
        """Return whether a node was here and is no more."""
        return (pid, node_id) in self._removed and not self.has_node(pid, node_id)

    def label(self, pid: str, node_id: str) -> str | None:
        """Return the label of a node; None where it has none."""
        return label_of(self.node(pid, node_id))

    def labelled(self, pid: str, label: str) -> tuple[str, ...]:
        """Return the ids of the nodes with this label, in the order of the tree."""
        index = self._index(pid)
        ids = tuple(index.labels.get(label, ()))
        if len(ids) > 1:
            wanted = set(ids)
            ids = tuple(node["id"] for node in index.pipeline["nodes"] if node["id"] in wanted)
        return ids

    def labels(self, pid: str) -> list[str]:
        """Return the labels that are in use in a pipeline."""
        return list(self._index(pid).labels)

    def free_label(self, pid: str, base: str) -> str:
        """Return a label that no stage has or had: ``Peek``, then ``Peek_2``, ``Peek_3`` and so on."""
        taken = self._index(pid).labels
        number = max(self._next.get((pid, base), 1), self._marks.label(base) + 1)
        while (label := base if number == 1 else f"{base}_{number}") in taken:
            number += 1
        self._next[pid, base] = number
        return label

    def free_link_name(self, pid: str) -> str:
        """Return a name that no link has or had: ``Link_1``, ``Link_2`` and so on."""
        taken = self._index(pid).names
        number = max(self._next.get((pid, ""), 1), self._marks.link() + 1)
        while (name := f"{LINK}_{number}") in taken:
            number += 1
        self._next[pid, ""] = number
        return name

    def links(self, pid: str) -> list[LinkRef]:
        """Return the links of a pipeline in the order of the tree."""
        index = self._index(pid)
        nodes = index.pipeline.get("nodes", ())
        return [LinkRef(self._self, pid, key) for node in nodes for key, _ in index.links_at(node)]

    def links_in(self, pid: str, node_id: str) -> list[LinkRef]:
        """Return the links into a node in their order; primary ones first, then reference, then reject."""
        return self._links_beside(pid, node_id, "inputs")

    def links_out(self, pid: str, node_id: str) -> list[LinkRef]:
        """Return the links out of a node in their order; primary ones first, then reference, then reject."""
        return self._links_beside(pid, node_id, "outputs")

    def _links_beside(self, pid: str, node_id: str, side: Side) -> list[LinkRef]:
        node = self.node(pid, node_id)
        beside = ordered_links(self._index(pid), node, side)
        return [LinkRef(self._self, pid, key) for key in in_order(node, side, beside)]

    def link_named(self, pid: str, name: str) -> tuple[LinkRef, ...]:
        """Return the links of this name, in the order of the tree."""
        keys = self._index(pid).names.get(name, {})
        if len(keys) > 1:
            return tuple(ref for ref in self.links(pid) if ref.key in keys)
        return tuple(LinkRef(self._self, pid, key) for key in keys)

    def link_with_id(self, pid: str, link_id: str) -> LinkRef | None:
        """Return the link with this id, or None."""
        return LinkRef(self._self, pid, link_id) if link_id in self._index(pid).links else None

    def _key(self, ref: LinkRef) -> LinkKey:
        return self._aliases.get((ref.pipeline, ref.key), ref.key)

    def has_link(self, ref: LinkRef) -> bool:
        """Return whether a link is still there."""
        index = self._pipelines.get(ref.pipeline)
        return index is not None and self._key(ref) in index.links

    def link_entry(self, ref: LinkRef) -> LinkEntry:
        """Return what is known of a link.

        Raises:
            RemovedError: If the link was removed.
        """
        index = self._pipelines.get(ref.pipeline)
        entry = index.links.get(self._key(ref)) if index else None
        if entry is None:
            message = "The link was removed from its flow."
            raise RemovedError(message, mend="Connect the stages again, or undo the removal.")
        return entry

    def source_port(self, ref: LinkRef) -> dict[str, Any] | None:
        """Return the output port a link comes from; None where the document does not say."""
        entry = self.link_entry(ref)
        return self._index(ref.pipeline).source_port(entry)

    def schema(self, schema_id: str) -> dict[str, Any] | None:
        """Return a schema, or None."""
        return self.schemas.by_id.get(schema_id)

    def link_schema(self, ref: LinkRef) -> dict[str, Any] | None:
        """Return the schema of a link: that of its input port, else that of its output port; None without one."""
        for port in (ref.target_port, ref.source_port):
            reference = port.get("schema_ref") if port else None
            if reference:
                return self.schema(reference)
        return None

    def comments(self, pid: str) -> list[dict[str, Any]]:
        """Return the comments of a pipeline in the order of the tree."""
        return list(self.pipeline(pid).get("app_data", {}).get("ui_data", {}).get("comments", ()))

    def comment(self, pid: str, comment_id: str) -> dict[str, Any]:
        """Return the object of a comment.

        Raises:
            RemovedError: If it was removed.
            NotFoundError: If there never was one.
        """
        for comment in self.comments(pid):
            if comment["id"] == comment_id:
                return comment
        if (pid, f"comment {comment_id}") in self._removed:
            message = "The comment was removed from its flow."
            raise RemovedError(message)
        near = difflib.get_close_matches(comment_id, [comment["id"] for comment in self.comments(pid)], n=1)
        message = f"The flow has no comment with the id '{comment_id}'."
        raise NotFoundError(message, mend=f"Did you mean '{near[0]}'?" if near else "")

    def audit(self) -> None:
        """Compare everything that is kept beside the tree with the tree.

        Raises:
            AssertionError: If something differs; for tests.
        """
        audit_indexes(self._tree, self._pipelines, self.schemas)
