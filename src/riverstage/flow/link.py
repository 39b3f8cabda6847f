"""What people hold for a link: a cursor on a link of the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from riverstage.errors import NotFoundError, Place, RemovedError, UsageError
from riverstage.flow._errors import UnknownNameError, did_you_mean, one_of, require_name
from riverstage.flow._strict import Strict
from riverstage.flow.enums import LinkType
from riverstage.flow.links import Links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverstage.document import Document, LinkRef, Side
    from riverstage.flow.derivations import Derivations, LookupKeys
    from riverstage.flow.link_configuration import LinkConfiguration
    from riverstage.flow.partitioning import PartitionKey
    from riverstage.flow.schema import Schema
    from riverstage.flow.stage import StageNode

__all__ = ["Link"]


class Link(Strict):
    """A link between two stages.

    Its columns are its ``schema``; what the stage before it does with them (constraint, derivations) and what the
    stage behind it wants of it (partitioning, lookup keys) are set here too. Methods that change it return it, so
    that they can be chained.
    """

    __slots__ = ("_document", "_ref")

    _document: Document
    _ref: LinkRef

    def __init__(self, document: Document, ref: LinkRef) -> None:
        object.__setattr__(self, "_document", document)
        object.__setattr__(self, "_ref", ref)

    @classmethod
    def of(cls, document: Document, ref: LinkRef) -> Link:
        """Return the cursor for a link of the document."""
        return cls(document, ref)

    # Identity.

    def _live(self) -> LinkRef:
        ref = self._ref
        if ref.exists:
            return ref
        for pipeline in self._document.pipeline_ids:
            moved = self._document.link_with_id(pipeline, ref.key) if isinstance(ref.key, str) else None
            if moved is not None:
                object.__setattr__(self, "_ref", moved)
                return moved
        message = "This link was removed from its flow."
        raise RemovedError(message, mend="Connect the stages again.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Link) and other._ref == self._ref

    def __hash__(self) -> int:
        return hash(self._ref)

    def __repr__(self) -> str:
        try:
            return f"{self.name} (src='{self.src.label}', dest='{self.dest.label}')"
        except RemovedError:
            return "Link(removed)"

    def _no_attribute(self, name: str) -> UnknownNameError:
        public = [one for one in dir(type(self)) if not one.startswith("_")]
        is_property = self._ref.exists and name in self.configuration
        mend = f"It is a property: 'link.configuration.{name}'." if is_property else did_you_mean(name, public)
        return UnknownNameError(f"A link has no attribute '{name}'.", mend=mend)

    def _place(self) -> Place:
        return Place(link=self.name)

    @property
    def name(self) -> str:
        """The link's name, unique in its flow. A new one is written wherever the flow speaks of the link."""
        return self._live().name or ""

    @name.setter
    def name(self, name: str) -> None:
        ref = self._live()
        require_name(name, "The name of a link", code="RS-2006", place=self._place())
        if name == ref.name:
            return
        _refuse_taken(self._document, ref.pipeline, name)
        self._document.rename_link(ref, name, _rewrite)

    def set_name(self, name: str) -> Link:
        """Give the link a name. Expressions and everything else that speaks of it follow.

        Raises:
            UsageError: Another link has that name.
        """
        self.name = name
        return self

    @property
    def address(self) -> str:
        """What previews and results of the whole flow call it: its name, ``Sub/Link_1`` inside the subflow ``Sub``."""
        from riverstage.flow._belonging import path_of

        return path_of(self._document, self._live().pipeline) + self.name

    @property
    def link_id(self) -> str | None:
        """The id of the link in the document; None for a loaded one that has none."""
        return self._live().id

    # Its ends.

    @property
    def src(self) -> StageNode:
        """The stage that writes it. Another one may be set: the link keeps its name, kind and columns."""
        from riverstage.flow.stage_classes import stage_at

        ref = self._live()
        return stage_at(self._document, ref.pipeline, ref.source)

    @src.setter
    def src(self, stage: StageNode) -> None:
        lead(self, stage, "source")

    @property
    def dest(self) -> StageNode:
        """The stage that reads it. Another one may be set: the link keeps its name, kind and columns."""
        from riverstage.flow.stage_classes import stage_at

        ref = self._live()
        return stage_at(self._document, ref.pipeline, ref.target)

    @dest.setter
    def dest(self, stage: StageNode) -> None:
        lead(self, stage, "target")

    # What it is.

    @property
    def type(self) -> str:
        """``PRIMARY``, ``REFERENCE`` or ``REJECT``."""
        return str(self._live().kind)

    @type.setter  # noqa: A003 - the published name
    def type(self, kind: str) -> None:
        self._document.set_link_kind(self._live(), _kind(kind))

    def primary(self) -> Link:
        """Make it a primary link."""
        self.type = "PRIMARY"
        return self

    def reference(self) -> Link:
        """Make it a reference link: the table that a lookup looks in."""
        self.type = "REFERENCE"
        return self

    def reject(self) -> Link:
        """Make it a reject link: it carries the rows that the stage before it refuses."""
        self.type = "REJECT"
        return self

    @property
    def configuration(self) -> LinkConfiguration:
        """What the two stages let say to this link alone, by dot and by bracket (``row_limit``, ``lookup_fail`` …)."""
        from riverstage.flow.link_configuration import LinkConfiguration

        self._live()
        return LinkConfiguration(self)

    # Columns.

    @property
    def schema(self) -> Schema | None:
        """The link's columns; None where nobody said any."""
        from riverstage.flow.schema import Schema

        return None if self._document.link_schema(self._live()) is None else Schema(self)

    @schema.setter
    def schema(self, schema: Schema | None) -> None:
        from riverstage.flow.schema import replace_schema

        replace_schema(self, schema)

    def create_schema(self) -> Schema:
        """Give the link a schema without columns, in place of the one it has.

        Example:
            >>> from riverstage import BatchFlow
            >>> flow = BatchFlow("demo")
            >>> link = flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek"))
            >>> link.create_schema().add_field("VARCHAR", "name", length=100)
            VarChar(name=name, type=string)
        """
        from riverstage.flow.schema import Schema

        self._document.set_link_schema(self._live(), [])
        return Schema(self)

    def infer_schema(self) -> Schema:
        """Look at the data and write the columns that it has into the link's schema.

        Raises:
            CheckFailed: The stage before it does not say what to read.
            NotFoundError: The stage before it reads nothing from outside.
            ConnectorError: What it reads is missing, or not what it says.
        """
        from riverstage.flow._wire import wiring
        from riverstage.flow.batch_flow import BatchFlow

        ref = self._live()
        wiring().infer_schema(BatchFlow._at(self._document, ref.pipeline), self)
        found = self.schema
        return self.create_schema() if found is None else found

    # What the stage before it does.

    @property
    def derivations(self) -> Derivations:
        """How the stage before it computes the columns: column name to expression.

        Example:
            >>> from riverstage import BatchFlow
            >>> flow = BatchFlow("demo")
            >>> transformer, peek = flow.add_stage("Transformer"), flow.add_stage("Peek")
            >>> link = transformer.connect_output_to(peek)
            >>> link.derivations["net"] = "in.price * 0.8"
        """
        from riverstage.flow.derivations import Derivations

        self._live()
        return Derivations(self)

    @derivations.setter
    def derivations(self, wanted: Mapping[str, str]) -> None:
        self.derivations.replace(wanted)

    @property
    def constraint(self) -> str | None:
        """Which rows a Transformer sends down the link: an expression; None for all."""
        from riverstage.flow.derivations import transformer_value

        return transformer_value(self, "TransformerConstraint") or None

    @constraint.setter
    def constraint(self, expression: str | None) -> None:
        from riverstage.flow.derivations import require_expression, set_transformer_value

        if expression is not None:
            require_expression(expression, self._place())
        set_transformer_value(self, "TransformerConstraint", expression or None)

    @property
    def otherwise(self) -> bool:
        """Whether a Transformer sends down the rows that went down no other link."""
        from riverstage.flow.derivations import transformer_value

        return bool(transformer_value(self, "Reject"))

    @otherwise.setter
    def otherwise(self, wanted: bool) -> None:
        from riverstage.flow.derivations import set_transformer_value

        if not isinstance(wanted, bool):
            message = f"'otherwise' is True or False, not {wanted!r}."
            raise UsageError(message, place=self._place())
        set_transformer_value(self, "Reject", True if wanted else None)

    # What the stage behind it wants.

    @property
    def lookup_keys(self) -> LookupKeys:
        """The keys of a reference link: its column to the expression that it must equal.

        Example:
            >>> from riverstage import BatchFlow
            >>> flow = BatchFlow("demo")
            >>> link = flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Lookup")).reference()
            >>> link.lookup_keys["customer_id"] = "orders.customer_id"
        """
        from riverstage.flow.derivations import LookupKeys

        self._live()
        return LookupKeys(self)

    @lookup_keys.setter
    def lookup_keys(self, wanted: Mapping[str, str]) -> None:
        self.lookup_keys.replace(wanted)

    def set_partitioning(
        self,
        part_type: str,
        perform_sort: bool | None = None,  # noqa: FBT001 - the published order
        part_stable: bool | None = None,  # noqa: FBT001
        part_unique: bool | None = None,  # noqa: FBT001
    ) -> Link:
        """Say how the link's rows are spread over partitions.

        Args:
            part_type: One of ``PartitionType``: ``auto``, ``hash``, ``same`` and so on.
            perform_sort: Sort within each partition, by the partition keys that say so.
            part_stable: Keep the order of equal rows when sorting.
            part_unique: Keep one of equal rows when sorting.
        """
        from riverstage.flow.partitioning import set_partitioning

        set_partitioning(self, part_type, perform_sort=perform_sort, part_stable=part_stable, part_unique=part_unique)
        return self

    def add_partition_key(
        self,
        key_col: str,
        sorting: bool = False,  # noqa: FBT001, FBT002 - the published order
        case_sensitive: bool = True,  # noqa: FBT001, FBT002
        sort_order: str = "asc",
        ebcdic: bool = False,  # noqa: FBT001, FBT002
    ) -> Link:
        """Add a column that decides a row's partition.

        Args:
            key_col: The column.
            sorting: Sort by it as well.
            case_sensitive: Whether upper and lower case differ.
            sort_order: ``asc`` or ``desc``.
            ebcdic: Sort text in the order of EBCDIC.

        Raises:
            UsageError: The column is a key already.
        """
        from riverstage.flow.partitioning import add_partition_key

        add_partition_key(
            self,
            key_col,
            sorting=sorting,
            case_sensitive=case_sensitive,
            sort_order=sort_order,
            ebcdic=ebcdic,
        )
        return self

    def remove_partition_key(self, key_col: str) -> Link:
        """Remove a column from the partition keys.

        Raises:
            NotFoundError: It is none of them.
        """
        from riverstage.flow.partitioning import remove_partition_key

        remove_partition_key(self, key_col)
        return self

    @property
    def partitioning(self) -> str | None:
        """How the rows are spread over partitions; None where nobody said."""
        return (self._live().target_port.get("parameters") or {}).get("part_type")

    @property
    def partition_keys(self) -> list[PartitionKey]:
        """The columns that decide a row's partition."""
        from riverstage.flow.partitioning import partition_keys

        return partition_keys(self)

    # Subflows.

    def map_to_link(self, link_name: str) -> Link:
        """Say which link inside the subflow behind it carries its rows on."""
        return self._partner("partner_link_in", link_name, "outputs")

    def map_from_link(self, link_name: str) -> Link:
        """Say which link inside the subflow before it its rows come from."""
        return self._partner("partner_link_out", link_name, "inputs")

    def _partner(self, key: str, link_name: str, side: Side) -> Link:
        from riverstage.flow.subflow import attach_to

        if not isinstance(link_name, str) or not link_name:
            message = f"The name of a link is text that is not empty, not {link_name!r}."
            raise UsageError(message, code="RS-2006", place=self._place())
        app_data = self._live().link.setdefault("app_data", {})
        app_data.setdefault("datastage", {})[key] = link_name
        attach_to(self, link_name, side)
        return self


