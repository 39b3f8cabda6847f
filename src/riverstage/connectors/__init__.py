"""Real systems, one module a family: describe, scan or read, and write all of a run's rows or none.

A family is a module with the functions of ``riverstage.plan.Connector``.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from functools import cache
from types import ModuleType

from riverstage.errors import ConnectorError

__all__ = ["load"]

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


@cache
def load(family: str) -> ModuleType:
    """Return the module of a connector family.

    Args:
        family: Its name: ``delimited``, ``parquet``, ``json_lines``, ``data_set``, ``memory``.

    Raises:
        ConnectorError: There is no such family.
    """
    name = f"{__name__}.{family}"
    if not _NAME.match(family) or importlib.util.find_spec(name) is None:
        raise ConnectorError(f"There is no connector family '{family}'.", code="RS-5016")
    return importlib.import_module(name)
