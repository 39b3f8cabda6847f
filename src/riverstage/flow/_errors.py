"""The errors and warnings that only this room raises, and how near names are suggested."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from riverstage.errors import Place, UsageError

__all__ = ["LabelWarning", "UnknownNameError", "did_you_mean", "one_of", "require_name"]


class LabelWarning(UserWarning):
    """A label was taken, so the stage got the next free one."""


class UnknownNameError(UsageError, AttributeError, KeyError):
    """An attribute, property or option of that name does not exist.

    It is an ``AttributeError`` for dot notation, a ``KeyError`` for brackets and a ``ValueError`` for both.
    """

    default_code = "RS-2003"

    def __str__(self) -> str:
        return str(self.args[0])


def did_you_mean(name: object, names: Iterable[str]) -> str:
    """Return the sentence that suggests the nearest of ``names``, or an empty string."""
    choices = list(names)
    if not isinstance(name, str):
        return ""
    lowered = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.6)
    return f"Did you mean '{lowered[near[0]]}'?" if near else ""


def one_of(values: Iterable[object]) -> str:
    """Return values as a list to read: ``'a', 'b' or 'c'``."""
    said = [repr(value) for value in values]
    return " or ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


def require_name(name: object, what: str, *, code: str | None = None, place: Place | None = None) -> None:
    """Raise where something cannot be a name: no text, empty, or with characters that cannot be seen or written.

    Args:
        name: What shall be one.
        what: What it names, as ``A label``.
        code: Code of the error.
        place: Where it is given.
    """
    if not isinstance(name, str):
        raise UsageError(f"{what} is text, not {name!r}.", code=code, place=place)
    if not name.strip():
        raise UsageError(f"{what} is text with something in it, not {name!r}.", code=code, place=place)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise UsageError(f"{what} cannot hold control characters: {name!r}.", code=code, place=place)
