"""Read DuckDB's own profile: how many rows its scans delivered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["scanned_rows"]


def scanned_rows(profile: str) -> dict[tuple[str, ...], int]:
    """Return the rows that each scan of files delivered, by the files.

    Scans that had a filter pushed into them, and files that were scanned more than once, are left out: what they
    delivered is not what there is.

    Args:
        profile: The profile of a statement, as JSON.
    """
    found: dict[tuple[str, ...], int] = {}
    twice: set[tuple[str, ...]] = set()
    for operator in _operators(json.loads(profile).get("operator") or ()):
        extra = operator.get("extra_info") or {}
        names = extra.get("Filename(s)")
        if operator.get("type") != "TABLE_SCAN" or not names:
            continue
        files = tuple(part.strip() for part in str(names).split(","))
        if files in found or extra.get("Filters") or extra.get("Dynamic Filters"):
            twice.add(files)
        found[files] = int(operator.get("intermediate_rows") or 0)
    return {files: rows for files, rows in found.items() if files not in twice}


def _operators(nodes: Any) -> Iterator[Mapping[str, Any]]:
    ahead = list(nodes)
    while ahead:
        node = ahead.pop()
        yield node
        ahead.extend(node.get("children") or ())
