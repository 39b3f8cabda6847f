"""How values look where people read them: in the job log, in previews; and as JSON."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from riverstage.plan.events import Shown
from riverstage.runs._terminal import visible

__all__ = ["json_value", "peek_lines", "shown_value"]


def shown_value(value: Any) -> str:
    r"""Return a value as the job log shows it: on one line, null as ``<NULL>``.

    Example:
        >>> shown_value(None), shown_value(True), shown_value(1.0), shown_value("a\tb")
        ('<NULL>', 'true', '1.0', 'a\\tb')
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
        return "{" + ", ".join(f"{visible(str(name))}: {shown_value(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown_value(item) for item in value) + "]"
    return visible(str(value))


def json_value(value: Any) -> Any:
    r"""Return a value as JSON has it; decimals, dates, binaries and numbers without end are texts.

    Example:
        >>> json_value([Decimal("1.50"), dt.date(2026, 1, 31), float("nan"), b"\x01", None])
        ['1.50', '2026-01-31', 'nan', '01', None]
    """
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(name): json_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    return shown_value(value)


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
