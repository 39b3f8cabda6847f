"""Put tables in the place of a plan's sources, and lists in the place of its targets: how flows are tested."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from riverstage.plan import Count, Node, ReadRequest, Sink, Source, WriteRequest
from riverstage.plan.links import SOURCE_ORDER
from riverstage.plan.plan import Plan, writes

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["substitute"]


def substitute(
    plan: Plan, tables: Mapping[str, pa.Table], collect: Mapping[str, MutableSequence[Any]] | None = None
) -> Plan:
    """Return a plan that reads tables instead of what some stages read, and fills lists instead of some targets.

    Args:
        plan: The plan.
        tables: An Arrow table for each stage, by key, whose one output link it stands for.
        collect: A list for each stage, by key, that gets the Arrow batches which the stage would write or show.
    """
    collect = collect or {}
    nodes: list[Node] = []
    replaced: set[str] = set()
    for node in plan.nodes:
        if node.stage in tables and not isinstance(node, Sink):
            replaced.update(writes(node))
            continue
        if isinstance(node, Sink) and node.stage in collect:
            row = plan.types[node.input].row if node.input in plan.types else node.request.row
            request = WriteRequest("memory", {"into": collect[node.stage]}, row)
            node = replace(node, request=request, wants_order=True)
        nodes.append(node)
    sources: list[Node] = []
    for stage, table in tables.items():
        for key in plan.graph.stages[stage].outputs:
            read = ReadRequest("memory", {"table": table}, plan.types[key].row)
            sources.append(Source(stage, key, read, ordering=SOURCE_ORDER))
    labels = {plan.graph.stages[stage].label for stage in tables}
    seen = tuple(
        hint for hint in plan.seen if not (isinstance(hint, Count) and hint.over in replaced and "#" in hint.over)
    )
    return replace(
        plan, nodes=(*sources, *nodes), laws=tuple(law for law in plan.laws if law.stage not in labels), seen=seen
    )
