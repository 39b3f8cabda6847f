"""A plan made ready for DuckDB: its rounds, how sources are read, what will be counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from riverstage import connectors
from riverstage._collector import collector_held
from riverstage.engines._protocol import Options
from riverstage.engines.duckdb._nulls import with_plain_keys
from riverstage.engines.duckdb._observe import KINDS, Observations, plan_observations
from riverstage.engines.duckdb._places import with_places
from riverstage.engines.duckdb._segments import Segment, cut, stored_links
from riverstage.engines.duckdb._statement import Parts, Statement, StatementWriter, quoted, stream_name
from riverstage.engines.duckdb.lowering import written
from riverstage.plan import Count, NativeScan, Relation, Shortcut, Source
from riverstage.plan.plan import Plan

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["DuckDBPlan", "prepare"]


@dataclass(frozen=True, slots=True)
class DuckDBPlan:
    """A plan made ready.

    Args:
        plan: The plan.
        options: How the engine may use the machine.
        folder: Where relative file names start.
        segments: The rounds.
        scans: How each source is read, by its link; None: as Arrow batches.
        observations: What will be counted.
        queries: The SQL of each relation, by its link, cut where it reads others.
        conditions: The SQL of the conditions of counts, by the count and the link that it looks at.
        functions: Functions without SQL of their own, which run their Python reference.
        keeps_order: Whether rows must keep the order in which sources give them.
        numbers: The SQL of the numbers that decide about shortcuts, by the link of their relation.
        plain: Links of sources that have a plain reader, used or not.
    """

    plan: Plan
    options: Options
    folder: str
    segments: tuple[Segment, ...]
    scans: Mapping[str, NativeScan | None]
    observations: Observations
    queries: Mapping[str, Parts]
    conditions: Mapping[tuple[str, str], str]
    functions: frozenset[str]
    keeps_order: bool
    numbers: Mapping[str, Parts]
    plain: tuple[str, ...]

    @property
    def choices(self) -> tuple[Relation, ...]:
        """The relations with a shortcut whose number costs little to know beforehand."""
        return tuple(node for node in self.plan.nodes if isinstance(node, Relation) and node.link in self.numbers)

    def number(self, relation: Relation, shortcut: Shortcut) -> str:
        """Return the query for the number that decides about a relation's shortcut."""
        return self._writer({}).over(self.plan.up_to([shortcut.over]).nodes, self.numbers[relation.link])

    def taking(self, relations: Sequence[Relation], *, plain: bool) -> DuckDBPlan:
        """Return the plan with the shortcuts of those relations taken, and no other left to choose.

        Args:
            relations: The relations.
            plain: Whether sources are to be read by their plain readers.
        """
        plan = self.plan.with_shortcuts(relations) if relations else self.plan
        return replace(prepare(plan, self.options, folder=self.folder, plain=plain), numbers={})

    def statements(self, paths: Mapping[str, tuple[str, str]]) -> list[list[Statement]]:
        """Return the statements of each round, targets at ``paths``."""
        writer = self._writer(paths)
        return [writer.round(segment) for segment in self.segments]

    def feed(self, paths: Mapping[str, tuple[str, str]], segment: int, kernel: int) -> str:
        """Return the query whose rows stream into a kernel."""
        feeder = self.segments[segment].feeders[kernel]
        return self._writer(paths).feed(feeder.nodes, feeder.kernel.input)

    def _writer(self, paths: Mapping[str, tuple[str, str]]) -> StatementWriter:
        return StatementWriter(self.scans, self.observations, paths, self.queries, self.conditions)

    def explain(self) -> dict[str, Any]:
        """Return the rounds, statements, observations and prices, as JSON-ready data."""
        paths = {
            sink.stage: (f"target of {sink.stage}", _FORMATS.get(sink.request.family, "FORMAT parquet"))
            for sink in self.plan.sinks
            if sink.request.family not in ("log", "memory")
        }
        return {
            "engine": "duckdb",
            "rounds": [[statement.sql for statement in round_] for round_ in self.statements(paths)],
            "kernels": [
                {"stage": feeder.kernel.stage, "reason": feeder.kernel.reason, "reads": feeder.kernel.input}
                for segment in self.segments
                for feeder in segment.feeders
            ],
            "shortcuts": [
                {
                    "stage": node.stage,
                    "link": node.link,
                    "if": node.shortcut.says,
                    "asked": self.number(node, node.shortcut),
                }
                for node in self.choices
                if node.shortcut is not None
            ],
            "read_plain": list(self.plain),
            "keeps_order": self.keeps_order,
            "python_functions": sorted(self.functions),
            "ledger": {
                "known": {name: {"rows": rows, "how": how} for name, (rows, how) in self.observations.known.items()},
                "observed": [
                    {"count": offer.name, "how": offer.how, "price": offer.price} for offer in self.observations.taken
                ],
                "unknown": self.observations.unknown,
                "second_passes": sorted(self.observations.shadows),
            },
        }


