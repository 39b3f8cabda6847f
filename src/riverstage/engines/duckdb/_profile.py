"""Read DuckDB's own profile: how many rows its scans delivered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["scanned_rows"]

_READ_ALL_THE_SAME = ("LEFT", "FULL", "ANTI", "SINGLE", "MARK")
"""Joins that give rows of their first side when there are none on the other."""


def scanned_rows(profile: str) -> dict[tuple[str, ...], int]:
    """Return the rows that each scan of files delivered, by the files.

    Scans that had a filter pushed into them, files that were scanned more than once, and scans that a join with nothing
    on its other side cut short are left out: what they delivered is not what there is.

    Args:
        profile: The profile of a statement, as JSON.
    """
    found: dict[tuple[str, ...], int] = {}
    left_out: set[tuple[str, ...]] = set()
    for operator, is_cut_short in _operators(json.loads(profile).get("operator") or ()):
        extra = operator.get("extra_info") or {}
        names = extra.get("Filename(s)")
        if operator.get("type") != "TABLE_SCAN" or not names:
            continue
        files = tuple(part.strip() for part in str(names).split(","))
        if files in found or is_cut_short or extra.get("Filters") or extra.get("Dynamic Filters"):
            left_out.add(files)
        found[files] = int(operator.get("intermediate_rows") or 0)
    return {files: rows for files, rows in found.items() if files not in left_out}


def _operators(nodes: Any) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield the operators, and of each whether it may have been stopped before it gave all its rows."""
    ahead = [(node, False) for node in nodes]
    while ahead:
        node, is_cut_short = ahead.pop()
        yield node, is_cut_short
        children = node.get("children") or ()
        stops = _stops_early(node, children)
        ahead.extend((child, is_cut_short or (stops and index == 0)) for index, child in enumerate(children))


def _stops_early(node: Mapping[str, Any], children: Any) -> bool:
    """Return whether an operator has no use for the rows of its first child, as its second gave none."""
    if len(children) != 2 or not str(node.get("type")).endswith(("JOIN", "CROSS_PRODUCT")):
        return False
    kind = (node.get("extra_info") or {}).get("Join Type")
    return kind not in _READ_ALL_THE_SAME and not children[1].get("intermediate_rows")
