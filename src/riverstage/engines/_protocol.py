"""What an engine is: it prepares a plan, then executes it, telling events, and can be cancelled."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from riverstage.plan import WriteSession
from riverstage.plan.events import Event
from riverstage.plan.plan import Plan

__all__ = ["Engine", "ExecutionContext", "Options", "Prepared"]


@dataclass(frozen=True, slots=True)
class Options:
    """How an engine may use the machine.

    Args:
        threads: Threads at most; None: as many as the machine has.
        memory_limit: Memory at most, as ``512MB``; None: the engine's own share of the machine.
        ledger: ``exact`` counts every link; ``basic`` takes only what is free.
        temp_folder: Where intermediate rows spill; None: a folder of the system's for temporary files.
    """

    threads: int | None = None
    memory_limit: str | None = None
    ledger: str = "exact"
    temp_folder: str | None = None


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """What an execution needs besides its plan.

    Args:
        run_id: The run.
        folder: Where relative file names start.
        sessions: The write session of each sink's stage; log sinks have none.
        facts: What is known of the run (its start, its names).
    """

    run_id: str
    folder: str
    sessions: Mapping[str, WriteSession] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Prepared(Protocol):
    """A plan made ready by an engine."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    def explain(self) -> dict[str, Any]:
        """Return its rounds, statements, observations and prices, as JSON-ready data."""


class Engine(Protocol):
    """An engine."""

    name: str

    def capabilities(self) -> Mapping[str, Any]:
        """Return what the engine can do, for checks and docs."""

    def prepare(self, plan: Plan, options: Options, *, folder: str) -> Prepared:
        """Make a plan ready; nothing is read or written yet."""

    def execute(self, prepared: Prepared, ctx: ExecutionContext) -> Generator[Event, None, None]:
        """Run it; the last event is ``Finished``. Targets are written but not committed."""

    def cancel(self) -> None:
        """Ask the execution to stop; from any thread."""
