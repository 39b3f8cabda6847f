"""Objects that take no attribute that their class does not have, and suggest the near one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverstage.flow._errors import UnknownNameError, did_you_mean

__all__ = ["Strict"]


class Strict:
    """What says so where one of its attributes is mistyped.

    A class of this kind names its attributes: as properties, or in ``__slots__``.
    """

    __slots__ = ()

    if not TYPE_CHECKING:  # type checkers know the attributes, and shall say where one is mistyped

        def __setattr__(self, name: str, value: Any) -> None:
            if not hasattr(type(self), name):
                raise self._no_attribute(name)
            object.__setattr__(self, name, value)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            raise self._no_attribute(name)

    def _no_attribute(self, name: str) -> UnknownNameError:
        public = [one for one in dir(type(self)) if not one.startswith("_")]
        return UnknownNameError(f"{type(self).__name__} has no attribute '{name}'.", mend=did_you_mean(name, public))