# How an explanation says what a target is written as; a run's sessions say it with all its options.
_FORMATS = {"delimited": "FORMAT csv", "json_lines": "FORMAT json"}


@collector_held()
def prepare(plan: Plan, options: Options, *, folder: str, plain: bool = False) -> DuckDBPlan:
    """Cut a plan into rounds, ask connectors how their sources can be scanned, and choose what is counted.

    Args:
        plan: The plan.
        options: How the engine may use the machine.
        folder: Where relative file names start.
        plain: Whether sources are to be read by their plain readers, where they have one.
    """
    scans, plain_links = _scans(plan, folder, plain=plain)
    plan, scans = with_places(with_plain_keys(plan, scans), scans)
    functions: set[str] = set()
    queries: dict[str, Parts] = {}
    kinds: dict[str, frozenset[type]] = {}
    for node in plan.nodes:
        if isinstance(node, Relation):
            query = written(node.tree, node.inputs)
            queries[node.link] = query.parts
            functions |= query.functions
            kinds[node.link] = frozenset(type(part) for part in node.tree.find_all(*KINDS))
    conditions: dict[tuple[str, str], str] = {}
    for hint in plan.seen:
        if isinstance(hint, Count) and hint.condition is not None:
            condition = written(hint.condition)
            conditions.setdefault((hint.name, hint.over), condition.sql)
            functions |= condition.functions
    stay = frozenset(link for link, scan in scans.items() if scan is not None and scan.stays)
    observations = plan_observations(plan, scans, kinds, stored_links(plan), exact=options.ledger == "exact")
    keeps = any(plan.types[key].ordering.known for key in plan.wanted if key in plan.types)
    keeps = keeps or any(sink.wants_order for sink in plan.sinks)
    numbers = {
        node.link: written(cast("exp.Expression", node.shortcut.number), (node.shortcut.over,)).parts
        for node in plan.nodes
        if isinstance(node, Relation) and node.shortcut is not None and node.shortcut.over in observations.light
    }
    return DuckDBPlan(
        plan,
        options,
        folder,
        tuple(cut(plan, frozenset(observations.light), stay, observations.looked_at)),
        scans,
        observations,
        queries,
        conditions,
        frozenset(functions),
        keeps,
        numbers,
        tuple(plain_links),
    )


def _scans(plan: Plan, folder: str, *, plain: bool) -> tuple[dict[str, NativeScan | None], list[str]]:
    """Return how each source is read, by its link, and the links of those that have a plain reader."""
    scans: dict[str, NativeScan | None] = {}
    links: list[str] = []
    for node in plan.nodes:
        if not isinstance(node, Source):
            continue
        connector = connectors.load(node.request.family)
        scan = connector.native_scan(node.request, "duckdb", folder=folder, reject=node.reject is not None)
        if scan is not None and scan.plain is not None:
            links.append(node.link)
            if plain:
                scan = NativeScan(scan.plain.query(quoted(stream_name(node.link))), plain=scan.plain)
            else:
                scan = replace(scan, plain=None)
        scans[node.link] = scan
    return scans, links
