"""Arrow tables in memory as sources and targets: previews, and flows under test.

A source's option ``table`` is the table to read; a target's option ``into`` is the list that gets its batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riverstage._arrow import arrow_schema
from riverstage.connectors._types import row_from_arrow
from riverstage.plan.connector import CopyTarget, Described, NativeScan, WriteSession

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest, WriteRequest

__all__ = ["begin_write", "describe", "native_scan", "read", "recover"]

_BATCH = 65_536


def describe(request: ReadRequest, *, folder: str) -> Described:
    """Return the columns of a table."""
    del folder  # nothing is on disk
    table = request.options["table"]
    return Described(row_from_arrow(table.schema), table.num_rows)


def native_scan(request: ReadRequest, engine: str, *, folder: str, reject: bool) -> NativeScan | None:
    """Return None: a table is handed over as Arrow batches on every engine."""
    del request, engine, folder, reject
    return None


def read(request: ReadRequest, *, folder: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table under the request's columns."""
    del folder
    schema = arrow_schema(request.row)
    yield from request.options["table"].select(schema.names).cast(schema).to_batches(_BATCH)


class _Session:
    """A list being filled. It is cleared when the run is undone."""

    def __init__(self, into: list[Any]) -> None:
        self._into = into
        self._batches: list[Any] = []

    @property
    def token(self) -> Mapping[str, Any]:
        """Nothing: what is in memory does not outlive a crash."""
        return {}

    def copy_target(self, engine: str) -> CopyTarget | None:
        """Return None: the rows come as Arrow batches."""
        del engine
        return None

    def write(self, batch: pa.RecordBatch) -> None:
        """Keep a batch until the commit."""
        self._batches.append(batch)

    def prepare(self) -> int | None:
        """Return the rows kept."""
        return int(sum(batch.num_rows for batch in self._batches))

    def commit(self) -> None:
        """Hand the batches over."""
        self._into[:] = self._batches

    def abort(self) -> None:
        """Forget the batches."""
        self._batches.clear()


def begin_write(request: WriteRequest, *, folder: str, run_id: str) -> WriteSession:
    """Start filling the list that the request names."""
    del folder, run_id
    return _Session(request.options["into"])


def recover(token: Mapping[str, Any], *, committed: bool) -> None:
    """Nothing is left of a list after a crash."""
    del token, committed
