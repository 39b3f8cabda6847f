"""A stage that is a flow of its own, in a pipeline of the same document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from riverstage.document import Side, blank_node
from riverstage.errors import RemovedError, UsageError
from riverstage.flow import _subflow_moves as moves
from riverstage.flow._errors import require_name
from riverstage.flow.links import Links
from riverstage.flow.stage import StageNode
from riverstage.flow.stage_classes import EntryNode, ExitNode, stage_at
from riverstage.flow.stages import Stages

if TYPE_CHECKING:
    from riverstage.flow.batch_flow import BatchFlow
    from riverstage.flow.link import Link
    from riverstage.flow.parameters import Parameters, ParameterSetReference

__all__ = ["Subflow"]

_PALETTE = "/data-intg/flows/graphics/palette"


class Subflow(StageNode):
    """A stage that holds a flow. What it does stands in a pipeline of the same document, if it is local."""

    __slots__ = ()

    def _reference(self) -> dict[str, Any]:
        held = self._node().get("subflow_ref")
        return held if isinstance(held, dict) else {}

    @property
    def pipeline_id(self) -> str | None:
        """The id of the pipeline that it runs."""
        return self._reference().get("pipeline_id_ref")

    @property
    def is_local(self) -> bool:
        """Whether what it does stands in this flow's document."""
        return not self._reference().get("url") and self.pipeline_id in self._document.pipeline_ids

    @property
    def name(self) -> str:
        """The name of the subflow that it runs; of a local one, its label."""
        return str(self._reference().get("name") or self.label or "")

    @name.setter
    def name(self, name: str) -> None:
        require_name(name, "The name of a subflow", place=self._place())
        self._inside()
        self._reference()["name"] = name

    @property
    def description(self) -> str:
        """What it is for."""
        return str(self._document.pipeline(self._inside()).get("description") or "") if self.is_local else ""

    @description.setter
    def description(self, text: str) -> None:
        if not isinstance(text, str):
            raise UsageError(f"A description is text, not {text!r}.", place=self._place())
        self._document.pipeline(self._inside())["description"] = text

    def _inside(self) -> str:
        if not self.is_local:
            message = f"{self!r} lives outside of this flow."
            raise UsageError(message, code="RS-2010", place=self._place())
        return str(self.pipeline_id)

    @property
    def flow(self) -> BatchFlow:
        """What is inside, to add stages to it and to link them.

        Raises:
            UsageError: It lives outside of this flow.
        """
        from riverstage.flow.batch_flow import BatchFlow

        return BatchFlow._at(self._document, self._inside(), self.name)

    @property
    def stages(self) -> Stages:
        """The stages inside, with the nodes where rows come in and go out."""
        return self.flow.stages if self.is_local else Stages()

    @property
    def links(self) -> Links:
        """The links inside."""
        return self.flow.links if self.is_local else Links()

    # A local subflow has the parameters of the flow that it stands in.

    @property
    def local_parameters(self) -> Parameters:
        """The parameters of the flow that it stands in, which its stages take values from too."""
        return self._around().local_parameters

    @property
    def parameter_sets(self) -> list[ParameterSetReference]:
        """The parameter sets that the flow uses that it stands in."""
        return self._around().parameter_sets

    def add_local_parameter(self, parameter_type: str, name: str, value: Any = "", description: str = "") -> Subflow:
        """Add a parameter to the flow that the subflow stands in; its stages take the value as ``#name#``.

        Args:
            parameter_type: As of ``BatchFlow.add_local_parameter``.
            name: Its name.
            value: Its value where a run gives it no other.
            description: What it is for.

        Raises:
            ParameterError: Name, type or value cannot be one, or the name is taken.
            UsageError: The subflow lives outside of this flow.
        """
        self._around().add_local_parameter(parameter_type, name, description, value=value)
        return self

    def set_local_parameter(self, name: str, value: Any) -> Subflow:
        """Set the value of a parameter of the flow that the subflow stands in.

        Raises:
            NotFoundError: There is none of that name.
            ParameterError: It cannot have that value.
            UsageError: The subflow lives outside of this flow.
        """
        self._around().local_parameters.get(name).value = value
        return self

    def use_parameter_set(self, parameter_set: object) -> Subflow:
        """Use a parameter set in the flow that the subflow stands in; properties say ``#set.name#``.

        Raises:
            UsageError: The subflow lives outside of this flow.
        """
        self._around().use_parameter_set(parameter_set)
        return self

    def _around(self) -> BatchFlow:
        self._inside()
        return self.flow

    # Where rows come in and go out.

    def add_entry_node(self, label: str | None = None) -> StageNode:
        """Add a node where the rows of one more input come in.

        Raises:
            UsageError: The subflow lives outside of this flow.
        """
        return self._add_border("outputs", label or "Entry node", "Input")

    def add_exit_node(self, label: str | None = None) -> StageNode:
        """Add a node where the rows of one more output go out.

        Raises:
            UsageError: The subflow lives outside of this flow.
        """
        return self._add_border("inputs", label or "Exit node", "Output")

    def _add_border(self, side: Side, label: str, image: str) -> StageNode:
        inside = self._inside()
        taken = {*self._document.labels(inside), "Entry node", "Exit node"}
        said = label if label not in taken else next(one for one in _numbered(label) if one not in taken)
        node = blank_node("binding", None, label=said, image=f"{_PALETTE}/{image}.svg", sides=(side,))
        for key in ("x_pos", "y_pos"):
            node["app_data"]["ui_data"].pop(key)
        return stage_at(self._document, inside, self._document.add_node(inside, node))

    def _attach(self, port: dict[str, Any], side: Side, node: str | None = None) -> None:
        """Let a port of this stage lead to a node inside: the first that no port leads to, or a new one."""
        if not self.is_local:
            return
        ports = self._node().get("inputs" if side == "outputs" else "outputs") or []
        used = {one.get("subflow_node_ref") for one in ports}
        kind = EntryNode if side == "outputs" else ExitNode
        free = [stage._key for stage in self.stages if isinstance(stage, kind) and stage._key not in used]
        found = node or next(iter(free), None)
        if found is None:
            found = (self.add_entry_node() if side == "outputs" else self.add_exit_node())._key
        port["subflow_node_ref"] = found

    def _before_removal(self) -> None:
        inside = self.pipeline_id
        if self.is_local and inside is not None and moves.uses(self._document, inside) == 1:
            for stage in self.stages:
                stage._before_removal()
            self._document.remove_pipeline(inside)

    def __repr__(self) -> str:
        try:
            label = self.label
            described = self.description
            name = self.name
        except RemovedError:
            return "Subflow(removed)"
        said = f"name={name!r}, description={described!r}"
        return f"Subflow({said})" if label is None else f"Subflow(label='{label}', {said})"


