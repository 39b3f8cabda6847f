"""The Transformer language: from its text to a tree, to types, to SQL and to Python.

Names are loaded when they are first asked for: reading and renaming expressions loads no SQL library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverstage.expressions.elaborate import assign as assign
    from riverstage.expressions.parser import parse as parse
    from riverstage.expressions.scope import Bound as Bound
    from riverstage.expressions.scope import Names as Names
    from riverstage.expressions.scope import Scope as Scope
    from riverstage.expressions.translated import Translated as Translated
    from riverstage.expressions.tree import References as References
    from riverstage.expressions.tree import references as references

_HOMES = {
    "Bound": "scope",
    "Names": "scope",
    "References": "tree",
    "Scope": "scope",
    "Translated": "translated",
    "assign": "elaborate",
    "parse": "parser",
    "references": "tree",
}

__all__ = [
    "Bound",
    "Names",
    "References",
    "Scope",
    "Translated",
    "assign",
    "parse",
    "references",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