def _rewrite(text: str, links: dict[str, str]) -> str:
    """Return an expression that speaks of links by their new names."""
    from riverstage.expressions.rename import rename

    renamed: str = rename(text, links=links)
    return renamed


def _refuse_taken(document: Document, pipeline: str, name: str) -> None:
    if document.link_named(pipeline, name):
        message = f"Another link is named '{name}' already."
        raise UsageError(message, code="RS-2006", mend=f"'{document.free_link_name(pipeline)}' is free.")


def _kind(kind: str | None) -> Any:
    said = str(getattr(kind, "value", kind) or "PRIMARY").upper()
    if said in LinkType.__members__:
        return said
    known = [member.value.lower() for member in LinkType]
    raise UsageError(f"{kind!r} is no type of link: expected {one_of(known)}.", mend=did_you_mean(kind, known))


def require_stage(node: object) -> None:
    """Raise where something is no stage that can be linked."""
    from riverstage.flow.comments import CommentNode
    from riverstage.flow.stage import StageNode

    if isinstance(node, CommentNode):
        message = f"A stage cannot be linked to a comment: {node!r}."
        raise UsageError(message, code="RS-2006", mend="Connect it from the comment: 'comment.connect_to(stage)'.")
    if not isinstance(node, StageNode):
        message = f"Stages are linked to stages, not to {node!r}."
        raise UsageError(message, code="RS-2006")


