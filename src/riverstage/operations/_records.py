"""What operations give back: plain results, each with the number that says how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

__all__ = ["ConnectionRecord", "FlowRecord", "Outcome", "ParameterSetRecord", "ProjectRecord"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """How a change went.

    Args:
        status: 201 made or saved, 200 changed, 204 removed.
        value: What there is now.
    """

    status: int
    value: T


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """A project.

    Args:
        project_id: Its id, for ever the same.
        name: Its name.
        description: What it is for.
        tags: Words to find it by.
        public: Whether everybody on a shared server may see it.
        folder: Where it lies.
    """

    project_id: str
    name: str
    description: str
    tags: tuple[str, ...]
    public: bool
    folder: Path

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data, in the form of the public project API."""
        return {
            "metadata": {"guid": self.project_id, "url": f"/v2/projects/{self.project_id}"},
            "entity": {
                "name": self.name,
                "description": self.description,
                "tags": list(self.tags),
                "public": self.public,
            },
        }


@dataclass(frozen=True, slots=True)
class FlowRecord:
    """A flow as it is kept.

    Args:
        project_id: Id of its project.
        flow_id: Its id; empty where its file cannot be read.
        name: Its name.
        description: What it is for.
        revision: The hash of its bytes.
        content: Its document.
        file: The file that holds it.
        problem: Why its file cannot be read; empty when it can.
        changed: After a save, what was put into the document that was not given: the tokens of its secrets, its id.
    """

    project_id: str
    flow_id: str
    name: str
    description: str
    revision: str
    content: bytes = field(repr=False)
    file: str | None = None
    problem: str = ""
    changed: Mapping[tuple[str | int, ...], str] = field(default_factory=dict, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return what is said of it, without its document, as JSON-ready data."""
        metadata = {"asset_id": self.flow_id, "name": self.name, "project_id": self.project_id}
        if self.description:
            metadata["description"] = self.description
        return {"metadata": metadata, "revision": self.revision}


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """A connection as it is kept; its secrets are tokens.

    Args:
        project_id: Id of its project.
        connection_id: Its id.
        name: Its name.
        datasource_type: The kind of system, by wire name.
        description: What it is for.
        properties: How to reach the system.
        revision: The hash of its bytes.
    """

    project_id: str
    connection_id: str
    name: str
    datasource_type: str
    description: str
    properties: dict[str, Any] = field(repr=False)
    revision: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data, in the form of the public connection API."""
        return {
            "metadata": {"asset_id": self.connection_id, "asset_type": "connection", "project_id": self.project_id},
            "entity": {
                "name": self.name,
                "datasource_type": self.datasource_type,
                "description": self.description,
                "properties": self.properties,
            },
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class ParameterSetRecord:
    """A parameter set as it is kept; the values of encrypted parameters are tokens.

    Args:
        project_id: Id of its project.
        parameter_set_id: Its id.
        name: Its name.
        description: What it is for.
        parameters: Its parameters, each a mapping of name, type, value and more.
        value_sets: Its value sets, each a name and the values of parameters.
        revision: The hash of its bytes.
    """

    project_id: str
    parameter_set_id: str
    name: str
    description: str
    parameters: list[dict[str, Any]] = field(repr=False)
    value_sets: list[dict[str, Any]] = field(repr=False)
    revision: str = ""

    def body(self) -> dict[str, Any]:
        """Return what it says, as the public parameter set API has it."""
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
            "value_sets": self.value_sets,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data, in the form of the public parameter set API."""
        return {
            "metadata": {
                "asset_id": self.parameter_set_id,
                "asset_type": "parameter_set",
                "name": self.name,
                "description": self.description,
                "project_id": self.project_id,
            },
            "entity": {"parameter_set": self.body()},
            "revision": self.revision,
        }
