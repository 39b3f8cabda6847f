"""High-water marks: numbers that were given out and must not come back. They are kept in the flow's ``app_data``."""

from __future__ import annotations

from typing import Any

from riverstage.document._index import split_number
from riverstage.document._templates import put, put_in_order

__all__ = ["Marks"]

LINK = "Link"
_TOP_ORDER = (
    "doc_type", "version", "json_schema", "id", "parameters", "primary_pipeline", "pipelines", "schemas",
    "external_paramsets", "app_data", "runtimes",
)  # fmt: skip


class Marks:
    """Reads and raises the marks of one document tree.

    A mark is written only when a removal or a new name would else lose what the tree itself shows, so a flow in which
    nothing was removed or renamed carries none.
    """

    __slots__ = ("_tree",)

    def __init__(self, tree: dict[str, Any]) -> None:
        self._tree = tree

    @property
    def own(self) -> dict[str, Any]:
        """What this product keeps in the flow's ``app_data``; empty where there is nothing."""
        found: dict[str, Any] = self._tree.get("app_data", {}).get("riverstage", {})
        return found

    def write_own(self, key: str, value: Any) -> None:
        """Keep a value in the flow's ``app_data``; None takes it away."""
        if value is None:
            self.own.pop(key, None)
            return
        if "app_data" not in self._tree:
            put_in_order(self._tree, "app_data", {}, _TOP_ORDER)
        app_data: dict[str, Any] = self._tree["app_data"]
        put(app_data.setdefault("riverstage", {}), key, value)

    @property
    def removals(self) -> int:
        """How many removals the flow has seen."""
        return int(self.own.get("marks", {}).get("removals", 0))

    def label(self, base: str) -> int:
        """Return the highest number that a stage had with this base and has no more; 0 if none."""
        return int(self.own.get("marks", {}).get("labels", {}).get(base, 0))

    def link(self) -> int:
        """Return the highest number that a link had and has no more; 0 if none."""
        return int(self.own.get("marks", {}).get("links", 0))

    def note_removal(self, *, labels: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> None:
        """Count one removal and keep the numbers of what was removed."""
        put(self._written(), "removals", self.removals + 1)
        self.note_numbers(labels=labels, links=links)

    def note_numbers(self, *, labels: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> None:
        """Keep the numbers of labels and names that nothing has any more."""
        for label in labels:
            base, number = split_number(label)
            if number > self.label(base):
                marks = self._written()
                if "labels" not in marks:
                    put(marks, "labels", {})
                put(marks["labels"], base, number)
        for name in links:
            base, number = split_number(name)
            if base == LINK and name != LINK and number > self.link():
                put(self._written(), "links", number)

    def _written(self) -> dict[str, Any]:
        """Return the marks of the tree, to write to; made where there are none."""
        if "marks" not in self.own:
            self.write_own("marks", {})
        marks: dict[str, Any] = self.own["marks"]
        return marks
