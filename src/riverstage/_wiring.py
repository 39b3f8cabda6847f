"""Where editing and running meet: what ``flow.run()`` and its like call, by name.

Flows know nothing of engines, and running knows nothing of flows; this module knows both. It is loaded when a flow is
first checked, run or previewed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverstage.client import Response, Runs, SeekableList
from riverstage.client._flows import origin_of
from riverstage.compiler import Assets, NoAssets
from riverstage.errors import NotFoundError, Place, RiverstageError, StoreError, UsageError
from riverstage.operations.around import ProjectAround
from riverstage.runs.compiled import CompiledFlow, Explanation
from riverstage.runs.console import Console
from riverstage.runs.findings import Findings
from riverstage.runs.options import folder_of, rows_of
from riverstage.runs.preview import Preview
from riverstage.runs.result import RunResult
from riverstage.runs.runtime import Runtime, default_options

if TYPE_CHECKING:
    from riverstage.document import LinkRef
    from riverstage.flow import BatchFlow, Link

__all__ = [
    "check", "compile", "compile_info", "compile_status", "explain", "infer_schema", "preview", "run", "runs_of",
    "runtime_of",
]  # fmt: skip


def runtime_of(
    flow: BatchFlow,
    *,
    parameters: Mapping[str, Any] | None = None,
    value_sets: Mapping[str, str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    tables: Mapping[str, Any] | None = None,
    collect: Mapping[str, list[Any]] | None = None,
) -> Runtime:
    """Return what runs a flow, with the project around it.

    Args:
        flow: The flow.
        parameters: Values for this run, by ``name`` or ``set.name``; None gives none.
        value_sets: The value set chosen of each parameter set; those chosen on the flow hold where none is given.
        folder: Where relative file names start; None: the project's folder, else the current directory.
        tables: Arrow tables that stand in for sources, by stage label: for tests.
        collect: Lists that get the Arrow batches of targets instead of them, by stage label: for tests.
    """
    around = _around(flow)
    assets: Assets = NoAssets() if around is None else around
    home = Path.cwd() if around is None else around.folder
    stored = {entry["name"]: entry["value"] for entry in flow.job_parameters}
    given = {name: value for name, value in (parameters or {}).items() if value is not None or name not in stored}
    return Runtime(
        flow.document,
        flow.name,
        assets=assets,
        folder=home if folder is None else folder_of(folder),
        state_folder=None if around is None else around.state_folder,
        parameters={**stored, **given},
        value_sets={**flow.value_set_selected, **(value_sets or {})},
        facts={
            "DSProjectName": "" if around is None else around.name,
            "stand_ins": frozenset({*(tables or {}), *(collect or {})}),
        },
        tables=tables or {},
        collect=collect or {},
    )


def _around(flow: BatchFlow) -> ProjectAround | None:
    """Return the project that a flow is kept in, or None."""
    origin = origin_of(flow)
    return None if origin is None else ProjectAround(origin.project._operations)


def check(flow: BatchFlow) -> Findings:
    """Return every problem of a flow."""
    return Findings(flow.name, runtime_of(flow).check())


def compile(flow: BatchFlow, **given: Any) -> CompiledFlow:
    """Return the flow's plan: its SQL, what is missing, what counting costs."""
    runtime = runtime_of(flow, parameters=given)
    findings = Findings(flow.name, runtime.check())
    return CompiledFlow(flow.name, findings, Explanation(runtime.explain()) if findings.is_ok else None)


def compile_status(flow: BatchFlow) -> Response:
    """Return whether a flow can run, as the answer of a service."""
    compiled = compile(flow)
    entity = {"status": "compiled" if compiled.is_ok else "failed", "missing": list(compiled.missing)}
    return Response(200, {"entity": entity, "metadata": {"flow_id": flow.flow_id}})


def compile_info(flow: BatchFlow, *, include_statements: bool = False) -> Response:
    """Return what a flow compiles to, as the answer of a service."""
    compiled = compile(flow)
    entity = {"missing": list(compiled.missing), **({"statements": compiled.sql} if include_statements else {})}
    return Response(200, {"entity": entity, "metadata": {"compiled": compiled.is_ok, "flow_id": flow.flow_id}})


