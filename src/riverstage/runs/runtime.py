"""Everything that can be asked of a flow that is to run: check, plan, explain, preview, run."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage import connectors, engines
from riverstage.catalogue import MASK
from riverstage.compiler import Assets, Binding, NoAssets, bind, check_binding, make_plan
from riverstage.compiler.resolve import Resolved, resolve
from riverstage.engines import ExecutionContext, Options
from riverstage.errors import CheckFailed, Diagnostic, NotFoundError, Place, RiverstageError, UsageError
from riverstage.plan import ReadRequest, Relation, Sink, Source, WriteRequest, hidden_key
from riverstage.plan.connector import Described
from riverstage.plan.plan import Plan
from riverstage.runs.result import LogEntry, RunResult
from riverstage.runs.run import Listener, Request, execute, new_run_id, with_state
from riverstage.runs.substitute import substitute

if TYPE_CHECKING:
    import pyarrow as pa

    from riverstage.document import Document, LinkRef

__all__ = ["Runtime"]

_SIZE = re.compile(r"\s*\d+(\.\d+)?\s*([kmgt]i?)?b(ytes)?\s*\Z|\s*\d+(\.\d+)?\s*%\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Runtime:
    """A flow with all that a run of it needs.

    Args:
        document: The flow's document.
        name: The flow's name.
        assets: The project around it.
        folder: Where relative file names start.
        state_folder: Where the journals of commits are kept; None: ``.riverstage/commits`` in ``folder``.
        parameters: Values for this run, by ``name`` or ``set.name``.
        value_sets: The value set chosen of each parameter set.
        facts: What macros say (``DSProjectName`` …).
        tables: Arrow tables that stand in for sources, by stage: for tests.
        collect: Lists that get the Arrow batches of targets instead of them, by stage: for tests.
    """

    document: Document
    name: str
    assets: Assets = field(default_factory=NoAssets)
    folder: Path = field(default_factory=Path.cwd)
    state_folder: Path | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    value_sets: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    collect: Mapping[str, list[Any]] = field(default_factory=dict)

    def resolve(self) -> Resolved:
        """Return the graph of this run and what is wrong with the document."""
        return resolve(
            self.document,
            self.parameters,
            self.assets,
            name=self.name,
            folder=str(self.folder),
            value_sets=self.value_sets,
        )

    def bind(
        self, *, touch_sources: bool = True, wants: Iterable[str] = (), resolved: Resolved | None = None
    ) -> tuple[Binding, tuple[Diagnostic, ...]]:
        """Return the graph with the types of its links, and every problem found.

        Args:
            touch_sources: Whether sources may be asked what they hold.
            wants: Links whose order is relied on besides.
            resolved: The graph, where it was resolved before.
        """
        resolved = resolved or self.resolve()
        describe = self._describe if touch_sources else None
        binding = bind(resolved.graph, describe=describe, facts=self._facts(), wants=wants)
        return binding, (*resolved.problems, *check_binding(binding))

    def check(self, *, touch_sources: bool = True) -> tuple[Diagnostic, ...]:
        """Return every problem of the flow: errors first, then warnings."""
        _, problems = self.bind(touch_sources=touch_sources)
        rank = {"error": 0, "warning": 1, "info": 2}
        return tuple(sorted(dict.fromkeys(problems), key=lambda finding: rank[finding.severity]))

    def plan(self) -> tuple[Plan, tuple[Diagnostic, ...]]:
        """Return the plan and the warnings.

        Raises:
            CheckFailed: The flow has errors.
        """
        binding, problems = self.bind()
        if any(finding.severity == "error" for finding in problems):
            raise CheckFailed(dict.fromkeys(problems), place=Place(flow=self.name))
        plan = make_plan(binding)
        if self.tables or self.collect:
            plan = substitute(plan, self.tables, self.collect)
        return plan, tuple(dict.fromkeys(problems))

    def explain(self, *, engine: str = "duckdb", options: Options | None = None) -> dict[str, Any]:
        """Return how an engine would run the flow, as JSON-ready data."""
        plan, warnings = self.plan()
        prepared = engines.load(engine).prepare(plan, options or Options(), folder=str(self.folder))
        laws = [{"stage": law.stage, "terms": dict(law.terms), "constant": law.constant} for law in plan.laws]
        told = _masked(prepared.explain(), plan)
        return {
            "flow": self.name,
            **told,
            "laws": laws,
            "order": _order(plan),
            "links": {
                key: [f"{column.name} {column.type}{'' if column.nullable else ' not null'}" for column in link.row]
                for key, link in plan.types.items()
            },
            "warnings": [finding.as_dict() for finding in warnings],
        }

    def run(
        self,
        *,
        engine: str = "duckdb",
        options: Options | None = None,
        listener: Listener | None = None,
        run_id: str | None = None,
        on_engine: Callable[[Any], None] | None = None,
    ) -> RunResult:
        """Run the flow.

        Args:
            engine: The engine's name.
            options: How it may use the machine.
            listener: Is told every event.
            run_id: The run's id; None makes one.
            on_engine: Is given the engine before it starts, to cancel it from elsewhere.

        Raises:
            CheckFailed: The flow has errors; nothing was touched.
            RunFailed: The run failed; no target was changed.
            RunCancelled: The run was cancelled; no target was changed.
        """
        run_id = run_id or new_run_id()
        try:
            working = engines.load(engine)
            plan, warnings = self.plan()
        except RiverstageError as error:
            raise with_state(error, "Nothing was read or written.") from error.__cause__
        if on_engine is not None:
            on_engine(working)
        now, facts, text = dt.datetime.now(dt.UTC), self._facts(run_id), self.document.dumps()
        notes = tuple(
            LogEntry(now, "warning", item.place.stage or "", item.message)
            for item in warnings
            if item.severity == "warning"
        )
        return execute(
            Request(
                plan=plan,
                engine=working,
                options=options or default_options(),
                folder=self.folder,
                state_folder=self.state_folder or self.folder / ".riverstage" / "commits",
                run_id=run_id,
                facts=facts,
                listener=listener,
                fetch=lambda link, limit: self._as_it_ran(text, plan, facts).rows(link, limit, engine=engine),
                notes=notes,
                document=text.decode("utf-8"),
            )
        )

    def _as_it_ran(self, text: bytes, plan: Plan, facts: Mapping[str, Any]) -> Runtime:
        """Return what computes a run's links again, whatever became of the flow and its parameters since."""
        from riverstage.document import Document

        values = {name: held.value for name, held in plan.graph.parameters.items() if held.value is not None}
        return replace(self, document=Document.loads(text), parameters=values, facts=facts)

    def rows(
        self, link: str | LinkRef, limit: int | None = 10, *, engine: str = "duckdb", options: Options | None = None
    ) -> pa.Table:
        """Return the rows of a link, computed for that; no target is written.

        Args:
            link: The link's name, ``Sub/Link_1`` for one inside the subflow ``Sub``; or where it is in the document.
            limit: Rows at most; None for all.
            engine: The engine's name.
            options: How it may use the machine.

        Raises:
            NotFoundError: The flow has no such link.
            CheckFailed: The part of the flow above the link has errors.
        """
        resolved = self.resolve()
        link = _key_of(link, resolved)
        binding, problems = self.bind(wants=(link,), resolved=resolved)
        if link not in binding.graph.links:
            near = difflib.get_close_matches(link, list(binding.graph.links), 1)
            has = ", ".join(binding.graph.links)
            mend = f"Did you mean '{near[0]}'?" if near else f"It has: {has}." if has else "It has no links at all."
            raise NotFoundError(f"The flow has no link '{link}'.", place=Place(flow=self.name, link=link), mend=mend)
        above = _stages_above(binding, link)
        errors = [item for item in problems if item.severity == "error" and item.place.stage in (*above, None)]
        if errors:
            raise CheckFailed(errors, place=Place(flow=self.name))
        plan = make_plan(_only(binding, above))
        row = binding.types[link].row
        collected: list[Any] = []
        request = WriteRequest("memory", {"into": collected}, row)
        part = _limited(plan, link, limit, request)
        working = engines.load(engine)
        prepared = working.prepare(part, options or default_options(ledger="basic"), folder=str(self.folder))
        session = connectors.load("memory").begin_write(request, folder=str(self.folder), run_id="preview")
        ctx = ExecutionContext("preview", str(self.folder), {"preview": session}, self._facts())
        for _ in working.execute(prepared, ctx):
            pass
        session.commit()
        return _table(collected, row)

    def read_request(self, link: str | LinkRef) -> ReadRequest | None:
        """Return what the source of a link reads, or None where it reads nothing from outside.

        Raises:
            CheckFailed: The source does not say what to read.
        """
        resolved = self.resolve()
        link = _key_of(link, resolved)
        binding, problems = self.bind(resolved=resolved)
        source = binding.graph.links[link].source if link in binding.graph.links else None
        if source is None or source not in binding.contexts:
            return None
        plan = make_plan(_only(binding, (source,)))
        request = next((node.request for node in plan.nodes if isinstance(node, Source)), None)
        if request is not None and not request.options.get("paths", True):
            raise CheckFailed(
                [item for item in problems if item.severity == "error" and item.place.stage == source],
                place=Place(flow=self.name),
            )
        return request

    def _facts(self, run_id: str = "") -> dict[str, Any]:
        now = dt.datetime.now().replace(microsecond=0)
        facts = {
            "DSJobName": self.name,
            "DSFlowName": self.name,
            "DSProjectName": "",
            "DSHostName": os.uname().nodename,
            "DSJobRunId": run_id,
            "DSJobInvocationId": run_id,
            "DSJobStartDate": now.date(),
            "DSJobStartTime": now.time(),
            "DSJobStartTimestamp": now,
        }
        return {**facts, **self.facts}

    def _describe(self, request: ReadRequest) -> Described:
        from riverstage.connectors._files import os_problem

        try:
            described: Described = connectors.load(request.family).describe(request, folder=str(self.folder))
        except OSError as error:
            raise os_problem(error, Path(error.filename or self.folder), "Reading") from error
        return described


