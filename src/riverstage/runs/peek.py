"""How a Peek's rows look in the job log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from riverstage.plan.events import Shown

__all__ = ["peek_lines", "shown_value"]


def shown_value(value: Any) -> str:
    """Return a value as the job log shows it; null is ``<NULL>``.

    Example:
        >>> shown_value(None), shown_value(True), shown_value(1.0)
        ('<NULL>', 'true', '1.0')
    """
    if value is None:
        return "<NULL>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {shown_value(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown_value(item) for item in value) + "]"
    return str(value)


def peek_lines(event: Shown, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line a row: the stage, its partition, then ``name:value`` pairs.

    Args:
        event: The rows.
        options: The sink's options: ``names`` (show column names), ``delimiter`` (between columns), ``label``.

    Example:
        >>> list(peek_lines(Shown("Peek", ("a", "b"), ((1, None),)), {}))
        ['Peek,0: a:1 b:<NULL>']
    """
    names = options.get("names", True)
    delimiter = options.get("delimiter") or " "
    label = options.get("label") or event.stage
    for row in event.rows:
        cells = (
            f"{name}:{shown_value(value)}" if names else shown_value(value)
            for name, value in zip(event.columns, row, strict=True)
        )
        yield f"{label},0: {delimiter.join(cells)}"
