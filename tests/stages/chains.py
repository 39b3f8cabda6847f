"""Small flows of several stages, run as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from riverstage.flow import BatchFlow
from riverstage.plan import Relation
from riverstage.runs.runtime import Runtime
from tests.conformance.case import Rows
from tests.conformance.runner import _describe, table_of

Link = tuple[str, str, str, Rows | None]


class Chain:
    """A flow whose sources are tables and whose Peeks are lists.

    Args:
        sources: Rows by the label of a source.
        stages: Type and configuration by label; a Peek gets its rows into ``rows``.
        links: Source, target, name and, where the link says something of its own, its Rows.
    """

    def __init__(
        self,
        sources: Mapping[str, Rows],
        stages: Mapping[str, tuple[str, Mapping[str, Any]]],
        links: Sequence[Link],
        folder: Path | None = None,
    ) -> None:
        flow = BatchFlow("chain")
        nodes = {label: flow.add_stage("Row Generator", label) for label in sources}
        for label, (kind, configuration) in stages.items():
            nodes[label] = flow.add_stage(kind, label)
            for name, value in configuration.items():
                nodes[label].configuration[name] = value
        for source, target, name, said in links:
            link = nodes[source].connect_output_to(nodes[target])
            link.set_name(name)
            rows = sources.get(source) or said
            kind = (said or rows or Rows("")).kind
            if kind == "reference":
                link.reference()
            if kind == "reject":
                link.reject()
            if rows is not None:
                _describe(flow, link, rows, always=source in sources)
            if said is not None and source in sources:
                (ref,) = flow.document.link_named(flow.document.primary_pipeline, name)
                ref.target_port.setdefault("parameters", {}).update(said.input)
        self.into: dict[str, list[Any]] = {label: [] for label, (kind, _) in stages.items() if kind == "Peek"}
        self.runtime = Runtime(
            flow.document,
            "chain",
            folder=folder or Path.cwd(),
            tables={label: table_of(rows) for label, rows in sources.items()},
            collect=self.into,
        )

    def rows(self, label: str) -> list[tuple[Any, ...]]:
        """Return the rows that a Peek got."""
        return [tuple(row.values()) for batch in self.into[label] for row in batch.to_pylist()]

    def run(self) -> Any:
        """Run the flow."""
        for rows in self.into.values():
            rows.clear()
        return self.runtime.run()

    def relations(self, label: str) -> dict[str, Relation]:
        """Return a stage's relations by the link that they write."""
        plan, _ = self.runtime.plan()
        return {node.link: node for node in plan.nodes if isinstance(node, Relation) and node.stage == label}
