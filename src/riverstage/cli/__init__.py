"""The ``riverstage`` command: run, check, format, explain and preview flows, try expressions, look at the catalogue."""

from riverstage.cli._main import main

__all__ = ["main"]
