"""Read a few items ahead on a thread of its own, so that who takes them does not wait for the reading."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")

_DEPTH = 16
_POLL = 0.1


class _End(Generic[Item]):
    """What stands behind the last item: why there is no more."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(make: Callable[[], Iterator[Item]], *, depth: int = _DEPTH) -> Generator[Item, None, None]:
    """Yield the items of an iterator that runs on a thread of its own, which ends with them or when this is closed.

    Args:
        make: Makes the iterator; called on that thread.
        depth: How many items it may be ahead.

    Raises:
        BaseException: Whatever the iterator raised, after the items before.
    """
    ready: queue.Queue[Item | _End[Item]] = queue.Queue(depth)
    is_left = threading.Event()

    def put(item: Item | _End[Item]) -> bool:
        while not is_left.is_set():
            try:
                ready.put(item, timeout=_POLL)
            except queue.Full:
                continue
            return True
        return False

    def run() -> None:
        error: BaseException | None = None
        try:
            for item in make():
                if not put(item):
                    return
        except BaseException as raised:
            error = raised
        put(_End(error))

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
                    del error  # an error that its own frame holds keeps all that the frames below it hold
            yield item
            del item
    finally:
        is_left.set()
        thread.join()
