"""Whether a stage or a comment stands somewhere on the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["has_place"]


def has_place(part: Mapping[str, Any]) -> bool:
    """Return whether a node, or a comment, says where it stands.

    Example:
        >>> has_place({"app_data": {"ui_data": {"x_pos": 1, "y_pos": 2}}}), has_place({"x_pos": 1})
        (True, False)
    """
    held = (part.get("app_data") or {}).get("ui_data") or part
    return all(
        isinstance(held.get(key), int | float) and not isinstance(held.get(key), bool) for key in ("x_pos", "y_pos")
    )
