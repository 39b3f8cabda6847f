"""Folders for intermediate rows and copies: each run has its own, and what killed runs left is removed by the next.

A folder belongs to whoever holds the lock on the file ``lock`` in it; the lock goes with its process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from riverstage.errors import Place, RunFailed

__all__ = ["Scratch"]

_PREFIX = "riverstage-"
_LOCK = "lock"


class Scratch:
    """A folder for what one run puts aside.

    Args:
        where: The folder that it is made in; None: what ``RIVERSTAGE_TEMP`` says, else the system's for them.

    Raises:
        RunFailed: Nothing can be made there.
    """

    def __init__(self, where: str | None = None) -> None:
        above = Path(where or os.environ.get("RIVERSTAGE_TEMP") or tempfile.gettempdir())
        _sweep(above)
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=above))
        except OSError as error:
            raise _unusable(above, error) from error
        # Locked before it has its name, so that nobody finds it free.
        draft = self._folder / f"{_LOCK}.new"
        self._lock = draft.open("w", encoding="ascii")
        _take(self._lock)
        draft.replace(self._folder / _LOCK)

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return self._folder

    @property
    def spill(self) -> Path:
        """Where the engine may put rows."""
        return self._folder / "spill"

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.close()


def _unusable(above: Path, error: OSError) -> RunFailed:
    """Return the error for a folder in which nothing can be made."""
    name = "RIVERSTAGE_TEMP" if os.environ.get("RIVERSTAGE_TEMP") == str(above) else "TMPDIR"
    if not above.exists():
        what = "does not exist"
    elif not above.is_dir():
        what = "is no folder"
    else:
        what = f"cannot be used: {error.strerror or error}"
    return RunFailed(
        f"The folder for intermediate rows, '{above}', {what}.",
        code="RS-6114",
        place=Place(file=str(above)),
        state="No target was changed.",
        mend=f"Make it, or let {name} name a folder that can be written to.",
    )


def _sweep(above: Path) -> None:
    """Remove the folders of runs that are gone; those of other people cannot be opened and stay."""
    for lock in above.glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError), lock.open("r+", encoding="ascii") as file:
            if _take(file):
                shutil.rmtree(lock.parent, ignore_errors=True)


def _take(file: IO[str]) -> bool:
    """Take a file's lock if it is free; return whether it was had (never where the file system has no locks)."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
