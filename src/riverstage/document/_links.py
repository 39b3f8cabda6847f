"""The address of a link, and what can be read through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from riverstage.document._document import Document

__all__ = ["KINDS", "LinkKey", "LinkKind", "LinkRef", "kind_of"]

LinkKind = Literal["PRIMARY", "REFERENCE", "REJECT"]
LinkKey = str | tuple[str, int, int]
"""A link's id; or, while it has none of its own, its target node, input port and place in that port."""

KINDS: tuple[LinkKind, ...] = ("PRIMARY", "REFERENCE", "REJECT")


def kind_of(link: dict[str, Any]) -> LinkKind:
    """Return what a link carries; one that does not say is primary."""
    said = str(link.get("type_attr") or "PRIMARY").upper()
    return said if said in KINDS else "PRIMARY"


class LinkRef:
    """Where a link is: a document, a pipeline, the link's id. It holds no part of the tree.

    Reading through a reference to a link that was removed raises ``RemovedError``.
    """

    __slots__ = ("document", "key", "pipeline")

    document: Document
    pipeline: str
    key: LinkKey

    def __init__(self, document: Document, pipeline: str, key: LinkKey) -> None:
        put = object.__setattr__
        put(self, "document", document)
        put(self, "pipeline", pipeline)
        put(self, "key", key)

    def __setattr__(self, name: str, value: object) -> None:
        message = f"a LinkRef cannot be changed ({name})"
        raise AttributeError(message)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LinkRef):
            return NotImplemented
        return self.document is other.document and (self.pipeline, self.key) == (other.pipeline, other.key)

    def __hash__(self) -> int:
        return hash((id(self.document), self.pipeline, self.key))

    def __repr__(self) -> str:
        return f"LinkRef({self.key!r})"

    @property
    def exists(self) -> bool:
        """Whether the link is still in its document."""
        return self.document.has_link(self)

    @property
    def id(self) -> str | None:
        """The link's id; None for one loaded without."""
        return self.link.get("id") or None

    @property
    def link(self) -> dict[str, Any]:
        """The link's object in the tree."""
        return self.document.link_entry(self).link

    @property
    def name(self) -> str | None:
        """The link's name; None for one that has none."""
        return self.link.get("link_name") or None

    @property
    def kind(self) -> LinkKind:
        """What it carries: ``PRIMARY``, ``REFERENCE`` or ``REJECT``."""
        return kind_of(self.link)

    @property
    def source(self) -> str:
        """The id of the node it comes from."""
        return self.document.link_entry(self).source

    @property
    def target(self) -> str:
        """The id of the node it goes to."""
        return self.document.link_entry(self).target

    @property
    def target_port(self) -> dict[str, Any]:
        """The input port that holds it."""
        return self.document.link_entry(self).target_port

    @property
    def source_port(self) -> dict[str, Any] | None:
        """The output port it comes from; None where the document does not say."""
        return self.document.source_port(self)
