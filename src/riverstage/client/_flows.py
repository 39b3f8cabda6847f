"""The flows of a project."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from riverstage.client._collections import Collection, SeekableList, matches
from riverstage.document import Document
from riverstage.errors import DocumentError, UsageError
from riverstage.flow import BatchFlow
from riverstage.operations import FlowRecord

if TYPE_CHECKING:
    from riverstage.client._project import Project

__all__ = ["BrokenFlowWarning", "FlowOrigin", "Flows", "batch_only", "flow_of", "origin_of"]

_OF_RECORD = ("name", "description", "flow_id")


class BrokenFlowWarning(UserWarning):
    """A flow of a project cannot be read, so it is passed over."""


@dataclass(slots=True)
class FlowOrigin:
    """Where a flow that is open in memory is kept.

    Args:
        project: Its project.
        name: Its name there.
        revision: The revision that it was read or last saved at.
    """

    project: Project
    name: str
    revision: str

    def __repr__(self) -> str:
        return f"FlowOrigin(project={self.project.name!r}, name={self.name!r})"


def origin_of(flow: BatchFlow) -> FlowOrigin | None:
    """Return where a flow is kept, or None for one that no project has."""
    origin = flow._origin
    return origin if isinstance(origin, FlowOrigin) else None


def flow_of(project: Project, record: FlowRecord) -> BatchFlow:
    """Return a flow of a project from what is kept of it."""
    document = Document.loads(record.content, source=record.file)
    flow = BatchFlow.from_document(document, name=record.name)
    object.__setattr__(flow, "_origin", FlowOrigin(project, record.name, record.revision))
    return flow


def batch_only(flow_type: object) -> None:
    """Refuse flows of another type than batch.

    Raises:
        UsageError: It is another.
    """
    said = getattr(flow_type, "value", flow_type)
    if said != "batch":
        raise UsageError(f"There is no flow type {said!r} here.", code="RS-7018", mend="Flows are of the type 'batch'.")


def _broken(record: FlowRecord, refusal: DocumentError) -> str:
    return f"The flow {record.name!r} cannot be read and is passed over: {refusal}"


class Flows(Collection[BatchFlow]):
    """The flows of a project, read from its files when they are asked for.

    A loop over them, and ``get_all``, pass over a flow whose file cannot be read, and a ``BrokenFlowWarning`` names it;
    ``get`` of that flow, and its place in the list, raise the error. ``len`` counts every file.

    Args:
        project: The project.
    """

    what = "flow"
    attributes = (*_OF_RECORD, "flow_type", "rcp", "acp", "compile_mode")

    def __init__(self, project: Project) -> None:
        self._project = project

    def _records(self) -> Iterator[FlowRecord]:
        return iter(self._project._operations.flows.list())

    def _all(self) -> Iterator[BatchFlow]:
        for record in self._records():
            try:
                flow = flow_of(self._project, record)
            except DocumentError as refusal:
                warnings.warn(_broken(record, refusal), BrokenFlowWarning, stacklevel=2)
            else:
                yield flow

    def _chosen(self, filters: dict[str, Any]) -> Iterator[BatchFlow]:
        flow_type = filters.get("flow_type")
        if flow_type is not None:
            batch_only(flow_type)
        by_record = {key: value for key, value in filters.items() if key in _OF_RECORD}
        by_flow = {key: value for key, value in filters.items() if key not in (*_OF_RECORD, "flow_type")}
        for record in self._records():
            if not matches(record, by_record):
                continue
            try:
                flow = flow_of(self._project, record)
            except DocumentError as refusal:
                if by_record:
                    raise
                warnings.warn(_broken(record, refusal), BrokenFlowWarning, stacklevel=3)
            else:
                if matches(flow, by_flow):
                    yield flow

    def __len__(self) -> int:
        return sum(1 for _ in self._records())

    @overload
    def __getitem__(self, place: int) -> BatchFlow: ...

    @overload
    def __getitem__(self, place: slice) -> SeekableList[BatchFlow]: ...

    def __getitem__(self, place: int | slice) -> BatchFlow | SeekableList[BatchFlow]:
        records = list(self._records())
        if isinstance(place, slice):
            return SeekableList(flow_of(self._project, record) for record in records[place])
        return flow_of(self._project, records[place])

    def _named(self) -> Iterator[FlowRecord]:
        return self._records()
