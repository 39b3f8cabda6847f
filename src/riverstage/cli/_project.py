"""The project that a file lies in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riverstage.compiler import Assets, NoAssets
from riverstage.errors import Place, UsageError

if TYPE_CHECKING:
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
        """Write a run to the project's history, where there is a project."""
        if self.project is not None:
            self.project.keep(result)


def project_around(path: Path, *, required: bool) -> Around:
    """Return the project that a file or folder lies in.

    Raises:
        UsageError: It lies in none, and one was asked for.
    """
    from riverstage.operations import Workspace
    from riverstage.operations.around import ProjectAround

    found = Workspace(path if path.is_dir() else path.parent).project_of(path)
    if found is None:
        if required:
            raise UsageError(
                f"{path} is no project and lies in none.",
                code="RS-8004",
                place=Place(file=str(path)),
                mend="`riverstage new NAME` makes one.",
            )
        return Around(None, Path.cwd())
    project = ProjectAround(found)
    return Around(project, project.folder)
