"""The project that a file lies in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riverstage.compiler import Assets, NoAssets
from riverstage.errors import Place, StoreError, UsageError
from riverstage.runs._terminal import write

if TYPE_CHECKING:
    from riverstage.flow import BatchFlow
    from riverstage.operations.around import ProjectAround
    from riverstage.runs.result import RunResult

__all__ = ["Around", "project_around"]


@dataclass(frozen=True)
class Around:
    """What is around a flow's file.

    Args:
        project: The project, or None.
        folder: Where relative file names start: the project's folder, else the current one.
    """

    project: ProjectAround | None
    folder: Path

    @property
    def name(self) -> str:
        """The project's name; empty without one."""
        return "" if self.project is None else self.project.name

    @property
    def assets(self) -> Assets:
        """What the flow refers to by name."""
        return NoAssets() if self.project is None else self.project

    @property
    def state_folder(self) -> Path | None:
        """Where the journals of commits are kept."""
        return None if self.project is None else self.project.state_folder

    def keep_run(self, result: RunResult) -> None:
        """Write a run to the project's history, where there is a project; a run does not fail for want of that."""
        if self.project is None:
            return
        try:
            self.project.keep(result)
        except (StoreError, OSError) as error:
            write(f"warning: The run was not kept in the project's history: {error}", error=True)


def project_around(flow: BatchFlow, path: Path, project: str | None) -> Around:
    """Return the project around a flow: the one that is named, the one that it was taken from, or its file's.

    Args:
        flow: The flow.
        path: Its file.
        project: The folder that ``--project`` names, or any file in it; None where it was not given.

    Raises:
        UsageError: The folder that was named lies in no project.
    """
    from riverstage.client._flows import origin_of
    from riverstage.operations import Workspace
    from riverstage.operations.around import ProjectAround

    origin = origin_of(flow)
    if project is None and origin is not None:
        return _in(ProjectAround(origin.project._operations))
    start = path if project is None else Path(project)
    if not start.exists():
        raise UsageError(f"There is no folder {start}.", code="RS-8004", place=Place(file=str(start)))
    found = Workspace(start if start.is_dir() else start.parent).project_of(start)
    if found is not None:
        return _in(ProjectAround(found))
    if project is not None:
        raise UsageError(
            f"{start} is no project and lies in none.",
            code="RS-8004",
            place=Place(file=str(start)),
            mend="`riverstage new NAME` makes one.",
        )
    return Around(None, Path.cwd())


def _in(project: ProjectAround) -> Around:
    return Around(project, project.folder)
