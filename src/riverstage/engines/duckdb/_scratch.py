"""Folders for intermediate rows: each run has its own, and what killed runs left behind is removed by the next.

A folder belongs to whoever holds the lock on the file ``lock`` in it; the lock goes with its process.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO

__all__ = ["Scratch"]

_PREFIX = "riverstage-"
_LOCK = "lock"


class Scratch:
    """A folder for the intermediate rows of one run.

    Args:
        where: The folder that it is made in; None: the system's for temporary files.
    """

    def __init__(self, where: str | None) -> None:
        above = Path(where or tempfile.gettempdir())
        _sweep(above)
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=above))
        # Locked before it has its name, so that nobody finds it free.
        draft = self._folder / f"{_LOCK}.new"
        self._lock = draft.open("w", encoding="ascii")
        _take(self._lock)
        draft.replace(self._folder / _LOCK)

    @property
    def spill(self) -> Path:
        """Where the engine may put rows."""
        return self._folder / "spill"

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.close()


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
