"""DuckDB, in this process: the engine that runs flows by default.

Statements run on a thread of their own, so that the caller's thread can show progress and pass on a cancel at any
moment. Rounds run one after the other on one in-memory database; what must live between rounds is kept in its tables,
which spill to a temporary folder when memory is short.
"""

from __future__ import annotations

import contextlib
import queue
import re
import threading
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from typing import Any

from riverstage import connectors
from riverstage._scratch import Scratch
from riverstage.engines._protocol import ExecutionContext, Options
from riverstage.engines.duckdb._errors import as_run_error
from riverstage.engines.duckdb._kernels import kernel_stream
from riverstage.engines.duckdb._observe import READ, SCANNED
from riverstage.engines.duckdb._prepared import DuckDBPlan, prepare
from riverstage.engines.duckdb._profile import scanned_rows
from riverstage.engines.duckdb._statement import Copying, Counting, Showing, Statement, as_query, stream_name
from riverstage.engines.duckdb.lowering import register_udfs
from riverstage.plan import NativeScan, Node, NotPlain, PlainReader, Relation, Sink, Source, hidden_key
from riverstage.plan.events import Event, Finished, Observed, Progress, Refused, Shown
from riverstage.plan.plan import Plan

__all__ = ["DuckDBEngine"]

_POLL = 0.1
_COUNTED = 15 / 16
"""What of a memory limit DuckDB is told: it holds a little more than it counts."""
_DONE = object()


def _gave_up(error: Exception) -> bool:
    """Return whether a plain reader gave up; the database hands on what its streams raise as text."""
    return NotPlain.said in str(error)


def _reader(schema: Any, batches: Iterable[Any]) -> Any:
    """Return Arrow batches as a stream; Arrow takes 60 MB, so it is loaded only where it is needed."""
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(schema, batches)


