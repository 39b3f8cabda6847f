"""Hold the garbage collector while a large tree is read or written."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_held"]


@contextmanager
def collector_held() -> Iterator[None]:
    """Pause cycle collection for one bulk step.

    Reading or writing makes many containers and no cycles, and each collection walks them all again: on 25 MB it
    takes as long as the reading itself. A collector that was off stays off.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
