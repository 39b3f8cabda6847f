"""Connections: how to reach the systems that flows read and write, kept once for a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riverstage.client._collections import Collection
from riverstage.flow._strict import Strict
from riverstage.operations import ConnectionRecord

if TYPE_CHECKING:
    from riverstage.client._project import Project

__all__ = ["Connection", "Connections"]


class Connection(Strict):
    """How to reach a system. Its secrets are tokens (``secret:NAME``) once it is kept; a new value replaces the secret.

    Args:
        name: Its name, unique in the project.
        datasource_type: The kind of system, by wire name, such as ``postgresql``.
        description: What it is for.
        properties: Host, database, user and so on.
    """

    __slots__ = (
        "__weakref__", "_revision", "_saved_name", "connection_id", "datasource_type", "description", "name", "project",
        "properties",
    )  # fmt: skip

    def __init__(
        self, name: str, datasource_type: str, description: str = "", properties: Mapping[str, Any] | None = None
    ) -> None:
        self.name = name
        self.datasource_type = datasource_type
        self.description = description
        self.properties: dict[str, Any] = dict(properties or {})
        self.connection_id = ""
        self.project: Project | None = None
        self._saved_name = name
        self._revision = ""

    def __repr__(self) -> str:
        return f"Connection(name={self.name!r})"

    def _take(self, project: Project, record: ConnectionRecord) -> Connection:
        """Become what is kept: ids, revision, and tokens in place of secrets."""
        self.name = self._saved_name = record.name
        self.datasource_type = record.datasource_type
        self.description = record.description
        self.properties = record.properties
        self.connection_id = record.connection_id
        self.project = project
        self._revision = record.revision
        return self

    def _record(self) -> ConnectionRecord:
        return ConnectionRecord(
            "" if self.project is None else self.project.project_id,
            self.connection_id,
            self.name,
            self.datasource_type,
            self.description,
            self.properties,
            self._revision,
        )


class Connections(Collection[Connection]):
    """The connections of a project.

    Args:
        project: The project.
    """

    what = "connection"
    attributes = ("name", "datasource_type", "description", "connection_id")

    def __init__(self, project: Project) -> None:
        self._project = project

    def _all(self) -> Iterator[Connection]:
        for record in self._project._operations.connections.list():
            yield Connection(record.name, record.datasource_type)._take(self._project, record)
