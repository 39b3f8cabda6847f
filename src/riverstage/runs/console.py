"""What a person sees while a run is at work: the rows a Peek shows, and a progress bar where it takes long."""

from __future__ import annotations

import contextlib
import sys
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from riverstage.errors import RiverstageError
from riverstage.plan.events import Event, LogLine, Observed, Progress
from riverstage.runs._bar import Bar, Known
from riverstage.runs._terminal import flush, write

if TYPE_CHECKING:
    from riverstage.runs.runtime import Runtime

__all__ = ["Console", "let_go"]

# A run that is over sooner is better off without a bar.
_BAR_AFTER = 1.0


class Console:
    """Shows a run's events: Peek's rows on standard output, progress on standard error if that is a terminal.

    Where the system refuses to show something, nothing more is shown and the run goes on: its log has all of it.
    ``refused`` is then what the system said.

    Args:
        runtime: What runs.
        quiet: Show nothing.
        shows_rows: Whether rows that a Peek shows are written; progress is, in any case.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        runtime: Runtime,
        *,
        quiet: bool = False,
        shows_rows: bool = True,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._runtime = runtime
        self._quiet = quiet
        self._shows_rows = shows_rows
        self.has_written = False
        self.refused: OSError | None = None
        self._clock = clock
        self._since = clock()
        self._seen: dict[str, int] = {}
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._guarded(self._clear)
        if error is not None:
            # What was shown goes before the error; that it cannot be written is no reason to hide that.
            with contextlib.suppress(OSError):
                flush()
            let_go(error)

    def listen(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, Observed):
            self._seen.setdefault(event.name, event.rows)
        if not self._quiet:
            self._guarded(self._show, event)

    def _guarded(self, show: Callable[..., None], *arguments: Event) -> None:
        if self.refused is not None:
            return
        try:
            show(*arguments)
        except OSError as error:
            # Kept without its trace, whose frames hold the engine.
            self.refused = error.with_traceback(None)

    def _show(self, event: Event) -> None:
        if isinstance(event, LogLine) and event.level == "info":
            if self._shows_rows:
                self._clear()
                write(event.text, paint=False)
                self.has_written = True
        elif isinstance(event, Progress):
            self._progress(event)

    def _clear(self) -> None:
        if self._bar is not None:
            self._bar.clear()

    def _progress(self, event: Progress) -> None:
        seconds = self._clock() - self._since
        stream: TextIO | None = sys.stderr
        if seconds < _BAR_AFTER or stream is None or not Bar.can_show(stream):
            return
        if self._bar is None:
            self._bar = Bar(self._runtime.name, _known(self._runtime, self._seen), stream)
        done = None
        if event.fraction is not None:
            done = min(1.0, (max(event.step, 1) - 1 + event.fraction) / max(event.steps, 1))
        self._bar.show(done, seconds)


def _known(runtime: Runtime, seen: dict[str, int]) -> Known:
    """Return how much there is to read: rows, else bytes, as far as that is known before it is read."""
    from riverstage.runs._bar import known_of

    try:
        return known_of(runtime, seen)
    except (RiverstageError, OSError):
        # A bar without numbers is better than none, and the run itself says what is wrong.
        return Known()


def let_go(error: BaseException) -> None:
    """Let the frames of an error's traces go of what they hold: open databases must not live as long as the error.

    Args:
        error: An error that is on its way up; with those that it comes from.
    """
    seen: set[int] = set()
    ahead: list[BaseException | None] = [error]
    while ahead:
        current = ahead.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        traceback.clear_frames(current.__traceback__)
        ahead += [current.__cause__, current.__context__]
