"""Exit codes that a scheduler can rely on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from riverstage.errors import RiverstageError

__all__ = ["CANCELLED", "COMPLETED", "FAILED", "USAGE", "WARNINGS", "blaming_the_command", "exit_code"]

COMPLETED = 0
FAILED = 1
USAGE = 2
WARNINGS = 3
CANCELLED = 130

# What only a wrong command line can raise: a file, a flow, a project, an engine or a column that is not there.
_USAGE_CODES = frozenset({"RS-6001", "RS-8000", "RS-8001", "RS-8003", "RS-8004", "RS-8005", "RS-8006", "RS-8007"})


def exit_code(error: RiverstageError) -> int:
    """Return the exit code for an error."""
    return USAGE if error.code in _USAGE_CODES or getattr(error, "is_usage", False) else FAILED


@contextlib.contextmanager
def blaming_the_command(*kinds: type[RiverstageError]) -> Iterator[None]:
    """Take errors of some kinds as errors of the command line: what it names is not there."""
    try:
        yield
    except kinds as error:
        error.is_usage = True  # type: ignore[attr-defined]
        raise
