"""Read a few items ahead on a thread of its own, so that who takes them does not wait for the reading."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")

_DEPTH = 16
_POLL = 0.1


@dataclass(frozen=True, slots=True)
class _End:
    """What stands behind the last item: why there is no more."""

    error: BaseException | None


def ahead(make: Callable[[], Iterator[Item]], *, depth: int = _DEPTH) -> Generator[Item, None, None]:
    """Yield the items of an iterator that runs on a thread of its own, which ends with them or when this is closed.

    Args:
        make: Makes the iterator; called on that thread.
        depth: How many items it may be ahead.

    Raises:
        BaseException: Whatever the iterator raised, after the items before.
    """
    ready: queue.Queue[Item | _End] = queue.Queue(depth)
    is_left = threading.Event()

    def put(item: Item | _End) -> bool:
        while not is_left.is_set():
            try:
                ready.put(item, timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False

    def run() -> None:
        try:
            for item in make():
                if not put(item):
                    return
        except BaseException as error:
            put(_End(error))  # kept in no variable: its own frames would hold it, and with it all that they hold
        else:
            put(_End(None))

    thread = threading.Thread(target=run, name="riverstage-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = ready.get()
            if isinstance(item, _End):
                error = item.error
                del item
                if error is None:
                    return
                try:
                    raise error
                finally:
                    del error
            yield item
            del item
    finally:
        is_left.set()
        thread.join()
