"""What a run gives back: counts of every link, rejects, the log, where the outputs are."""

from __future__ import annotations

import datetime as dt
import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from riverstage.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["LinkResult", "LogEntry", "RejectResult", "RunResult", "RunStatus", "TargetResult"]

RunStatus = Literal["Completed", "CompletedWithWarnings", "Failed", "Canceled"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of the job log.

    Args:
        time: When it was written, in UTC.
        level: ``info``, ``warning`` or ``error``.
        stage: The stage that it is about; empty for the run.
        text: The line.
    """

    time: dt.datetime
    level: Literal["info", "warning", "error"]
    stage: str
    text: str

    def __str__(self) -> str:
        mark = "" if self.level == "info" else f"{self.level.upper()} "
        about = f"{self.stage}: " if self.stage and not self.text.startswith(f"{self.stage},") else ""
        return f"{self.time:%H:%M:%S} {mark}{about}{self.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return the line as JSON-ready data."""
        return {"time": self.time.isoformat(), "level": self.level, "stage": self.stage, "text": self.text}


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What went over a link.

    Args:
        name: The link's name.
        source: Label of the stage that wrote it.
        target: Label of the stage that read it.
        kind: ``primary``, ``reference`` or ``reject``.
        rows: How many rows; None where the run was told to count only what is free.
    """

    name: str
    source: str
    target: str
    kind: str
    rows: int | None
    _fetch: Callable[[str, int | None], pa.Table] | None = field(default=None, repr=False, compare=False)

    def to_arrow(self, limit: int | None = None) -> pa.Table:
        """Return the link's rows as an Arrow table, computed again on demand; nothing is written.

        Args:
            limit: Rows at most; None for all.

        Raises:
            RuntimeError: The result was read from a record and has no flow at hand.
        """
        if self._fetch is None:
            message = "This result was read from a record; run the flow again, or use flow.preview(link)."
            raise RuntimeError(message)
        return self._fetch(self.name, limit)

    def to_pandas(self, limit: int | None = None) -> pd.DataFrame:
        """Return the link's rows as a pandas data frame (needs ``riverstage[pandas]``)."""
        return self.to_arrow(limit).to_pandas()

    def to_polars(self, limit: int | None = None) -> pl.DataFrame:
        """Return the link's rows as a Polars data frame (needs ``riverstage[polars]``)."""
        import polars as pl

        frame = pl.from_arrow(self.to_arrow(limit))
        return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON-ready data."""
        return {"name": self.name, "source": self.source, "target": self.target, "kind": self.kind, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class RejectResult:
    """Rows that were rejected or dropped for one reason.

    Args:
        stage: Label of the stage that did it.
        link: The reject link that they went to; None where they were dropped.
        rows: How many.
        reason: Why, as a clause (``no condition held``); empty where the stage does not say.
        asked: Whether a setting of the stage asks for them to be dropped, so that they are no cause for a warning.
    """

    stage: str
    link: str | None
    rows: int
    reason: str
    asked: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return {
            "stage": self.stage,
            "link": self.link,
            "rows": self.rows,
            "reason": self.reason,
            "asked": self.asked,
        }


@dataclass(frozen=True, slots=True)
class TargetResult:
    """A target of the run.

    Args:
        stage: Label of the stage.
        rows: Rows that it accepted.
        where: What was written, as the flow says it (a file's path).
        committed: Whether the target shows them.
        path: The absolute path of a file; empty for what is none.
    """

    stage: str
    rows: int
    where: str
    committed: bool
    path: str = ""

    @property
    def shown(self) -> str:
        """What was written as a person can open it: a path from the working directory where it lies below, else all."""
        if not self.path:
            return self.where
        path = Path(os.path.normpath(self.path))
        here = Path.cwd()
        return str(path.relative_to(here) if path.is_relative_to(here) else path)

    def as_dict(self) -> dict[str, Any]:
        """Return the target as JSON-ready data."""
        return {
            "stage": self.stage,
            "rows": self.rows,
            "where": self.where,
            "path": self.path,
            "committed": self.committed,
        }


class Named(Protocol):
    """A link of a flow."""

    @property
    def address(self) -> str:
        """What a result calls it."""


class NoLinkError(NotFoundError, KeyError):
    """The run has no such link."""

    def __str__(self) -> str:
        return str(self.args[0])


def _no_link(key: object, links: Iterable[str]) -> NoLinkError:
    names = list(links)
    near = difflib.get_close_matches(str(key), names, 1)
    mend = f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(names)}." if names else "It has none."
    return NoLinkError(f"The run has no link {key!r}.", mend=mend)


@dataclass(frozen=True, slots=True)
class Links(Mapping[str, LinkResult]):
    """The links of a run by name, by place, or by a link of the flow itself; in the flow's order."""

    _links: Mapping[str, LinkResult]

    def __getitem__(self, key: str | int | Named) -> LinkResult:
        if isinstance(key, int):
            return list(self._links.values())[key]
        name = key if isinstance(key, str) else getattr(key, "address", None)
        found = self._links.get(str(name))
        if found is not None:
            return found
        raise _no_link(name if isinstance(name, str) else key, self._links)

    def __iter__(self) -> Iterator[str]:
        return iter(self._links)

    def __len__(self) -> int:
        return len(self._links)


@dataclass(frozen=True)
class RunResult:
    """A run that came to its end.

    Args:
        run_id: Its id.
        flow: The flow's name.
        engine: The engine that ran it.
        status: ``Completed``, ``CompletedWithWarnings``, ``Failed`` or ``Canceled``.
        started: When it started, in UTC.
        seconds: How long it took.
        links: What went over each link, by name.
        targets: What was written.
        rejects: The rows that went to reject links, then those that were dropped, by reason; no entry has no rows.
        dropped: How many rows stages dropped, by label; stages that dropped none are not in it.
        log: The job log.
        parameters: The parameters' values; encrypted ones are masked.
        error: What went wrong, as the error's ``as_dict``; None where nothing did.
        document: Canonical text of the document that ran.
    """

    run_id: str
    flow: str
    engine: str
    status: RunStatus
    started: dt.datetime
    seconds: float
    links: Links
    targets: tuple[TargetResult, ...] = ()
    rejects: tuple[RejectResult, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    log: tuple[LogEntry, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    document: str = ""

    @property
    def counts(self) -> dict[str, int | None]:
        """The rows of every link, by name."""
        return {name: link.rows for name, link in self.links.items()}

    @property
    def warnings(self) -> tuple[LogEntry, ...]:
        """The warnings of the log."""
        return tuple(entry for entry in self.log if entry.level == "warning")

    def logs(self) -> list[str]:
        """Return the job log as lines of text."""
        return [str(entry) for entry in self.log]

    def as_dict(self) -> dict[str, Any]:
        """Return the record of the run as JSON-ready data."""
        return {
            "run_id": self.run_id,
            "flow": self.flow,
            "engine": self.engine,
            "status": self.status,
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 6),
            "links": [link.as_dict() for link in self.links.values()],
            "targets": [target.as_dict() for target in self.targets],
            "rejects": [reject.as_dict() for reject in self.rejects],
            "dropped": dict(self.dropped),
            "log": [entry.as_dict() for entry in self.log],
            "parameters": {name: _json_value(value) for name, value in self.parameters.items()},
            "error": dict(self.error) if self.error is not None else None,
        }

    def record(self) -> dict[str, Any]:
        """Return the record that a project's history keeps: all of ``as_dict``, and the document that ran."""
        ended = self.started + dt.timedelta(seconds=self.seconds)
        return {
            **self.as_dict(),
            "state": self.status,
            "flow_name": self.flow,
            "started_at": self.started.isoformat(),
            "ended_at": ended.isoformat(),
            "document": self.document,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RunResult:
        """Return the result that a project's history keeps; its links say their counts, and no rows.

        Args:
            record: What ``record`` gave.
        """
        said = {"path": "", "where": "", "committed": False}
        return cls(
            run_id=record["run_id"],
            flow=record["flow"],
            engine=record["engine"],
            status=record["status"],
            started=dt.datetime.fromisoformat(record["started"]),
            seconds=record["seconds"],
            links=Links({link["name"]: LinkResult(**link) for link in record["links"]}),
            targets=tuple(TargetResult(**{**said, **target}) for target in record["targets"]),
            rejects=tuple(RejectResult(**reject) for reject in record.get("rejects", ())),
            dropped=record["dropped"],
            log=tuple(LogEntry(**{**line, "time": dt.datetime.fromisoformat(line["time"])}) for line in record["log"]),
            parameters=record["parameters"],
            error=record["error"],
            document=record.get("document", ""),
        )

    def __repr__(self) -> str:
        from riverstage.runs.present import result_text

        return result_text(self)

    def _repr_html_(self) -> str:
        from riverstage.runs.present import result_html

        return result_html(self)


def _json_value(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
