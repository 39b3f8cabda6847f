"""Engines: each prepares a plan and executes it. Loaded by name when a run asks for one."""

from __future__ import annotations

import difflib
import importlib

from riverstage.engines._protocol import Engine, ExecutionContext, Options, Prepared
from riverstage.errors import EngineError, Place

__all__ = ["ENGINES", "Engine", "ExecutionContext", "Options", "Prepared", "load"]

ENGINES = {"duckdb": ("riverstage.engines.duckdb.engine", "DuckDBEngine")}


def load(name: str) -> Engine:
    """Return an engine by name.

    Raises:
        EngineError: There is no such engine.
    """
    if name not in ENGINES:
        near = difflib.get_close_matches(name, list(ENGINES), 1)
        mend = f"Did you mean '{near[0]}'?" if near else "This version has: " + ", ".join(ENGINES) + "."
        raise EngineError(f"There is no engine '{name}'.", code="RS-6001", place=Place(property="engine"), mend=mend)
    module, class_name = ENGINES[name]
    engine: Engine = getattr(importlib.import_module(module), class_name)()
    return engine
