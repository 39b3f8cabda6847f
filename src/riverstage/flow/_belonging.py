"""Whether a stage belongs where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverstage.errors import Place, UsageError

if TYPE_CHECKING:
    from riverstage.document import Document
    from riverstage.flow.stage import StageNode

__all__ = ["path_of", "require_belonging"]


def require_belonging(node: StageNode, document: Document, pipeline: str, place: Place, mend: str) -> None:
    """Raise where a stage is of another flow, or stands in another subflow of the same one.

    Args:
        node: The stage.
        document: The flow's document.
        pipeline: The pipeline that it is used in.
        place: Where that is, for the error.
        mend: What to do about a stage of another flow.

    Raises:
        UsageError: It does not belong there.
        RemovedError: It was removed from its flow.
    """
    node._node()
    if node._document is not document:
        raise UsageError(f"{node!r} belongs to another flow.", code="RS-2004", place=place, mend=mend)
    if node._pipeline == pipeline:
        return
    path = path_of(document, node._pipeline)
    if not path:
        raise UsageError(
            f"{node!r} is not inside the subflow.", code="RS-2004", place=place, mend="Use the flow that it stands in."
        )
    raise UsageError(
        f"{node!r} is inside the subflow '{path[:-1]}'.",
        code="RS-2004",
        place=place,
        mend="Use that subflow's 'flow', or take the subflow apart with 'deconstruct_subflow'.",
    )


def path_of(document: Document, pipeline: str) -> str:
    """Return the labels of the subflows around a pipeline, as ``Sub/Inner/``; empty for the flow itself."""
    path = ""
    seen: set[str] = set()
    while pipeline not in seen and (around := _around(document, pipeline)) is not None:
        seen.add(pipeline)
        pipeline, label = around
        path = f"{label}/{path}"
    return path


def _around(document: Document, pipeline: str) -> tuple[str, str] | None:
    """Return where the stage stands that a pipeline is the inside of, and its label; None for the flow itself."""
    for outer in document.pipeline_ids:
        for node in document.nodes(outer):
            if (node.get("subflow_ref") or {}).get("pipeline_id_ref") == pipeline:
                return outer, document.label(outer, node["id"]) or str(node.get("op") or node["id"])
    return None
