"""A flow, as people hold it."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from riverstage.catalogue import StageType, StageTypeName, find
from riverstage.document import Document, blank_node
from riverstage.errors import Place, UsageError
from riverstage.flow import comments, link, placing
from riverstage.flow._belonging import require_belonging
from riverstage.flow._errors import LabelWarning, UnknownNameError, did_you_mean, require_name
from riverstage.flow._parts import ParameterPart, SettingsPart
from riverstage.flow._running import RunningPart
from riverstage.flow._strict import Strict
from riverstage.flow.available import AvailableStages, BatchStageInfo, available_stages
from riverstage.flow.configuration import default_label
from riverstage.flow.links import Links
from riverstage.flow.stage import StageNode
from riverstage.flow.stage_classes import class_of, stage_at
from riverstage.flow.stages import Stages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverstage.catalogue import StageSpec
    from riverstage.flow.comments import Annotation, CommentNode, Comments, MarkdownComment
    from riverstage.flow.link import Link
    from riverstage.flow.subflow import Subflow

__all__ = ["BatchFlow"]


class BatchFlow(Strict, ParameterPart, SettingsPart, RunningPart):
    """A batch flow: stages joined by links.

    A flow and all that is taken from it are cursors on one document, which ``document`` gives.

    Args:
        name: The flow's name.
        description: What it is for.

    Example:
        >>> flow = BatchFlow("demo")
        >>> row_gen = flow.add_stage("Row Generator", "Row_Generator")
        >>> peek = flow.add_stage("Peek", "Peek")
        >>> row_gen.connect_output_to(peek)
        Link_1 (src='Row_Generator', dest='Peek')
        >>> flow.stages
        [RowGeneratorStage(label='Row_Generator'), PeekStage(label='Peek')]
    """

    __slots__ = ("__weakref__", "_document", "_job_parameters", "_name", "_origin", "_pipeline", "_seen", "_value_sets")

    _document: Document
    _pipeline: str
    _name: str | None
    _origin: Any
    _seen: tuple[tuple[Any, int, int], tuple[StageNode, ...]]

    def __init__(self, name: str, description: str = "") -> None:
        from riverstage import __version__

        require_name(name, "The name of a flow")
        own = {"catalogue": __version__, "name": name}
        self._hold(Document.new(name, description, own=own), None, None)

    def _hold(self, document: Document, pipeline: str | None, name: str | None) -> None:
        put = object.__setattr__
        put(self, "_document", document)
        put(self, "_pipeline", pipeline or document.primary_pipeline)
        put(self, "_name", name)
        put(self, "_origin", None)
        put(self, "_seen", ((None, 0, 0), ()))
        put(self, "_value_sets", {})
        put(self, "_job_parameters", [])

    @classmethod
    def _at(cls, document: Document, pipeline: str | None = None, name: str | None = None) -> BatchFlow:
        made = cls.__new__(cls)
        made._hold(document, pipeline, name)
        return made

    @classmethod
    def from_document(cls, document: Document, name: str | None = None) -> BatchFlow:
        """Return the flow of a document.

        Args:
            document: The document; the flow works on it, not on a copy.
            name: The flow's name; by default the one that the document says.
        """
        return cls._at(document, name=name)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> BatchFlow:
        """Read a flow from a file.

        Args:
            path: The file, as ``save`` or another program wrote it.

        Raises:
            DocumentError: It cannot be read, or is no flow.
        """
        document = Document.load(Path(path))
        return cls._at(document, name=None if document.own.get("name") else Path(path).stem)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the flow to a file, whole or not at all. New stages and comments are laid out first.

        Args:
            path: The file; its folder must exist.

        Raises:
            StoreError: The file cannot be written.

        Warns:
            SecretWarning: The file holds passwords, or values of encrypted parameters, in clear.
        """
        from riverstage.flow._saving import warn_of_secrets, write_atomically

        target = Path(path)
        if self._name and self._document.own.get("name", self._name) != self._name:
            self._document.set_own("name", self._name)
        data = self.to_bytes()
        warn_of_secrets(self._document, target)
        write_atomically(target, data)

    def to_bytes(self) -> bytes:
        """Return the flow as it is saved: laid out, in canonical form."""
        self._lay_out()
        return self._document.dumps()

    def _lay_out(self) -> None:
        if self._document.own.get("auto_arrange"):
            self.auto_arrange()
        else:
            placing.settle(self._document)

    # What it is.

    @property
    def document(self) -> Document:
        """The document that everything of the flow stands in."""
        return self._document

    @property
    def name(self) -> str:
        """The flow's name."""
        return self._name or str(self._document.own.get("name") or "")

    @name.setter
    def name(self, name: str) -> None:
        require_name(name, "The name of a flow")
        object.__setattr__(self, "_name", None)
        self._document.set_own("name", name)

    @property
    def description(self) -> str:
        """What the flow is for."""
        return str(self._document.pipeline(self._document.primary_pipeline).get("description") or "")

    @description.setter
    def description(self, text: str) -> None:
        if not isinstance(text, str):
            raise UsageError(f"A description is text, not {text!r}.", place=self._place())
        self._document.pipeline(self._document.primary_pipeline)["description"] = text

    @property
    def flow_id(self) -> str:
        """The id of the flow."""
        return self._document.id

    @property
    def pipeline_id(self) -> str:
        """The id of the pipeline that its stages stand in."""
        return self._pipeline

    def _place(self) -> Place:
        return Place(flow=self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BatchFlow) and other._document is self._document and other._pipeline == self._pipeline

    def __hash__(self) -> int:
        return hash((id(self._document), self._pipeline))

    def __repr__(self) -> str:
        return (
            f"BatchFlow(parameter_sets={self.parameter_sets!r}, rcp={self.rcp!r}, acp={self.acp!r}, "
            f"name={self.name!r}, description={self.description!r}, flow_id={self.flow_id!r}, "
            f"local_parameters={self.local_parameters!r}, value_set_selected={self.value_set_selected!r}, "
            f"job_parameters={self._shown_job_parameters()!r}, configuration={self.configuration!r})"
        )

    def _repr_html_(self) -> str:
        from riverstage.flow.draw import draw_svg

        return draw_svg(self)

    def _no_attribute(self, name: str) -> UnknownNameError:
        public = [one for one in dir(type(self)) if not one.startswith("_")]
        return UnknownNameError(f"A flow has no attribute '{name}'.", mend=did_you_mean(name, public))

    # Stages.

    @property
    def stages(self) -> Stages:
        """The stages of the moment, in the order they were added; a loop over them may add and remove stages."""
        nodes = self._document.pipeline(self._pipeline).get("nodes") or []
        # Stages are added, or removed, which is counted, or the whole tree is another.
        removals = (self._document.own.get("marks") or {}).get("removals", 0)
        mark, stages = self._seen
        if mark[0] is not nodes or mark[1:] != (len(nodes), removals):
            stages = tuple(stage_at(self._document, self._pipeline, node["id"]) for node in nodes)
            object.__setattr__(self, "_seen", ((nodes, len(nodes), removals), stages))
        return Stages.whole(self._document, self._pipeline, stages)

    @property
    def available_stages(self) -> AvailableStages:
        """The stage types that there are: 149 of them, to look through with ``get`` and ``get_all``."""
        return available_stages()

    def add_stage(
        self,
        type: StageTypeName | StageType | str | None = None,
        label: str | None = None,
        *,
        stage_info: BatchStageInfo | None = None,
        wrapped_stage_name: str | None = None,
    ) -> StageNode:
        """Add a stage.

        Args:
            type: The stage's type. Spaces, slashes and capitals do not matter.
            label: Its name in the flow. Where another stage has it, the stage gets the next free one (``Sort_2``) and
                a ``LabelWarning`` says so. Without a label it is the type's name: ``Row_Generator``, then
                ``Row_Generator_2``.
            stage_info: In place of ``type``, an entry of ``available_stages``.
            wrapped_stage_name: The name of the wrapped stage, for the type ``Wrapped Stage`` alone.

        Returns:
            The new stage.

        Raises:
            CatalogueError: There is no such type; the message names a near one.
            UsageError: The arguments do not go together.

        Example:
            >>> BatchFlow("demo").add_stage("Amazon RDS for PostgreSQL", "Amazon RDS")
            AmazonRDSForPostgresqlStage(label='Amazon RDS')
        """
        spec = _spec_to_add(type, stage_info, wrapped_stage_name)
        said = self._label_for(spec, label)
        node = _new_node(spec, said, wrapped_stage_name)
        key = self._document.add_node(self._pipeline, node)
        return class_of(spec.class_name)(self._document, self._pipeline, key)

    def _label_for(self, spec: StageSpec, label: str | None) -> str:
        if label is None:
            return self._document.free_label(self._pipeline, default_label(spec))
        require_name(label, "A label", code="RS-2005", place=self._place())
        return self._free_label(label, f"{spec.name} stage")

    def _free_label(self, label: str, what: str) -> str:
        if not self._document.labelled(self._pipeline, label):
            return label
        free = self._document.free_label(self._pipeline, label)
        message = f"The label '{label}' is taken, so the new {what} is labelled '{free}'."
        warnings.warn(message, LabelWarning, stacklevel=4)
        return free

    def remove_stage(self, node: StageNode) -> None:
        """Remove a stage with its links, and what comments, orders and schemas say of it.

        Raises:
            UsageError: It is no stage of this flow.
        """
        self._require_own(node)
        node._before_removal()
        self._document.remove_node(node._pipeline, node._key)

    def _require_own(self, node: object) -> None:
        if not isinstance(node, StageNode):
            message = f"{node!r} is no stage."
            raise UsageError(message, code="RS-2004", place=self._place())
        require_belonging(node, self._document, self._pipeline, self._place(), "Take it from 'flow.stages'.")

    # Links.

    @property
    def links(self) -> Links:
        """The links of the moment, in the order of the document."""
        return Links.of(self._document, self._document.links(self._pipeline))

    def get_link(self, source: StageNode, destination: StageNode, link_name: str | None = None) -> Link:
        """Return the link from one stage to another; see ``StageNode.get_link``."""
        self._require_own(source)
        return link.one_link(source, destination, link_name)

    def get_links(self, source: StageNode | None = None, destination: StageNode | None = None) -> Links:
        """Return all links from one stage to another; from or to any where none is given."""
        for stage in (source, destination):
            if stage is not None:
                self._require_own(stage)
        if source is not None and destination is not None:
            return link.links_between(source, destination)
        if source is not None:
            return source.get_output_links()
        return self.links if destination is None else destination.get_input_links()

    # Comments.

    @property
    def comments(self) -> Comments:
        """The comments and annotations."""
        return comments.comments_of(self._document, self._pipeline)

    def add_markdown_comment(self, text: str) -> MarkdownComment:
        """Add a comment in Markdown.

        Example:
            >>> BatchFlow("demo").add_markdown_comment("# Orders")
            MarkdownComment(content='# Orders')
        """
        return comments.add_markdown(self._document, self._pipeline, text)

    def add_annotation(self, text: str) -> Annotation:
        """Add an annotation: a box with text whose look can be set."""
        return comments.add_annotation(self._document, self._pipeline, text)

    def remove_comment(self, comment: CommentNode) -> None:
        """Remove a comment or annotation.

        Raises:
            UsageError: It is none of this flow.
        """
        comments.remove(self._document, comment)

    # Layout.

    def auto_arrange(self) -> None:
        """Lay out all stages and comments anew, also those that a person moved."""
        for pipeline in self._document.pipeline_ids:
            placing.forget(self._document, pipeline)
        placing.settle(self._document)

    def use_auto_arrange(self, auto_arrange: bool = True) -> BatchFlow:  # noqa: FBT001, FBT002 - the published form
        """Lay out everything anew at every save, or, with False, only what is new."""
        self._document.set_own("auto_arrange", bool(auto_arrange))
        return self

    # Subflows.

    @property
    def subflows(self) -> list[Subflow]:
        """The stages that are subflows."""
        from riverstage.flow.subflow import Subflow

        return [stage for stage in self.stages if isinstance(stage, Subflow)]

    def create_subflow(
        self,
        label: str,
        nodes: Iterable[StageNode] | None = None,
        *,
        is_local: bool = True,
        name: str = "",
        description: str = "",
    ) -> Subflow:
        """Move stages into a subflow, which takes their place.

        Args:
            label: The label of the subflow's stage.
            nodes: The stages; links between them go along, links to others lead through the subflow. Left out for an
                empty subflow, to be filled.
            is_local: Whether it stands in this flow's document. It must: a subflow of its own is a flow of the
                project, which a flow refers to by name.
            name: Its name; its label by default.
            description: What it is for.

        Raises:
            UsageError: They are not all of this flow, or a path between two of them leads through a third stage, or it
                shall not be local.
        """
        from riverstage.flow.subflow import create

        if not is_local:
            message = "A subflow is made in the flow that it belongs to: 'is_local' must be True."
            raise UsageError(message, code="RS-2010", place=self._place())
        some = list(nodes or ())
        if nodes is not None and not some:
            message = f"No stages are given that '{label}' shall hold."
            mend = "Name some of the flow's stages; leave them out for an empty subflow to fill."
            raise UsageError(message, code="RS-2010", place=self._place(), mend=mend)
        for stage in some:
            self._require_own(stage)
        return create(self, label, some, name, description)

    def add_subflow(self, subflow: Subflow, label: str) -> Subflow:
        """Add a copy of a subflow, of this flow or of another one, with all that is inside; it is linked to nothing.

        Args:
            subflow: The subflow.
            label: The label of the new stage.

        Raises:
            UsageError: It is no subflow, or one that a service keeps.
        """
        from riverstage.flow.subflow import copy

        return copy(self, subflow, label)

    def duplicate_subflow(self, subflow: Subflow, name: str) -> Subflow:
        """Add a copy of a subflow of this flow; the name is the copy's label.

        Raises:
            UsageError: It is no subflow of this flow, or one that a service keeps.
        """
        from riverstage.flow.subflow import copy

        self._require_own(subflow)
        return copy(self, subflow, name)

    def delete_subflow(self, subflow: Subflow) -> None:
        """Remove a subflow from the flow with all that is inside; one that lives elsewhere stays there.

        Raises:
            UsageError: It is no subflow of this flow.
        """
        from riverstage.flow.subflow import require_subflow

        self._require_own(subflow)
        require_subflow(self, subflow)
        self.remove_stage(subflow)

    def deconstruct_subflow(self, subflow: Subflow) -> None:
        """Put the stages of a subflow back in its place.

        Raises:
            UsageError: It is no subflow of this flow, or lives outside of it.
        """
        from riverstage.flow.subflow import deconstruct

        self._require_own(subflow)
        deconstruct(self, subflow)


