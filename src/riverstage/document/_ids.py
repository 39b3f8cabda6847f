"""Ids of new elements: UUIDv5 of the flow, the kind, the element's first name and a count, made once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID, uuid5

__all__ = ["NAMESPACE", "IdMaker", "flow_id_of"]

NAMESPACE = UUID("5b0c1f0a-6f3e-5d7c-9a55-2f6d1f4a7e10")


def flow_id_of(name: str) -> str:
    """Return the id of a new flow of this name."""
    return str(uuid5(NAMESPACE, f"flow/{name}"))


class IdMaker:
    """Makes ids that depend on nothing but the flow and what was done to it.

    The count has two parts: how many removals the flow has seen (kept in the document), and how many elements of that
    kind and first name were made since. So an id that was removed does not come back, and a flow built twice by the
    same steps gets the same ids.
    """

    __slots__ = ("_flow", "_made", "_removals")

    def __init__(self, flow_id: str) -> None:
        self._flow = uuid5(NAMESPACE, flow_id).bytes
        self._removals = -1
        self._made: dict[tuple[str, str], int] = {}

    def make(self, kind: str, name: str, removals: int, is_taken: Callable[[str], bool]) -> str:
        """Return a new id for an element of this kind and first name."""
        if removals != self._removals:
            self._removals = removals
            self._made.clear()
        count = self._made.get((kind, name), 0)
        while True:
            count += 1
            made = self._uuid(f"{kind}/{removals}.{count}/{name}")
            if not is_taken(made):
                self._made[kind, name] = count
                return made

    def part(self, kind: str, owner: str) -> str:
        """Return the id of what exists once for its owner, such as the port of a link."""
        return self._uuid(f"{kind}/{owner}")

    def _uuid(self, said: str) -> str:
        # uuid.uuid5 by hand: building UUID objects is most of its time, and large flows make thousands.
        digest = bytearray(
            hashlib.sha1(self._flow + said.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:16]
        )
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        text = digest.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
