"""Write the SQL of one round: a statement of CTEs in which targets are written and rows are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from riverstage.engines.duckdb._observe import Observations
from riverstage.engines.duckdb._segments import Segment
from riverstage.engines.duckdb.lowering import Reading
from riverstage.plan import Count, NativeScan, Node, Relation, Sink, Source
from riverstage.plan.plan import reads, writes

__all__ = ["Copying", "Counting", "Parts", "Showing", "Statement", "StatementWriter", "quoted", "text"]

Parts = Sequence[str | Reading]
"""A query's text, cut where it reads a link."""


def quoted(name: str) -> str:
    """Return a name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a string literal."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Copying:
    """A target that the statement writes."""

    sink: Sink


@dataclass(frozen=True, slots=True)
class Counting:
    """A count that the statement gives."""

    name: str
    how: str


@dataclass(frozen=True, slots=True)
class Showing:
    """Rows that the statement gives for the job log."""

    sink: Sink


@dataclass(slots=True)
class Statement:
    """One SQL statement.

    Args:
        sql: Its text.
        creates: The table that it makes, for a link that later rounds read.
        streams: The sink whose rows it gives.
        gives: What the columns of its one row mean, from the second on.
    """

    sql: str
    creates: str | None = None
    streams: Sink | None = None
    gives: list[Copying | Counting | Showing] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Round:
    """What the statements of a round have in common.

    Args:
        bodies: The query of each link that the round computes, each after those that it reads.
        uses: How often each is read by what the round is to do.
        tables: Links that are stored as tables.
    """

    bodies: Mapping[str, Parts]
    uses: Mapping[str, int]
    tables: Sequence[str] = ()


class StatementWriter:
    """Writes the statements of a plan's rounds.

    Args:
        scans: How each source is read, by its link.
        observations: What is to be counted.
        paths: Where each sink is to be written and with which COPY options, by stage key; a sink that is not there is
            streamed.
        queries: The SQL of each relation, by its link, cut where it reads others.
        conditions: The SQL of the conditions of counts, by the count and the link that it looks at.
    """

    def __init__(
        self,
        scans: Mapping[str, NativeScan | None],
        observations: Observations,
        paths: Mapping[str, tuple[str, str]],
        queries: Mapping[str, Parts],
        conditions: Mapping[tuple[str, str], str],
    ) -> None:
        self._scans = scans
        self._observations = observations
        self._paths = paths
        self._queries = queries
        self._conditions = conditions

    def round(self, segment: Segment) -> list[Statement]:
        """Return the statements of a round, in order."""
        bodies: dict[str, Parts] = {}
        for feeder in segment.feeders:
            bodies[feeder.kernel.link] = (f"SELECT * FROM {quoted(stream_name(feeder.kernel.link))}",)
        for key, source in segment.late.items():
            scan = self._scans[source.link]
            bodies[key] = ((scan.rejects if scan is not None else None) or "SELECT NULL LIMIT 0",)
        for node in segment.nodes:
            for key in writes(node):
                if not (isinstance(node, Source) and key == node.reject):
                    bodies[key] = self._body(node)
        uses = self._uses(segment, bodies)
        streamed = [sink for sink in segment.sinks if not self._is_inline(sink)]
        tables: list[str] = []
        if segment.tables or streamed:
            # What is only read and filtered again is cheaper computed twice than stored.
            shared = {key for key, count in uses.items() if count > 1 and key not in self._observations.light}
            stored = set(segment.tables)
            tables = [key for key in bodies if key in shared or key in stored]
        within = _Round(bodies, uses, tables)
        statements = [
            Statement(f"CREATE TABLE {quoted(key)} AS {_composed(within, (), bodies[key])}", creates=key)
            for key in tables
        ]
        statements += [Statement(_composed(within, (), _columns_of(sink)), streams=sink) for sink in streamed]
        main = self._main(segment, within)
        if main is not None:
            statements.append(main)
        return statements

    def feed(self, nodes: Iterable[Node], link: str) -> str:
        """Return the query whose rows stream into a kernel; ``nodes`` empty: the link is a table."""
        return self.over(nodes, ("SELECT * FROM ", Reading(link)))

    def over(self, nodes: Iterable[Node], query: Parts) -> str:
        """Return a query with the nodes that it reads; ``nodes`` empty: it reads tables."""
        above = list(nodes)
        bodies = {key: self._body(node) for node in above for key in writes(node)}
        uses = Counter(key for node in above for key in reads(node))
        return _composed(_Round(bodies, uses), (), query)

    def _body(self, node: Node) -> Parts:
        if isinstance(node, Source):
            scan = self._scans[node.link]
            if scan is None:
                return (f"SELECT * FROM {quoted(stream_name(node.link))}",)
            return (as_query(scan.sql),)
        if isinstance(node, Relation):
            return self._queries[node.link]
        message = f"a {type(node).__name__} has no SQL"
        raise TypeError(message)

    def _is_inline(self, sink: Sink) -> bool:
        return sink.request.family == "log" or sink.stage in self._paths

    def _uses(self, segment: Segment, bodies: Mapping[str, Parts]) -> dict[str, int]:
        uses: dict[str, int] = {}
        kept = set(segment.tables)
        for node in (*self._needed(segment, bodies), *segment.sinks):
            for key in reads(node):
                if key in bodies:
                    uses[key] = uses.get(key, 0) + 1
        for key in kept:
            uses[key] = uses.get(key, 0) + 1
        for total in self._observations.totals:
            if total.over in bodies:
                uses[total.over] = uses.get(total.over, 0) + 1
        for count in self._observations.counts:
            if count.over in bodies and (count.over in self._observations.taps or uses.get(count.over, 0) == 0):
                uses[count.over] = uses.get(count.over, 0) + 1
        for feeder in segment.feeders:
            # A stream can be read once only.
            if uses.get(feeder.kernel.link, 0) > 1:
                uses[feeder.kernel.link] += 1
        return uses

    def _needed(self, segment: Segment, bodies: Mapping[str, Parts]) -> list[Node]:
        """Return the nodes that the round's targets, tables and counts come from."""
        writer: dict[str, Node] = {key: node for node in segment.nodes for key in writes(node)}
        observed = [count.over for count in self._observations.counts]
        observed += [total.over for total in self._observations.totals]
        ahead = [sink.input for sink in segment.sinks] + segment.tables + [key for key in observed if key in bodies]
        found: dict[int, Node] = {}
        while ahead:
            node = writer.get(ahead.pop())
            if node is not None and id(node) not in found:
                found[id(node)] = node
                ahead.extend(reads(node))
        return list(found.values())

    def _main(self, segment: Segment, within: _Round) -> Statement | None:
        """Return the statement that writes, counts and shows; counts stand before the COPYs, as DuckDB wants them."""
        again: dict[str, Parts] = {}
        counting: list[tuple[str, Parts]] = []
        copying: list[tuple[str, Parts]] = []
        finals: list[Parts] = []
        gives: list[Copying | Counting | Showing] = []
        for over, counts in self._counts_here(segment, within.bodies).items():
            name = quoted(f"count of {over}")
            columns = [
                f"count(*) AS c{index}"
                if count.condition is None
                else f"coalesce(count_if({self._conditions[count.name, over]}), 0) AS c{index}"
                for index, count in enumerate(counts)
            ]
            words = f"{name} AS MATERIALIZED "
            read = over
            if over in self._observations.apart and over not in within.tables:
                read = f"{over} again"
                again[read] = within.bodies[over]
            counting.append((words, (f"(SELECT {', '.join(columns)} FROM ", Reading(read), ")")))
            for index, count in enumerate(counts):
                finals.append((f"(SELECT c{index} FROM {name})",))
                gives.append(Counting(count.name, f"rows counted in {over}"))
        for total in self._observations.totals:
            if total.over in within.bodies:
                sums = f"(SELECT coalesce(sum({quoted(total.column)}), 0)::BIGINT FROM "
                finals.append((sums, Reading(total.over), ")"))
                gives.append(Counting(total.name, "hidden count of groups"))
        for index, sink in enumerate(segment.sinks):
            if sink.request.family == "log":
                name = quoted(f"shown {index}")
                counting.append((f"{name} AS MATERIALIZED ", ("(", *_shown(sink), ")")))
                finals.append((f"(SELECT rows FROM {name})",))
                gives.append(Showing(sink))
            elif sink.stage in self._paths:
                name = quoted(f"target {index}")
                path, options = self._paths[sink.stage]
                copying.append((f"{name} AS ", ("(COPY (", *_columns_of(sink), f") TO {text(path)} ({options}))")))
                finals.append((f"(SELECT count FROM {name})",))
                gives.append(Copying(sink))
        if not gives:
            return None
        query = ["SELECT 0::BIGINT", *(part for final in finals for part in (",\n  ", *final))]
        whole = replace(within, bodies={**within.bodies, **again})
        return Statement(_composed(whole, (*counting, *copying), query), gives=gives)

    def _counts_here(self, segment: Segment, bodies: Mapping[str, Parts]) -> dict[str, list[Count]]:
        grouped: dict[str, list[Count]] = {}
        for count in self._observations.counts:
            if count.over in bodies or count.over in segment.tables:
                grouped.setdefault(count.over, []).append(count)
        return grouped


