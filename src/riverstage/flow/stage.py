"""What people hold for a stage: a cursor on a node of the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverstage.errors import Place, RemovedError, UsageError
from riverstage.flow._errors import UnknownNameError, did_you_mean, require_name
from riverstage.flow._strict import Strict
from riverstage.flow.configuration import Configuration, default_label, spec_of

if TYPE_CHECKING:
    from riverstage.catalogue import StageSpec
    from riverstage.document import Document
    from riverstage.flow.derivations import StageVariable, StageVariables
    from riverstage.flow.link import Link
    from riverstage.flow.links import Links

__all__ = ["Stage", "StageNode"]


class StageNode(Strict):
    """A stage of a flow.

    It holds where the stage is, not what it says, so it never goes out of date. Stages are made by
    ``BatchFlow.add_stage``; the class of each is that of its type (``RowGeneratorStage``).
    """

    __slots__ = ("_document", "_key", "_pipeline")

    _document: Document
    _pipeline: str
    _key: str

    def __init__(self, document: Document, pipeline: str, key: str) -> None:
        object.__setattr__(self, "_document", document)
        object.__setattr__(self, "_pipeline", pipeline)
        object.__setattr__(self, "_key", key)

    # The node.

    def _node(self) -> dict[str, Any]:
        if not self._document.has_node(self._pipeline, self._key):
            self._find_again()
        return self._document.node(self._pipeline, self._key)

    def _find_again(self) -> None:
        """Follow a stage that moved into or out of a subflow; say so where it was removed."""
        for pipeline in self._document.pipeline_ids:
            if self._document.has_node(pipeline, self._key):
                object.__setattr__(self, "_pipeline", pipeline)
                return
        message = f"This {self._kind()} was removed from its flow."
        raise RemovedError(message, mend="Take it from the flow's stages again, or add a new one.")

    def _kind(self) -> str:
        return type(self).__name__

    def _before_removal(self) -> None:
        """Take away what belongs to the stage and stands elsewhere."""

    def _spec(self) -> StageSpec | None:
        return spec_of(self._node())

    def _place(self) -> Place:
        return Place(stage=self.label)

    # Identity.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StageNode) and other._key == self._key and other._document is self._document

    def __hash__(self) -> int:
        return hash((id(self._document), self._key))

    def __repr__(self) -> str:
        try:
            return f"{type(self).__name__}(label='{self.label}')"
        except RemovedError:
            return f"{type(self).__name__}(removed)"

    def _no_attribute(self, name: str) -> UnknownNameError:
        message = f"{type(self).__name__} has no attribute '{name}'."
        public = [one for one in dir(type(self)) if not one.startswith("_")]
        is_property = self._document.has_node(self._pipeline, self._key) and name in self.configuration
        mend = f"It is a property: 'stage.configuration.{name}'." if is_property else did_you_mean(name, public)
        return UnknownNameError(message, mend=mend)

    # What it is.

    @property
    def label(self) -> str | None:
        """The stage's name, unique in its flow. A new one is written wherever the flow speaks of the stage."""
        data = (self._node().get("app_data") or {}).get("ui_data") or {}
        label = data.get("label")
        return None if label is None else str(label)

    @label.setter
    def label(self, label: str) -> None:
        require_name(label, "A label", code="RS-2005", place=self._place())
        former, spec = self.label, self._spec()
        if label == former:
            return
        if self._document.labelled(self._pipeline, label):
            free = self._document.free_label(self._pipeline, label)
            message = f"Another stage is labelled '{label}' already."
            raise UsageError(message, code="RS-2005", place=self._place(), mend=f"'{free}' is free.")
        is_spent = spec is not None and former == default_label(spec)
        self._document.rename_node(self._pipeline, self._key, label, is_spent=is_spent)

    @property
    def type(self) -> str | None:
        """The name of its type in the catalogue, or None where the catalogue does not know it."""
        spec = self._spec()
        return spec.name if spec is not None else None

    @property
    def stage_id(self) -> str:
        """The id of its node in the document."""
        return self._key

    @property
    def configuration(self) -> Configuration:
        """What is said to the stage: all its properties, by dot and by bracket.

        Example:
            >>> from riverstage import BatchFlow
            >>> row_gen = BatchFlow("demo").add_stage("Row Generator", "Row_Generator")
            >>> row_gen.configuration.records = 5
        """
        self._node()
        return Configuration(self)

    @configuration.setter
    def configuration(self, values: object) -> None:
        if not isinstance(values, dict | Configuration):
            message = "A configuration is set from a mapping of property names to values."
            raise UsageError(message, place=self._place())
        own = Configuration(self)
        for name in values:
            own[name] = values[name]

    # Links.

    def connect_output_to(self, node: StageNode, *, kind: str | None = None, name: str | None = None) -> Link:
        """Connect this stage's output to another stage.

        Args:
            node: The stage that reads.
            kind: ``primary``, ``reference`` or ``reject``; primary where none is given.
            name: The link's name; the next free ``Link_<n>`` where none is given.

        Returns:
            The new link.

        Raises:
            UsageError: The other is no stage of the same flow, or the name is taken.

        Example:
            >>> from riverstage import BatchFlow
            >>> flow = BatchFlow("demo")
            >>> row_gen, peek = flow.add_stage("Row Generator"), flow.add_stage("Peek")
            >>> row_gen.connect_output_to(peek)
            Link_1 (src='Row_Generator', dest='Peek')
        """
        from riverstage.flow.link import connect

        return connect(self, node, kind=kind, name=name)

    def connect_input_to(self, node: StageNode, *, kind: str | None = None, name: str | None = None) -> Link:
        """Connect this stage's input to another stage: the same link as ``node.connect_output_to(self)``."""
        from riverstage.flow.link import connect, require_stage

        require_stage(node)
        return connect(node, self, kind=kind, name=name)

    def disconnect_output_from(self, dest: StageNode, link_name: str | None = None) -> list[Link]:
        """Remove the links to another stage.

        Args:
            dest: The stage that reads.
            link_name: Remove only the link of that name.

        Returns:
            The links that were removed.

        Raises:
            UsageError: There is no such link.
        """
        from riverstage.flow.link import disconnect

        return disconnect(self, dest, link_name)

    def disconnect_input_from(self, src: StageNode, link_name: str | None = None) -> list[Link]:
        """Remove the links from another stage: the same as ``src.disconnect_output_from(self)``."""
        from riverstage.flow.link import disconnect

        return disconnect(src, self, link_name)

    def get_link(self, dest: StageNode, link_name: str | None = None) -> Link:
        """Return the link to another stage.

        Args:
            dest: The stage that reads.
            link_name: The link's name, where there are several.

        Raises:
            UsageError: There is none, or there are several and no name was given.
        """
        from riverstage.flow.link import one_link

        return one_link(self, dest, link_name)

    def get_links_to(self, dest: StageNode) -> Links:
        """Return all links to another stage."""
        from riverstage.flow.link import links_between

        return links_between(self, dest)

    def get_input_links(self) -> Links:
        """Return the links that lead into the stage: primary ones in their order, then references, then rejects."""
        from riverstage.flow.links import Links

        self._node()
        return Links.of(self._document, self._document.links_in(self._pipeline, self._key))

    def get_output_links(self) -> Links:
        """Return the links that lead out of the stage: primary ones in their order, then references, then rejects."""
        from riverstage.flow.links import Links

        self._node()
        return Links.of(self._document, self._document.links_out(self._pipeline, self._key))

    def use_connection(self, connection: object) -> None:
        """Read and write through a project's connection.

        Args:
            connection: A connection, or the name of one.

        Raises:
            UsageError: The stage is no connector.
        """
        from riverstage.flow._connections import use

        use(self, connection)

    # A Transformer's own.

    @property
    def stage_variables(self) -> StageVariables:
        """The variables of a Transformer, in the order in which they are computed."""
        from riverstage.flow.derivations import StageVariables

        return StageVariables(self)

    def add_stage_variable(
        self,
        name: str,
        derivation: str = "",
        type: str | None = None,
        initial: object = "",
        *,
        precision: int | None = None,
        scale: int | None = None,
    ) -> StageVariable:
        """Add a variable to a Transformer; it keeps its value from row to row.

        Args:
            name: What expressions call it.
            derivation: The expression that gives its value for each row.
            type: One of the column types, with its length or precision: ``INTEGER``, ``DECIMAL(10, 2)``. A ``DECIMAL``
                of which no digits are said has 38, ten of them behind the point.
            initial: Its value before the first row.
            precision: The length, or the number of digits, where the type does not say it.
            scale: The digits behind the point.

        Raises:
            UsageError: The stage is no Transformer, or has a variable of that name, or its digits make no type.
        """
        return self.stage_variables.add(name, derivation, type, initial, precision=precision, scale=scale)


Stage = StageNode
