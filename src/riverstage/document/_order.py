"""The order of the links of a stage, and the lists of a node that say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from riverstage.document._links import KINDS, LinkKey, kind_of

__all__ = ["Ordered", "Side", "enter_orders", "in_order", "leave_orders", "ordering_lists", "rename_in_orders"]

Side = Literal["inputs", "outputs"]

_LISTS = {"inputs": "InputlinkOrderingList", "outputs": "OutputlinkOrderingList"}
_ORDERS = {"inputs": "inputs_order", "outputs": "outputs_order"}
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_COUNTED = re.compile(r"^(.*?)(\d+)$")


@dataclass(slots=True)
class Ordered:
    """A link of a node while its place among the others is sought."""

    key: LinkKey
    link: dict[str, Any]
    port_id: str


def ordering_lists(node: dict[str, Any], side: Side) -> Iterator[list[Any]]:
    """Yield the ordering lists a node has for a side: among its parameters, then in its connection."""
    connection = node.get("connection")
    for holder in (node.get("parameters"), connection.get("properties") if connection else None):
        listed = holder.get(_LISTS[side]) if holder else None
        if isinstance(listed, list):
            yield listed


def _names(listed: list[Any]) -> list[str]:
    names = [entry.get("link_name") for entry in listed if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str)]


def in_order(node: dict[str, Any], side: Side, links: list[Ordered]) -> list[LinkKey]:
    """Return the keys of a node's links on one side, in their order.

    A complete ordering list decides, else a complete ``inputs_order`` or ``outputs_order``, else the arrays; primary
    links come before reference links, those before rejects.

    Args:
        node: The node.
        side: Which of its sides.
        links: Its links of that side in the order of the arrays.
    """
    if len(links) > 1:
        places = _listed_places(node, side, links) or _port_places(node, side, links)
        if places:
            links = sorted(links, key=lambda each: places[each.key])
        links = sorted(links, key=lambda each: _RANK[kind_of(each.link)])
    return [each.key for each in links]


def _listed_places(node: dict[str, Any], side: Side, links: list[Ordered]) -> dict[LinkKey, int] | None:
    names = [each.link.get("link_name") for each in links]
    if len(set(names)) != len(names):
        return None
    for listed in ordering_lists(node, side):
        places = {name: place for place, name in reversed(list(enumerate(_names(listed))))}
        if all(name in places for name in names):
            return {each.key: places[each.link["link_name"]] for each in links}
    return None


def _port_places(node: dict[str, Any], side: Side, links: list[Ordered]) -> dict[LinkKey, int] | None:
    said = node.get("app_data", {}).get("datastage", {}).get(_ORDERS[side])
    if not said:
        return None
    places = {port_id: place for place, port_id in enumerate(said.split("|"))}
    if all(each.port_id in places for each in links):
        return {each.key: places[each.port_id] for each in links}
    return None


def enter_orders(node: dict[str, Any], side: Side, others: list[Ordered], name: str | None, port_id: str) -> None:
    """Add a link that comes last to the lists of its node that were complete until now."""
    if name:
        for listed in ordering_lists(node, side):
            known = _names(listed)
            if known and name not in known and all(each.link.get("link_name") in known for each in others):
                listed.append({"link_name": name, "link_label": ""})
                _relabel(listed)
    datastage = node.get("app_data", {}).get("datastage", {})
    said = datastage.get(_ORDERS[side])
    if said is not None:
        ports = [port for port in said.split("|") if port]
        if all(each.port_id in ports for each in others) and port_id not in ports:
            datastage[_ORDERS[side]] = "|".join([*ports, port_id])


def leave_orders(node: dict[str, Any], side: Side, others: list[Ordered], name: str | None, port_id: str) -> None:
    """Take a link out of the lists of its node."""
    if name and all(each.link.get("link_name") != name for each in others):
        for listed in ordering_lists(node, side):
            kept = [entry for entry in listed if not (isinstance(entry, dict) and entry.get("link_name") == name)]
            if len(kept) != len(listed):
                listed[:] = kept
                _relabel(listed)
    datastage = node.get("app_data", {}).get("datastage", {})
    said = datastage.get(_ORDERS[side])
    if said and all(each.port_id != port_id for each in others):
        ports = said.split("|")
        if port_id in ports:
            datastage[_ORDERS[side]] = "|".join(port for port in ports if port != port_id)


def rename_in_orders(node: dict[str, Any], side: Side, old: str, new: str) -> None:
    """Put a link's new name where a node's ordering lists say the old one (the first of that name)."""
    for listed in ordering_lists(node, side):
        for entry in listed:
            if isinstance(entry, dict) and entry.get("link_name") == old:
                entry["link_name"] = new
                break


def _relabel(listed: list[Any]) -> None:
    """Continue the manner in which an ordering list labels its links, by place."""
    entries = [entry for entry in listed if isinstance(entry, dict)]
    labels = [entry.get("link_label") for entry in entries]
    last = len(entries) - 1
    if "Left" in labels or "Right" in labels:
        wanted = ["Left" if i == 0 else "Right" if i == last else f"Intermediate {i}" for i in range(last + 1)]
    elif "Primary" in labels:
        wanted = ["Primary" if i == 0 else f"Lookup {i}" for i in range(last + 1)]
    elif "Master" in labels:
        wanted = ["Master" if i == 0 else f"Update {i}" for i in range(last + 1)]
    else:
        counted = [_COUNTED.match(label) for label in labels if isinstance(label, str) and label]
        first = counted[0] if counted else None
        if first is None or any(match is None or match[1] != first[1] for match in counted):
            return
        start = min(int(match[2]) for match in counted if match)
        start = start if start <= 1 else 1
        wanted = [f"{first[1]}{start + i}" for i in range(last + 1)]
    for entry, label in zip(entries, wanted, strict=True):
        entry["link_label"] = label
