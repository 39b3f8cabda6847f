"""The project around a flow that runs: its parameter sets, connections, subflows and secrets; and its history."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage.document import Document
from riverstage.errors import NotFoundError
from riverstage.operations._secret_properties import is_secret_property
from riverstage.store import extract_secrets, flow_spots

if TYPE_CHECKING:
    from riverstage.operations._workspace import ProjectOperations
    from riverstage.runs.result import RunResult

__all__ = ["ProjectAround"]


class ProjectAround:
    """What a flow of a project finds around it when it runs. It is the ``Assets`` of the compiler.

    Args:
        project: The project.
    """

    def __init__(self, project: ProjectOperations) -> None:
        self._project = project

    @property
    def name(self) -> str:
        """The project's name."""
        return self._project.record.name

    @property
    def folder(self) -> Path:
        """The project's folder: relative file names of its flows start from it."""
        return self._project.record.folder

    @property
    def state_folder(self) -> Path:
        """Where the journals of commits are kept."""
        return self.folder / ".riverstage" / "commits"

    def parameter_set(self, name: str) -> Mapping[str, Any] | None:
        """Return a parameter set by name; None where there is none."""
        try:
            return self._project.parameter_sets.get(name).body()
        except NotFoundError:
            return None

    def parameter_sets(self) -> list[str]:
        """Return the names of the parameter sets that there are."""
        return [record.name for record in self._project.parameter_sets.list()]

    def connection(self, name: str) -> Mapping[str, Any] | None:
        """Return a connection asset by name; None where there is none."""
        try:
            return self._project.connections.get(name).as_dict()
        except NotFoundError:
            return None

    def subflow(self, name: str) -> Document | None:
        """Return the document of a flow that serves as a subflow, by name; None where there is none."""
        try:
            record = self._project.flows.get(name)
        except NotFoundError:
            return None
        return Document.loads(record.content, source=record.file)

    def secret(self, token: str) -> str | None:
        """Return what a ``secret:NAME`` token stands for; None where nobody knows."""
        try:
            return self._project.secrets.resolve(token)
        except NotFoundError:
            return None

    def environment(self, name: str) -> str | None:
        """Return an environment variable's value."""
        return os.environ.get(name)

    def keep(self, result: RunResult) -> None:
        """Write a run to the project's history."""
        record = result.record()
        # The flow may hold secrets that it was not saved with yet; a history keeps what ran, not what it knew.
        tree = Document.loads(record["document"]).tree
        record["flow_id"] = str(tree.get("id") or "")
        found = extract_secrets(tree, flow_spots(is_secret_property), scope=("flow", result.flow))
        if found.secrets:
            record["document"] = Document(found.tree).dumps().decode("utf-8")
        self._project.runs.put(record)
