"""What a place that keeps assets must be able to do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

__all__ = ["ABSENT", "ANY", "KINDS", "Asset", "AssetKind", "Backend", "Version", "revision_of"]

AssetKind = Literal["flow", "connection", "parameter_set", "job"]

KINDS: dict[AssetKind, str] = {
    "flow": "flows",
    "connection": "connections",
    "parameter_set": "parameter_sets",
    "job": "jobs",
}
"""The kinds of asset, each with the word for many of them."""

ABSENT = "absent"
"""As ``if_revision``: the asset must not be there yet."""

ANY = "any"
"""As ``if_revision``: whatever is there may be replaced."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing that is kept: a flow, a connection, a parameter set or a job.

    Args:
        kind: What it is.
        name: Its name, unique among its kind.
        content: Its canonical bytes.
        revision: The hash of those bytes.
        file: The file that holds it, when a file does.
    """

    kind: AssetKind
    name: str
    content: bytes
    revision: str
    file: str | None = None

    def __repr__(self) -> str:
        return f"Asset(kind={self.kind!r}, name={self.name!r}, revision={self.revision[:12]!r})"


@dataclass(frozen=True, slots=True)
class Version:
    """One state that an asset was in.

    Args:
        revision: The hash of its bytes then.
        saved_at: When it was saved, ISO 8601 in UTC.
        is_outside: Whether something other than Riverstage wrote it, such as an editor or git.
        is_deletion: Whether the asset was deleted then; ``revision`` is what was deleted.
    """

    revision: str
    saved_at: str
    is_outside: bool = False
    is_deletion: bool = False


@runtime_checkable
class Backend(Protocol):
    """A place that keeps the assets of one project.

    Every change is all or nothing, and is made only to what the caller last saw: ``if_revision`` is the revision it was
    read at, :data:`ABSENT`, or :data:`ANY`.
    """

    def get(self, kind: AssetKind, name: str, *, revision: str | None = None) -> Asset:
        """Return an asset as it is now, or as it was at a revision that :meth:`history` names.

        Raises:
            NotFoundError: There is none of that name, or its content at that revision is no longer kept.
        """

    def put(self, kind: AssetKind, name: str, content: bytes, *, if_revision: str) -> str:
        """Write an asset and return its new revision.

        Raises:
            ConflictError: What is there is not what ``if_revision`` says.
            StoreError: It could not be written; what was there is still there.
        """

    def rename(self, kind: AssetKind, name: str, new_name: str, *, if_revision: str) -> None:
        """Give an asset another name, its history with it.

        Raises:
            NotFoundError: There is none of that name.
            ConflictError: It is not at that revision, or the new name is taken.
        """

    def list(self, kind: AssetKind) -> Sequence[Asset]:
        """Return all assets of a kind, sorted by name."""

    def delete(self, kind: AssetKind, name: str, *, if_revision: str) -> None:
        """Remove an asset.

        Raises:
            NotFoundError: There is none of that name.
            ConflictError: It is not at that revision.
        """

    def history(self, kind: AssetKind, name: str) -> Sequence[Version]:
        """Return the states that are known of an asset, the newest first; empty when none is."""

    def transaction(self) -> AbstractContextManager[None]:
        """Keep other writers out while the block runs; it may be nested."""


def revision_of(content: bytes) -> str:
    """Return the revision of an asset: the hash of its bytes.

    Example:
        >>> revision_of(b"{}")[:12]
        '44136fa355b3'
    """
    return hashlib.sha256(content).hexdigest()
