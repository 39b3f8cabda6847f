"""Hold the garbage collector while large trees are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_held"]


@contextmanager
def collector_held() -> Iterator[None]:
    """Pause cycle collection for one bulk step.

    Reading, writing and planning make many containers that live on, and each collection walks them all again: it takes
    as long as the work itself. A collector that was off stays off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
