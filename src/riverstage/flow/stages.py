"""The stages of a flow, as a list that can be filtered by anything that is said to them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from riverstage.catalogue import Property, find
from riverstage.errors import CatalogueError, NotFoundError, UsageError
from riverstage.flow._errors import UnknownNameError, did_you_mean
from riverstage.flow._values import plain
from riverstage.flow.stage import StageNode

if TYPE_CHECKING:
    from riverstage.document import Document

__all__ = ["Stages"]

_SEVERAL = (list, tuple, set, frozenset)


class Stages(list[StageNode]):
    """A list of stages: those of the moment, so that a loop over them may add and remove stages.

    Example:
        >>> from riverstage import BatchFlow
        >>> flow = BatchFlow("demo")
        >>> row_gen = flow.add_stage("Row Generator")
        >>> flow.stages.get_all(type="Row Generator")
        [RowGeneratorStage(label='Row_Generator')]
        >>> flow.stages.get(label="Row_Generator") == row_gen
        True
    """

    __slots__ = ("_whole",)

    def __init__(self, stages: Iterable[StageNode] = ()) -> None:
        super().__init__(stages)
        self._whole: tuple[Document, str] | None = None

    @classmethod
    def of(cls, document: Document, pipeline: str, keys: Iterable[str]) -> Stages:
        """Return the stages with those ids."""
        from riverstage.flow.stage_classes import stage_at

        return cls(stage_at(document, pipeline, key) for key in keys)

    @classmethod
    def whole(cls, document: Document, pipeline: str, stages: Iterable[StageNode]) -> Stages:
        """Return all stages of a pipeline, which can be looked up by label without looking at each."""
        made = cls(stages)
        made._whole = (document, pipeline)
        return made

    def get_all(self, **filters: Any) -> Stages:
        """Return the stages that all of the filters fit.

        Args:
            **filters: ``type`` (a name, a ``StageType``, a class), ``label``, or any field of the stages'
                configurations under its Python or wire name, ``input_count`` and ``output_count`` among them. For
                several values that will do, give a list.

        Returns:
            Those stages in their order; none is an empty list.

        Raises:
            CatalogueError: There is no such type.
        """
        candidates: Iterable[StageNode] = self._labelled(filters.get("label"))
        if "type" in filters:
            wanted = [_wanted_type(one) for one in _several(filters["type"])]
            candidates = [stage for stage in candidates if any(fits(stage) for fits in wanted)]
        if "label" in filters:
            labels = _several(filters["label"])
            candidates = [stage for stage in candidates if stage.label in labels]
        others = {name: value for name, value in filters.items() if name not in ("type", "label")}
        return Stages(stage for stage in candidates if all(_fits(stage, *one) for one in others.items()))

    def get(self, **filters: Any) -> StageNode:
        """Return the first stage that all of the filters fit; see ``get_all``.

        Raises:
            NotFoundError: There is none.
        """
        found = self.get_all(**filters)
        if found:
            return found[0]
        if set(filters) == {"label"}:
            labels = [stage.label for stage in self if stage.label]
            mend = did_you_mean(filters["label"], labels)
            raise NotFoundError(f"No stage with label {filters['label']} in the flow", mend=mend)
        raise NotFoundError(f"No stage that matches the arguments {filters}", mend=self._near(filters))

    def _near(self, filters: Iterable[str]) -> str:
        """Return a sentence that suggests a property for a filter that no stage has."""
        for name in filters:
            if name not in ("type", "label") and not any(name in stage.configuration for stage in self):
                known = {one for stage in self for one in stage.configuration}
                return did_you_mean(name, ["type", "label", *sorted(known)])
        return ""

    def _labelled(self, label: object) -> Iterable[StageNode]:
        """Return a few stages that have the label, where that is known without looking at each; else all."""
        if self._whole is None or not isinstance(label, str):
            return self
        document, pipeline = self._whole
        keys = set(document.labelled(pipeline, label))
        if len(keys) == 1 and not self._is_stale(document, pipeline):
            return Stages.of(document, pipeline, keys)
        return [stage for stage in self if stage._key in keys or not document.has_node(pipeline, stage._key)]

    def _is_stale(self, document: Document, pipeline: str) -> bool:
        return len(self) != len(document.pipeline(pipeline).get("nodes", ()))


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, _SEVERAL) else [value]


def _wanted_type(wanted: Any) -> Any:
    """Return a test for stages of a type."""
    if isinstance(wanted, type):
        if not issubclass(wanted, StageNode):
            raise UsageError(f"{wanted!r} is no class of stages.", mend="Give a stage type's name, or its class.")
        return lambda stage: isinstance(stage, wanted)
    named = getattr(wanted, "stage_type", wanted)
    if isinstance(named, str) and not isinstance(named, Enum) and named.lower().replace(" ", "") == "subflow":
        return lambda stage: stage._node().get("type") == "super_node"
    spec = find(named)
    return lambda stage: stage.type == spec.name


def _fits(stage: StageNode, name: str, wanted: Any) -> bool:
    try:
        prop = stage.configuration._find(name)
    except UnknownNameError:
        return False
    value = plain(stage.configuration._value(prop))
    if _equals(prop, value, wanted):
        return True
    return isinstance(wanted, _SEVERAL) and any(_equals(prop, value, one) for one in wanted)


def _equals(prop: Property, value: Any, wanted: Any) -> bool:
    plain_wanted = wanted.value if isinstance(wanted, Enum) else wanted
    if type(value) is type(plain_wanted) or value is None or plain_wanted is None:
        if value == plain_wanted:
            return True
    elif value == plain_wanted and not isinstance(value, bool) and not isinstance(plain_wanted, bool):
        return True
    try:
        encoded = prop.encode(wanted)
    except CatalogueError:
        return False
    read = prop.read(encoded)
    return encoded is not None and read == value and isinstance(value, bool) == isinstance(read, bool)
