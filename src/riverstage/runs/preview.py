"""The first rows of a link, shown with their types."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverstage.runs._terminal import cut, pad, visible, wide, width
from riverstage.runs.peek import json_value, shown_value

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["Preview"]

_WIDEST = 32
_NUMBERS = ("int", "uint", "float", "double", "halffloat", "decimal")


@dataclass(frozen=True)
class Preview:
    """Rows of a link.

    Args:
        flow: The flow's name.
        link: The link's name.
        table: The rows.
    """

    flow: str
    link: str
    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.table.to_pylist())

    def to_arrow(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        return self.table

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas data frame (needs ``riverstage[pandas]``)."""
        return self.table.to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a Polars data frame (needs ``riverstage[polars]``)."""
        import polars as pl

        frame = pl.from_arrow(self.table)
        return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()

    def as_dict(self) -> dict[str, Any]:
        """Return the rows as JSON-ready data."""
        columns = [{"name": field.name, "type": _type_name(field.type)} for field in self.table.schema]
        rows = [[json_value(column[index].as_py()) for column in self.table.columns] for index in range(len(self))]
        return {"flow": self.flow, "link": self.link, "columns": columns, "rows": rows}

    def _cells(self) -> tuple[list[str], list[str], list[bool], list[list[str]]]:
        names = [visible(name) for name in self.table.schema.names]
        kinds = [_type_name(field.type) for field in self.table.schema]
        right = [str(field.type).startswith(_NUMBERS) for field in self.table.schema]
        rows = [[_cell(column[index].as_py()) for column in self.table.columns] for index in range(len(self))]
        return names, kinds, right, rows

    def as_text(self, columns: int | None = None) -> str:
        """Return the rows as a table in text, types below the names.

        Args:
            columns: How wide a line may be: columns that have no room are named below; None for any width.
        """
        names, kinds, right, rows = self._cells()
        if not names:
            return f"{visible(self.link)} has no columns."
        widths = [max(map(wide, cells)) for cells in zip(names, kinds, *rows, strict=True)]
        shown = _fitting(widths, columns)

        def line(cells: list[str]) -> str:
            aligned = (pad(cut(cells[at], widths[at]), widths[at], right=right[at]) for at in range(shown))
            return "  ".join(aligned).rstrip()

        if columns is not None:
            widths[0] = min(widths[0], columns)
        body = [line(row) for row in rows] or ["(no rows)"]
        rule = "  ".join("─" * width for width in widths[:shown])
        more = len(names) - shown
        said = f"\n… and {more} more column{'' if more == 1 else 's'}: {', '.join(names[shown:])}" if more else ""
        return "\n".join([line(names), line(kinds), rule, *body]) + said

    def __repr__(self) -> str:
        return self.as_text(width(sys.stdout))

    def _repr_html_(self) -> str:
        names, kinds, right, rows = self._cells()
        head = "".join(
            f"<th>{html.escape(name)}<br><small style='font-weight:normal;opacity:.65'>{html.escape(kind)}</small></th>"
            for name, kind in zip(names, kinds, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f"<td style='text-align:{'right' if number else 'left'}'>{html.escape(cell)}</td>"
                for cell, number in zip(row, right, strict=True)
            )
            + "</tr>"
            for row in rows
        )
        caption = f"<caption>{html.escape(self.link)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    return cut(shown_value(value), _WIDEST)


def _fitting(widths: list[int], columns: int | None) -> int:
    """Return how many columns of a table have room; one always has."""
    if columns is None:
        return len(widths)
    taken = -2
    for count, width_ in enumerate(widths):
        taken += width_ + 2
        if taken > columns:
            return max(1, count)
    return len(widths)


_NAMES = {
    "double": "float64",
    "float": "float32",
    "halffloat": "float16",
    "bool": "boolean",
    "large_string": "string",
    "large_binary": "binary",
    "date32[day]": "date",
}
_PRECISION = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_TEMPORAL = re.compile(r"(?P<kind>time|timestamp)(?:32|64)?\[(?P<unit>\w+)(?:, tz=(?P<zone>[^]]+))?\]")
_DECIMAL = re.compile(r"decimal\d*\((\d+), (-?\d+)\)")


def _type_name(type: pa.DataType) -> str:
    """Return an Arrow type by the name that schemas use for it."""
    import pyarrow as pa

    if pa.types.is_list(type) or pa.types.is_large_list(type):
        return f"list of {_type_name(type.value_type)}"
    if pa.types.is_struct(type):
        return "{" + ", ".join(f"{field.name}: {_type_name(field.type)}" for field in type) + "}"
    text = str(type)
    if (found := _DECIMAL.fullmatch(text)) is not None:
        return f"decimal({found[1]},{found[2]})"
    if (found := _TEMPORAL.fullmatch(text)) is not None:
        places = f"({_PRECISION[found['unit']]})" if _PRECISION[found["unit"]] else ""
        return f"{found['kind']}{places}{' with zone' if found['zone'] else ''}"
    return _NAMES.get(text, text)
