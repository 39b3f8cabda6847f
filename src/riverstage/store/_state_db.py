"""The database of a project's operational state: run records and the versions of assets."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from riverstage.errors import Place, StoreError

if TYPE_CHECKING:
    import sqlite3

    from riverstage.store._files import FileLock

__all__ = ["MIGRATIONS", "StateDatabase"]

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL UNIQUE,
        flow_id TEXT,
        flow_name TEXT,
        job_name TEXT,
        state TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT,
        record TEXT NOT NULL
    );
    CREATE INDEX runs_by_flow ON runs (flow_id, number);
    CREATE INDEX runs_by_job ON runs (job_name, number);
    CREATE TABLE versions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        revision TEXT NOT NULL,
        saved_at TEXT NOT NULL,
        is_deletion INTEGER NOT NULL,
        content BLOB NOT NULL
    );
    CREATE INDEX versions_by_asset ON versions (kind, name, number);
    """,
)
"""What brings the database from one form to the next; the form that a file has is its ``user_version``."""


class StateDatabase:
    """The SQLite file of a project; a connection lives for one transaction, so that threads and processes may share it.

    Args:
        path: The file; it is made at the first write.
        lock: Keeps other processes out while the file is made or changes its form.
        prepare: Makes the folder of the file, called before a write.
    """

    def __init__(self, path: Path, lock: FileLock, prepare: Callable[[], None]) -> None:
        self.path = path
        self._lock = lock
        self._prepare_folder = prepare

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Open the database to read it; gives None where it does not exist yet."""
        if not self.path.exists():
            yield None
            return
        is_writable = os.access(self.path.parent, os.W_OK)  # where nothing can be written, nobody else writes either
        with self._opened("mode=rw" if is_writable else "immutable=1") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction, kept when the block ends well and undone when it does not."""
        self._prepare_folder()
        with self._opened("mode=rwc") as connection:
            yield connection

    @contextmanager
    def _opened(self, how: str) -> Iterator[sqlite3.Connection]:
        import sqlite3

        connection: sqlite3.Connection | None = None
        try:
            where = f"file:{quote(str(self.path))}?{how}"
            connection = sqlite3.connect(where, uri=True, timeout=30.0, isolation_level=None)
            self._prepare(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error as refusal:
            raise self._store_error(refusal) from refusal
        finally:
            if connection is not None:
                connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (form,) = connection.execute("PRAGMA user_version").fetchone()
        if form == len(MIGRATIONS):
            return
        if form > len(MIGRATIONS):
            raise StoreError(
                f"The project's state was written by a newer version of Riverstage (form {form}, this one knows "
                f"{len(MIGRATIONS)}).",
                code="RS-7012",
                place=Place(file=str(self.path)),
                mend="Upgrade: pip install --upgrade riverstage.",
            )
        with self._lock.hold():
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            (form,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have done it by now
            for number, script in enumerate(MIGRATIONS[form:], start=form + 1):
                for statement in script.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")

    def _store_error(self, refusal: sqlite3.Error) -> StoreError:
        name = getattr(refusal, "sqlite_errorname", "")
        place = Place(file=str(self.path))
        if name == "SQLITE_FULL":
            return StoreError(
                "Could not write the project's state: no space is left there.",
                code="RS-7007",
                place=place,
                mend="Free some space and try again.",
            )
        if name in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            return StoreError(
                "The project's state cannot be read: the file is damaged.",
                code="RS-7012",
                place=place,
                state="Flows, connections and parameter sets are not in it.",
                mend="Move the file away to start a new one; run history is lost with it.",
            )
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")) or name == "SQLITE_PERM":
            return StoreError(
                "Could not open the project's state: permission was denied.",
                code="RS-7008",
                place=place,
                mend="Check who owns the file and its folder.",
            )
        return StoreError(f"Could not use the project's state: {refusal}.", code="RS-7000", place=place)