def connect(source: StageNode, target: StageNode, *, kind: str | None, name: str | None) -> Link:
    """Link two stages of one flow."""
    said = _kind(kind)
    _require_ends(source, target)
    document, pipeline = source._document, source._pipeline
    if name is not None:
        require_name(name, "The name of a link", code="RS-2006")
        _refuse_taken(document, pipeline, name)
    said_name = document.free_link_name(pipeline) if name is None else name
    link = Link(document, document.add_link(pipeline, source._key, target._key, name=said_name, kind=said))
    if any(stage._node().get("type") == "super_node" for stage in (source, target)):
        from riverstage.flow.subflow import attach

        attach(link)
    return link


def _require_ends(source: StageNode, target: StageNode) -> None:
    """Raise where a link cannot lead from one stage to another."""
    require_stage(target)
    source._node(), target._node()
    if source._document is not target._document:
        message = f"{source!r} and {target!r} belong to different flows."
        raise UsageError(message, code="RS-2004", mend="Link stages of one flow.")
    if source._pipeline != target._pipeline:
        message = f"{source!r} and {target!r} are not in the same subflow."
        raise UsageError(message, code="RS-2004", mend="Link to the subflow's own stage.")
    if source == target:
        message = f"{source!r} cannot be linked to itself."
        raise UsageError(message, code="RS-2006")


