"""Cancel: Ctrl-C, a scheduler's SIGTERM or a closed terminal end a command within two seconds and leave nothing behind.

The first signal asks: the engine is told to stop, and the run ends as cancelled by its own means. Whatever does not
stop in time (a system that does not answer, an operator that does not look up) is left hard, after the files that the
run has begun are removed. While targets are being put in place nothing is stopped: that is a matter of moments, and
half of it would be worse than all.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from riverstage.cli._exit import CANCELLED
from riverstage.runs._terminal import flush, write

__all__ = ["Cancel", "cancel_on_signals"]

_PATIENCE = 1.2
_REMOVING = 0.3
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Cancel:
    """What a signal has to stop, and what it has to remove."""

    def __init__(self) -> None:
        self.is_asked = False
        self._engine: Any = None
        self._sessions: Mapping[str, Any] = {}
        self._is_committing = False

    def watch(self, engine: Any) -> None:
        """Take note of the engine of a run that is about to start, and of what it will write."""
        self._engine = engine
        execute = engine.execute

        def watched(prepared: Any, ctx: Any) -> Any:
            self._sessions = ctx.sessions
            return execute(prepared, ctx)

        engine.execute = watched

    def commits(self) -> None:
        """Take note that everything is written and is now being put in place."""
        self._is_committing = True

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Stop what is at work: the handler of signals."""
        del number, frame
        if self._is_committing:
            with contextlib.suppress(OSError):  # raised here, it would end the commit
                write("All rows are written and the targets are being put in place: the run completes.", error=True)
            return
        if self.is_asked:
            return
        self.is_asked = True
        threading.Thread(target=self._insist, name="riverstage-cancel", daemon=True).start()
        if self._engine is None:
            raise KeyboardInterrupt
        self._engine.cancel()

    def _insist(self) -> None:
        """Leave hard when asking was not enough."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            time.sleep(0.05)
            if self._engine is not None:
                # Asked again, as an engine between two statements has nothing that could be stopped.
                self._engine.cancel()
        remover = threading.Thread(target=self._remove, daemon=True)
        remover.start()
        remover.join(_REMOVING)
        with contextlib.suppress(OSError):
            write("■ cancelled" if self._engine is None else "■ cancelled. No target was changed.", error=True)
            flush()
        os._exit(CANCELLED)

    def _remove(self) -> None:
        for session in list(self._sessions.values()):
            with contextlib.suppress(Exception):  # the last thing that this process does
                session.abort()
        for folder in _scratch_folders():
            shutil.rmtree(folder, ignore_errors=True)


def _scratch_folders() -> list[Path]:
    """Return the folders for intermediate rows whose locks this process holds.

    Where the system does not tell, the next run finds the locks free and removes the folders.
    """
    found = []
    with contextlib.suppress(OSError):
        for descriptor in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                path = descriptor.readlink()
                if path.name == "lock" and path.parent.name.startswith("riverstage-"):
                    found.append(path.parent)
    return found


@contextlib.contextmanager
def cancel_on_signals() -> Iterator[Cancel]:
    """Take signals as a cancel while a command runs; signals that the process was told to ignore stay ignored."""
    cancel = Cancel()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, cancel.ask)
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
