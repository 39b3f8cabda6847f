"""What can be done with the flows of a project."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from riverstage.document import Document, canonical, read_json
from riverstage.errors import ConflictError, DocumentError, NotFoundError, Place, StoreError, UsageError
from riverstage.operations._changes import changes_between
from riverstage.operations._names import checked_name
from riverstage.operations._project import OpenProject, already_there, free_name, taken_is_usage
from riverstage.operations._records import FlowRecord, Outcome
from riverstage.store import ABSENT, ANY, Asset, Version, flow_spots

__all__ = ["FlowOperations"]

_REMEMBERED = 10_000


class FlowOperations:
    """The flows of a project.

    Args:
        project: The project.
    """

    def __init__(self, project: OpenProject) -> None:
        self._project = project
        self._backend = project.backend
        self._spots = flow_spots(project.is_secret)
        self._said: dict[str, tuple[str, str, str]] = {}

    def list(self) -> Sequence[FlowRecord]:
        """Return all flows, sorted by name; one whose file cannot be read says why in ``problem``."""
        return [self._record(asset) for asset in self._backend.list("flow")]

    def get(self, name: str | None = None, *, flow_id: str | None = None, revision: str | None = None) -> FlowRecord:
        """Return a flow.

        Args:
            name: Its name.
            flow_id: Its id, instead.
            revision: A revision that :meth:`history` names; as it is now by default.

        Raises:
            NotFoundError: There is none.
            StoreError: Two files have the id, or the name.
            DocumentError: Its file cannot be read.
        """
        if name is None:
            name = self._name_of(flow_id)
        record = self._record(self._backend.get("flow", name, revision=revision))
        if record.problem:
            self._tree(record.content, record.file)
        return record

    def create(self, name: str, tree: dict[str, Any], content: bytes | None = None) -> Outcome[FlowRecord]:
        """Make a flow (201).

        Args:
            name: Its name, unique in the project.
            tree: Its document; one without an id gets one.
            content: The canonical bytes of the tree, when they are known.

        Raises:
            UsageError: The name is none or is taken, or another flow has the id.
            StoreError: It could not be written.
        """
        checked_name("flow", name)
        with self._backend.transaction():
            same = [record.name for record in self.list() if record.flow_id and record.flow_id == tree.get("id")]
            if same and name not in same:
                raise UsageError(
                    f"The flow {same[0]!r} has the id {tree['id']!r} already.",
                    code="RS-7004",
                    state="Nothing was changed.",
                    mend="Give the new flow an id of its own, or use duplicate_flow.",
                )
            with taken_is_usage("flow", name):
                return Outcome(201, self._write(name, tree, content, None, ABSENT))

    def save(
        self, name: str, tree: dict[str, Any], content: bytes | None = None, *, if_revision: str, new_name: str = ""
    ) -> Outcome[FlowRecord]:
        """Save a flow (201).

        Args:
            name: Its name as it was read.
            tree: Its document.
            content: The canonical bytes of the tree, when they are known.
            if_revision: The revision that it was read at.
            new_name: The name that it shall have; the same by default.

        Raises:
            ConflictError: Somebody else saved, renamed or deleted it since; the message says what changed.
            UsageError: The new name is none, or is taken.
            StoreError: It could not be written.
        """
        new_name = checked_name("flow", new_name or name)
        with self._backend.transaction():
            before = self._unchanged(name, tree, if_revision)
            if new_name == name:
                return Outcome(201, self._write(name, tree, content, before, before.revision))
            with taken_is_usage("flow", new_name):
                self._backend.rename("flow", name, new_name, if_revision=before.revision)
            try:
                return Outcome(201, self._write(new_name, tree, content, before, before.revision))
            except BaseException:
                self._backend.rename("flow", new_name, name, if_revision=before.revision)
                raise

    def delete(self, name: str, *, if_revision: str = ANY) -> Outcome[None]:
        """Remove a flow and its secrets (204).

        Raises:
            NotFoundError: There is none.
            ConflictError: It is not at that revision.
        """
        with self._backend.transaction():
            record = self._record(self._backend.get("flow", name))
            self._backend.delete("flow", name, if_revision=if_revision)
            self._project.forget_secrets(record.content, owner=record.flow_id)
        return Outcome(204, None)

    def duplicate(
        self, name: str, new_names: Sequence[str], description: str | None = None
    ) -> Outcome[Sequence[FlowRecord]]:
        """Make flows like another, each with an id and secrets of its own: all of them or none (201).

        Args:
            name: Name of the flow.
            new_names: Names of the copies.
            description: What the copies are for; as the flow's by default.

        Raises:
            NotFoundError: There is no such flow.
            UsageError: A new name is none, or is taken.
        """
        with self._backend.transaction():
            record = self.get(name)
            taken = {asset.name for asset in self._backend.list("flow")}
            for new_name in new_names:
                if checked_name("flow", new_name) in taken:
                    raise already_there("flow", new_name)
            made = [self._copy(record, new_name, description) for new_name in new_names]
        return Outcome(201, made)

    def _copy(self, record: FlowRecord, new_name: str, description: str | None) -> FlowRecord:
        document = Document.loads(record.content, source=record.file)
        document.tree["id"] = str(uuid.uuid4())
        if document.own.get("name"):
            document.set_own("name", new_name)
        if description is not None:
            document.pipeline(document.primary_pipeline)["description"] = description
        return self._write(new_name, self._project.own_secrets(document.tree, self._spots), None, None, ABSENT)

    def free_name(self, wanted: str) -> str:
        """Return a name that no flow has: the one that is wanted, or that with a number."""
        taken = {asset.name for asset in self._backend.list("flow")}
        return free_name(wanted, lambda name: name in taken)

    def history(self, name: str) -> Sequence[Version]:
        """Return the states that are known of a flow, the newest first.

        Raises:
            NotFoundError: Nothing is known of such a flow.
        """
        versions = self._backend.history("flow", name)
        if not versions:
            self._backend.get("flow", name)
        return versions

    def _write(
        self, name: str, tree: dict[str, Any], content: bytes | None, before: Asset | None, if_revision: str
    ) -> FlowRecord:
        changed: dict[tuple[str | int, ...], str] = {}
        if not tree.get("id"):
            changed["id",] = str(uuid.uuid4())
            tree, content = {**tree, "id": changed["id",]}, None
        with self._project.moving_secrets(
            tree,
            self._spots,
            scope=(name,),
            owner=str(tree["id"]),
            previous=lambda: None if before is None else self._tree_or_none(before.content),
        ) as clean:
            if content is None or clean.tokens:
                content = canonical(clean.tree)
            revision = self._backend.put("flow", name, content, if_revision=if_revision)
        if before is not None:
            self._project.forget_secrets(before.content, content)
        self._said[revision] = _said_by(clean.tree)
        return replace(self._record(self._backend.get("flow", name)), changed={**changed, **clean.tokens})

    def _unchanged(self, name: str, tree: dict[str, Any], if_revision: str) -> Asset:
        """Return a flow as it is kept if it is at the revision that somebody read it at."""
        try:
            now = self._backend.get("flow", name)
        except NotFoundError:
            raise self._gone(name, str(tree.get("id", ""))) from None
        if now.revision == if_revision or if_revision == ANY:
            return now
        theirs = self._tree_or_none(now.content)
        base = self._base(name, if_revision)
        if theirs is None:
            what = "its file cannot be read any more"
        elif base is not None:
            what = changes_between(base, theirs)
        else:
            what = f"compared with yours, {changes_between(tree, theirs)}"
        raise ConflictError(
            f"The flow {name!r} was changed since it was read: {what}.",
            place=Place(flow=name, file=now.file),
            state="Your changes are not saved, and what is there is untouched.",
            mend="Read the flow again, make your changes there, and save that; or save yours under another name.",
        )

    def _base(self, name: str, revision: str) -> dict[str, Any] | None:
        try:
            return self._tree_or_none(self._backend.get("flow", name, revision=revision).content)
        except NotFoundError:
            return None

    def _gone(self, name: str, flow_id: str) -> ConflictError:
        renamed = [record.name for record in self.list() if flow_id and record.flow_id == flow_id]
        what = f"renamed to {renamed[0]!r}" if renamed else "deleted"
        return ConflictError(
            f"The flow {name!r} was {what} since it was read.",
            place=Place(flow=name),
            state="Your changes are not saved.",
            mend="Read it under its new name." if renamed else "Save yours as a new flow with create_flow.",
        )

    def _name_of(self, flow_id: str | None) -> str:
        if not flow_id:
            raise UsageError("A flow is found by its name or its id.", code="RS-7018")
        found = [record for record in self.list() if record.flow_id == flow_id]
        if len(found) > 1:
            said = " and ".join(f"{record.name!r}" for record in found)
            raise StoreError(
                f"Two flows have the id {flow_id!r}: {said}.",
                code="RS-7013",
                mend="One was copied as a file: give it another id, or remove it and use duplicate_flow.",
            )
        if not found:
            raise NotFoundError(f"There is no flow with the id {flow_id!r} in the project.", code="RS-7002")
        return found[0].name

    def _record(self, asset: Asset) -> FlowRecord:
        if asset.revision not in self._said:
            if len(self._said) >= _REMEMBERED:
                self._said.clear()
            try:
                said = _said_by(read_json(asset.content))
            except DocumentError as refusal:
                said = "", "", refusal.message
            self._said[asset.revision] = said
        flow_id, description, problem = self._said[asset.revision]
        return FlowRecord(
            self._project.record.project_id,
            flow_id,
            asset.name,
            description,
            asset.revision,
            asset.content,
            asset.file,
            problem,
        )

    @staticmethod
    def _tree(content: bytes, file: str | None) -> dict[str, Any]:
        tree = read_json(content, source=file)
        if not isinstance(tree, dict):
            raise DocumentError("A flow document is an object.", place=Place(file=file))
        return tree

    def _tree_or_none(self, content: bytes) -> dict[str, Any] | None:
        try:
            return self._tree(content, None)
        except DocumentError:
            return None


def _said_by(tree: object) -> tuple[str, str, str]:
    """Return the id and description in a document, and why it is none."""
    if not isinstance(tree, dict):
        return "", "", "A flow document is an object."
    held = tree.get("pipelines")
    pipelines = [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    primary = next((each for each in pipelines if each.get("id") == tree.get("primary_pipeline")), {})
    said = [tree.get("id"), primary.get("description")]
    flow_id, description = (text if isinstance(text, str) else "" for text in said)
    return flow_id, description, ""
