"""Count every link of a flow by having all of its rows: what a run's counts are held against."""

from __future__ import annotations

from typing import Any

from riverstage import connectors, engines
from riverstage.compiler import make_plan
from riverstage.engines import ExecutionContext, Options
from riverstage.plan import Sink, WriteRequest
from riverstage.plan.plan import Plan
from riverstage.runs.runtime import Runtime

__all__ = ["materialised", "plan_of"]


def plan_of(runtime: Runtime) -> Plan:
    """Return a flow's plan."""
    binding, _ = runtime.bind()
    return make_plan(binding)


def materialised(runtime: Runtime, plan: Plan) -> dict[str, list[Any]]:
    """Return the Arrow batches of every link, made in one execution that counts nothing."""
    into: dict[str, list[Any]] = {key: [] for key in plan.links}
    requests = {key: WriteRequest("memory", {"into": into[key]}, plan.types[key].row) for key in plan.links}
    sinks = [Sink(f"link {key}", key, requests[key], wants_order=True) for key in plan.links]
    sessions = {
        f"link {key}": connectors.load("memory").begin_write(requests[key], folder=str(runtime.folder), run_id="m")
        for key in plan.links
    }
    engine = engines.load("duckdb")
    prepared = engine.prepare(plan.up_to(plan.links, sinks), Options(ledger="basic"), folder=str(runtime.folder))
    for _ in engine.execute(prepared, ExecutionContext("m", str(runtime.folder), sessions, runtime._facts())):
        pass
    for session in sessions.values():
        session.prepare()
        session.commit()
    return into
