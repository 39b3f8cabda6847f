"""What a person sees while a run is at work: the rows a Peek shows, and a progress bar where it takes long."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from riverstage.plan.events import Event, LogLine, Progress

if TYPE_CHECKING:
    from riverstage.runs.runtime import Runtime

__all__ = ["Console"]

# A run that is over sooner is better off without a bar.
_BAR_AFTER = 1.0


class Console:
    """Shows a run's events: Peek's rows on standard output, progress on standard error if that is a terminal.

    Args:
        runtime: What runs.
        quiet: Show nothing.
    """

    def __init__(self, runtime: Runtime, *, quiet: bool = False) -> None:
        self._name = runtime.name
        self._quiet = quiet
        self._since = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def listen(self, event: Event) -> None:
        """Show an event."""
        if self._quiet:
            return
        if isinstance(event, LogLine) and event.level == "info":
            sys.stdout.write(event.text + "\n")
            sys.stdout.flush()
        elif isinstance(event, Progress):
            self._progress(event)

    def _progress(self, event: Progress) -> None:
        if self._bar is None:
            if time.perf_counter() - self._since < _BAR_AFTER or not sys.stderr.isatty():
                return
            self._start()
        done = (max(event.step, 1) - 1 + (event.fraction or 0.0)) / event.steps
        self._bar.update(self._task, completed=min(done, 1.0) * 100)

    def _start(self) -> None:
        from rich.console import Console as Terminal
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(show_speed=True),
            TimeElapsedColumn(),
            console=Terminal(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(self._name, total=100)
        self._bar.start()
