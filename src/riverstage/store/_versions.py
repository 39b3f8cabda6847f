"""The versions of assets that were saved: what there was, when, and its content for a while."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from riverstage.store._backend import AssetKind, Version, revision_of
from riverstage.store._state_db import StateDatabase

__all__ = ["AssetVersions", "timestamp_now"]

KEPT_VERSIONS = 100
"""So many versions of an asset are kept."""

_RENAME = "UPDATE versions SET name = ? WHERE number = ?"


def timestamp_now() -> str:
    """Return the time as it stands in records: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class AssetVersions:
    """The saved versions of a project's assets.

    Args:
        database: The project's state.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    @contextmanager
    def recording(self, kind: AssetKind, name: str, content: bytes, *, is_deletion: bool = False) -> Iterator[None]:
        """Record a version, and take it back if the block fails: so a full disk is met before the asset is changed.

        Args:
            kind: Kind of the asset.
            name: Its name.
            content: What is saved, or what the asset held that is deleted.
            is_deletion: Whether it is deleted.
        """
        with self._database.writing() as connection:
            number = connection.execute(
                "INSERT INTO versions (kind, name, revision, saved_at, is_deletion, content) VALUES (?, ?, ?, ?, ?, ?)",
                [kind, name, revision_of(content), timestamp_now(), is_deletion, zlib.compress(content, 1)],
            ).lastrowid
            connection.execute(
                "DELETE FROM versions WHERE kind = ? AND name = ? AND number NOT IN "
                "(SELECT number FROM versions WHERE kind = ? AND name = ? ORDER BY number DESC LIMIT ?)",
                [kind, name, kind, name, KEPT_VERSIONS],
            )
        try:
            yield
        except BaseException:
            with self._database.writing() as connection:
                connection.execute("DELETE FROM versions WHERE number = ?", [number])
            raise

    @contextmanager
    def renaming(self, kind: AssetKind, name: str, new_name: str) -> Iterator[None]:
        """Carry an asset's versions to its new name, and back if the block fails."""
        with self._database.writing() as connection:
            rows = connection.execute(
                "SELECT number FROM versions WHERE kind = ? AND name = ? AND number > "
                "(SELECT coalesce(max(number), 0) FROM versions WHERE kind = ? AND name = ? AND is_deletion)",
                [kind, name, kind, name],
            ).fetchall()
            connection.executemany(_RENAME, [(new_name, row[0]) for row in rows])
        try:
            yield
        except BaseException:
            with self._database.writing() as connection:
                connection.executemany(_RENAME, [(name, row[0]) for row in rows])
            raise

    def of(self, kind: AssetKind, name: str) -> list[Version]:
        """Return the versions of an asset, the newest first."""
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT revision, saved_at, is_deletion FROM versions WHERE kind = ? AND name = ? ORDER BY number DESC",
                [kind, name],
            ).fetchall()
        return [Version(revision, saved_at, is_deletion=bool(deleted)) for revision, saved_at, deleted in rows]

    def content(self, kind: AssetKind, name: str, revision: str) -> bytes | None:
        """Return what an asset held at a revision, or None where that is not kept."""
        with self._database.reading() as connection:
            row = (
                connection
                and connection.execute(
                    "SELECT content FROM versions WHERE kind = ? AND name = ? AND revision = ? LIMIT 1",
                    [kind, name, revision],
                ).fetchone()
            )
        return zlib.decompress(row[0]) if row else None
