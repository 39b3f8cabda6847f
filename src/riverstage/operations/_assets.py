"""What can be done with the connections and parameter sets of a project."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from riverstage.document import canonical, read_json
from riverstage.errors import CatalogueError, ConflictError, DocumentError, NotFoundError, Place, UsageError
from riverstage.operations._names import checked_name
from riverstage.operations._parameters import normal_body
from riverstage.operations._project import OpenProject, free_name, taken_is_usage
from riverstage.operations._records import ConnectionRecord, Outcome, ParameterSetRecord
from riverstage.store import ABSENT, ANY, Asset, AssetKind, Spot, connection_spots, parameter_set_spots

__all__ = ["ConnectionOperations", "ParameterSetOperations"]

Record = TypeVar("Record", ConnectionRecord, ParameterSetRecord)


class _AssetOperations(ABC, Generic[Record]):
    """What connections and parameter sets have in common: a small JSON body under a name."""

    kind: AssetKind

    def __init__(self, project: OpenProject) -> None:
        self._project = project
        self._backend = project.backend

    def list(self) -> Sequence[Record]:
        """Return all, sorted by name.

        Raises:
            DocumentError: A file of them cannot be read.
        """
        return [self._record(asset) for asset in self._backend.list(self.kind)]

    def get(self, name: str) -> Record:
        """Return the one of that name.

        Raises:
            NotFoundError: There is none.
            DocumentError: Its file cannot be read.
        """
        return self._record(self._backend.get(self.kind, name))

    def delete(self, name: str, *, if_revision: str = ANY) -> Outcome[None]:
        """Remove one and its secrets (204).

        Raises:
            NotFoundError: There is none.
            ConflictError: It is not at that revision.
        """
        with self._backend.transaction():
            asset = self._backend.get(self.kind, name)
            body = self._body(asset)
            self._backend.delete(self.kind, name, if_revision=if_revision)
            self._project.forget_secrets(asset.content, owner=body["id"])
        return Outcome(204, None)

    def free_name(self, wanted: str) -> str:
        """Return a name that is free: the one that is wanted, or that with a number."""
        taken = {asset.name for asset in self._backend.list(self.kind)}
        return free_name(wanted, lambda name: name in taken)

    def _save(self, name: str, body: dict[str, Any], if_revision: str) -> Record:
        """Write a body under the name that it says; ``name`` is the one that it was read under."""
        what = self.kind.replace("_", " ")
        with self._backend.transaction():
            before = None if if_revision == ABSENT else self._unchanged(name, if_revision)
            if before is not None and body["name"] != name:
                with taken_is_usage(what, body["name"]):
                    self._backend.rename(self.kind, name, body["name"], if_revision=if_revision)
            scope = (self.kind, body["name"])
            with self._project.moving_secrets(
                body,
                self._spots,
                scope=scope,
                owner=body["id"],
                previous=lambda: None if before is None else self._body(before),
            ) as clean:
                content = canonical(clean.tree)
                self._backend.put(self.kind, body["name"], content, if_revision=if_revision)
            if before is not None:
                self._project.forget_secrets(before.content, content)
            return self._record(self._backend.get(self.kind, body["name"]))

    def _unchanged(self, name: str, if_revision: str) -> Asset:
        """Return an asset as it is kept if it is at the revision that somebody read it at."""
        what = self.kind.replace("_", " ")
        try:
            now = self._backend.get(self.kind, name)
        except NotFoundError:
            raise ConflictError(
                f"The {what} {name!r} was deleted or renamed since it was read.", state="Your changes are not saved."
            ) from None
        if now.revision != if_revision:
            raise ConflictError(
                f"The {what} {name!r} was changed since it was read: {self._changes(now, if_revision)}.",
                state="Your changes are not saved, and what is there is untouched.",
                mend="Read it again, make your changes there, and save that.",
            )
        return now

    def _changes(self, now: Asset, base: str) -> str:
        """Return which keys of a body differ from those of an earlier revision; no value is shown."""
        try:
            before = self._body(self._backend.get(self.kind, now.name, revision=base))
            after = self._body(now)
        except (NotFoundError, DocumentError):
            return "its file is another"
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return f"its {', '.join(keys)}" if keys else "only the spelling of its file"

    def _body(self, asset: Asset) -> dict[str, Any]:
        body = read_json(asset.content, source=asset.file)
        if not isinstance(body, dict):
            raise DocumentError(f"A {self.kind.replace('_', ' ')} is an object.", place=Place(file=asset.file))
        own = uuid.uuid5(uuid.NAMESPACE_URL, f"{self._project.record.project_id}/{self.kind}/{asset.name}")
        return {**body, "id": body.get("id") or str(own), "name": asset.name}

    @abstractmethod
    def _spots(self, body: dict[str, Any]) -> Iterator[Spot]:
        """Find the places of secrets in a body."""

    @abstractmethod
    def _record(self, asset: Asset) -> Record:
        """Return what an asset says."""


class ConnectionOperations(_AssetOperations[ConnectionRecord]):
    """The connections of a project, as assets: whether the system answers is not asked here.

    Args:
        project: The project.
    """

    kind: AssetKind = "connection"

    def create(
        self, name: str, datasource_type: str, description: str = "", properties: Mapping[str, Any] | None = None
    ) -> Outcome[ConnectionRecord]:
        """Make a connection (201).

        Args:
            name: Its name, unique in the project.
            datasource_type: The kind of system, by wire name or as its stage is called: ``postgresql``, ``PostgreSQL``.
            description: What it is for.
            properties: How to reach the system; secrets among them are kept encrypted.

        Raises:
            UsageError: The name is none, or is taken.
            StoreError: It could not be written.
        """
        body = {
            "id": str(uuid.uuid4()),
            "name": checked_name("connection", name),
            "datasource_type": _wire_type(datasource_type),
            "description": description,
            "properties": dict(properties or {}),
        }
        with taken_is_usage("connection", name):
            return Outcome(201, self._save(name, body, ABSENT))

    def save(self, name: str, record: ConnectionRecord) -> Outcome[ConnectionRecord]:
        """Save a connection (200).

        Args:
            name: Its name as it was read.
            record: What it shall be; its ``revision`` is the one that it was read at.

        Raises:
            ConflictError: Somebody else saved it since.
            UsageError: The new name is none, or is taken.
        """
        body = {
            "id": record.connection_id,
            "name": checked_name("connection", record.name),
            "datasource_type": record.datasource_type,
            "description": record.description,
            "properties": record.properties,
        }
        return Outcome(200, self._save(name, body, record.revision))

    def _spots(self, body: dict[str, Any]) -> Iterator[Spot]:
        return connection_spots(self._project.is_secret)(body)

    def _record(self, asset: Asset) -> ConnectionRecord:
        body = self._body(asset)
        return ConnectionRecord(
            self._project.record.project_id,
            body["id"],
            asset.name,
            str(body.get("datasource_type", "")),
            str(body.get("description") or ""),
            dict(body.get("properties") or {}),
            asset.revision,
        )


class ParameterSetOperations(_AssetOperations[ParameterSetRecord]):
    """The parameter sets of a project.

    Args:
        project: The project.
    """

    kind: AssetKind = "parameter_set"

    def create(self, body: Mapping[str, Any]) -> Outcome[ParameterSetRecord]:
        """Make a parameter set (201).

        Args:
            body: ``name``, and as they are set ``description``, ``parameters`` and ``value_sets``.

        Raises:
            ParameterError: A name is none, or a value does not fit its type.
            UsageError: The name is taken.
            StoreError: It could not be written.
        """
        normal = {"id": str(uuid.uuid4()), **normal_body(body)}
        with taken_is_usage("parameter set", normal["name"]):
            return Outcome(201, self._save(normal["name"], normal, ABSENT))

    def save(self, name: str, record: ParameterSetRecord) -> Outcome[ParameterSetRecord]:
        """Save a parameter set (200).

        Args:
            name: Its name as it was read.
            record: What it shall be; its ``revision`` is the one that it was read at.

        Raises:
            ParameterError: A name is none, or a value does not fit its type.
            ConflictError: Somebody else saved it since.
            UsageError: The new name is taken.
        """
        normal = {"id": record.parameter_set_id, **normal_body(record.body())}
        return Outcome(200, self._save(name, normal, record.revision))

    def duplicate(self, name: str) -> Outcome[ParameterSetRecord]:
        """Make a parameter set like another, called ``NAME_copy_1`` or with the next number that is free (201)."""
        record = self.get(name)
        number = 1
        taken = {other.name for other in self.list()}
        while f"{name}_copy_{number}" in taken:
            number += 1
        body = self._project.own_secrets(record.body(), self._spots)
        return self.create({**body, "name": f"{name}_copy_{number}"})

    def _spots(self, body: dict[str, Any]) -> Iterator[Spot]:
        return parameter_set_spots(body)

    def _record(self, asset: Asset) -> ParameterSetRecord:
        body = self._body(asset)
        return ParameterSetRecord(
            self._project.record.project_id,
            body["id"],
            asset.name,
            str(body.get("description") or ""),
            list(body.get("parameters") or ()),
            list(body.get("value_sets") or ()),
            asset.revision,
        )


def _wire_type(datasource_type: str) -> str:
    """Return the wire name of a kind of system; a name that the catalogue does not know stays as it is."""
    from riverstage.catalogue import by_op, find

    if not isinstance(datasource_type, str) or not datasource_type:
        raise UsageError("A connection needs the kind of its system, such as 'postgresql'.", code="RS-7018")
    if by_op(datasource_type) is not None:
        return datasource_type
    try:
        return find(datasource_type).op or datasource_type
    except CatalogueError:
        return datasource_type