def _composed(within: _Round, named: Sequence[tuple[str, Parts]], query: Parts) -> str:
    """Return a query with what it reads.

    What is read once stands where it is read, what is read more often in front under its name: DuckDB takes several
    times as long to plan a long chain of named queries as one of nested ones.

    Args:
        within: The round.
        named: Further queries in front of it, each with the words before it.
        query: The query.
    """
    bodies, uses, tables = within.bodies, within.uses, set(within.tables)
    reads_of: Counter[str] = Counter()
    ahead = [key for parts in (*(body for _, body in named), query) for key in _read_by(parts)]
    while ahead:
        key = ahead.pop()
        reads_of[key] += 1
        if reads_of[key] == 1 and key in bodies and key not in tables:
            ahead.extend(_read_by(bodies[key]))
    kept = {key for key, count in uses.items() if count > 1 and not tables}
    nested = {key: bodies[key] for key, count in reads_of.items() if count == 1 and key in bodies}
    for key in (*tables, *kept):
        nested.pop(key, None)
    front = []
    for key, body in bodies.items():
        if key in reads_of and key not in nested and key not in tables:
            hint = "MATERIALIZED " if key in kept else "NOT MATERIALIZED " if uses.get(key, 0) == 1 else ""
            front.append(f"{quoted(key)} AS {hint}({_spelled(body, nested)})")
    front += [words + _spelled(body, nested) for words, body in named]
    spelled = _spelled(query, nested)
    return "WITH " + ",\n".join(front) + "\n" + spelled if front else spelled


