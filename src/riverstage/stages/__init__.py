"""How stage types run: one module a type, loaded by name when a flow uses it."""

from __future__ import annotations

import importlib
import importlib.util
import re
from functools import cache
from types import ModuleType

__all__ = ["RUNNING", "load"]

RUNNING: tuple[str, ...] = (
    "Aggregator",
    "Column Generator",
    "Copy",
    "Data set",
    "Filter",
    "Funnel",
    "Head",
    "Join",
    "Lookup",
    "Modify",
    "Peek",
    "Remove Duplicates",
    "Row Generator",
    "Sequential file",
    "Sort",
    "Switch",
    "Tail",
    "Transformer",
)
"""The names of the stage types that run."""

_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


@cache
def load(type_name: str | None) -> ModuleType | None:
    """Return the module that says how a stage type runs, or None for a type that does not run yet.

    Args:
        type_name: The type's name in the catalogue (``Remove Duplicates``); None is a type that nobody knows.

    Example:
        >>> load("Sequential file").__name__
        'riverstage.stages.sequential_file'
        >>> load("No such stage") is None
        True
    """
    if not type_name:
        return None
    module = "_".join(word for word in _NOT_A_WORD.split(type_name.lower()) if word)
    name = f"{__name__}.{module}"
    if not module or importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)
