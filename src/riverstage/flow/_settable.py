"""Values of a field that can be called to set them: ``field.quote`` reads, ``field.quote("single")`` sets.

The published interface has these options as methods, and as keywords of ``add_field``; here they are attributes
besides. One that is not set is false and equals None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["plain", "settable"]

_NOTHING: Any = object()


class _Settable:
    _set: Callable[[Any], Any]
    _unsaid: Any = _NOTHING

    def __call__(self, value: Any = _NOTHING) -> Any:
        """Set the option and return the field."""
        given = self._unsaid if value is _NOTHING else value
        if given is _NOTHING:
            message = "a value is missing: this sets an option"
            raise TypeError(message)
        return self._set(given)


class _Text(_Settable, str):
    pass


class _Whole(_Settable, int):
    pass


class _Number(_Settable, float):
    pass


class _Items(_Settable, list[Any]):
    pass


class _Flag(_Settable, int):
    def __repr__(self) -> str:
        return repr(bool(self))

    __str__ = __repr__


class _Unset(_Settable):
    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, _Unset)

    def __hash__(self) -> int:
        return hash(None)

    def __repr__(self) -> str:
        return "None"


# A bool comes before the whole number that it is as well.
_KINDS: tuple[tuple[type, type[_Settable]], ...] = (
    (bool, _Flag), (str, _Text), (int, _Whole), (float, _Number), (list, _Items),
)  # fmt: skip


def settable(value: Any, set: Callable[[Any], Any], unsaid: Any = _NOTHING) -> Any:
    """Return a value of an option that sets the option when it is called.

    Args:
        value: What it is now.
        set: Sets it and returns the field.
        unsaid: What a call without a value sets.
    """
    if value is None:
        made: Any = _Unset()
    else:
        kind = next((kind for of, kind in _KINDS if isinstance(value, of)), None)
        if kind is None:
            return value
        made = kind(value)  # type: ignore[call-arg]
    made._set = set
    if unsaid is not _NOTHING:
        made._unsaid = unsaid
    return made


def plain(value: Any) -> Any:
    """Return a value as it is without the call: what is read of one field may be set on another."""
    if isinstance(value, _Unset):
        return None
    if isinstance(value, _Settable):
        return next(of(value) for of, kind in _KINDS if isinstance(value, kind))
    return value
