"""What a connector family offers, and how a target is written: all of a run's rows or none.

A family is a module of ``riverstage.connectors`` with the functions of ``Connector``. Arrow serves every engine;
native hooks are for an engine that can do the work itself (a SQL name that it can scan, a COPY that it can do).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.plan.nodes import ReadRequest, WriteRequest
    from riverstage.types import RowType

__all__ = [
    "PLACE", "Connector", "CopyTarget", "Described", "NativeScan", "NotPlain", "PlainReader", "PlainScan",
    "WriteSession",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Described:
    """What a source says of itself.

    Args:
        row: Its columns.
        rows: How many rows it has, where that is known exactly without reading them (Parquet footers).
    """

    row: RowType
    rows: int | None = None


PLACE = "#place"
"""The hidden column in which a source says where each row stands."""


class NotPlain(Exception):
    """A plain reader met something out of the ordinary; the rows are to be read the other way."""

    said = "riverstage: this is not plain"
    """What an engine's error says where the query over the stream found it."""


@dataclass(slots=True)
class PlainReader:
    """What a plain reader is told, and tells.

    Args:
        threads: Threads at most; None: as many as the machine has.
        check: Is called now and then; raises when the run was cancelled.
        rows: Rows read so far.
        bytes: Bytes read so far.
        is_done: Whether all rows were read.
    """

    threads: int | None
    check: Callable[[], None]
    rows: int = 0
    bytes: int = 0
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class PlainScan:
    """A source by a faster reader that gives up (``NotPlain``) at the first thing out of the ordinary.

    Where it does not give up, its rows are those of the scan that it belongs to, and none was bad.

    Args:
        schema: The Arrow schema of the batches.
        query: Makes the query over them, from the name of their stream as SQL writes it.
        size: Bytes to read.
        open: Starts reading; who does not read to the end closes it.
    """

    schema: pa.Schema
    query: Callable[[str], str]
    size: int
    open: Callable[[PlainReader], Generator[pa.RecordBatch, None, None]]


@dataclass(frozen=True, slots=True)
class NativeScan:
    """A source as something that an engine can scan itself.

    Args:
        sql: A table expression or query in that engine's own SQL.
        rows: How many rows it has, where known exactly beforehand (Parquet footers).
        rejects: A query, in that engine's SQL, for the rows that could not be read, to be asked after the scan; its
            columns are those of the reject link; None where the scan cannot reject.
        reject_count: A query that gives their number; None where the scan cannot reject.
        reject_reasons: A query for how many could not be read for each reason, most first: a text and a number.
        reject_example: A query for a sentence on one of them: where it stands, and what it looks like; no row for none.
        setup: Statements to run before the scan.
        files: The files that it reads, as the engine's own profile names them; where given, the engine may take the
            count of rows from there.
        lost: A query, to be asked after the scan, for how many of the rows that the engine scanned ``sql`` left out;
            None: none.
        stays: Whether the scan leaves things on its connection that are asked for afterwards, so that it must run on
            the connection that asks.
        plain: A faster way to the same rows, to be tried first.
        placed: ``sql`` with one more column, ``PLACE``, that grows from row to row in the order of the source, where
            the engine knows that without counting; None: it does not.
        never_null: Tells whether a column is known to have no null, without reading rows; None: nothing is known.
    """

    sql: str
    rows: int | None = None
    rejects: str | None = None
    reject_count: str | None = None
    reject_reasons: str | None = None
    reject_example: str | None = None
    setup: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    lost: str | None = None
    stays: bool = False
    plain: PlainScan | None = None
    placed: str | None = None
    never_null: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class CopyTarget:
    """A target that an engine writes itself with COPY.

    Args:
        path: Where: a temporary name that the session made.
        options: COPY options in that engine's own SQL (``FORMAT parquet, COMPRESSION zstd``).
        footer: An option that makes COPY report what it wrote; empty for none.
    """

    path: str
    options: str


class WriteSession(Protocol):
    """One target being written. Nothing of it is to be seen before ``commit``.

    ``token`` says how to finish or undo after a crash, as JSON-ready data; it holds no secret.
    """

    @property
    def token(self) -> Mapping[str, Any]:
        """What ``recover`` needs."""

    def copy_target(self, engine: str) -> CopyTarget | None:
        """Return where the named engine may write by itself, or None."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows (where the engine does not do it itself)."""

    def prepare(self) -> int | None:
        """Make all that was written durable, so that ``commit`` can only fail with the machine; return the rows."""

    def commit(self) -> None:
        """Show it: after this the target has the new rows, before it the old."""

    def abort(self) -> None:
        """Leave the target as it was and remove what was written."""


class Connector(Protocol):
    """A family of systems: files, or one kind of database under its several names."""

    def describe(self, request: ReadRequest, *, folder: str) -> Described:
        """Return the columns of what a request reads."""

    def native_scan(self, request: ReadRequest, engine: str, *, folder: str, reject: bool) -> NativeScan | None:
        """Return the request as something that the named engine can scan itself, or None."""

    def read(self, request: ReadRequest, *, folder: str) -> Iterator[pa.RecordBatch]:
        """Return the rows as Arrow batches."""

    def begin_write(self, request: WriteRequest, *, folder: str, run_id: str) -> WriteSession:
        """Start writing a target; sweeps what a killed run left there."""

    def recover(self, token: Mapping[str, Any], *, committed: bool) -> None:
        """Finish (``committed``) or undo a target after a crash; doing it twice does no harm."""


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What became of a target."""

    stage: str
    rows: int
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
