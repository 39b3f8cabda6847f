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


def exit_code(error: RiverstageError) -> int:
    """Return the exit code for an error: what only a wrong command line can raise is one of its own."""
    of_the_command = error.code in {
        "RS-6001", "RS-8000", "RS-8001", "RS-8003", "RS-8004", "RS-8005", "RS-8007", "RS-8010",
    }  # fmt: skip
    return USAGE if of_the_command or getattr(error, "is_usage", False) else FAILED


@contextlib.contextmanager
def blaming_the_command(*kinds: type[RiverstageError]) -> Iterator[None]:
    """Take errors of some kinds as errors of the command line: what it names is not there."""
    try:
        yield
    except kinds as error:
        error.is_usage = True  # type: ignore[attr-defined]
        raise
