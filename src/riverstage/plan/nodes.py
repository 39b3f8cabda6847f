"""The four nodes that a plan is made of, and what a stage hands over: nodes, laws, and where counts can be seen.

A plan is a DAG of nodes joined by links. A link is known by its key; a stage may add hidden links of its own
(``hidden_key``). Each link is written by exactly one node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from riverstage.plan.links import UNORDERED, Ordering

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

    from riverstage.types import RowType

__all__ = [
    "Count",
    "Fragment",
    "Kernel",
    "KernelProgram",
    "KernelRun",
    "Law",
    "Node",
    "ReadRequest",
    "Relation",
    "Shortcut",
    "Sink",
    "Source",
    "Total",
    "Unsupported",
    "WriteRequest",
    "hidden_key",
]


def hidden_key(stage: str, purpose: str) -> str:
    """Return the key of a link that a stage keeps to itself."""
    return f"{stage}#{purpose}"


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What to read.

    Args:
        family: The connector family that reads it (a module of ``riverstage.connectors``).
        options: What to read and how, in the family's own terms.
        row: The columns to deliver, in order, with their types.
    """

    family: str
    options: Mapping[str, Any]
    row: RowType


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """Where and how to write.

    Args:
        family: The connector family that writes it.
        options: Where to write and how, in the family's own terms.
        row: The columns to write, in order, with their types.
    """

    family: str
    options: Mapping[str, Any]
    row: RowType


@dataclass(frozen=True, slots=True)
class Source:
    """Rows from outside.

    Args:
        stage: Key of the stage.
        link: The link it writes.
        request: What to read.
        reject: A link for the rows that cannot be read: one text column ``rejected`` with the raw record, and what
            else the family says; it is ready only after the source was read to its end. None: none linked.
        ordering: The order of its rows.
        deterministic: Whether reading again gives the same rows.
    """

    stage: str
    link: str
    request: ReadRequest
    reject: str | None = None
    ordering: Ordering = UNORDERED
    deterministic: bool = True


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A cheaper query that gives the same rows as a relation's own where a number turns out to be 0.

    An engine may compute the number first, where that costs little, and then take this query instead.

    Args:
        number: A query that gives one whole number, over ``nodes.table(over)``.
        over: The link that ``number`` looks at.
        sql: The cheaper query.
        inputs: Keys of the links that ``sql`` reads.
        says: What it means that the number is 0, for ``explain``.
        zero: Counts of the ledger that are then 0.
    """

    number: exp.Query
    over: str
    sql: exp.Query
    inputs: tuple[str, ...]
    says: str
    zero: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows computed from other links by SQL.

    Args:
        stage: Key of the stage.
        link: The link it writes (a key of the graph, or a hidden one).
        sql: A SQLGlot query over ``nodes.table(key)`` of its inputs; our own nodes stand in it unlowered. Its columns
            are those of ``row``, in order (hidden columns may follow on hidden links).
        inputs: Keys of the links that ``sql`` reads.
        row: Its columns.
        ordering: The order that the query itself makes or keeps.
        deterministic: False where running it again may give other rows.
        shortcut: A cheaper query that often does; then the order of ``shortcut.over`` is not relied on either.
    """

    stage: str
    link: str
    sql: exp.Query
    inputs: tuple[str, ...]
    row: RowType
    ordering: Ordering = UNORDERED
    deterministic: bool = True
    shortcut: Shortcut | None = None

    @property
    def tree(self) -> exp.Expression:
        """The query as the expression that it is (SQLGlot's types do not say so)."""
        return cast("exp.Expression", self.sql)


class KernelRun(Protocol):
    """A kernel at work."""

    def process(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the output rows of one batch of input rows; state lives on to the next batch."""

    def close(self) -> pa.RecordBatch | None:
        """Return the rows that were still held back, or None."""


class KernelProgram(Protocol):
    """What a kernel does: picklable, so that an engine can ship it."""

    def open(self) -> KernelRun:
        """Start it with fresh state."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Rows computed by code, batch by batch, in the order of its input.

    Args:
        stage: Key of the stage.
        link: The one link it writes, mostly a hidden one that Relations then split.
        input: The link it reads; it always wants that link's order.
        program: What it does.
        row: The columns it gives.
        reason: Why it is not SQL, for ``explain``.
    """

    stage: str
    link: str
    input: str
    program: KernelProgram
    row: RowType
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sink:
    """Rows to outside, all of a run's or none.

    Args:
        stage: Key of the stage.
        input: The link it reads.
        request: Where and how to write. The family ``log`` shows rows in the job log (options: ``limit``, ``skip``,
            ``period``, ``columns``, ``names``, ``delimiter``, ``label``).
        wants_order: Whether the rows must arrive in the link's order.
        counts: Name in the ledger of the number of rows that it accepted; None: the rows of ``input``.
        append: Keys of links that are written by the same stage's reject, for families that reject while writing.
    """

    stage: str
    input: str
    request: WriteRequest
    wants_order: bool = False
    counts: str | None = None


Node = Source | Relation | Kernel | Sink


@dataclass(frozen=True, slots=True)
class Law:
    """A linear equation between row counts: the sum of ``terms`` is ``constant``.

    Args:
        terms: Coefficient of each count, by link key or by a name of the stage's own (``hidden_key``).
        constant: The right-hand side.
        stage: Key of the stage whose law it is.
    """

    terms: Mapping[str, int]
    constant: int = 0
    stage: str = ""

    @classmethod
    def equal(cls, left: str, right: str, *, stage: str = "") -> Law:
        """Say that two counts are the same."""
        return cls({left: 1, right: -1}, 0, stage)

    @classmethod
    def sums(cls, outputs: Iterable[str], inputs: Iterable[str], *, stage: str = "") -> Law:
        """Say that the outputs together have as many rows as the inputs together."""
        terms: dict[str, int] = {}
        for key in outputs:
            terms[key] = terms.get(key, 0) + 1
        for key in inputs:
            terms[key] = terms.get(key, 0) - 1
        return cls(terms, 0, stage)

    @classmethod
    def exactly(cls, key: str, rows: int, *, stage: str = "") -> Law:
        """Say that a count is known beforehand."""
        return cls({key: 1}, rows, stage)


@dataclass(frozen=True, slots=True)
class Count:
    """Where a count can be seen: the rows of link ``over`` for which ``condition`` is true.

    Args:
        name: The count (a link's key, or a name of the stage's own).
        over: The link whose rows are looked at.
        condition: A boolean SQL tree over the bare columns of ``over``; None: every row.
    """

    name: str
    over: str
    condition: exp.Expression | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """Where a count can be seen: the sum of a hidden column of link ``over`` (a group's ``count(*)``)."""

    name: str
    over: str
    column: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a stage becomes in the plan.

    Args:
        nodes: Its nodes; every output link of the stage is written by one of them.
        laws: Its ledger law, as equations.
        seen: Where its counts can be seen besides.
        dropped: Names in the ledger (with what they mean to a person) of rows that the stage drops.
        reasons: Why rows are on its reject link or are dropped, by the link's key or the name in the ledger: a clause
            that stands behind a colon, such as ``no condition held``.
        asked: Those of ``dropped`` that a setting of the stage asks for; of the others a run warns.
        warns: Output links whose rows a run warns of although they are not lost, with what is to be said behind their
            number.
    """

    nodes: tuple[Node, ...]
    laws: tuple[Law, ...] = ()
    seen: tuple[Count | Total, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    warns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A stage that cannot run with what is set on it, and why."""

    reason: str
    property: str | None = None
