"""The runs of a project's flows: what its history keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from riverstage.client._collections import Collection

if TYPE_CHECKING:
    from riverstage.client._project import Project
    from riverstage.runs.result import RunResult

__all__ = ["Runs"]

_SHOWN = 20


class Runs(Collection["RunResult"]):
    """The runs of a project, or of one of its flows, the newest first; read from its history when asked for.

    Each is the run's result as it was: counts, targets, log, error. Rows are not kept.

    Args:
        project: The project.
        flow_id: Only runs of the flow with that id.
    """

    what = "run"
    attributes = ("run_id", "flow", "engine", "status")

    def __init__(self, project: Project, flow_id: str | None = None) -> None:
        self._project = project
        self._flow_id = flow_id

    def _all(self) -> Iterator[RunResult]:
        from riverstage.runs.result import RunResult

        for record in self._project._operations.runs.list(flow_id=self._flow_id):
            yield RunResult.from_record(record)

    def _named(self) -> Iterable[Any]:
        return ()

    def __repr__(self) -> str:
        lines = [_line(run) for run, _ in zip(self._all(), range(_SHOWN + 1), strict=False)]
        if len(lines) > _SHOWN:
            lines[_SHOWN:] = [f"… and {len(self) - _SHOWN} more"]
        return "\n".join(lines) or "(no runs)"


def _line(run: RunResult) -> str:
    from riverstage.runs.present import duration

    return f"{run.started:%Y-%m-%d %H:%M:%S}  {run.status:<21}  {duration(run.seconds):>10}  {run.flow}  {run.run_id}"
