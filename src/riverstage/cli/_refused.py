"""What a command says where the system refuses a file or the command's own output."""

from __future__ import annotations

import contextlib
import os

from riverstage.runs._terminal import write

__all__ = ["tell_refused"]


def tell_refused(error: OSError, state: str = "") -> None:
    """Say on standard error what the system refused.

    Args:
        error: What it said; without a file's name, it was about our own output.
        state: What is true of the data all the same.
    """
    name = f" '{error.filename}'" if error.filename else ""
    reason = os.strerror(error.errno) if error.errno else str(error)
    if not error.filename:
        # Nothing can be shown any more where the output went: what is left of it must not be tried again at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    where = name or " The output could not be written"
    with contextlib.suppress(OSError):  # nor can this be said, then
        write(f"✗ error RS-8008:{where}: {reason}." + (f"\n  {state}" if state else ""), error=True)
