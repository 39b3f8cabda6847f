"""The standard streams of a process that was started without them (``>&-``, some services)."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["standard_streams"]


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Let standard streams that are closed lead to nowhere.

    Else the next file that is opened, a target perhaps, would get the number of standard output, and what a library
    writes there would stand in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The system gives the lowest number that is free, which is this one.
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
    with contextlib.ExitStack() as opened:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:
                opened.callback(setattr, sys, name, None)
                setattr(sys, name, opened.enter_context(Path(os.devnull).open("w", encoding="utf-8")))
        yield
