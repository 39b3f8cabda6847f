"""The first rows of a link, shown with their types."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverstage.runs.peek import shown_value

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
        columns = [{"name": field.name, "type": str(field.type)} for field in self.table.schema]
        rows = [[_json_value(value) for value in row.values()] for row in self.table.to_pylist()]
        return {"flow": self.flow, "link": self.link, "columns": columns, "rows": rows}

    def _cells(self) -> tuple[list[str], list[str], list[bool], list[list[str]]]:
        names = list(self.table.schema.names)
        kinds = [_short(str(field.type)) for field in self.table.schema]
        right = [str(field.type).startswith(_NUMBERS) for field in self.table.schema]
        rows = [[_cut(shown_value(value)) for value in row.values()] for row in self.table.to_pylist()]
        return names, kinds, right, rows

    def __repr__(self) -> str:
        names, kinds, right, rows = self._cells()
        if not names:
            return f"{self.link}: no columns"
        widths = [max(map(len, column)) for column in zip(names, kinds, *rows, strict=True)]

        def line(cells: list[str]) -> str:
            aligned = (
                cell.rjust(width) if number else cell.ljust(width)
                for cell, width, number in zip(cells, widths, right, strict=True)
            )
            return "  ".join(aligned).rstrip()

        body = [line(row) for row in rows] or ["(no rows)"]
        return "\n".join([line(names), line(kinds), "  ".join("─" * width for width in widths), *body])

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


def _cut(text: str) -> str:
    flat = text.replace("\n", "⏎")
    return flat if len(flat) <= _WIDEST else flat[: _WIDEST - 1] + "…"


_SHORT = {
    "decimal128": "decimal",
    "date32[day]": "date",
    "timestamp[us]": "timestamp",
    "time64[us]": "time",
    "double": "float64",
    "bool": "boolean",
}


def _short(kind: str) -> str:
    for long, short in _SHORT.items():
        kind = kind.replace(long, short)
    return kind


def _json_value(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else shown_value(value)