def _numbered(label: str) -> Iterator[str]:
    return (f"{label}_{number}" for number in count(1))


def attach(link: Link) -> None:
    """Let a new link into or out of a subflow lead to a node inside."""
    attach_end(link, "target")
    attach_end(link, "source")


def attach_end(link: Link, end: Literal["source", "target"]) -> None:
    """Let one end of a link lead to a node inside the subflow that is there, if one is."""
    ref = link._live()
    if end == "target" and isinstance(link.dest, Subflow):
        link.dest._attach(ref.target_port, "outputs")
    if end == "source" and isinstance(link.src, Subflow) and ref.source_port is not None:
        link.src._attach(ref.source_port, "inputs")


def attach_to(link: Link, name: str, side: Side) -> None:
    """Let a link into or out of a subflow lead to the node inside that has the link of that name."""
    ref = link._live()
    subflow, port = (link.dest, ref.target_port) if side == "outputs" else (link.src, ref.source_port)
    if not isinstance(subflow, Subflow) or not subflow.is_local or port is None:
        return
    for inner in subflow.links:
        node = inner.src if side == "outputs" else inner.dest
        if inner.name == name and isinstance(node, EntryNode | ExitNode):
            subflow._attach(port, side, node._key)


def create(flow: BatchFlow, label: str, stages: list[StageNode], name: str = "", description: str = "") -> Subflow:
    """Move stages of a flow into a new subflow."""
    document, pipeline = flow._document, flow._pipeline
    require_name(label, "A label", code="RS-2005", place=flow._place())
    if name:
        require_name(name, "The name of a subflow", place=flow._place())
    said = flow._free_label(label, "subflow")
    keys = list(dict.fromkeys(stage._key for stage in stages))
    key = moves.move_in(document, pipeline, said, keys)
    made = Subflow(document, pipeline, key)
    if name:
        made.name = name
    if description:
        made.description = description
    return made


def require_subflow(flow: BatchFlow, subflow: object) -> Subflow:
    """Return a subflow, or raise where something is none."""
    if not isinstance(subflow, Subflow):
        raise UsageError(f"{subflow!r} is no subflow.", code="RS-2010", place=flow._place())
    return subflow


def copy(flow: BatchFlow, subflow: object, label: str) -> Subflow:
    """Add a copy of a subflow to a flow."""
    from riverstage.flow._subflow_copy import copy_in

    copied = require_subflow(flow, subflow)
    require_name(label, "A label", code="RS-2005", place=flow._place())
    node = copied._node()
    if not copied.is_local:
        message = f"What {copied!r} does is kept by a service, and this version has no client for one."
        mend = "Use a local subflow: 'flow.create_subflow(label, stages)'."
        raise UsageError(message, code="RS-2012", place=copied._place(), mend=mend)
    said = flow._free_label(label, "subflow")
    return Subflow(
        flow._document, flow._pipeline, copy_in(flow._document, flow._pipeline, said, copied._document, node)
    )


def deconstruct(flow: BatchFlow, subflow: StageNode) -> None:
    """Put what is inside a subflow in its place."""
    subflow = require_subflow(flow, subflow)
    inside = subflow._inside()
    if moves.uses(flow._document, inside) > 1:
        message = f"{subflow!r} shares what is inside with another stage."
        raise UsageError(message, code="RS-2010", place=subflow._place())
    moves.move_out(flow._document, flow._pipeline, subflow._key, inside)
