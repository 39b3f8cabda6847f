"""A workspace: the projects in a folder."""

from __future__ import annotations

import difflib
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from riverstage.errors import NotFoundError, StoreError, UsageError
from riverstage.operations._assets import ConnectionOperations, ParameterSetOperations
from riverstage.operations._flows import FlowOperations
from riverstage.operations._names import checked_name
from riverstage.operations._project import OpenProject
from riverstage.operations._records import Outcome, ProjectRecord
from riverstage.operations._secret_properties import is_secret_property
from riverstage.store import (
    Backend,
    FolderBackend,
    IsSecret,
    ProjectFile,
    RunRecords,
    SecretStore,
    create_project_folder,
    delete_project_folder,
    find_project,
    project_folders,
    read_project,
    write_project,
)

__all__ = ["ProjectOperations", "Workspace"]


class ProjectOperations:
    """Everything that can be done in one project.

    Args:
        record: What the project says of itself.
        backend: Its assets.
        is_secret: Says which properties are secrets.
        environ: The environment; the process's own by default.
    """

    def __init__(
        self,
        record: ProjectRecord,
        backend: FolderBackend,
        *,
        is_secret: IsSecret = is_secret_property,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.record = record
        self._backend = backend
        self.secrets = SecretStore(backend.state_folder, backend, environ)
        project = OpenProject(record, backend, self.secrets, is_secret)
        self.flows = FlowOperations(project)
        self.connections = ConnectionOperations(project)
        self.parameter_sets = ParameterSetOperations(project)

    def __repr__(self) -> str:
        return f"ProjectOperations({self.record.name!r})"

    @property
    def assets(self) -> Backend:
        """The project's assets as they are kept."""
        return self._backend

    @property
    def runs(self) -> RunRecords:
        """The records of the project's runs."""
        return self._backend.runs


class Workspace:
    """The projects in a folder, and everything that can be done with them.

    Args:
        path: The folder. By default the project that the current directory lies in or, where it lies in none, the
            current directory. A folder that is a project itself is a workspace of that project alone.
        is_secret: Says which properties are secrets; the catalogue does by default.
        environ: The environment; the process's own by default.

    Example:
        >>> import tempfile
        >>> workspace = Workspace(tempfile.mkdtemp())
        >>> outcome = workspace.create_project("conf")
        >>> outcome.status, [project.name for project in workspace.projects()]
        (201, ['conf'])
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        is_secret: IsSecret = is_secret_property,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.path = _current_folder() if path is None else Path(path).absolute()
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"A workspace is a folder, and '{self.path}' is a file.", code="RS-7009")
        self._is_secret = is_secret
        self._environ = environ
        self._open: dict[tuple[str, Path], ProjectOperations] = {}

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"

    def projects(self, problems: list[StoreError] | None = None) -> Sequence[ProjectRecord]:
        """Return the projects, sorted by name.

        Args:
            problems: Takes the errors of projects whose file cannot be read, so that they do not hide the others.

        Raises:
            StoreError: The folder cannot be read or, without ``problems``, the file of a project cannot.
        """
        found = [_record(folder, project) for folder, project in project_folders(self.path, problems)]
        return sorted(found, key=lambda record: record.name)

    def project(self, name: str | None = None, *, project_id: str | None = None) -> ProjectRecord:
        """Return the project of that name or id.

        Raises:
            NotFoundError: There is none.
            StoreError: Two folders have it, or it may be one whose file cannot be read.
        """
        problems: list[StoreError] = []
        projects = self.projects(problems)
        if project_id is None:
            found = [record for record in projects if record.name == name]
        else:
            found = [record for record in projects if record.project_id == project_id]
        if not found and problems:
            raise problems[0]
        if len(found) > 1:
            folders = " and ".join(f"'{record.folder.name}'" for record in found)
            raise StoreError(
                f"Two folders are the project {name or project_id!r}: {folders}.",
                code="RS-7013",
                mend="One was copied: give it another id and name in its riverstage.toml, or move it away.",
            )
        if not found:
            near = difflib.get_close_matches(name or "", [record.name for record in projects], n=1)
            raise NotFoundError(
                f"There is no project {name or project_id!r} in '{self.path}'.",
                code="RS-7002",
                mend=f"Did you mean {near[0]!r}?" if near else "",
            )
        return found[0]

    def create_project(
        self,
        name: str,
        description: str = "",
        tags: Iterable[str] | None = None,
        *,
        public: bool = False,
        folder: str | os.PathLike[str] | None = None,
    ) -> Outcome[ProjectRecord]:
        """Make a project (201).

        Args:
            name: Its name, unique in the workspace.
            description: What it is for.
            tags: Words to find it by.
            public: Whether everybody on a shared server may see it.
            folder: The folder that shall be the project, whatever lies in it; by default a new one called as it is.

        Raises:
            UsageError: The name is none or taken, or the workspace is a project itself.
            StoreError: It could not be written.
        """
        checked_name("project", name)
        if any(record.name == name for record in self.projects([])):
            raise UsageError(
                f"There is already a project {name!r} in '{self.path}'.", code="RS-7004", mend="Choose another name."
            )
        project = ProjectFile(str(uuid.uuid4()), name, description, _tags(tags), public)
        place = create_project_folder(self.path, project, None if folder is None else Path(folder).absolute())
        return Outcome(201, _record(place, project))

    def update_project(self, record: ProjectRecord) -> Outcome[ProjectRecord]:
        """Save what a project says of itself (200); its folder keeps its name.

        Args:
            record: What it shall say; ``project_id`` tells which project it is.

        Raises:
            NotFoundError: There is no such project.
            UsageError: The new name is none or taken.
            StoreError: It could not be written.
        """
        checked_name("project", record.name)
        folder = self.project(project_id=record.project_id).folder
        if any(other.name == record.name and other.project_id != record.project_id for other in self.projects([])):
            raise UsageError(
                f"There is already a project {record.name!r}.", code="RS-7004", mend="Choose another name."
            )
        changed = ProjectFile(record.project_id, record.name, record.description, _tags(record.tags), record.public)
        with FolderBackend(folder).transaction():
            write_project(folder, changed, is_new=False)
        return Outcome(200, _record(folder, changed))

    def delete_project(self, project_id: str) -> Outcome[None]:
        """Remove a project with all that Riverstage wrote for it (204).

        Raises:
            NotFoundError: There is no such project.
            StoreError: Other files lie in its folder; they are named, and nothing is removed.
        """
        delete_project_folder(self.project(project_id=project_id).folder)
        return Outcome(204, None)

    def open(self, project_id: str) -> ProjectOperations:
        """Return everything that can be done in a project.

        Raises:
            NotFoundError: There is no such project.
        """
        return self.open_record(self.project(project_id=project_id))

    def open_record(self, record: ProjectRecord) -> ProjectOperations:
        """Return everything that can be done in a project that was just looked up."""
        key = (record.project_id, record.folder)
        known = self._open.get(key)
        if known is None or known.record != record:
            backend = FolderBackend(record.folder)
            known = ProjectOperations(record, backend, is_secret=self._is_secret, environ=self._environ)
            self._open[key] = known
        return known

    def project_of(self, path: str | os.PathLike[str]) -> ProjectOperations | None:
        """Return everything that can be done in the project that a file lies in, or None where it lies in none."""
        folder = find_project(path)
        project = None if folder is None else read_project(folder)
        if folder is None or project is None:
            return None
        backend = FolderBackend(folder)
        return ProjectOperations(_record(folder, project), backend, is_secret=self._is_secret, environ=self._environ)


def _current_folder() -> Path:
    try:
        here = Path.cwd()
    except FileNotFoundError:
        raise StoreError("The current directory is not there any more.", code="RS-7009") from None
    return find_project(here) or here


def _record(folder: Path, project: ProjectFile) -> ProjectRecord:
    return ProjectRecord(project.project_id, project.name, project.description, project.tags, project.public, folder)


def _tags(tags: Iterable[str] | None) -> tuple[str, ...]:
    if isinstance(tags, str):
        raise UsageError("tags is a list of words, not one text.", code="RS-7018", mend=f"Give [{tags!r}].")
    found = tuple(tags or ())
    for tag in found:
        if not isinstance(tag, str):
            raise UsageError(f"A tag is text, not {tag!r}.", code="RS-7018")
    return found
