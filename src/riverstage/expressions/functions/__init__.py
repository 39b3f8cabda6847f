"""The functions of the Transformer language, found by name; their categories are loaded when first asked for."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module

from riverstage.errors import ExpressionError
from riverstage.expressions.functions._function import ConversionFailed, Function, Parameter
from riverstage.expressions.functions._gaps import GAPS

__all__ = ["GAPS", "ConversionFailed", "Function", "Parameter", "find", "names", "suggest"]

_CATEGORIES = (
    "string", "null_handling", "logical", "type_conversion", "date_conversion", "utility", "mathematical", "number",
    "date_time",
)  # fmt: skip


@cache
def _functions() -> dict[str, Function]:
    """Return every function by each of its names, lower case."""
    found: dict[str, Function] = {}
    for category in _CATEGORIES:
        module = import_module(f"{__name__}.{category}")
        for function in module.FUNCTIONS:
            for name in (function.name, *function.aliases):
                found[name.lower()] = function
    return found


def find(name: str) -> Function:
    """Return the function of that name, without regard to case.

    Raises:
        ExpressionError: If there is none; it names near ones, or says why one of the language is missing here.
    """
    function = _functions().get(name.lower())
    if function is not None:
        return function
    for gap, reason in GAPS.items():
        if gap.lower() == name.lower():
            raise ExpressionError(f"{gap} is not supported: {reason}.", code="RS-3006")
    near = suggest(name)
    mend = "Did you mean " + " or ".join(f"'{one}'" for one in near) + "?" if near else ""
    raise ExpressionError(f"There is no function '{name}'.", code="RS-3002", mend=mend)


def names() -> tuple[str, ...]:
    """Return the names of all functions in their canonical spelling, sorted without regard to case."""
    return tuple(sorted({function.name for function in _functions().values()}, key=str.lower))


def suggest(name: str) -> tuple[str, ...]:
    """Return the names of functions that are written nearly like this, nearest first."""
    known = _functions()
    near = difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.6)
    return tuple(dict.fromkeys(known[match].name for match in near))