def _spec_to_add(type: object, stage_info: BatchStageInfo | None, wrapped_stage_name: str | None) -> StageSpec:
    if stage_info is not None and type is not None:
        message = "Cannot specify both 'stage_info' and 'type'. Use either stage_info alone or type parameter."
        raise UsageError(message)
    if stage_info is None and type is None:
        message = "Either 'type' or 'stage_info' must be specified."
        raise UsageError(message)
    if isinstance(stage_info, str):
        message = f"'stage_info' is an entry of 'available_stages', not {stage_info!r}."
        raise UsageError(message, mend=f"Write add_stage({stage_info!r}).")
    said: Any = type if stage_info is None else getattr(stage_info, "stage_type", None)
    if said is None:
        raise UsageError(f"'stage_info' is an entry of 'available_stages', not {stage_info!r}.")
    spec = find(getattr(said, "stage_type", said))
    if spec.name == "Wrapped Stage" and not wrapped_stage_name:
        message = "wrapped_stage_name is required for Wrapped Stage type."
        raise UsageError(message)
    if spec.name != "Wrapped Stage" and wrapped_stage_name:
        message = f"'wrapped_stage_name' means nothing to a {spec.name} stage."
        raise UsageError(message)
    return spec


def _new_node(spec: StageSpec, label: str, wrapped_stage_name: str | None) -> dict[str, Any]:
    """Return the node of a new stage; it has no place yet, so that it is laid out when it is first saved."""
    node = blank_node(
        "binding" if spec.node_type == "binding" else "execution_node",
        spec.op or wrapped_stage_name,
        label=label,
        image=spec.image,
        connection={"app_data": {}, "ref": "local", "properties": {}} if spec.is_connector else None,
        output_cardinality=(spec.outputs.min, -1 if spec.outputs.max is None else spec.outputs.max),
    )
    for key in ("x_pos", "y_pos"):
        node["app_data"]["ui_data"].pop(key)
    if spec.op is None:
        # The operator is the wrapped stage's own, so it does not say the type.
        node["app_data"]["riverstage"] = {"type": spec.name}
    return node


_NAMES = "\n".join(f"            {name}" for name in sorted(get_args(StageTypeName), key=str.lower))
BatchFlow.add_stage.__doc__ = f"{BatchFlow.add_stage.__doc__}\n        Types:\n{_NAMES}\n        "
