"""How the rows of a link are spread over partitions: kept in the parameters of its input port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverstage.errors import NotFoundError, Place, UsageError
from riverstage.flow._errors import did_you_mean, one_of
from riverstage.flow._slots import port_parameters, put_value
from riverstage.flow.enums import PartitionType

if TYPE_CHECKING:
    from riverstage.flow.link import Link

__all__ = ["PartitionKey", "add_partition_key", "partition_keys", "remove_partition_key", "set_partitioning"]


@dataclass(frozen=True, slots=True)
class PartitionKey:
    """A column that decides a row's partition.

    Args:
        column: The column.
        sorting: Whether the partition is sorted by it as well.
        case_sensitive: Whether upper and lower case differ.
        descending: Whether the largest comes first.
        ebcdic: Whether text is sorted in the order of EBCDIC.
    """

    column: str
    sorting: bool = False
    case_sensitive: bool = True
    descending: bool = False
    ebcdic: bool = False


def set_partitioning(
    link: Link, part_type: str, *, perform_sort: bool | None, part_stable: bool | None, part_unique: bool | None
) -> None:
    """Set the kind of partitioning, and how each partition is sorted where that is said."""
    said = str(getattr(part_type, "value", part_type)).lower().replace("_", "").replace(" ", "")
    known = [member.value for member in PartitionType]
    if said not in known:
        message = f"{part_type!r} is no type of partitioning: expected {one_of(known)}."
        raise UsageError(message, code="RS-2008", place=Place(link=link.name), mend=did_you_mean(part_type, known))
    held = port_parameters(link._live().target_port)
    put_value(held, "part_type", said)
    put_value(held, "part_coll", "part_type")
    flags = {"perform_sort": perform_sort, "part_stable": part_stable, "part_unique": part_unique}
    for key, wanted in flags.items():
        if wanted is not None:
            put_value(held, key, bool(wanted))


def _listed(link: Link) -> list[dict[str, Any]]:
    listed = (link._live().target_port.get("parameters") or {}).get("keyColsPart")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def partition_keys(link: Link) -> list[PartitionKey]:
    """Return the keys of a link's partitioning."""
    return [
        PartitionKey(
            str(entry.get("keyCol") or ""),
            sorting=entry.get("sorting") in (True, "true"),
            case_sensitive=entry.get("ci-cs", "cs") != "ci",
            descending=entry.get("asc-desc", "asc") == "desc",
            ebcdic=entry.get("ebcdic") in (True, "ebcdic"),
        )
        for entry in _listed(link)
    ]


def add_partition_key(
    link: Link, key_col: str, *, sorting: bool, case_sensitive: bool, sort_order: str, ebcdic: bool
) -> None:
    """Add a key to a link's partitioning."""
    place = Place(link=link.name)
    if not isinstance(key_col, str) or not key_col:
        message = f"A partition key is the name of a column, not {key_col!r}."
        raise UsageError(message, code="RS-2008", place=place)
    if sort_order not in ("asc", "desc"):
        raise UsageError(f"{sort_order!r} is no order: expected 'asc' or 'desc'.", code="RS-2008", place=place)
    if any(entry.get("keyCol") == key_col for entry in _listed(link)):
        raise UsageError(f"'{key_col}' is a partition key already.", code="RS-2008", place=place)
    entry = {
        "keyCol": key_col,
        "partitioning": True,
        "sorting": bool(sorting),
        "ci-cs": "cs" if case_sensitive else "ci",
        "asc-desc": sort_order,
        **({"ebcdic": "ebcdic"} if ebcdic else {}),
    }
    held = port_parameters(link._live().target_port)
    if not isinstance(held.get("keyColsPart"), list):
        put_value(held, "keyColsPart", [])
    held["keyColsPart"].append(entry)


def remove_partition_key(link: Link, key_col: str) -> None:
    """Remove a key from a link's partitioning."""
    columns = [str(entry.get("keyCol")) for entry in _listed(link)]
    if key_col not in columns:
        message = f"'{key_col}' is no partition key."
        raise NotFoundError(message, place=Place(link=link.name), mend=did_you_mean(key_col, columns))
    held = port_parameters(link._live().target_port)
    held["keyColsPart"][:] = [entry for entry in _listed(link) if entry.get("keyCol") != key_col]
    if not held["keyColsPart"]:
        del held["keyColsPart"]
