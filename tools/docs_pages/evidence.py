"""Keep line numbers of evidence right: ``path.py:NUMBER`` followed by a name that the file defines."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

__all__ = ["EVIDENCE", "ROOT", "line_of", "refreshed"]

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = re.compile(r"`(src/[\w/]+\.py):(\d+)` `(\w+)`")


@cache
def _defined(path: str) -> dict[str, int]:
    """Return the line of each name that a file defines, the outermost first."""
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.setdefault(node.name, node.lineno)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, node.lineno)
    return found


def line_of(path: str, name: str) -> int:
    """Return the line on which a file defines a name.

    Raises:
        LookupError: It defines none, or there is no such file.
    """
    if not (ROOT / path).is_file() or name not in _defined(path):
        message = f"{path} defines no {name}"
        raise LookupError(message)
    return _defined(path)[name]


def refreshed(text: str) -> str:
    """Return a page with the line numbers as they are now."""
    return EVIDENCE.sub(lambda match: f"`{match[1]}:{line_of(match[1], match[3])}` `{match[3]}`", text)
