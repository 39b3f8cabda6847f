"""Where a project keeps the records of its runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from riverstage.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from riverstage.store._state_db import StateDatabase

__all__ = ["RunRecords"]

_COLUMNS = ("flow_id", "flow_name", "job_name", "state", "started_at", "ended_at")


class RunRecords:
    """The records of a project's runs, one JSON object a run, kept in the order in which they were first written.

    A record says at least ``run_id`` and ``state``; ``flow_id``, ``flow_name``, ``job_name``, ``started_at`` and
    ``ended_at`` can be searched when it has them.

    Args:
        database: The project's state.
    """

    def __init__(self, database: StateDatabase) -> None:
        self._database = database

    def put(self, record: Mapping[str, Any]) -> None:
        """Write the record of a run; a record of the same ``run_id`` is replaced in its place.

        Raises:
            UsageError: The record has no ``run_id`` or no ``state``, or is no JSON.
            StoreError: It could not be written.
        """
        for key in ("run_id", "state"):
            if not isinstance(record.get(key), str) or not record[key]:
                raise UsageError(f"A run record needs the text {key!r}.")
        try:
            text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as refusal:
            raise UsageError(f"A run record must be JSON: {refusal}.") from None
        values = [record["run_id"], *(record.get(column) for column in _COLUMNS), text]
        updates = ", ".join(f"{column} = excluded.{column}" for column in (*_COLUMNS, "record"))
        with self._database.writing() as connection:
            connection.execute(
                f"INSERT INTO runs (run_id, {', '.join(_COLUMNS)}, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                f"ON CONFLICT (run_id) DO UPDATE SET {updates}",
                values,
            )

    def get(self, run_id: str) -> dict[str, Any]:
        """Return the record of a run.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.reading() as connection:
            found = connection and connection.execute("SELECT record FROM runs WHERE run_id = ?", [run_id]).fetchone()
        if not found:
            raise NotFoundError(f"There is no run {run_id!r}.", code="RS-7002")
        record: dict[str, Any] = json.loads(found[0])
        return record

    def list(
        self,
        *,
        flow_id: str | None = None,
        job_name: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> Sequence[dict[str, Any]]:
        """Return the records of runs, the newest first.

        Args:
            flow_id: Only runs of that flow.
            job_name: Only runs of that job.
            state: Only runs in that state.
            limit: At most so many.
        """
        wanted = {"flow_id": flow_id, "job_name": job_name, "state": state}
        chosen = {column: value for column, value in wanted.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in chosen) or "TRUE"
        with self._database.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                f"SELECT record FROM runs WHERE {where} ORDER BY number DESC LIMIT ?",
                [*chosen.values(), -1 if limit is None else limit],
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def delete(self, run_id: str) -> None:
        """Remove the record of a run.

        Raises:
            NotFoundError: There is none.
        """
        with self._database.writing() as connection:
            removed = connection.execute("DELETE FROM runs WHERE run_id = ?", [run_id]).rowcount
        if not removed:
            raise NotFoundError(f"There is no run {run_id!r}.", code="RS-7002")