def _read_by(parts: Parts) -> list[str]:
    return [part.link for part in parts if isinstance(part, Reading)]


def _spelled(parts: Parts, nested: Mapping[str, Parts]) -> str:
    """Return a query's text with what is nested in it; in a loop, for chains are long."""
    text: list[str] = []
    ahead: list[str | Reading] = list(reversed(parts))
    while ahead:
        part = ahead.pop()
        if isinstance(part, str):
            text.append(part)
            continue
        key = part.link
        while (inner := _handed_on(nested.get(key))) is not None:
            key = inner
        if key not in nested:
            text.append(quoted(key) + (f" AS {quoted(part.link)}" if part.is_bare and key != part.link else ""))
            continue
        ahead.append(f") AS {quoted(part.link)}" if part.is_bare else ")")
        ahead.extend(reversed(nested[key]))
        ahead.append("(")
    return "".join(text)


def _handed_on(parts: Parts | None) -> str | None:
    """Return the link that a query hands on as it is, or None."""
    if parts is None or len(parts) != 2 or parts[0] != "SELECT * FROM ":
        return None
    reading = parts[1]
    return reading.link if isinstance(reading, Reading) and reading.is_bare else None


def as_query(sql: str) -> str:
    """Return a query for a query or a table expression."""
    start = sql.lstrip(" \n(").split(None, 1)[0].upper()
    return sql if start in ("SELECT", "WITH", "FROM") else f"SELECT * FROM {sql}"


def stream_name(link: str) -> str:
    """Return the name under which a stream of rows is registered."""
    return f"stream of {link}"


def _columns_of(sink: Sink) -> Parts:
    columns = ", ".join(quoted(column.name) for column in sink.request.row) or "*"
    return (f"SELECT {columns} FROM ", Reading(sink.input))


def _shown(sink: Sink) -> Parts:
    """Return the query that gives a log sink's rows as one list, chosen by its period, skip and limit."""
    options = sink.request.options
    columns = ", ".join(quoted(column.name) for column in sink.request.row) or "*"
    skip, period, limit = options.get("skip") or 0, options.get("period") or 1, options.get("limit")
    before, after = f"SELECT {columns} FROM ", ""
    if skip or period > 1:
        before += "(SELECT *, row_number() OVER () - 1 AS __row FROM "
        after = f") WHERE __row >= {int(skip)} AND (__row - {int(skip)}) % {int(period)} = 0"
    if limit is not None:
        after += f" LIMIT {int(limit)}"
    return (f"SELECT list(shown) AS rows FROM ({before}", Reading(sink.input), f"{after}) AS shown")
