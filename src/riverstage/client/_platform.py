"""The platform: where projects are found."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from riverstage.client._project import Project, Projects
from riverstage.client._response import Response
from riverstage.errors import StoreError, UsageError
from riverstage.flow._strict import Strict
from riverstage.operations import Workspace

__all__ = ["Platform"]


class Platform(Strict):
    """The projects in a folder.

    Args:
        auth: Who asks, for a service; a folder asks nobody.
        base_url: Address of a service. This version works with folders alone.
        path: The folder. By default the project that the current directory lies in or, where it lies in none, the
            current directory, each project a folder in it.

    Raises:
        StoreError: A service was asked for, or the path is no folder.

    Example:
        >>> import tempfile
        >>> platform = Platform(path=tempfile.mkdtemp())
        >>> project = platform.create_project("conf")
        >>> flow = project.create_flow("Orders")
        >>> project.update_flow(flow)
        <Response [201]>
    """

    __slots__ = ("__weakref__", "_workspace")

    def __init__(
        self, auth: object = None, base_url: str | None = None, *, path: str | os.PathLike[str] | None = None
    ) -> None:
        if base_url is not None:
            raise StoreError(
                f"This version has no client for a service, and cannot reach {str(base_url)!r}.",
                code="RS-7006",
                state="Nothing was sent.",
                mend="Leave base_url out to work with projects in a folder: Platform(path='…').",
            )
        if isinstance(auth, str | os.PathLike):
            raise UsageError(
                "A folder is given by name.", code="RS-7018", mend=f"Write Platform(path={os.fspath(auth)!r})."
            )
        self._workspace = Workspace(path)

    def __repr__(self) -> str:
        return f"Platform(path={str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The folder that it works with."""
        return self._workspace.path

    @property
    def projects(self) -> Projects:
        """Its projects."""
        return Projects(self)

    def create_project(
        self,
        name: str,
        description: str = "",
        tags: Iterable[str] | None = None,
        public: bool = False,  # noqa: FBT001, FBT002 - the published form
        project_context: str = "df",
        project_type: str = "wx",
        *,
        folder: str | os.PathLike[str] | None = None,
    ) -> Project:
        """Make a project.

        Args:
            name: Its name, unique on the platform.
            description: What it is for.
            tags: Words to find it by.
            public: Whether everybody on a shared server may see it.
            project_context: For a service; a folder has none.
            project_type: For a service; a folder has none.
            folder: The folder that shall be the project, whatever lies in it; by default a new one called as it is.

        Raises:
            UsageError: The name is none or is taken.
            StoreError: It could not be written.
        """
        del project_context, project_type
        outcome = self._workspace.create_project(name, description, tags, public=public, folder=folder)
        return Project(self, self._workspace.open_record(outcome.value))

    def update_project(self, project: Project) -> Response:
        """Save what a project says of itself (200); its folder keeps its name.

        Raises:
            NotFoundError: It is there no more.
            UsageError: The new name is none or is taken.
        """
        outcome = self._workspace.update_project(_checked(project)._record())
        project._operations = self._workspace.open_record(outcome.value)
        return Response(outcome.status, outcome.value.as_dict())

    def delete_project(self, project: Project) -> Response:
        """Remove a project with all that Riverstage wrote for it (204).

        Raises:
            NotFoundError: It is there no more.
            StoreError: Other files lie in its folder; they are named, and nothing is removed.
        """
        return Response(self._workspace.delete_project(_checked(project).project_id).status)


def _checked(project: object) -> Project:
    if not isinstance(project, Project):
        raise UsageError(f"{project!r} is no project.", code="RS-7018")
    return project
