"""What a stage type is told when it is asked for its schema, its problems or its plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from riverstage.errors import Diagnostic, Place, Severity
from riverstage.plan.graph import Graph, Link, Stage
from riverstage.plan.links import LinkType
from riverstage.types import RowType

__all__ = ["Input", "Output", "StageContext"]


@dataclass(frozen=True, slots=True)
class Input:
    """An input link of the stage, bound.

    Args:
        link: The link.
        type: What it carries.
    """

    link: Link
    type: LinkType

    @property
    def key(self) -> str:
        """Its key in the plan."""
        return self.link.key

    @property
    def name(self) -> str:
        """Its name as expressions write it."""
        return self.link.name

    @property
    def row(self) -> RowType:
        """Its columns."""
        return self.type.row


@dataclass(frozen=True, slots=True)
class Output:
    """An output link of the stage.

    Args:
        link: The link; ``link.schema`` is what the document says about its columns, or None.
        type: What it carries; an empty row until the stage's schema was asked for.
        order_wanted: Whether somebody below relies on the order of its rows. Known when the plan is asked for.
    """

    link: Link
    type: LinkType = field(default_factory=lambda: LinkType(RowType()))
    order_wanted: bool = False

    @property
    def key(self) -> str:
        """Its key in the plan."""
        return self.link.key

    @property
    def name(self) -> str:
        """Its name as expressions write it."""
        return self.link.name

    @property
    def row(self) -> RowType:
        """Its columns, once bound."""
        return self.type.row

    @property
    def is_reject(self) -> bool:
        """Whether it is a reject link."""
        return self.link.kind == "reject"


@dataclass(frozen=True, slots=True)
class StageContext:
    """A stage and all that is known around it.

    Args:
        graph: The whole flow.
        stage: The stage.
        inputs: Its input links, bound: primary ones in order, then references.
        outputs: Its output links: primary ones in order, then rejects.
        describe: Asks a connector family for the columns of what a ``ReadRequest`` reads; None where sources are not
            to be touched (a check without data).
        facts: What is known of the run (names, start time), for macros.
        memo: Where a stage keeps what it has worked out; the same for all that is asked of one stage, so a key should
            say what it depends on.
    """

    graph: Graph
    stage: Stage
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    describe: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def get(self, name: str) -> Any:
        """Return a property of the stage under its Python name: what was set, else the default."""
        return self.stage.get(name)

    def is_true(self, name: str) -> bool:
        """Return whether a yes-or-no property says yes, whatever word it travels as."""
        value = self.stage.get(name)
        spec = self.stage.spec
        if spec is not None and name in spec.properties:
            said = spec.properties[name].truth(value)
            if said is not None:
                return said
        if isinstance(value, str):
            return value.strip().lower() not in ("", "false", "0", "no")
        return bool(value)

    @property
    def primary(self) -> Input:
        """The first primary input."""
        for item in self.inputs:
            if item.link.kind != "reference":
                return item
        message = "the stage has no primary input"
        raise IndexError(message)

    @property
    def primaries(self) -> tuple[Input, ...]:
        """The primary inputs (reject links of other stages arrive as such), in order."""
        return tuple(item for item in self.inputs if item.link.kind != "reference")

    @property
    def references(self) -> tuple[Input, ...]:
        """The reference inputs, in order."""
        return tuple(item for item in self.inputs if item.link.kind == "reference")

    @property
    def data_outputs(self) -> tuple[Output, ...]:
        """The outputs that are no rejects, in order."""
        return tuple(item for item in self.outputs if not item.is_reject)

    @property
    def reject(self) -> Output | None:
        """The reject output, or None."""
        return next((item for item in self.outputs if item.is_reject), None)

    def propagates(self, item: Input | Output | None = None) -> bool:
        """Return whether columns that a link does not name are carried through: the link, the stage, the flow."""
        said: Any = None
        if item is not None:
            carrier = item.link.input if isinstance(item, Input) else item.link.output
            said = carrier.get("runtime_column_propagation")
        elif self.inputs:
            said = self.inputs[0].link.input.get("runtime_column_propagation")
        if said is None:
            said = self.stage.properties.get("runtime_column_propagation")
        if said is None:
            return self.graph.column_propagation
        return said in (True, 1, "1", "true", "True")

    def problem(
        self,
        code: str,
        message: str,
        *,
        severity: Severity = "error",
        property: str | None = None,
        link: str | None = None,
        column: str | None = None,
        position: int | None = None,
        mend: str = "",
    ) -> Diagnostic:
        """Return a finding about this stage."""
        place = Place(
            flow=self.graph.name, stage=self.stage.label, link=link, column=column, property=property, position=position
        )
        return Diagnostic(code, severity, message, place, mend)

    def with_outputs(self, outputs: tuple[Output, ...]) -> StageContext:
        """Return the context with its outputs bound."""
        return replace(self, outputs=outputs)

    def __iter__(self) -> Iterator[Input | Output]:
        yield from self.inputs
        yield from self.outputs