def lead(link: Link, stage: StageNode, end: Literal["source", "target"]) -> None:
    """Let a link come from another stage, or go to another."""
    require_stage(stage)
    ref, stays = link._live(), link.dest if end == "source" else link.src
    _require_ends(*((stage, stays) if end == "source" else (stays, stage)))
    former = link.src if end == "source" else link.dest
    if stage == former:
        return
    ends = {"source_id": stage._key} if end == "source" else {"target_id": stage._key}
    object.__setattr__(link, "_ref", link._document.move_link(ref, **ends))
    data = (link._live().link.get("app_data") or {}).get("datastage") or {}
    data.pop("partner_link_out" if end == "source" else "partner_link_in", None)
    if stage._node().get("type") == "super_node":
        from riverstage.flow.subflow import attach_end

        attach_end(link, end)


def links_between(source: StageNode, target: StageNode) -> Links:
    """Return all links from one stage to another."""
    require_stage(target)
    key = target._key
    target._node()
    return Links(link for link in source.get_output_links() if link._ref.target == key)


def one_link(source: StageNode, target: StageNode, name: str | None) -> Link:
    """Return the one link from one stage to another, that of the name where one is given."""
    found = links_between(source, target)
    if name is not None:
        named = Links(link for link in found if link.name == name)
        if found and not named:
            message = f"No link named '{name}' found between {source!r} and {target!r}"
            raise NotFoundError(message, mend=did_you_mean(name, [link.name for link in found]))
        found = named
    if not found:
        raise NotFoundError(f"No links found between {source!r} and {target!r}")
    if len(found) > 1:
        names = ", ".join(f"'{link.name}'" for link in found)
        message = f"Multiple links found between {source!r} and {target!r}, please provide a link_name: {names}"
        raise UsageError(message)
    return found[0]


def disconnect(source: StageNode, target: StageNode, name: str | None) -> list[Link]:
    """Remove the links from one stage to another, that of the name where one is given."""
    require_stage(source)
    found = [link for link in links_between(source, target) if name is None or link.name == name]
    if not found:
        said = "link" if name is None else f"link named '{name}'"
        raise NotFoundError(f"No {said} found between {source!r} and {target!r}")
    for link in found:
        source._document.remove_link(link._ref)
    return found
