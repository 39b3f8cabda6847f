"""A project: what people hold of it, and what can be done with what it keeps."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from riverstage.client._collections import Collection, matches
from riverstage.client._connections import Connection, Connections
from riverstage.client._flows import FlowOrigin, Flows, batch_only, flow_of, origin_of
from riverstage.client._parameter_sets import Parameter, ParameterSet, ParameterSets, ValueSet
from riverstage.client._response import Response
from riverstage.client._runs import Runs
from riverstage.document import Document
from riverstage.errors import StoreError, UsageError
from riverstage.flow import BatchFlow, FlowType
from riverstage.flow._strict import Strict
from riverstage.operations import FlowRecord, ProjectOperations, ProjectRecord
from riverstage.store import owner_of, updated_at

if TYPE_CHECKING:
    from riverstage.client._platform import Platform

__all__ = ["Project", "Projects"]

_Kind = type[Connection | ParameterSet]


class Project(Strict):
    """A project. Get one from ``platform.projects`` or ``platform.create_project``.

    ``name``, ``description``, ``tags`` and ``public`` may be set; ``platform.update_project`` saves them.
    """

    __slots__ = ("__weakref__", "_operations", "_platform", "description", "name", "public", "tags")

    def __init__(self, platform: Platform, operations: ProjectOperations) -> None:
        self._platform = platform
        self._operations = operations
        record = operations.record
        self.name = record.name
        self.description = record.description
        self.tags = list(record.tags)
        self.public = record.public

    def __repr__(self) -> str:
        return f"Project(name={self.name!r}, project_id={self.project_id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Project) and other.project_id == self.project_id and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.project_id)

    @property
    def project_id(self) -> str:
        """Its id, for ever the same."""
        return self._operations.record.project_id

    @property
    def path(self) -> Path:
        """The folder that it is."""
        return self._operations.record.folder

    @property
    def type(self) -> str:
        """Where it is kept: ``folder``."""
        return "folder"

    @property
    def creator(self) -> str | None:
        """The user that its folder belongs to; None where the system does not say."""
        return owner_of(self.path)

    @property
    def metadata(self) -> dict[str, Any]:
        """What is known of it besides: ``guid``, ``url`` of its folder, ``updated_at`` in UTC where it is there."""
        return {"guid": self.project_id, "url": self.path.as_uri(), "updated_at": updated_at(self.path)}

    def _record(self) -> ProjectRecord:
        return ProjectRecord(
            self.project_id, self.name, self.description, tuple(self.tags), bool(self.public), self.path
        )

    # Flows.

    @property
    def flows(self) -> Flows:
        """Its flows."""
        return Flows(self)

    def create_flow(
        self,
        name: str,
        description: str = "",
        flow_type: Literal["batch"] | FlowType = "batch",
        *,
        environment: None = None,
    ) -> BatchFlow:
        """Make an empty flow and save it.

        Args:
            name: Its name, unique in the project.
            description: What it is for.
            flow_type: ``batch``.
            environment: Nothing; only flows of other types run in one.

        Raises:
            UsageError: The name is none or is taken, or the type is another.
            StoreError: It could not be written.
        """
        from riverstage import __version__

        batch_only(flow_type)
        if environment is not None:
            raise UsageError("A batch flow is made without an environment.", code="RS-7018")
        own = {"catalogue": __version__, "name": name}
        document = Document.new(str(name), description, flow_id=str(uuid.uuid4()), own=own)
        outcome = self._operations.flows.create(name, document.tree)
        return flow_of(self, outcome.value)

    def update_flow(self, flow: BatchFlow) -> Response:
        """Save a flow (201). Its secrets are moved to the project's encrypted store.

        A flow that no project has yet is added to this one.

        Args:
            flow: A flow; a changed ``name`` renames it.

        Raises:
            ConflictError: Somebody else saved it since it was read; the message says what changed.
            UsageError: It is a flow of another project, or its new name is taken.
            StoreError: It could not be written.
        """
        origin = self._own(flow) if self._is_kept(flow) else None
        content = flow.to_bytes()
        flows, tree = self._operations.flows, flow.document.tree
        if origin is None:
            if any(record.flow_id == flow.flow_id for record in flows.list()):
                tree, content = {**tree, "id": str(uuid.uuid4())}, b""
                flow.document.replace(tree)
            outcome = flows.create(flow.name, tree, content or None)
            object.__setattr__(flow, "_origin", FlowOrigin(self, flow.name, outcome.value.revision))
        else:
            outcome = flows.save(origin.name, tree, content, if_revision=origin.revision, new_name=flow.name)
            origin.name, origin.revision = outcome.value.name, outcome.value.revision
        _put_back(flow.document, outcome.value)
        return Response(outcome.status, outcome.value.as_dict(), {"ETag": f'"{outcome.value.revision}"'})

    def delete_flow(self, flow: BatchFlow) -> Response:
        """Remove a flow and its secrets (204).

        Raises:
            ConflictError: Somebody else saved it since it was read.
            NotFoundError: It is there no more.
            UsageError: It is no flow of this project.
        """
        origin = self._own(flow)
        outcome = self._operations.flows.delete(origin.name, if_revision=origin.revision)
        return Response(outcome.status)

    def duplicate_flow(
        self, flow: BatchFlow, name: str, description: str | None = None, number_of_copies: int = 1
    ) -> BatchFlow:
        """Make copies of a flow as it is saved.

        Args:
            flow: A flow of this project.
            name: Name of the copy; further copies are called ``NAME_2``, ``NAME_3`` and so on.
            description: What the copies are for; as the flow's by default.
            number_of_copies: How many to make.

        Returns:
            The first copy.

        Raises:
            UsageError: It is no flow of this project, or a name is taken; then no copy was made.
        """
        origin = self._own(flow)
        if not isinstance(number_of_copies, int) or isinstance(number_of_copies, bool) or number_of_copies < 1:
            raise UsageError(f"number_of_copies is 1 or more, not {number_of_copies!r}.", code="RS-7018")
        names = [name, *(f"{name}_{number}" for number in range(2, number_of_copies + 1))]
        records = self._operations.flows.duplicate(origin.name, names, description).value
        return flow_of(self, records[0])

    def _is_kept(self, flow: object) -> bool:
        if not isinstance(flow, BatchFlow):
            raise UsageError(f"{flow!r} is no flow.", code="RS-7018")
        return origin_of(flow) is not None

    def _own(self, flow: BatchFlow) -> FlowOrigin:
        if not isinstance(flow, BatchFlow):
            raise UsageError(f"{flow!r} is no flow.", code="RS-7018")
        origin = origin_of(flow)
        if origin is None:
            raise UsageError(f"The flow {flow.name!r} is in no project yet.", code="RS-7018", mend="Save it first.")
        if origin.project != self:
            raise UsageError(
                f"The flow {flow.name!r} belongs to the project {origin.project.name!r}, not to {self.name!r}.",
                code="RS-7018",
                mend="Use it with its own project.",
            )
        return origin

    # Runs.

    @property
    def runs(self) -> Runs:
        """What its history keeps of the runs of its flows, the newest first.

        Example:
            >>> import tempfile
            >>> from riverstage import Platform
            >>> project = Platform(path=tempfile.mkdtemp()).create_project("p")
            >>> project.runs
            (no runs)
        """
        return Runs(self)

    # Parameter sets.

    @property
    def parameter_sets(self) -> ParameterSets:
        """Its parameter sets."""
        return ParameterSets(self)

    def create_parameter_set(
        self,
        name: str,
        description: str = "",
        parameters: Iterable[Parameter | Mapping[str, Any]] | None = None,
        value_sets: Iterable[ValueSet | Mapping[str, Any]] | None = None,
    ) -> ParameterSet:
        """Make a parameter set and save it.

        Args:
            name: Its name: letters, digits and ``_``; unique in the project.
            description: What it is for.
            parameters: Its parameters.
            value_sets: Its value sets.

        Raises:
            ParameterError: A name is none, or a value does not fit its type.
            UsageError: The name is taken.
        """
        made = ParameterSet(name, parameters or (), description, value_sets or ())
        return made._take(self, self._operations.parameter_sets.create(made.as_dict()).value)

    def update_parameter_set(self, parameter_set: ParameterSet) -> Response:
        """Save a parameter set (200), or add one that no project has yet (201).

        Raises:
            ConflictError: Somebody else saved it since it was read.
            ParameterError: A name is none, or a value does not fit its type.
            UsageError: It is a parameter set of another project, or its new name is taken.
        """
        sets = self._operations.parameter_sets
        self._require_own(parameter_set, ParameterSet, may_be_new=True)
        if parameter_set.project is None:
            outcome = sets.create(parameter_set.as_dict())
        else:
            outcome = sets.save(parameter_set._saved_name, parameter_set._record())
        parameter_set._take(self, outcome.value)
        return Response(outcome.status, outcome.value.as_dict(), {"ETag": f'"{outcome.value.revision}"'})

    def delete_parameter_set(self, parameter_set: ParameterSet) -> Response:
        """Remove a parameter set (204)."""
        self._require_own(parameter_set, ParameterSet)
        outcome = self._operations.parameter_sets.delete(parameter_set._saved_name, if_revision=parameter_set._revision)
        return Response(outcome.status)

    def duplicate_parameter_set(self, parameter_set: ParameterSet) -> ParameterSet:
        """Make a copy of a parameter set as it is saved, called ``NAME_copy_1`` or with the next number."""
        self._require_own(parameter_set, ParameterSet)
        outcome = self._operations.parameter_sets.duplicate(parameter_set._saved_name)
        return ParameterSet(outcome.value.name)._take(self, outcome.value)

    # Connections.

    @property
    def connections(self) -> Connections:
        """Its connections."""
        return Connections(self)

    def create_connection(
        self,
        name: str,
        datasource_type: object,
        description: str | None = None,
        properties: Mapping[str, Any] | None = None,
        test: bool = False,  # noqa: FBT001, FBT002 - the published form
    ) -> Connection:
        """Make a connection and save it; its secrets are moved to the project's encrypted store.

        Args:
            name: Its name, unique in the project.
            datasource_type: The kind of system: a name such as ``postgresql``, or an object that has one.
            description: What it is for.
            properties: Host, database, user and so on.
            test: Whether the system must answer first; connections are kept untried, so it must be False.

        Raises:
            UsageError: The name is none or is taken, or a test is wanted.
            StoreError: It could not be written.
        """
        _refuse_test(test)
        kind: Any = getattr(datasource_type, "name", datasource_type)
        outcome = self._operations.connections.create(name, kind, description or "", properties)
        return Connection(name, kind)._take(self, outcome.value)

    def update_connection(self, connection: Connection, test: bool = False) -> Response:  # noqa: FBT001, FBT002
        """Save a connection (200).

        Raises:
            ConflictError: Somebody else saved it since it was read.
            UsageError: It is no connection of this project, or its new name is taken, or a test is wanted.
        """
        _refuse_test(test)
        self._require_own(connection, Connection)
        outcome = self._operations.connections.save(connection._saved_name, connection._record())
        connection._take(self, outcome.value)
        return Response(outcome.status, outcome.value.as_dict(), {"ETag": f'"{outcome.value.revision}"'})

    def delete_connection(self, connection: Connection) -> Response:
        """Remove a connection and its secrets (204)."""
        self._require_own(connection, Connection)
        outcome = self._operations.connections.delete(connection._saved_name, if_revision=connection._revision)
        return Response(outcome.status)

    def _require_own(self, thing: Connection | ParameterSet, kind: _Kind, *, may_be_new: bool = False) -> None:
        what = "connection" if kind is Connection else "parameter set"
        if not isinstance(thing, kind):
            raise UsageError(f"{thing!r} is no {what}.", code="RS-7018")
        if thing.project is None and not may_be_new:
            raise UsageError(f"The {what} {thing.name!r} is in no project yet.", code="RS-7018")
        if thing.project is not None and thing.project != self:
            raise UsageError(
                f"The {what} {thing.name!r} belongs to the project {thing.project.name!r}, not to {self.name!r}.",
                code="RS-7018",
            )


class Projects(Collection[Project]):
    """The projects of a platform.

    Args:
        platform: The platform.
    """

    what = "project"
    attributes = ("name", "project_id", "description", "public")

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def _all(self) -> Iterator[Project]:
        return self._read(None)

    def _read(self, problems: list[StoreError] | None) -> Iterator[Project]:
        workspace = self._platform._workspace
        for record in workspace.projects(problems):
            yield Project(self._platform, workspace.open_record(record))

    def _chosen(self, filters: dict[str, Any]) -> Iterator[Project]:
        problems: list[StoreError] = []
        found = [project for project in self._read(problems) if matches(project, filters)]
        if problems and not (found and filters):
            raise problems[0]
        return iter(found)


def _put_back(document: Document, record: FlowRecord) -> None:
    """Put into a document what saving put into the file: tokens in place of secrets."""
    for path, token in record.changed.items():
        holder: Any = document.tree
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = token


def _refuse_test(test: object) -> None:
    if test:
        raise UsageError(
            "A connection is kept without being tried.", code="RS-7018", mend="Leave test out, or give test=False."
        )
