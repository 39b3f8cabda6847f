"""Riverstage: open batch data integration."""

__version__ = "0.1.0"
