"""Fields of a schema by name, so that adding one does not look through all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["FieldIndex", "index_of"]

_Fields = list[dict[str, Any]]


class FieldIndex:
    """Where the fields of one list are. It is made anew when the list is another, or was changed past it."""

    __slots__ = ("_by_name", "_fields", "_size")

    def __init__(self) -> None:
        self._fields: _Fields | None = None
        self._size = 0
        self._by_name: dict[Any, dict[str, Any]] = {}

    def of(self, fields: _Fields) -> FieldIndex:
        """Return the index of a list of fields."""
        if self._fields is not fields or self._size != len(fields):
            self._make(fields)
        return self

    def _make(self, fields: _Fields) -> None:
        self._fields, self._size = fields, len(fields)
        self._by_name = {}
        for wire in fields:
            self._by_name.setdefault(wire.get("name"), wire)

    def get(self, name: str) -> dict[str, Any] | None:
        """Return the first field of that name, or None."""
        found = self._by_name.get(name)
        if found is not None and found.get("name") != name and self._fields is not None:
            self._make(self._fields)  # somebody renamed it in the tree
            found = self._by_name.get(name)
        return found

    def added(self, fields: _Fields) -> None:
        """Take in the field that was put behind the others."""
        if self._fields is fields and self._size == len(fields) - 1:
            self._size += 1
            self._by_name.setdefault(fields[-1].get("name"), fields[-1])

    def forget(self) -> None:
        """Look through the fields again when the next one is asked for: one was renamed or removed."""
        self._fields = None


_MOST = 10_000
_KEPT: WeakKeyDictionary[Document, dict[int, FieldIndex]] = WeakKeyDictionary()


def index_of(document: Document, fields: _Fields) -> FieldIndex:
    """Return the index of a schema in a document; all cursors on it share it."""
    kept = _KEPT.setdefault(document, {})
    if len(kept) > _MOST:
        kept.clear()
    # An index holds its list, so that no other can have the same number while it is here.
    return kept.setdefault(id(fields), FieldIndex())
