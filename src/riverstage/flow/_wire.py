"""The way to what lies above this room: checking, running and looking at data are joined on by name."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["wiring"]


def wiring() -> Any:
    """Return the module that joins flows to what runs them; it is loaded when the first flow is checked or run."""
    return importlib.import_module("riverstage._wiring")
