"""The small language in which the catalogue says when a property means anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["holds", "properties_of"]


def holds(condition: Mapping[str, Any] | None, read: Callable[[str], Any]) -> bool:
    """Say whether a condition holds.

    A condition is one of ``{"property": name, "in": [wire values]}``, ``{"property": name, "not_in": [wire values]}``,
    ``{"property": name, "set": true}`` (or false: neither None, empty text, nor empty list), ``{"all": [conditions]}``,
    ``{"any": [conditions]}`` and ``{"not": condition}``. No condition always holds.

    Args:
        condition: The condition, as ``Property.visible_when`` has it.
        read: Gives a property's wire value, its default where it was never set.

    Example:
        >>> holds({"property": "file_format", "in": ["parquet"]}, {"file_format": "sequential"}.get)
        False
    """
    if condition is None:
        return True
    if "all" in condition:
        return all(holds(part, read) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, read) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], read)
    value = read(condition["property"])
    if "in" in condition:
        return value in condition["in"]
    if "not_in" in condition:
        return value not in condition["not_in"]
    return (value not in (None, "", [])) is bool(condition["set"])


def properties_of(condition: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the names of the properties that a condition reads."""
    if condition is None:
        return ()
    if "property" in condition:
        return (condition["property"],)
    parts = [*condition.get("all", ()), *condition.get("any", ()), *([condition["not"]] if "not" in condition else [])]
    return tuple(name for part in parts for name in properties_of(part))
