"""What is known about the rows of a link before it runs: columns, order, partitioning, determinism."""

from __future__ import annotations

from dataclasses import dataclass

from riverstage.types import RowType

__all__ = ["SOURCE_ORDER", "UNORDERED", "LinkType", "LinkTypes", "OrderKey", "Ordering"]


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of an order.

    Args:
        column: The column.
        descending: Largest first.
        nulls_first: Where nulls stand.
        caseless: Whether upper and lower case are the same.
    """

    column: str
    descending: bool = False
    nulls_first: bool = True
    caseless: bool = False


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of a link's rows.

    Args:
        known: Whether the rows have an order at all that somebody may rely on.
        keys: The keys it is sorted by; empty with ``known``: the order in which a source gave the rows.
    """

    known: bool = False
    keys: tuple[OrderKey, ...] = ()


UNORDERED = Ordering()
SOURCE_ORDER = Ordering(known=True)


@dataclass(frozen=True, slots=True)
class LinkType:
    """What a link carries.

    Args:
        row: Its columns.
        ordering: The order of its rows.
        deterministic: Whether reading it again gives the same rows.
    """

    row: RowType
    ordering: Ordering = UNORDERED
    deterministic: bool = True


@dataclass(frozen=True, slots=True)
class LinkTypes:
    """What a stage says about its links when asked for its schema.

    Args:
        outputs: The type of every output link, by key.
        wants_order: Input links whose order (whatever it is) the stage's result depends on, always.
        passes_order: For an output, the input whose order it hands on; so if somebody below wants order there, the
            stage wants it of that input.
    """

    outputs: dict[str, LinkType]
    wants_order: frozenset[str] = frozenset()
    passes_order: tuple[tuple[str, str], ...] = ()
