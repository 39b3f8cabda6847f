"""Lists and mappings that write themselves back: what is read from a property can be changed in place.

A ``Root`` is one slot of a document with a list or mapping in it. All that read the same slot share one root as long
as somebody holds what it gave, so that two readers never overwrite each other.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, SupportsIndex, TypeVar
from weakref import WeakValueDictionary

from riverstage.errors import UsageError

__all__ = ["BoundDict", "BoundList", "bind", "plain"]

_Made = TypeVar("_Made")


def plain(value: Any) -> Any:
    """Return a copy made of plain lists and dicts."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


class Root:
    """One slot: how to read and write it, and the value that was handed out."""

    __slots__ = ("__weakref__", "_read", "_seen", "_write", "top")

    def __init__(self, read: Callable[[], Any], write: Callable[[Any], None]) -> None:
        self._read = read
        self._write = write
        self._seen = plain(read())
        self.top: Any = _wrap(self._seen, self)

    def refresh(self) -> None:
        """Take over what the document says now."""
        now = plain(self._read())
        if not _same(now, self._seen):
            self._seen = now
            _sync(self.top, now, self)

    def change(self, act: Callable[[], _Made]) -> _Made:
        """Do something to the value and write it; nothing is changed where the new value is refused."""
        former = list(_parts(self.top))
        try:
            made = act()
            self._write(plain(self.top))
            self._seen = plain(self._read())
        finally:
            _sync(self.top, self._seen, self)
            here = {id(part) for part in _parts(self.top)}
            for part in former:
                part._root = self if id(part) in here else None
        return made


_shared: WeakValueDictionary[tuple[object, ...], BoundList | BoundDict] = WeakValueDictionary()


def bind(key: tuple[object, ...], read: Callable[[], Any], write: Callable[[Any], None]) -> Any:
    """Return the list or mapping of a slot, one that writes itself back.

    Args:
        key: What tells this slot from all others in the process. What it is the id of must live as long as ``read``.
        read: Gives the slot's value.
        write: Takes the slot's new value, or raises.
    """
    found = _shared.get(key)
    if found is not None and found._root is not None:
        found._root.refresh()
        if type(plain(read())) is (dict if isinstance(found, BoundDict) else list):
            return found
    top = Root(read, write).top
    if isinstance(top, BoundList | BoundDict):
        _shared[key] = top
    return top


def _same(left: Any, right: Any) -> bool:
    # True == 1 in Python, and they differ in a document.
    return left == right and json.dumps(left, default=repr) == json.dumps(right, default=repr)


def _wrap(value: Any, root: Root | None) -> Any:
    if isinstance(value, Mapping):
        return BoundDict(value, root)
    if isinstance(value, list | tuple):
        return BoundList(value, root)
    return value


def _parts(value: Any) -> Iterator[BoundList | BoundDict]:
    """Yield a bound value and all bound values in it."""
    if isinstance(value, BoundList | BoundDict):
        yield value
        for item in value.values() if isinstance(value, BoundDict) else value:
            yield from _parts(item)


def _detach(value: Any) -> None:
    for part in _parts(value):
        part._root = None


def _sync(target: Any, source: Any, root: Root) -> None:
    """Make ``target`` equal to ``source``, keeping every inner list and mapping that is still there."""
    if isinstance(target, BoundList) and isinstance(source, list):
        _sync_list(target, source, root)
    elif isinstance(target, BoundDict) and isinstance(source, dict):
        _sync_dict(target, source, root)
    else:
        _detach(target)
        root.top = _wrap(source, root)


def _sync_list(target: BoundList, source: list[Any], root: Root) -> None:
    target._root = root
    old = list(target)
    new = []
    for number, item in enumerate(source):
        new.append(_kept(old[number] if number < len(old) else None, item, root))
    kept = {id(item) for item in new}
    for item in old:
        if id(item) not in kept:
            _detach(item)
    list.__setitem__(target, slice(None), new)


def _sync_dict(target: BoundDict, source: dict[str, Any], root: Root) -> None:
    target._root = root
    old = dict(target)
    dict.clear(target)
    for key, item in source.items():
        dict.__setitem__(target, key, _kept(old.pop(key, None), item, root))
    for item in old.values():
        _detach(item)


def _kept(old: Any, item: Any, root: Root) -> Any:
    pairs = ((BoundList, list), (BoundDict, dict))
    if any(isinstance(old, bound) and isinstance(item, kind) for bound, kind in pairs):
        _sync(old, item, root)
        return old
    _detach(old)
    return _wrap(item, root)