def _key_of(link: str | LinkRef, resolved: Resolved) -> str:
    return link if isinstance(link, str) else resolved.link_keys.get((link.pipeline, link.key), link.name or "")


def _order(plan: Plan) -> dict[str, list[str]]:
    """Return the links whose order somebody relies on: those on which it is kept, and those that have none."""
    relied_on = [key for key in plan.types if key in plan.wanted]
    return {
        "kept": [key for key in relied_on if plan.types[key].ordering.known],
        "none": [key for key in relied_on if not plan.types[key].ordering.known],
    }


def _masked(told: Any, plan: Plan) -> Any:
    """Return an explanation in which no text shows the value of an encrypted parameter."""
    hidden = {str(value.value) for value in plan.graph.parameters.values() if value.type == "encrypted" and value.value}
    if not hidden:
        return told
    if isinstance(told, str):
        for secret in sorted(hidden, key=len, reverse=True):
            told = told.replace(secret, MASK).replace(secret.replace("'", "''"), MASK)
        return told
    if isinstance(told, Mapping):
        return {key: _masked(value, plan) for key, value in told.items()}
    return [_masked(value, plan) for value in told] if isinstance(told, list) else told


def default_options(*, threads: int | None = None, memory_limit: str | None = None, ledger: str = "exact") -> Options:
    """Return options: what is given, else ``RIVERSTAGE_THREADS``, ``_MEMORY`` and ``_TEMP`` of the environment.

    Raises:
        UsageError: The memory limit is no amount of memory, or another option cannot be.
    """
    said = os.environ.get("RIVERSTAGE_THREADS", "")
    wanted: object = threads if threads is not None else int(said) if said.isdigit() else said or None
    if wanted is not None and (not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 1):
        raise _no_option("threads", f"A run takes 1 thread or more, not {wanted!r}.", "Say a whole number.")
    if ledger not in ("exact", "basic"):
        raise _no_option("ledger", f"There is no ledger {ledger!r}.", "Say 'exact' or 'basic'.")
    memory_limit = memory_limit or os.environ.get("RIVERSTAGE_MEMORY") or None
    if memory_limit is not None and not _SIZE.match(memory_limit):
        raise UsageError(
            f"'{memory_limit}' is no amount of memory.",
            code="RS-6002",
            place=Place(property="memory_limit"),
            state="Nothing was read or written.",
            mend="Say it as 512MB or 4GB.",
        )
    return Options(
        threads=wanted,
        memory_limit=memory_limit,
        ledger=ledger,
        temp_folder=os.environ.get("RIVERSTAGE_TEMP") or None,
    )


