"""One run from start to end: targets prepared, rows accounted for, then committed; the log; the record."""

from __future__ import annotations

import contextlib
import datetime as dt
import fnmatch
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from riverstage import connectors
from riverstage.catalogue import MASK
from riverstage.engines._protocol import Engine, ExecutionContext, Options
from riverstage.errors import Place, RiverstageError, RunCancelled, RunError, RunFailed
from riverstage.plan import Graph, Sink, Source, WriteSession
from riverstage.plan.events import (
    REASON,
    REASON_ROWS,
    Event,
    Finished,
    LogLine,
    Observed,
    Progress,
    Refused,
    Shown,
)
from riverstage.plan.ledger import Ledger
from riverstage.plan.plan import Plan
from riverstage.runs._journal import Commit, interrupts_held_back, recover_all
from riverstage.runs._reasons import rejects_of, spelled, stage_of
from riverstage.runs.peek import peek_lines
from riverstage.runs.result import LinkResult, Links, LogEntry, RunResult, TargetResult

__all__ = ["Request", "execute", "new_run_id", "with_state"]

Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What to run and how.

    Args:
        plan: The plan.
        engine: The engine.
        options: How the engine may use the machine.
        folder: Where relative file names start.
        state_folder: Where the journal of a commit is kept.
        run_id: The run's id.
        facts: What is known of the run, for macros.
        listener: Is told every event, on the caller's thread.
        fetch: Computes a link's rows again for ``LinkResult.to_arrow``.
        notes: Warnings of the check, which stand first in the log.
        document: Canonical text of the document.
    """

    plan: Plan
    engine: Engine
    options: Options
    folder: Path
    state_folder: Path
    run_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    listener: Listener | None = None
    fetch: Callable[[str, int | None], Any] | None = None
    notes: tuple[LogEntry, ...] = ()
    document: str = ""


def new_run_id() -> str:
    """Return an id for a run: sortable by time, unique."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"


def with_state(error: RiverstageError, state: str) -> RiverstageError:
    """Return an error that says what state the data is in: what it says itself, else ``state``."""
    if not error.state:
        error.state = state
        error.args = (error._text(),)
    return error


def _placed(error: RiverstageError, flow: str, stage: str | None) -> None:
    """Say which flow and stage an error is about, where it does not say so itself."""
    place = replace(error.place, flow=error.place.flow or flow, stage=error.place.stage or stage)
    if place != error.place:
        error.place = place
        error.args = (error._text(),)


def _as_failure(error: RiverstageError) -> RunFailed:
    """Return the failure of a run for what a file or system refused: all that the error says, kept."""
    failed = RunFailed(error.message, code=error.code, place=error.place, state=error.state, mend=error.mend)
    for note in getattr(error, "__notes__", ()):
        failed.add_note(note)
    return failed


def _for_one(meaning: str) -> str:
    """Return what is said of several rows or records as it is said of one."""
    noun, _, rest = meaning.partition(" ")
    one = f"{noun.removesuffix('s')} {rest}"
    return one.removesuffix(" were dropped") + " was dropped" if one.endswith(" were dropped") else one


def execute(request: Request) -> RunResult:
    """Run a plan to its end.

    Args:
        request: What to run and how.

    Returns:
        The result, with every link's count.

    Raises:
        RunFailed: The run failed; no target was changed (or the message says which were). ``result`` on the error is
            the run's result.
        RunCancelled: The run was cancelled; no target was changed.
    """
    return _Run(request).run()