def _change(owner: BoundList | BoundDict, act: Callable[[], _Made]) -> _Made:
    root = owner._root
    if root is not None:
        root.refresh()
        root = owner._root
    if root is None:
        message = "This part of a property is no longer in its flow."
        raise UsageError(message, mend="Read the property again and change what it holds now.")
    return root.change(act)


class BoundList(list[Any]):
    """A list that writes itself back to the document whenever it changes."""

    __slots__ = ("__weakref__", "_root")
    __hash__ = None

    def __init__(self, items: Iterable[Any] = (), root: Root | None = None) -> None:
        self._root = root
        super().__init__(_wrap(item, root) for item in items)

    def _in(self, value: Any) -> Any:
        return _wrap(plain(value), self._root)

    def append(self, item: Any) -> None:
        """Add an item at the end."""
        _change(self, lambda: list.append(self, self._in(item)))

    def extend(self, items: Iterable[Any]) -> None:
        """Add several items at the end."""
        some = [plain(item) for item in items]
        _change(self, lambda: list.extend(self, map(self._in, some)))

    def insert(self, index: SupportsIndex, item: Any) -> None:
        """Add an item before a position."""
        _change(self, lambda: list.insert(self, index, self._in(item)))

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Remove the item at a position and return it."""
        return _change(self, lambda: plain(list.pop(self, index)))

    def remove(self, item: Any) -> None:
        """Remove the first item that equals ``item``."""
        _change(self, lambda: list.remove(self, item))

    def clear(self) -> None:
        """Remove every item."""
        _change(self, lambda: list.clear(self))

    def sort(self, **how: Any) -> None:
        """Sort the items."""
        _change(self, lambda: list.sort(self, **how))

    def reverse(self) -> None:
        """Turn the order of the items round."""
        _change(self, lambda: list.reverse(self))

    def __setitem__(self, index: Any, item: Any) -> None:
        if isinstance(index, slice):
            some = [plain(one) for one in item]
            _change(self, lambda: list.__setitem__(self, index, [self._in(one) for one in some]))
        else:
            _change(self, lambda: list.__setitem__(self, index, self._in(item)))

    def __delitem__(self, index: Any) -> None:
        _change(self, lambda: list.__delitem__(self, index))

    def __iadd__(self, items: Iterable[Any]) -> BoundList:  # type: ignore[misc]
        self.extend(items)
        return self

    def __imul__(self, times: SupportsIndex) -> BoundList:
        self[:] = plain(self) * times.__index__()
        return self

    def copy(self) -> list[Any]:
        """Return a plain copy."""
        made: list[Any] = plain(self)
        return made

    def __copy__(self) -> list[Any]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return copy.deepcopy(self.copy(), memo)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return (list, (self.copy(),))


class BoundDict(dict[str, Any]):
    """A mapping that writes itself back to the document whenever it changes."""

    __slots__ = ("__weakref__", "_root")
    __hash__ = None

    def __init__(self, items: Mapping[str, Any], root: Root | None = None) -> None:
        self._root = root
        super().__init__((key, _wrap(item, root)) for key, item in items.items())

    def _in(self, value: Any) -> Any:
        return _wrap(plain(value), self._root)

    def __setitem__(self, key: str, value: Any) -> None:
        _change(self, lambda: dict.__setitem__(self, key, self._in(value)))

    def __delitem__(self, key: str) -> None:
        _change(self, lambda: dict.__delitem__(self, key))

    def clear(self) -> None:
        """Remove every key."""
        _change(self, lambda: dict.clear(self))

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a key and return its value."""
        return _change(self, lambda: plain(dict.pop(self, key, *default)))

    def popitem(self) -> tuple[str, Any]:
        """Remove the last key and return it with its value."""
        key, value = _change(self, lambda: dict.popitem(self))
        return key, plain(value)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return the value of a key, setting it first where it is not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *others: Any, **more: Any) -> None:
        """Set several keys."""
        new = {key: plain(value) for key, value in dict(*others, **more).items()}
        _change(self, lambda: dict.update(self, {key: self._in(value) for key, value in new.items()}))

    def __ior__(self, other: Any) -> BoundDict:  # type: ignore[override,misc]
        self.update(other)
        return self

    def copy(self) -> dict[str, Any]:
        """Return a plain copy."""
        made: dict[str, Any] = plain(self)
        return made

    def __copy__(self) -> dict[str, Any]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return copy.deepcopy(self.copy(), memo)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return (dict, (self.copy(),))
