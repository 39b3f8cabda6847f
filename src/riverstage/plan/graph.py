"""The graph: what a document means once parameters are bound and subflows inlined. Frozen; running starts here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from riverstage.catalogue import StageSpec
    from riverstage.types import RowType

__all__ = ["Graph", "Link", "LinkKind", "ParameterValue", "Stage"]

LinkKind = Literal["primary", "reference", "reject"]


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A parameter's value for this run.

    Args:
        name: Its name, ``set.name`` for one of a parameter set.
        type: Its declared type (``string``, ``int64``, ``sfloat``, ``date``, ``time``, ``timestamp``, ``encrypted`` …).
        value: The value, already of the Python type that ``type`` says.
    """

    name: str
    type: str
    value: Any


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the graph.

    Args:
        key: Its name in the plan, unique in the graph: ``Link_1``, or ``Sub/Link_1`` inside the subflow ``Sub``.
        name: Its name in its own pipeline, as expressions write it.
        source: Key of the stage that writes it.
        target: Key of the stage that reads it.
        kind: ``primary``, ``reference`` or ``reject``.
        schema: The columns that its schema says; None where it has none.
        fields: The schema's fields as the document has them (derivations and source columns stand there).
        output: What the source's port says about it, by wire names, parameters bound.
        input: What the target's port says about it, by wire names, parameters bound.
        is_inner: Whether the document does not have it: made where a link asks for more than a link can do.
        memo: Where what is worked out of a link is kept; a key should say what it depends on.
    """

    key: str
    name: str
    source: str
    target: str
    kind: LinkKind
    schema: RowType | None = None
    fields: tuple[Mapping[str, Any], ...] = ()
    output: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    is_inner: bool = False
    memo: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the graph.

    Args:
        key: Its name in the plan, unique in the graph: its label, ``Sub/Label`` inside a subflow.
        label: Its label, as a person wrote it.
        type: Its catalogue name; None for a stage that the catalogue does not know.
        op: Its wire name.
        spec: Its catalogue entry.
        properties: What was set on it, by Python names, decoded, parameters bound. ``get`` adds the defaults.
        inputs: Keys of its input links: primary ones in order, then references in order.
        outputs: Keys of its output links: primary ones in order, then rejects.
        connection: Its connection's properties, where it has one; secrets are still tokens.
    """

    key: str
    label: str
    type: str | None
    op: str | None
    spec: StageSpec | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    connection: Mapping[str, Any] | None = None

    def get(self, name: str) -> Any:
        """Return a property's value under its Python name: what was set, else the catalogue's default."""
        if name in self.properties:
            return self.properties[name]
        if self.spec is None or name not in self.spec.properties:
            return None
        return self.spec.properties[name].default

    def is_set(self, name: str) -> bool:
        """Return whether somebody set the property."""
        return name in self.properties


@dataclass(frozen=True, slots=True)
class Graph:
    """A flow, ready to be checked, bound and planned.

    Args:
        name: The flow's name.
        stages: By key, in the document's order.
        links: By key, in the document's order.
        parameters: By name as expressions write it (``name`` and ``set.name``).
        column_propagation: The flow's setting of runtime column propagation; stages without one of their own follow it.
        settings: What else the flow says, by wire name (``runMode`` …).
        folder: The folder that relative file names start from.
    """

    name: str
    stages: Mapping[str, Stage]
    links: Mapping[str, Link]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    column_propagation: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    folder: str = "."
