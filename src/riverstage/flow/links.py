"""The links of a flow or a stage, as a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from riverstage.errors import NotFoundError
from riverstage.flow._errors import did_you_mean

if TYPE_CHECKING:
    from riverstage.document import Document, LinkRef
    from riverstage.flow.link import Link

__all__ = ["Links"]


class Links(list["Link"]):
    """A list of links that can be filtered."""

    __slots__ = ()

    @classmethod
    def of(cls, document: Document, refs: Iterable[LinkRef]) -> Links:
        """Return the links of some references."""
        from riverstage.flow.link import Link

        return cls(Link.of(document, ref) for ref in refs)

    def get_all(self, **filters: object) -> Links:
        """Return the links whose attributes equal all of the filters.

        Args:
            **filters: ``name``, ``type`` (``PRIMARY``, ``reference`` …), ``src`` and ``dest`` (stages or labels).
        """
        return Links(link for link in self if all(_matches(link, key, value) for key, value in filters.items()))

    def get(self, **filters: object) -> Link:
        """Return the first link whose attributes equal all of the filters.

        Raises:
            NotFoundError: There is none.
        """
        found = self.get_all(**filters)
        if found:
            return found[0]
        mend = did_you_mean(filters.get("name"), [link.name for link in self if link.name])
        raise NotFoundError(f"No link that matches the arguments {filters}", mend=mend)


def _matches(link: Link, key: str, value: object) -> bool:
    if key == "name":
        return link.name == value
    if key == "type":
        return link.type == str(getattr(value, "value", value)).upper()
    if key in ("src", "dest"):
        end = link.src if key == "src" else link.dest
        return value in (end, end.label)
    message = f"Links cannot be filtered by '{key}'."
    raise NotFoundError(message, mend="They are filtered by name, type, src and dest.")
