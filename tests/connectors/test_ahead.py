"""Reading ahead: the same items, the same error, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from riverstage.connectors._ahead import ahead


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "riverstage-ahead"]


def test_items_come_in_order() -> None:
    assert list(ahead(lambda: iter(range(1000)), depth=3)) == list(range(1000))
    assert _threads() == []


def test_an_error_comes_behind_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError("two")

    items = ahead(broken)
    assert next(items) == 1
    with pytest.raises(KeyError, match="two"):
        next(items)
    assert _threads() == []


def test_who_leaves_early_leaves_no_thread() -> None:
    closed = []

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            closed.append(True)

    items = ahead(endless, depth=2)
    assert next(items) == 0
    items.close()
    assert _threads() == []
    assert closed == [True]


def test_no_more_than_the_depth_is_read_ahead() -> None:
    taken = []

    def counted() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    items = ahead(counted, depth=4)
    assert next(items) == 0
    items.close()
    assert len(taken) <= 7
