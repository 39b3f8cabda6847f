"""Lists of things that can be searched."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

from riverstage.errors import NotFoundError, UsageError

__all__ = ["Collection", "SeekableList", "matches"]

T = TypeVar("T")


class SeekableList(list[T]):
    """A list whose items can be found by their attributes.

    Example:
        >>> SeekableList([3 + 4j, 1 + 2j]).get(real=1)
        (1+2j)
    """

    def get(self, **filters: Any) -> T:
        """Return the first item whose attributes are as given.

        Raises:
            NotFoundError: There is none.
            UsageError: The items have no such attribute.
        """
        found = self.get_all(**filters)
        if not found:
            raise _not_found("item", filters, self)
        return found[0]

    def get_all(self, **filters: Any) -> SeekableList[T]:
        """Return all items whose attributes are as given.

        Raises:
            UsageError: The items have no such attribute.
        """
        return SeekableList(item for item in self if matches(item, filters))


class Collection(ABC, Generic[T]):
    """Things that are kept, read anew each time they are asked for."""

    what = "item"
    """What one of them is called in errors."""

    attributes: tuple[str, ...] = ("name",)
    """What they can be found by."""

    @abstractmethod
    def _all(self) -> Iterator[T]:
        """Give all of them."""

    def _chosen(self, filters: dict[str, Any]) -> Iterator[T]:
        """Give those whose attributes are as given."""
        return (item for item in self._all() if matches(item, filters))

    def __iter__(self) -> Iterator[T]:
        return self._all()

    def __len__(self) -> int:
        return sum(1 for _ in self._all())

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> SeekableList[T]: ...

    def __getitem__(self, place: int | slice) -> T | SeekableList[T]:
        items = SeekableList(self._all())
        return SeekableList(items[place]) if isinstance(place, slice) else items[place]

    def __repr__(self) -> str:
        return repr(list(self._all()))

    def get(self, **filters: Any) -> T:
        """Return the first whose attributes are as given.

        Raises:
            NotFoundError: There is none.
            UsageError: They have no such attribute.
        """
        self._check(filters)
        found = next(self._chosen(filters), None)
        if found is None:
            raise _not_found(self.what, filters, self._named())
        return found

    def get_all(self, **filters: Any) -> SeekableList[T]:
        """Return all whose attributes are as given; all there are without any.

        Raises:
            UsageError: They have no such attribute.
        """
        self._check(filters)
        return SeekableList(self._chosen(filters))

    def _named(self) -> Iterable[Any]:
        """Give things with a ``name`` to say what there is."""
        return self._all()

    def _check(self, filters: Iterable[str]) -> None:
        for key in filters:
            if key not in self.attributes:
                raise _cannot_filter(key, self.attributes)


def matches(item: object, filters: dict[str, Any]) -> bool:
    """Return whether the attributes of an item are as given."""
    missing = object()
    for key, wanted in filters.items():
        value = getattr(item, key, missing)
        if value is missing:
            raise _cannot_filter(key, [name for name in dir(item) if not name.startswith("_")])
        if value != wanted:
            return False
    return True


def _cannot_filter(key: str, known: Sequence[str]) -> UsageError:
    near = difflib.get_close_matches(key, known, n=1)
    mend = f"Did you mean {near[0]!r}?" if near else (f"There are: {', '.join(known)}." if len(known) < 10 else "")
    return UsageError(f"Cannot filter on {key}", code="RS-7019", mend=mend)


def _not_found(what: str, filters: dict[str, Any], items: Iterable[Any]) -> NotFoundError:
    said = ", ".join(f"{key}={value!r}" for key, value in filters.items())
    mend = ""
    if isinstance(filters.get("name"), str):
        near = difflib.get_close_matches(filters["name"], [str(getattr(item, "name", "")) for item in items], n=1)
        mend = f"Did you mean {near[0]!r}?" if near else ""
    return NotFoundError(
        f"There is no {what} with {said}." if said else f"There is no {what}.", code="RS-7002", mend=mend
    )
