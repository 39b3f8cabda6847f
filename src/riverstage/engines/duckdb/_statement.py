"""Write the SQL of one round: a statement of CTEs in which targets are written and rows are counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from riverstage.engines.duckdb._observe import Observations
from riverstage.engines.duckdb._segments import Segment
from riverstage.plan import Count, NativeScan, Node, Relation, Sink, Source
from riverstage.plan.plan import reads, writes

__all__ = ["Copying", "Counting", "Showing", "Statement", "StatementWriter", "quoted", "text"]


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


class StatementWriter:
    """Writes the statements of a plan's rounds.

    Args:
        scans: How each source is read, by its link.
        observations: What is to be counted.
        paths: Where each sink is to be written and with which COPY options, by stage key; a sink that is not there is
            streamed.
        queries: The SQL of each relation, by its link.
        conditions: The SQL of the conditions of counts, by the count and the link that it looks at.
    """

    def __init__(
        self,
        scans: Mapping[str, NativeScan | None],
        observations: Observations,
        paths: Mapping[str, tuple[str, str]],
        queries: Mapping[str, str],
        conditions: Mapping[tuple[str, str], str],
    ) -> None:
        self._scans = scans
        self._observations = observations
        self._paths = paths
        self._queries = queries
        self._conditions = conditions

    def round(self, segment: Segment) -> list[Statement]:
        """Return the statements of a round, in order."""
        writer: dict[str, Node] = {key: node for node in segment.nodes for key in writes(node)}
        bodies: dict[str, str] = {}
        for feeder in segment.feeders:
            bodies[feeder.kernel.link] = f"SELECT * FROM {quoted(stream_name(feeder.kernel.link))}"
        for key, source in segment.late.items():
            scan = self._scans[source.link]
            bodies[key] = (scan.rejects if scan is not None else None) or "SELECT NULL LIMIT 0"
        for key, node in writer.items():
            if not (isinstance(node, Source) and key == node.reject):
                bodies[key] = self._body(node)
        uses = self._uses(segment, bodies)
        streamed = [sink for sink in segment.sinks if not self._is_inline(sink)]
        tables: list[str] = []
        if segment.tables or streamed:
            # What is only read and filtered again is cheaper computed twice than stored.
            shared = {key for key, count in uses.items() if count > 1 and key not in self._observations.light}
            tables = [key for key in bodies if key in shared or key in segment.tables]
        statements = [self._create(key, bodies, writer, uses, tables) for key in tables]
        statements += [self._stream(sink, bodies, writer, uses, tables) for sink in streamed]
        main = self._main(segment, bodies, writer, uses, tables)
        if main is not None:
            statements.append(main)
        return statements

    def feed(self, nodes: Iterable[Node], link: str) -> str:
        """Return the query whose rows stream into a kernel; ``nodes`` empty: the link is a table."""
        writer = {key: node for node in nodes for key in writes(node)}
        bodies = {key: self._body(node) for key, node in writer.items()}
        uses: dict[str, int] = {}
        for node in nodes:
            for key in reads(node):
                uses[key] = uses.get(key, 0) + 1
        return self._with(self._ctes([link], bodies, writer, uses, []), f"SELECT * FROM {quoted(link)}")

    def _body(self, node: Node) -> str:
        if isinstance(node, Source):
            scan = self._scans[node.link]
            if scan is None:
                return f"SELECT * FROM {quoted(stream_name(node.link))}"
            return as_query(scan.sql)
        if isinstance(node, Relation):
            return self._queries[node.link]
        message = f"a {type(node).__name__} has no SQL"
        raise TypeError(message)

    def _is_inline(self, sink: Sink) -> bool:
        return sink.request.family == "log" or sink.stage in self._paths

    def _uses(self, segment: Segment, bodies: Mapping[str, str]) -> dict[str, int]:
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

    def _needed(self, segment: Segment, bodies: Mapping[str, str]) -> list[Node]:
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

    def _ctes(
        self,
        targets: Iterable[str],
        bodies: Mapping[str, str],
        writer: Mapping[str, Node],
        uses: Mapping[str, int],
        tables: Sequence[str],
        *,
        open_target: str | None = None,
    ) -> list[str]:
        needed: set[str] = set()
        ahead = list(targets)
        while ahead:
            key = ahead.pop()
            if key in needed or key not in bodies or (key in tables and key != open_target):
                continue
            needed.add(key)
            node = writer.get(key)
            ahead.extend(reads(node) if node is not None else ())
        ctes = []
        for key in bodies:
            if key not in needed:
                continue
            kept = uses.get(key, 0) > 1 and not tables
            hint = "MATERIALIZED " if kept else "NOT MATERIALIZED " if uses.get(key, 0) == 1 else ""
            ctes.append(f"{quoted(key)} AS {hint}({bodies[key]})")
        return ctes

    @staticmethod
    def _with(ctes: list[str], query: str) -> str:
        return "WITH " + ",\n".join(ctes) + "\n" + query if ctes else query

    def _create(
        self,
        key: str,
        bodies: Mapping[str, str],
        writer: Mapping[str, Node],
        uses: Mapping[str, int],
        tables: Sequence[str],
    ) -> Statement:
        ctes = self._ctes([key], bodies, writer, uses, tables, open_target=key)
        return Statement(f"CREATE TABLE {quoted(key)} AS {self._with(ctes[:-1], bodies[key])}", creates=key)

    def _stream(
        self,
        sink: Sink,
        bodies: Mapping[str, str],
        writer: Mapping[str, Node],
        uses: Mapping[str, int],
        tables: Sequence[str],
    ) -> Statement:
        ctes = self._ctes([sink.input], bodies, writer, uses, tables)
        return Statement(self._with(ctes, _columns_of(sink)), streams=sink)

    def _main(
        self,
        segment: Segment,
        bodies: Mapping[str, str],
        writer: Mapping[str, Node],
        uses: Mapping[str, int],
        tables: Sequence[str],
    ) -> Statement | None:
        """Return the statement that writes, counts and shows; counts stand before the COPYs, as DuckDB wants them."""
        counting: list[str] = []
        copying: list[str] = []
        finals: list[str] = []
        gives: list[Copying | Counting | Showing] = []
        targets: list[str] = []
        for over, counts in self._counts_here(segment, bodies).items():
            name = f"count of {over}"
            columns = [
                f"count(*) AS c{index}"
                if count.condition is None
                else f"coalesce(count_if({self._conditions[count.name, over]}), 0) AS c{index}"
                for index, count in enumerate(counts)
            ]
            counting.append(f"{quoted(name)} AS MATERIALIZED (SELECT {', '.join(columns)} FROM {quoted(over)})")
            targets.append(over)
            for index, count in enumerate(counts):
                finals.append(f"(SELECT c{index} FROM {quoted(name)})")
                gives.append(Counting(count.name, f"rows counted in {over}"))
        for total in self._observations.totals:
            if total.over in bodies:
                targets.append(total.over)
                finals.append(f"(SELECT coalesce(sum({quoted(total.column)}), 0)::BIGINT FROM {quoted(total.over)})")
                gives.append(Counting(total.name, "hidden count of groups"))
        for index, sink in enumerate(segment.sinks):
            if sink.request.family == "log":
                name = f"shown {index}"
                counting.append(f"{quoted(name)} AS MATERIALIZED ({_shown(sink)})")
                finals.append(f"(SELECT rows FROM {quoted(name)})")
                gives.append(Showing(sink))
            elif sink.stage in self._paths:
                name = f"target {index}"
                path, options = self._paths[sink.stage]
                copying.append(f"{quoted(name)} AS (COPY ({_columns_of(sink)}) TO {text(path)} ({options}))")
                finals.append(f"(SELECT count FROM {quoted(name)})")
                gives.append(Copying(sink))
            else:
                continue
            targets.append(sink.input)
        if not gives:
            return None
        ctes = self._ctes(targets, bodies, writer, uses, tables)
        query = "SELECT 0::BIGINT, " + ",\n  ".join(finals)
        return Statement(self._with(ctes + counting + copying, query), gives=gives)

    def _counts_here(self, segment: Segment, bodies: Mapping[str, str]) -> dict[str, list[Count]]:
        grouped: dict[str, list[Count]] = {}
        for count in self._observations.counts:
            if count.over in bodies or count.over in segment.tables:
                grouped.setdefault(count.over, []).append(count)
        return grouped


def as_query(sql: str) -> str:
    """Return a query for a query or a table expression."""
    start = sql.lstrip(" \n(").split(None, 1)[0].upper()
    return sql if start in ("SELECT", "WITH", "FROM") else f"SELECT * FROM {sql}"


def stream_name(link: str) -> str:
    """Return the name under which a stream of rows is registered."""
    return f"stream of {link}"


def _columns_of(sink: Sink) -> str:
    columns = ", ".join(quoted(column.name) for column in sink.request.row) or "*"
    return f"SELECT {columns} FROM {quoted(sink.input)}"


def _shown(sink: Sink) -> str:
    """Return the query that gives a log sink's rows as one list, chosen by its period, skip and limit."""
    options = sink.request.options
    columns = ", ".join(quoted(column.name) for column in sink.request.row) or "*"
    skip, period, limit = options.get("skip") or 0, options.get("period") or 1, options.get("limit")
    source = f"SELECT {columns} FROM {quoted(sink.input)}"
    if skip or period > 1:
        numbered = f"SELECT *, row_number() OVER () - 1 AS __row FROM {quoted(sink.input)}"
        chosen = f"__row >= {int(skip)} AND (__row - {int(skip)}) % {int(period)} = 0"
        source = f"SELECT {columns} FROM ({numbered}) WHERE {chosen}"
    if limit is not None:
        source += f" LIMIT {int(limit)}"
    return f"SELECT list(shown) AS rows FROM ({source}) AS shown"