def _share(limit: str) -> str:
    """Return what of a memory limit the database may take by its own count."""
    number, unit = re.fullmatch(r"\s*([\d.]+)\s*(.*?)\s*", limit, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{float(number) * _COUNTED:.3f}{unit}"


class DuckDBEngine:
    """The embedded engine."""

    name = "duckdb"

    def __init__(self) -> None:
        self._connections: list[Any] = []
        self._cancelled = threading.Event()

    def capabilities(self) -> Mapping[str, Any]:
        """Return what the engine can do."""
        return {"name": self.name, "partitions": 1, "spills": True, "scans": ("delimited", "parquet", "json_lines")}

    def prepare(self, plan: Plan, options: Options, *, folder: str) -> DuckDBPlan:
        """Make a plan ready; nothing is read or written yet."""
        return prepare(plan, options, folder=folder)

    def cancel(self) -> None:
        """Ask the execution to stop; from any thread."""
        self._cancelled.set()
        self._interrupt()

    def _interrupt(self) -> None:
        """Interrupt what runs now; between two statements this has no effect, so it is done again until all ended."""
        import duckdb

        for connection in list(self._connections):
            # Closed meanwhile: then nothing runs on it.
            with contextlib.suppress(duckdb.ConnectionException):
                connection.interrupt()

    def execute(self, prepared: DuckDBPlan, ctx: ExecutionContext) -> Generator[Event, None, None]:
        """Run a plan; the last event is ``Finished``.

        Raises:
            RunFailed: A statement failed; no target was committed.
            RunCancelled: ``cancel`` was called.
        """
        events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        work = _Execution(self, prepared, ctx, events.put)
        thread = threading.Thread(target=work.run, args=(_DONE,), name="riverstage-duckdb", daemon=True)
        thread.start()
        try:
            while True:
                try:
                    event = events.get(timeout=_POLL)
                except queue.Empty:
                    if self._cancelled.is_set():
                        self._interrupt()
                    yield work.progress()
                    continue
                if event is _DONE:
                    break
                yield event
            if work.error is not None:
                # An error that hangs on to what its own frames hold would keep the database until it is collected.
                error, work.error = work.error, None
                try:
                    raise error
                finally:
                    del error
            yield Finished(work.written)
        finally:
            while thread.is_alive():
                if not work.is_done:
                    self.cancel()
                thread.join(_POLL)
            work.close()
            self._connections.clear()
            self._cancelled.clear()


class _Execution:
    """One execution of a plan."""

    def __init__(self, engine: DuckDBEngine, prepared: DuckDBPlan, ctx: ExecutionContext, tell: Any) -> None:
        self._engine = engine
        self._prepared = prepared
        self._ctx = ctx
        self._tell = tell
        self._step = 0
        self._steps = 1
        self._scratch: Scratch | None = None
        self._connection: Any = None
        self._scanned: set[str] = set()
        self._readers: dict[str, PlainReader] = {}
        self._opened: list[Generator[Any, None, None]] = []
        self._held: list[Event] = []
        self._is_plain = False
        self._exact = prepared
        self._taken: list[Relation] = []
        self._shown = Progress(None, 0, 1)
        self.written: dict[str, int] = {}
        self.error: BaseException | None = None
        self.is_done = False

    def progress(self) -> Progress:
        """Return how far the statement at work is; never less than was said before."""
        step, percentage = self._step, None
        connection = self._connection
        if connection is not None:
            import duckdb

            # Closed meanwhile: it is opened again for reading the other way.
            with contextlib.suppress(duckdb.ConnectionException):
                percentage = connection.query_progress()
        fraction = None
        if percentage is not None and 0 <= percentage <= 100 and step == self._step:
            fraction = percentage / 100
        if self._readers:
            # The engine does not know how long streams are.
            sizes = [scan.plain.size for scan in self._prepared.scans.values() if scan is not None and scan.plain]
            fraction = min(1.0, sum(reader.bytes for reader in self._readers.values()) / max(1, sum(sizes)))
        if self._shown.step == step and self._shown.fraction is not None:
            fraction = max(fraction or 0.0, self._shown.fraction)
        self._shown = Progress(fraction, step, self._steps)
        return self._shown

    def run(self, done: object) -> None:
        """Run all rounds; what goes wrong is kept for the caller's thread."""
        try:
            self._choose()
            try:
                self._run()
            except Exception as error:
                if not self._is_plain or not _gave_up(error):
                    raise
                self._start_again()
                self._run()
            for event in self._held:
                self._tell(event)
        except BaseException as error:
            graph = self._prepared.plan.graph
            hidden = [str(said.value) for said in graph.parameters.values() if said.type == "encrypted" and said.value]
            cancelled = self._engine._cancelled.is_set()
            self.error = as_run_error(error, graph.name, cancelled=cancelled, secrets=hidden)
            self.error.__cause__ = error
        finally:
            self.is_done = True
            self._tell(done)

    def _say(self, event: Event) -> None:
        """Tell an event; what may have to be done again is held back until it is sure."""
        if self._is_plain:
            self._held.append(event)
        else:
            self._tell(event)

    def close(self) -> None:
        """Close the database and what it read, and remove its temporary files."""
        self._let_go()
        if self._scratch is not None:
            self._scratch.remove()

    def _let_go(self) -> None:
        """Close the connections and the streams that they read."""
        for connection in self._engine._connections:
            connection.close()
        for batches in self._opened:
            # A stream that somebody still waits for ends by itself.
            with contextlib.suppress(ValueError):
                batches.close()
        self._opened.clear()

    def _run(self) -> None:
        prepared = self._prepared
        paths = self._paths()
        rounds = prepared.statements(paths)
        self._steps = max(1, sum(len(statements) for statements in rounds))
        for name, (rows, how) in prepared.observations.known.items():
            self._say(Observed(name, rows, how))
        for scan in prepared.scans.values():
            for setup in scan.setup if scan is not None else ():
                self._connection.execute(setup)
        for index, statements in enumerate(rounds):
            late = prepared.segments[index].late.values()
            if self._read_to_the_end(source.link for source in late):
                statements = self._prepared.statements(paths)[index]
            self._register_streams(index, paths)
            for statement in statements:
                self._check_cancelled()
                self._step += 1
                self._execute(statement)
        self._count_unseen()
        self._count_rejects()
        self._check_cancelled()

    def _choose(self) -> None:
        """Open the database, ask for the numbers that decide about shortcuts, and take the ways that may be taken."""
        self._connection = self._open()
        taken: list[Relation] = []
        for relation in self._prepared.choices:
            self._check_cancelled()
            if relation.shortcut is not None:
                asked = self._prepared.number(relation, relation.shortcut)
                if self._connection.execute(asked).fetchall()[0][0] == 0:
                    taken.append(relation)
        # What was handed to a session cannot be taken back; what the engine wrote to a file is written over.
        written = {sink.stage for sink in self._prepared.plan.sinks if sink.request.family != "log"}
        self._is_plain = bool(self._prepared.plain) and written <= self._paths().keys()
        if taken or self._is_plain:
            self._exact = self._prepared
            self._taken = taken
            self._prepared = self._prepared.taking(taken, plain=self._is_plain)
            self._connection.execute(f"SET preserve_insertion_order = {self._prepared.keeps_order}")

    def _start_again(self) -> None:
        """Read the other way, after a plain reader gave up: nothing that was done so far is kept."""
        self._connection = None
        self._let_go()
        self._engine._connections.clear()
        if self._scratch is not None:
            self._scratch.remove()
        self._is_plain = False
        self._step = 0
        self._readers, self._scanned, self.written = {}, set(), {}
        self._held.clear()
        self._prepared = self._exact.taking(self._taken, plain=False)
        self._connection = self._open()

    def _open(self) -> Any:
        import duckdb

        options = self._prepared.options
        self._scratch = Scratch(options.temp_folder)
        config: dict[str, Any] = {
            "temp_directory": str(self._scratch.spill),
            "preserve_insertion_order": self._prepared.keeps_order,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "max_expression_depth": 10_000,
        }
        if options.threads is not None:
            config["threads"] = options.threads
        if options.memory_limit is not None:
            config["memory_limit"] = _share(options.memory_limit)
        connection = duckdb.connect(":memory:", config=config)
        self._adopt(connection)
        return connection

    def _adopt(self, connection: Any) -> None:
        self._engine._connections.append(connection)
        connection.execute(
            "SET TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false"
        )
        register_udfs(connection, self._prepared.functions, self._ctx.facts)

    def _check_cancelled(self) -> None:
        if self._engine._cancelled.is_set():
            import duckdb

            message = "cancelled"
            raise duckdb.InterruptException(message)

    def _paths(self) -> dict[str, tuple[str, str]]:
        """Return where each sink is written by a COPY of DuckDB's own."""
        paths: dict[str, tuple[str, str]] = {}
        for stage, session in self._ctx.sessions.items():
            target = session.copy_target("duckdb")
            if target is not None:
                paths[stage] = (target.path, target.options)
        return paths

    def _register_streams(self, index: int, paths: Mapping[str, tuple[str, str]]) -> None:
        """Make the streams that a round reads known to the database: sources that speak Arrow, and kernels."""
        segment = self._prepared.segments[index]
        self._register_sources(self._connection, segment.nodes)
        for number, feeder in enumerate(segment.feeders):
            cursor = self._connection.cursor()
            self._adopt(cursor)
            self._register_sources(cursor, feeder.nodes)
            sql = self._prepared.feed(paths, index, number)
            schema, batches = kernel_stream(cursor, sql, feeder.kernel)
            self._connection.register(stream_name(feeder.kernel.link), _reader(schema, batches))

    def _register_sources(self, connection: Any, nodes: Iterable[Node]) -> None:
        """Make the sources among some nodes that are streams known to the database."""
        for node in nodes:
            if not isinstance(node, Source):
                continue
            scan = self._prepared.scans[node.link]
            if scan is None:
                connection.register(stream_name(node.link), self._read(node))
            elif scan.plain is not None:
                reader = PlainReader(self._prepared.options.threads, self._check_cancelled)
                self._readers[node.link] = reader
                batches = scan.plain.open(reader)
                self._opened.append(batches)
                connection.register(stream_name(node.link), _reader(scan.plain.schema, batches))

    def _read(self, node: Source) -> Any:
        from riverstage._arrow import arrow_schema

        connector = connectors.load(node.request.family)
        return _reader(arrow_schema(node.request.row), connector.read(node.request, folder=self._ctx.folder))

    def _execute(self, statement: Statement) -> None:
        if statement.streams is not None:
            self._stream(statement, statement.streams)
            return
        profiled = self._prepared.observations.profiled - self._scanned
        if profiled:
            self._connection.execute("PRAGMA enable_profiling = 'no_output'")
        rows = self._connection.execute(statement.sql).fetchall()
        if profiled:
            self._note_scans(profiled)
        if statement.creates is not None:
            return
        for meaning, value in zip(statement.gives, rows[0][1:], strict=True):
            self._give(meaning, value)

    def _give(self, meaning: Copying | Counting | Showing, value: Any) -> None:
        if isinstance(meaning, Copying):
            self._wrote(meaning.sink, value)
        elif isinstance(meaning, Counting):
            self._say(Observed(meaning.name, int(value), meaning.how))
        else:
            columns = meaning.sink.request.row.names
            shown = tuple(tuple(row[name] for name in columns) for row in value or ())
            self._say(Shown(meaning.sink.stage, columns, shown))

    def _wrote(self, sink: Sink, rows: int) -> None:
        self.written[sink.stage] = int(rows)
        self._say(Observed(sink.counts or sink.input, int(rows), "rows that the target accepted"))

    def _stream(self, statement: Statement, sink: Sink) -> None:
        """Hand a sink its rows as Arrow batches, where it does not let the engine write them."""
        session = self._ctx.sessions[sink.stage]
        rows = 0
        for batch in self._connection.sql(statement.sql).to_arrow_reader(65_536):
            self._check_cancelled()
            session.write(batch)
            rows += batch.num_rows
        self._wrote(sink, rows)

    def _note_scans(self, profiled: set[str]) -> None:
        """Take the counts of sources from the profile of the statement that has just run."""
        delivered = scanned_rows(self._connection.get_profiling_information(format="json"))
        self._connection.execute("PRAGMA disable_profiling")
        for link in profiled:
            scan = self._prepared.scans[link]
            rows = delivered.get(scan.files) if scan is not None else None
            # A join with an empty side does not read its other side: then nothing scanned says nothing.
            if rows and scan is not None:
                lost = self._connection.execute(scan.lost).fetchall()[0][0] if scan.lost else 0
                self._scanned.add(link)
                self._say(Observed(link, rows - int(lost), SCANNED))

    def _count_unseen(self) -> None:
        """Count the sources that nobody told of: the engine had no need to read them."""
        for link in sorted(self._prepared.observations.read):
            self._say(Observed(link, self._rows_read(link), READ))
        self._read_to_the_end(self._prepared.observations.profiled)

    def _read_to_the_end(self, links: Iterable[str]) -> bool:
        """Read those of some sources that are to be counted and that no statement read to the end; tell of any.

        What a statement that stopped on the way found bad would be found again: so they are read as if for the first
        time, and what is asked about rejects is asked of that.
        """
        left = sorted(self._prepared.observations.profiled.intersection(links) - self._scanned)
        for node in self._prepared.plan.nodes:
            if not isinstance(node, Source) or node.link not in left:
                continue
            connector = connectors.load(node.request.family)
            rejects = node.reject is not None
            scan = connector.native_scan(node.request, self._engine.name, folder=self._ctx.folder, reject=rejects)
            if scan is None:
                continue
            for setup in scan.setup:
                self._connection.execute(setup)
            (rows,) = self._connection.execute(f"SELECT count(*) FROM ({as_query(scan.sql)})").fetchall()[0]
            self._scanned.add(node.link)
            self._prepared = replace(
                self._prepared, scans={**self._prepared.scans, node.link: replace(scan, plain=None)}
            )
            self._say(Observed(node.link, int(rows), "rows counted in a pass of their own"))
        return bool(left)

    def _rows_read(self, link: str) -> int:
        """Return how many rows a plain reader has, read to the end."""
        reader = self._readers[link]
        if not reader.is_done:
            scan = self._prepared.scans[link]
            reader = PlainReader(self._prepared.options.threads, self._check_cancelled)
            if scan is not None and scan.plain is not None:
                for _ in scan.plain.open(reader):
                    pass
        return reader.rows

    def _count_rejects(self) -> None:
        """Ask what the sources could not read; known only now that they were read to the end."""
        for node in self._prepared.plan.nodes:
            if not isinstance(node, Source):
                continue
            scan: NativeScan | None = self._prepared.scans[node.link]
            if scan is not None and scan.reject_count is not None:
                (count,) = self._connection.execute(scan.reject_count).fetchall()[0]
                name = node.reject or hidden_key(node.stage, "rejected")
                self._say(Observed(name, int(count), "records that the source could not read"))
                if count and scan.reject_reasons is not None:
                    reasons = self._connection.execute(scan.reject_reasons).fetchall()
                    said = self._connection.execute(scan.reject_example).fetchone() if scan.reject_example else None
                    found = {str(reason): int(rows) for reason, rows in reasons}
                    self._say(Refused(node.stage, found, str(said[0]) if said is not None else ""))
