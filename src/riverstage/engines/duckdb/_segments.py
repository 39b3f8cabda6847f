"""Cut a plan into segments: what one round of statements can do.

Relations and sinks that hang together run as one statement. A cut is needed below a kernel (code between two
statements), below a reject link that is only known once its source was read to the end, and where relations stand in
so long a row that DuckDB would plan longer than it works.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from riverstage.plan import Kernel, Node, Relation, Sink, Source
from riverstage.plan.plan import Plan, reads, writes

__all__ = ["Feeder", "Segment", "cut", "stored_links"]

_DEEPEST = 100
"""Relations in a row at most in one statement.

DuckDB 2.0 plans a row of 50 stages in 0.2 s, of 100 in 0.45 s, of 200 in 1.3 s and of 500 in 13 s (50 columns each;
with 10 columns a fifth of that): the time grows with the number of stages at first, and with its cube from some 200
relations on. Rows are stored behind every hundredth relation, so that 500 stages take 2 s.
"""


@dataclass(slots=True)
class Feeder:
    """A kernel with the nodes that only feed it: they run as a stream while the segment that reads the kernel runs."""

    kernel: Kernel
    nodes: list[Node]


@dataclass(slots=True)
class Segment:
    """One round.

    Args:
        nodes: Sources, relations and kernels whose links the round's statements read, in order.
        sinks: The targets that it writes.
        tables: Links that later rounds read and that are kept as tables.
        feeders: Kernels that stream into this round.
        late: Reject links that are known since an earlier round, by the source that writes them.
    """

    nodes: list[Node] = field(default_factory=list)
    sinks: list[Sink] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    feeders: list[Feeder] = field(default_factory=list)
    late: dict[str, Source] = field(default_factory=dict)


def cut(
    plan: Plan,
    light: frozenset[str] = frozenset(),
    stay: frozenset[str] = frozenset(),
    counted: frozenset[str] = frozenset(),
) -> list[Segment]:
    """Return the rounds of a plan, in order.

    Args:
        plan: The plan.
        light: Links that cost little to compute again; a kernel may have such an input for itself.
        stay: Sources that must be read on the connection that asks for their rejects.
        counted: Links whose rows are counted, for which a round must have them.
    """
    writer = {key: node for node in plan.nodes for key in writes(node)}
    readers: dict[str, list[Node]] = defaultdict(list)
    for node in plan.nodes:
        for key in reads(node):
            readers[key].append(node)
    level = _levels(plan)
    streamed, feeding = _streamed(plan, level, writer, readers, light, stay, counted)
    segments = [Segment() for _ in range(max(level.values(), default=0) + 1)]
    for node in plan.nodes:
        segment = segments[level[id(node)]]
        if isinstance(node, Sink):
            segment.sinks.append(node)
        elif isinstance(node, Kernel):
            feeder = streamed.get(id(node)) or Feeder(node, [])
            segment.feeders.append(feeder)
            if not feeder.nodes:
                _keep(segments[level[id(writer[node.input])]], node.input)
        elif id(node) not in feeding:
            segment.nodes.append(node)
        if not isinstance(node, Kernel):
            for key in reads(node):
                _cross(segments, level, key, writer[key], node)
    return [segment for segment in segments if segment.nodes or segment.sinks or segment.tables or segment.feeders]


def _keep(segment: Segment, key: str) -> None:
    if key not in segment.tables:
        segment.tables.append(key)


def _cross(segments: list[Segment], level: dict[int, int], key: str, source: Node, reader: Node) -> None:
    if isinstance(source, Source) and key == source.reject:
        segments[level[id(reader)]].late[key] = source
    elif level[id(source)] < level[id(reader)]:
        _keep(segments[level[id(source)]], key)


def stored_links(plan: Plan) -> frozenset[str]:
    """Return the links that are kept as tables because a later round reads them, whatever is counted.

    What only feeds a kernel may be stored besides.
    """
    level = _levels(plan)
    writer = {key: node for node in plan.nodes for key in writes(node)}
    return frozenset(
        key
        for node in plan.nodes
        if not isinstance(node, Kernel)
        for key in reads(node)
        if level[id(writer[key])] < level[id(node)] and not _is_late(writer[key], key)
    )


def _is_late(source: Node, key: str) -> bool:
    return isinstance(source, Source) and key == source.reject


def _levels(plan: Plan) -> dict[int, int]:
    """Return the round of each node."""
    level: dict[int, int] = {}
    depth: dict[int, int] = {}
    of_link: dict[str, tuple[int, int]] = {}
    for node in plan.nodes:
        mine = max((of_link[key][0] for key in reads(node)), default=0)
        deep = max((of_link[key][1] for key in reads(node) if of_link[key][0] == mine), default=0)
        if isinstance(node, Kernel):
            mine, deep = mine + 1, 0
        elif isinstance(node, Relation):
            mine, deep = (mine, deep + 1) if deep < _DEEPEST else (mine + 1, 1)
        level[id(node)], depth[id(node)] = mine, deep
        for key in writes(node):
            of_link[key] = (mine + 1, 0) if _is_late(node, key) else (mine, deep)
    if max(depth.values(), default=0) >= _DEEPEST:
        _postpone(plan, level, depth)
    return level


def _postpone(plan: Plan, level: dict[int, int], depth: Mapping[int, int]) -> None:
    """Move what only a later round needs there, where it is short: what is first looked up far down is not stored."""
    wanted: dict[str, int] = {}
    for node in reversed(plan.nodes):
        mine = level[id(node)]
        has_late = isinstance(node, Source) and node.reject is not None
        if isinstance(node, Source | Relation) and not has_late and depth[id(node)] <= _DEEPEST // 2:
            mine = level[id(node)] = max(mine, min((wanted.get(key, mine) for key in writes(node)), default=mine))
        for key in reads(node):
            needed = mine - 1 if isinstance(node, Kernel) else mine
            wanted[key] = min(wanted.get(key, needed), needed)


def _streamed(
    plan: Plan,
    level: dict[int, int],
    writer: dict[str, Node],
    readers: dict[str, list[Node]],
    light: frozenset[str],
    stay: frozenset[str],
    counted: frozenset[str],
) -> tuple[dict[int, Feeder], set[int]]:
    """Find the kernels whose input need not be stored: nothing else needs it, or it costs little to compute again.

    Returns the feeders by kernel, and the nodes that run nowhere else.
    """
    found: dict[int, Feeder] = {}
    alone: set[int] = set()
    for kernel in plan.nodes:
        if not isinstance(kernel, Kernel):
            continue
        members: dict[int, Node] = {}
        ahead = [kernel.input]
        can_stream = True
        while ahead and can_stream:
            node = writer[ahead.pop()]
            if id(node) in members or level[id(node)] != level[id(kernel)] - 1:
                continue
            members[id(node)] = node
            # A source with rejects is read where its rejects are asked for; a stream can be read once only.
            can_stream = not isinstance(node, Kernel) and not (isinstance(node, Source) and node.link in stay)
            ahead.extend(reads(node))
        written = [key for node in members.values() for key in writes(node)]
        needed = any(key in counted for key in written) or any(
            id(other) not in members and other is not kernel for key in written for other in readers[key]
        )
        if can_stream and (not needed or kernel.input in light):
            found[id(kernel)] = Feeder(kernel, [node for node in plan.nodes if id(node) in members])
            if not needed:
                alone.update(members)
    return found, alone