def _no_option(name: str, message: str, mend: str) -> UsageError:
    place = Place(property=name)
    return UsageError(message, code="RS-6003", place=place, state="Nothing was read or written.", mend=mend)


def _limited(plan: Plan, link: str, limit: int | None, request: WriteRequest) -> Plan:
    """Return the part of a plan that computes a link's first rows, in their order."""
    from sqlglot import exp

    from riverstage.expressions.nodes import table

    part = plan.up_to([link])
    rows = exp.Select(expressions=[exp.Star()]).from_(table(link))
    if limit is not None:
        rows = rows.limit(limit, copy=False)
    first = hidden_key("preview", "rows")
    relation = Relation("preview", first, rows, (link,), request.row, plan.types[link].ordering)
    return replace(part, nodes=(*part.nodes, relation, Sink("preview", first, request, wants_order=True)))


def _stages_above(binding: Binding, link: str) -> tuple[str, ...]:
    """Return the stages that a link's rows come through."""
    graph = binding.graph
    above: dict[str, None] = {}
    ahead = [graph.links[link].source]
    while ahead:
        key = ahead.pop()
        if key not in above:
            above[key] = None
            ahead.extend(graph.links[item].source for item in graph.stages[key].inputs)
    return tuple(above)


def _only(binding: Binding, stages: tuple[str, ...]) -> Binding:
    kept = frozenset(stages)
    return Binding(
        binding.graph,
        tuple(key for key in binding.order if key in kept),
        binding.contexts,
        binding.types,
        binding.says,
        binding.wanted,
        binding.problems,
        binding.broken,
    )


def _table(batches: list[Any], row: Any) -> pa.Table:
    import pyarrow as pa

    from riverstage._arrow import arrow_schema

    if not batches:
        return arrow_schema(row).empty_table()
    return pa.Table.from_batches(batches)