class _Run:
    """A run at work."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.plan = request.plan
        self.graph: Graph = request.plan.graph
        self.started = dt.datetime.now(dt.UTC)
        self.clock = time.perf_counter()
        self.log: list[LogEntry] = list(request.notes)
        self.ledger = Ledger(self.plan.laws)
        self.sessions: dict[str, WriteSession] = {}
        self.written: dict[str, int] = {}
        self.refused: dict[str, Mapping[str, int]] = {}
        self.examples: dict[str, str] = {}
        self.commit: Commit | None = None

    def run(self) -> RunResult:
        try:
            for stage in recover_all(self.request.state_folder):
                self._say("info", stage, "A commit that an earlier run left unfinished was finished.")
            self._begin()
            self._execute()
            self._check_ledger()
            self._commit()
        except RunError as error:
            self._abort()
            raise self._failed(error) from error.__cause__
        except RiverstageError as error:
            self._abort()
            raise self._failed(_as_failure(error)) from error
        except OSError as error:
            self._abort()
            raise self._failed(self._refused(error)) from error
        except BaseException as error:
            self._abort()
            if isinstance(error, KeyboardInterrupt):
                raise self._failed(self._cancelled()) from error
            raise
        self._warn_of_dropped()
        self._warn_of_unusual()
        warned = any(entry.level != "info" for entry in self.log)
        return self._result("CompletedWithWarnings" if warned else "Completed")

    def _begin(self) -> None:
        # Cut between a target's first file and its session, nobody would know whose that file is.
        with interrupts_held_back() as interrupts:
            for sink in self.plan.sinks:
                if sink.request.family == "log":
                    continue
                connector = connectors.load(sink.request.family)
                self.sessions[sink.stage] = connector.begin_write(
                    sink.request, folder=str(self.request.folder), run_id=self.request.run_id
                )
        if interrupts:
            raise KeyboardInterrupt

    def _execute(self) -> None:
        request = self.request
        prepared = request.engine.prepare(self.plan, request.options, folder=str(request.folder))
        ctx = ExecutionContext(request.run_id, str(request.folder), self.sessions, request.facts)
        # Closed at once where the listener raises: the engine must have stopped before its targets are removed.
        with contextlib.closing(request.engine.execute(prepared, ctx)) as events:
            for event in events:
                for told in self._lines(event):
                    self._note(told)
                    if request.listener is not None:
                        request.listener(told)

    def _lines(self, event: Event) -> Iterator[Event]:
        """Yield an event; rows that a Peek shows become the lines of the log that they are, reasons what they tell."""
        if not isinstance(event, Shown):
            yield event
            return
        if event.columns == (REASON, REASON_ROWS):
            ordered = sorted(event.rows, key=lambda row: (-int(str(row[1])), str(row[0])))
            yield Refused(event.stage, {str(reason): int(str(rows)) for reason, rows in ordered})
            return
        sink = next(
            item for item in self.plan.sinks if item.stage == event.stage and item.request.row.names == event.columns
        )
        for line in peek_lines(event, sink.request.options):
            yield LogLine("info", event.stage, line)

    def _note(self, event: Event) -> None:
        if isinstance(event, Observed):
            self.ledger.observe(event.name, event.rows, event.how)
        elif isinstance(event, Finished):
            self.written = dict(event.written)
        elif isinstance(event, Refused):
            self.refused[event.stage] = event.reasons
            self.examples[event.stage] = event.example
        elif isinstance(event, LogLine):
            self._say(event.level, event.stage, event.text)
        elif not isinstance(event, Progress):
            message = f"unknown event {event!r}"
            raise TypeError(message)

    def _say(self, level: Any, stage: str, text: str) -> None:
        self.log.append(LogEntry(dt.datetime.now(dt.UTC), level, stage, text))

    def _check_ledger(self) -> None:
        """Stop before the commit where counts contradict each other: rows were lost or doubled."""
        if not self.ledger.conflicts:
            return
        said = "; ".join(
            f"{conflict.name} was seen as {conflict.seen} ({conflict.how}) and follows to be {conflict.expected}"
            for conflict in self.ledger.conflicts[:5]
        )
        raise RunFailed(
            f"The row counts contradict each other: {said}.",
            code="RS-6105",
            place=Place(flow=self.graph.name),
            state="No target was changed.",
            mend="Please report this with the output of `riverstage explain`.",
        )

    def _commit(self) -> None:
        order = [sink for sink in self.plan.sinks if sink.stage in self.sessions]
        for sink in order:
            self.sessions[sink.stage].prepare()
        targets = [(sink.stage, sink.request.family, self.sessions[sink.stage]) for sink in order]
        self.commit = Commit(self.request.state_folder, self.request.run_id, targets)
        self.commit.run()
        if self.commit.was_interrupted:
            self._say("info", "", "A cancel came while the targets were being committed, which was too late.")

    @property
    def _committed(self) -> list[str]:
        return self.commit.committed if self.commit is not None else []

    def _abort(self) -> None:
        """Remove what was written and is not committed, unless the next run is to commit it."""
        if self.commit is not None and self.commit.is_left_to_the_next_run:
            return
        with interrupts_held_back():
            for stage, session in self.sessions.items():
                if stage not in self._committed:
                    # The error that ended the run is what must be told; what stays, the next write there sweeps.
                    with contextlib.suppress(OSError, RiverstageError):
                        session.abort()

    def _cancelled(self) -> RunCancelled:
        state = "No target was changed."
        if self._committed:
            state = f"Committed: {', '.join(self._committed)}. The next run in this folder finishes the commit."
        return RunCancelled("The run was cancelled.", place=Place(flow=self.graph.name), state=state)

    def _refused(self, error: OSError) -> RunFailed:
        """Return the error for what the system refused, where no room has said more of it."""
        file = error.filename if isinstance(error.filename, str) else None
        return RunFailed(
            f"The system refused to read or write: {error.strerror or error}.",
            code="RS-6113",
            place=Place(flow=self.graph.name, file=file),
            state=f"Committed: {', '.join(self._committed)}." if self._committed else "No target was changed.",
            mend="Check that the file is there, its rights and its disk; then run again.",
        )

    def _warn_of_dropped(self) -> None:
        for name, meaning in self.plan.dropped.items():
            rows = self.ledger.value(name)
            if rows:
                key = stage_of(self.graph, name) or ""
                why, example = spelled(self.refused.get(key, {})), self.examples.get(key, "")
                said = f"{rows:,} {_for_one(meaning) if rows == 1 else meaning}{why}.{example and f' {example}'}"
                self._say("info" if name in self.plan.asked else "warning", self._label_of(name), said)

    def _warn_of_unusual(self) -> None:
        for name, meaning in self.plan.warns.items():
            rows = self.ledger.value(name)
            if rows:
                label = self.graph.stages[self.graph.links[name].source].label
                self._say("warning", label, f"{rows:,} {_for_one(meaning) if rows == 1 else meaning}.")

    def _failed(self, error: RiverstageError) -> RiverstageError:
        with_state(error, "No target was changed.")
        if not isinstance(error, RunCancelled):
            _placed(error, self.graph.name, self._stage_of(error.place.file))
        cancelled = isinstance(error, RunCancelled)
        self._say("info" if cancelled else "error", error.place.stage or "", error.message)
        error.result = self._result("Canceled" if cancelled else "Failed", error)  # type: ignore[attr-defined]
        return error

    def _stage_of(self, file: str | None) -> str | None:
        """Return the label of the stage that reads or writes a file."""
        if file is None:
            return None
        for node in self.plan.nodes:
            if not isinstance(node, Source | Sink):
                continue
            options = node.request.options
            for name in (*options.get("paths", ()), options.get("path")):
                path = self._path_of(name)
                # A part of a data set is the data set's.
                if path and (path == file or file.startswith(f"{path}.parts/") or fnmatch.fnmatchcase(file, path)):
                    return self.graph.stages[node.stage].label
        return None

    def _label_of(self, count: str) -> str:
        """Return the label of the stage that a count of dropped rows is about."""
        stage = stage_of(self.graph, count)
        return count if stage is None else self.graph.stages[stage].label

    def _path_of(self, name: Any) -> str:
        return str(self.request.folder.absolute() / Path(str(name)).expanduser()) if name else ""

    def _result(self, status: Any, error: RiverstageError | None = None) -> RunResult:
        links = {}
        for key, link in self.graph.links.items():
            if link.is_inner:
                continue
            source, target = self.graph.stages[link.source].label, self.graph.stages[link.target].label
            rows = self.ledger.value(key) if error is None else None
            links[key] = LinkResult(key, source, target, link.kind, rows, self.request.fetch)
        targets = tuple(
            TargetResult(
                self.graph.stages[sink.stage].label,
                self.written.get(sink.stage, 0),
                str(sink.request.options.get("where") or sink.request.options.get("path") or sink.request.family),
                sink.stage in self._committed,
                self._path_of(sink.request.options.get("path")),
            )
            for sink in self.plan.sinks
            if sink.request.family != "log"
        )
        dropped: Counter[str] = Counter()
        for name in self.plan.dropped if error is None else ():
            dropped[self._label_of(name)] += self.ledger.value(name) or 0
        masked = {
            name: MASK if value.type == "encrypted" else value.value for name, value in self.graph.parameters.items()
        }
        return RunResult(
            run_id=self.request.run_id,
            flow=self.graph.name,
            engine=self.request.engine.name,
            status=status,
            started=self.started,
            seconds=time.perf_counter() - self.clock,
            links=Links(links),
            targets=targets,
            rejects=tuple(rejects_of(self.plan, self.ledger, self.refused)) if error is None else (),
            dropped={stage: rows for stage, rows in dropped.items() if rows},
            log=tuple(self.log),
            parameters=masked,
            error=dict(error.as_dict()) if error is not None else None,
            document=self.request.document,
        )
