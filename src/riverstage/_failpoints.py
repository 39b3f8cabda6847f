"""Places where a test can stop the process, to see what a crash leaves behind.

``RIVERSTAGE_FAILPOINT=name`` ends the process at that place as a kill would (nothing is cleaned up);
``RIVERSTAGE_FAILPOINT=name:error`` raises ``OSError`` there instead; ``name*2`` waits for the second time the place is
reached. Unset, which is always but in tests, a place costs one look at the environment.
"""

from __future__ import annotations

import errno
import os

__all__ = ["failpoint"]

_reached: dict[str, int] = {}


def failpoint(name: str) -> None:
    """Stop here if ``RIVERSTAGE_FAILPOINT`` says so.

    Args:
        name: The place.

    Raises:
        OSError: Where an error was asked for.
    """
    asked = os.environ.get("RIVERSTAGE_FAILPOINT")
    if not asked:
        return
    place, _, how = asked.partition(":")
    place, _, times = place.partition("*")
    if place != name:
        return
    _reached[name] = _reached.get(name, 0) + 1
    if times and _reached[name] != int(times):
        return
    if how == "error":
        raise OSError(errno.ENOSPC, f"stopped at {name}")
    os._exit(137)
