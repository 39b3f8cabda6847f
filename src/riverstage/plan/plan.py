"""A plan: the nodes of a whole flow, with its laws and the types of its links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from riverstage.plan.graph import Graph
from riverstage.plan.links import LinkType
from riverstage.plan.nodes import Count, Kernel, Law, Node, Relation, Sink, Source, Total

__all__ = ["Plan", "reads", "without_unread", "writes"]


def reads(node: Node) -> tuple[str, ...]:
    """Return the keys of the links that a node reads."""
    if isinstance(node, Relation):
        return node.inputs
    if isinstance(node, Kernel | Sink):
        return (node.input,)
    return ()


def writes(node: Node) -> tuple[str, ...]:
    """Return the keys of the links that a node writes."""
    if isinstance(node, Source):
        return (node.link,) if node.reject is None else (node.link, node.reject)
    if isinstance(node, Relation | Kernel):
        return (node.link,)
    return ()


def without_unread(nodes: Iterable[Node], seen: Iterable[Count | Total]) -> tuple[Node, ...]:
    """Return the nodes but for hidden relations that nothing reads or counts."""
    kept = list(nodes)
    while True:
        read = {key for node in kept for key in reads(node)} | {hint.over for hint in seen}
        left = [node for node in kept if not writes(node) or any("#" not in key or key in read for key in writes(node))]
        if len(left) == len(kept):
            return tuple(left)
        kept = left


@dataclass(frozen=True, slots=True)
class Plan:
    """The nodes of a flow, in an order in which each comes after what it reads.

    Args:
        graph: The flow.
        nodes: Its nodes.
        types: What each link of the graph carries.
        laws: The ledger's equations.
        seen: Where counts can be seen besides.
        dropped: Counts of rows that stages drop, with what they mean to a person.
        reasons: Why rows are on reject links or are dropped, by the link's key or the name of the count.
        wanted: Links of the graph whose order somebody relies on.
        asked: Those of ``dropped`` that settings of stages ask for.
        warns: Links whose rows are warned of, with what is to be said behind their number.
    """

    graph: Graph
    nodes: tuple[Node, ...]
    types: Mapping[str, LinkType]
    laws: tuple[Law, ...] = ()
    seen: tuple[Count | Total, ...] = ()
    dropped: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    warns: Mapping[str, str] = field(default_factory=dict)

    @property
    def sinks(self) -> tuple[Sink, ...]:
        """The nodes that write to outside."""
        return tuple(node for node in self.nodes if isinstance(node, Sink))

    @property
    def links(self) -> tuple[str, ...]:
        """The keys of the graph's links that the plan still writes."""
        written = {key for node in self.nodes for key in writes(node)}
        return tuple(key for key in self.graph.links if key in written)

    def with_relations(self, changed: Mapping[str, Relation]) -> Plan:
        """Return the plan with other relations in the place of some, by their link."""
        if not changed:
            return self
        nodes = (changed.get(node.link, node) if isinstance(node, Relation) else node for node in self.nodes)
        return replace(self, nodes=tuple(nodes))

    def with_shortcuts(self, relations: Iterable[Relation]) -> Plan:
        """Return the plan with the shortcuts of some relations taken: what it is when their numbers are 0."""
        taken = {relation.link: relation.shortcut for relation in relations if relation.shortcut is not None}
        zero = {name for shortcut in taken.values() for name in shortcut.zero}
        short = {
            node.link: replace(node, sql=shortcut.sql, inputs=shortcut.inputs, shortcut=None)
            for node in self.nodes
            if isinstance(node, Relation) and (shortcut := taken.get(node.link)) is not None
        }
        seen = tuple(hint for hint in self.seen if hint.name not in zero)
        return replace(
            self,
            nodes=without_unread(self.with_relations(short).nodes, seen),
            laws=(*self.laws, *(Law.exactly(name, 0) for name in sorted(zero))),
            seen=seen,
            wanted=self.wanted - {shortcut.over for shortcut in taken.values()},
        )

    def up_to(self, links: Iterable[str], sinks: Iterable[Sink] = ()) -> Plan:
        """Return the part that computes those links, with other sinks: what a preview runs."""
        writer = {key: node for node in self.nodes for key in writes(node)}
        needed: set[int] = set()
        ahead = [key for key in links if key in writer]
        while ahead:
            node = writer[ahead.pop()]
            if id(node) not in needed:
                needed.add(id(node))
                ahead.extend(reads(node))
        kept = tuple(node for node in self.nodes if id(node) in needed)
        return replace(self, nodes=kept + tuple(sinks), laws=(), seen=(), dropped={}, reasons={})
