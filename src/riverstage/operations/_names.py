"""What assets and projects may be called."""

from __future__ import annotations

import unicodedata

from riverstage.errors import UsageError

__all__ = ["checked_name"]

LONGEST_NAME = 200


def checked_name(what: str, name: object) -> str:
    """Return a name that is one.

    Args:
        what: What is called so, for errors.
        name: The name.

    Raises:
        UsageError: It is no text, empty, too long, begins or ends with a space, or holds control characters.
    """
    if not isinstance(name, str):
        raise UsageError(f"The name of a {what} is text, not {type(name).__name__}.", code="RS-7003")
    if not name.strip():
        raise UsageError(f"The name of a {what} cannot be empty.", code="RS-7003")
    if name != name.strip():
        raise UsageError(f"The name of a {what} cannot begin or end with a space: {name!r}.", code="RS-7003")
    if len(name) > LONGEST_NAME:
        raise UsageError(
            f"The name of a {what} has at most {LONGEST_NAME} characters; this one has {len(name)}.", code="RS-7003"
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise UsageError(f"The name of a {what} cannot hold control characters: {name!r}.", code="RS-7003")
    return name