def explain(flow: BatchFlow, *, engine: str = "duckdb", **given: Any) -> Explanation:
    """Return how an engine would run the flow, as JSON-ready data."""
    return Explanation(runtime_of(flow, parameters=given).explain(engine=engine))


def run(
    flow: BatchFlow,
    *,
    engine: str = "duckdb",
    parameters: Mapping[str, Any] | None = None,
    value_sets: Mapping[str, str] | None = None,
    folder: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    memory_limit: str | None = None,
    ledger: str = "exact",
    quiet: bool = False,
    **given: Any,
) -> RunResult:
    """Run a flow in this process and return its result.

    Args:
        flow: The flow.
        engine: The engine's name.
        parameters: Values for this run, by ``name`` or ``set.name``; None gives none: the declared value holds.
        value_sets: The value set chosen of each parameter set.
        folder: Where relative file names start.
        threads: Threads at most.
        memory_limit: Memory at most, as ``512MB``.
        ledger: ``exact`` counts every link, ``basic`` only what is free.
        quiet: Whether rows that a Peek shows stay in the log alone.
        given: More parameter values, by name.
    """
    runtime = runtime_of(flow, parameters={**(parameters or {}), **given}, value_sets=value_sets, folder=folder)
    options = default_options(threads=threads, memory_limit=memory_limit, ledger=ledger)
    around = _around(flow)
    try:
        with Console(runtime, quiet=quiet) as console:
            result = runtime.run(engine=engine, options=options, listener=console.listen)
    except RiverstageError as error:
        failed: RunResult | None = getattr(error, "result", None)
        if around is not None and failed is not None:
            # Why the run failed is what must be told, also where the history cannot take it.
            with suppress(StoreError):
                around.keep(failed)
        raise
    if around is not None:
        around.keep(result)
    return result


def runs_of(flow: BatchFlow) -> Runs | SeekableList[RunResult]:
    """Return the runs that a flow's project keeps of it; none for a flow that no project keeps."""
    origin = origin_of(flow)
    return SeekableList() if origin is None else Runs(origin.project, flow.flow_id)


def preview(flow: BatchFlow, link: Link | str, rows: int = 10, **given: Any) -> Preview:
    """Return the first rows of a link; nothing is written."""
    wanted = rows_of(rows)
    name, where = (link, _inside(flow, link)) if isinstance(link, str) else (link.name, _own(flow, link))
    runtime = runtime_of(flow, parameters=given)
    return Preview(flow.name, name, runtime.rows(where, wanted))


def _own(flow: BatchFlow, link: Link) -> LinkRef:
    """Return where a link of a flow is."""
    where = link._live()
    if where.document is not flow.document:
        raise UsageError(
            f"{link!r} belongs to another flow.",
            code="RS-2004",
            place=Place(flow=flow.name, link=link.name),
            mend="Take it from 'flow.links', or preview it with its own flow.",
        )
    return where


def _inside(flow: BatchFlow, name: str) -> str | LinkRef:
    """Return where a link is that the flow of a subflow names; in the flow itself the name alone says it."""
    if flow.pipeline_id == flow.document.primary_pipeline:
        return name
    found = flow.document.link_named(flow.pipeline_id, name)
    return found[0] if len(found) == 1 else name


def infer_schema(flow: BatchFlow, link: Link) -> Any:
    """Write what the source of a link holds, with types, to the link's schema; return the schema."""
    from riverstage.connectors.infer import infer_request
    from riverstage.document.fields import field_of

    runtime = runtime_of(flow)
    where = _own(flow, link)
    request = runtime.read_request(where)
    if request is None:
        raise NotFoundError(
            f"The stage '{link.src.label}' reads nothing, so no schema can be inferred.",
            place=Place(flow=flow.name, stage=link.src.label, link=link.name),
            mend="Infer the schema of a link that comes from a file or a table.",
        )
    row = infer_request(request, folder=str(runtime.folder))
    flow.document.set_link_schema(where, [field_of(column) for column in row])
    return link.schema
