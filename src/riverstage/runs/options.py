"""What people say about a run or a preview, checked before anything is looked at."""

from __future__ import annotations

import os
from pathlib import Path

from riverstage.errors import Place, UsageError

__all__ = ["folder_of", "rows_of"]

_UNTOUCHED = "Nothing was read or written."


def rows_of(rows: object) -> int:
    """Return how many rows a preview shows.

    Raises:
        UsageError: It is no whole number from 0.

    Example:
        >>> rows_of(3)
        3
    """
    if isinstance(rows, int) and not isinstance(rows, bool) and rows >= 0:
        return rows
    raise UsageError(
        f"A preview shows 0 rows or more, not {rows!r}.",
        code="RS-6003",
        place=Place(property="rows"),
        state=_UNTOUCHED,
        mend="Say a whole number, as in preview(link, 20).",
    )


def folder_of(folder: object) -> Path:
    """Return the folder that relative file names of a run start from.

    Raises:
        UsageError: It is no path, or there is no such folder.
    """
    place = Place(property="folder")
    if not isinstance(folder, str | os.PathLike):
        message = f"A folder is a path, not {folder!r}."
        raise UsageError(message, code="RS-6003", place=place, state=_UNTOUCHED, mend="Say it as text or as a Path.")
    path = Path(os.fsdecode(folder)).expanduser()
    if not path.is_dir():
        what = f"'{path}' is a file, not a folder." if path.exists() else f"There is no folder '{path}'."
        mend = "Relative file names of the flow start there: name one that there is."
        raise UsageError(what, code="RS-6003", place=place, state=_UNTOUCHED, mend=mend)
    return path
