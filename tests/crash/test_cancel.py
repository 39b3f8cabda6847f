"""A cancel from another thread ends a run soon, whatever it is doing, and leaves nothing behind."""

from __future__ import annotations

import _thread
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riverstage import connectors, engines
from riverstage.document.fields import field_of
from riverstage.engines import ExecutionContext, Options
from riverstage.engines.duckdb.engine import DuckDBEngine
from riverstage.errors import RunCancelled, RunFailed
from riverstage.flow import BatchFlow
from riverstage.plan.events import Finished, Progress
from riverstage.runs.runtime import Runtime
from riverstage.types import INT32, STRING, Column

from .scene import NEW, OLD, flow_of, litter, state

_MANY = 400_000_000
_SOON = 2.0
_AFTER = (1, 15, 40) if os.environ.get("RIVERSTAGE_SOAK") else (1,)


def _source(flow: BatchFlow, label: str, target: Any, records: int = _MANY) -> Any:
    source = flow.add_stage("Row Generator", label)
    source.configuration.records = records
    link = source.connect_output_to(target)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    columns = [
        Column("k", INT32, properties={"cycle": {"init": 0, "limit": 9_999_999}}),
        Column("v", INT32, properties={"random": {"limit": 1_000_000}}),
    ]
    flow.document.set_link_schema(ref, [field_of(column) for column in columns])
    return link


def _target(flow: BatchFlow, above: Any) -> None:
    target = flow.add_stage("Sequential file", "target")
    target.configuration["file"] = "out.csv"
    above.connect_output_to(target)


def sorting(_: Path) -> BatchFlow:
    flow = BatchFlow("sorting")
    sort = flow.add_stage("Sort", "sort")
    sort.configuration["key_properties"] = [{"key": "v"}]
    _source(flow, "source", sort)
    _target(flow, sort)
    return flow


def joining(_: Path) -> BatchFlow:
    flow = BatchFlow("joining")
    join = flow.add_stage("Join", "join")
    join.configuration["key_properties"] = [{"key": "k"}]
    _source(flow, "left", join)
    _source(flow, "right", join)
    _target(flow, join)
    return flow


def computing(_: Path) -> BatchFlow:
    flow = BatchFlow("computing")
    transformer = flow.add_stage("Transformer", "computing")
    link = _source(flow, "source", transformer)
    link.set_name("in")
    transformer.configuration["stage_variables"] = [
        {
            "name": "total",
            "derivation": "If Mod(in.v, 7) = 0 Then total * 2 - in.v Else total + in.v",
            "initial_value": "0",
        }
    ]
    _target(flow, transformer)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, flow.links[-1].name)
    flow.document.set_link_schema(ref, [field_of(Column("total", INT32))])
    assert ref.source_port is not None
    ref.source_port.setdefault("parameters", {})["valueDerivation"] = [
        {"columnName": "total", "parsedExpression": "total"}
    ]
    return flow


def scanning(folder: Path) -> BatchFlow:
    (folder / "in.csv").write_text("".join(f"{number},text {number}\n" for number in range(200_000)))
    flow = BatchFlow("scanning")
    source = flow.add_stage("Sequential file", "source")
    source.configuration["file"] = ["in.csv"] * 1000
    sort = flow.add_stage("Sort", "sort")
    sort.configuration["key_properties"] = [{"key": "s"}]
    link = source.connect_output_to(sort)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(Column("n", INT32)), field_of(Column("s", STRING))])
    _target(flow, sort)
    return flow


def runtime_of(flow: BatchFlow, folder: Path) -> Runtime:
    return Runtime(flow.document, flow.name, folder=folder)


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    folder = tmp_path / "spill"
    folder.mkdir()
    return folder


def test_one_of_them_runs_a_kernel(tmp_path: Path) -> None:
    assert [kernel["stage"] for kernel in runtime_of(computing(tmp_path), tmp_path).explain()["kernels"]] == [
        "computing"
    ]


@pytest.mark.parametrize("after", _AFTER)
@pytest.mark.parametrize("make", [sorting, joining, computing, scanning])
def test_a_cancel_ends_it(make: Callable[[Path], BatchFlow], after: int, tmp_path: Path, temp: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "out.csv").write_text("old\n")
    flow = make(folder)
    started, asked, seen = threading.Event(), [], []
    held: list[Any] = []

    def cancel() -> None:
        started.wait(60)
        asked.append(time.perf_counter())
        held[0].cancel()

    def listen(event: Any) -> None:
        if isinstance(event, Progress) and event.step > 0:
            seen.append(event)
            if len(seen) == after:
                started.set()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    before = threading.active_count()
    with pytest.raises(RunCancelled) as caught:
        runtime_of(flow, folder).run(
            listener=listen, on_engine=held.append, options=Options(threads=2, temp_folder=str(temp))
        )
    took = time.perf_counter() - asked[0]
    canceller.join(60)
    assert caught.value.state == "No target was changed."
    assert caught.value.result.status == "Canceled"
    assert (folder / "out.csv").read_text() == "old\n"
    assert litter(folder, ("out.csv", "in.csv")) == []
    assert list(temp.iterdir()) == []
    assert threading.active_count() < before + 1
    if os.environ.get("RIVERSTAGE_SOAK"):
        assert took < _SOON


def test_a_cancel_before_the_start_ends_it(tmp_path: Path) -> None:
    flow_of(OLD).run(folder=tmp_path, quiet=True)
    with pytest.raises(RunCancelled):
        runtime_of(flow_of(NEW), tmp_path).run(on_engine=lambda engine: engine.cancel())
    assert state(tmp_path) == [OLD] * 3
    assert litter(tmp_path) == []


def test_a_cancel_between_two_statements_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt has no effect unless a statement runs; here it comes just after the last look."""
    from riverstage.engines.duckdb import engine as module

    plain = module._Execution._check_cancelled

    def check(self: Any) -> None:
        plain(self)
        self._engine.cancel()

    monkeypatch.setattr(module._Execution, "_check_cancelled", check)
    with pytest.raises(RunCancelled):
        runtime_of(sorting(tmp_path), tmp_path).run(options=Options(threads=2))
    assert litter(tmp_path, ()) == []


def test_an_interrupt_of_the_process_ends_it(tmp_path: Path) -> None:
    def listen(event: Any) -> None:
        if isinstance(event, Progress) and event.step > 0:
            _thread.interrupt_main()

    (tmp_path / "out.csv").write_text("old\n")
    with pytest.raises(RunCancelled) as caught:
        runtime_of(sorting(tmp_path), tmp_path).run(listener=listen, options=Options(threads=2))
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)
    assert (tmp_path / "out.csv").read_text() == "old\n"
    assert litter(tmp_path, ("out.csv",)) == []


def test_an_interrupt_while_targets_are_begun_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from riverstage.connectors import _atomic

    plain = _atomic.temporary_path

    def named(*given: Any) -> Path:
        signal.raise_signal(signal.SIGINT)
        monkeypatch.setattr(_atomic, "temporary_path", plain)
        return plain(*given)

    flow_of(OLD).run(folder=tmp_path, quiet=True)
    monkeypatch.setattr(_atomic, "temporary_path", named)
    with pytest.raises(RunCancelled):
        flow_of(NEW).run(folder=tmp_path, quiet=True)
    assert state(tmp_path) == [OLD] * 3
    assert litter(tmp_path) == []


def test_a_listener_that_raises_stops_the_engine_before_targets_are_removed(tmp_path: Path) -> None:
    class Mine(Exception):
        pass

    def listen(event: Any) -> None:
        if isinstance(event, Progress) and event.step > 0:
            raise Mine

    with pytest.raises(Mine):
        runtime_of(sorting(tmp_path), tmp_path).run(listener=listen, options=Options(threads=2))
    assert [thread for thread in threading.enumerate() if thread.name == "riverstage-duckdb"] == []
    assert litter(tmp_path, ()) == []


def test_an_engine_can_run_again_after_a_cancel(tmp_path: Path) -> None:
    engine = DuckDBEngine()
    plan, _ = runtime_of(flow_of(NEW, ("a.csv",)), tmp_path).plan()
    (sink,) = plan.sinks
    for cancelled in (True, False):
        prepared = engine.prepare(plan, Options(), folder=str(tmp_path))
        session = connectors.load("delimited").begin_write(sink.request, folder=str(tmp_path), run_id="r")
        ctx = ExecutionContext("r", str(tmp_path), {sink.stage: session})
        if cancelled:
            engine.cancel()
            with pytest.raises(RunCancelled):
                list(engine.execute(prepared, ctx))
        else:
            assert isinstance(list(engine.execute(prepared, ctx))[-1], Finished)
        session.abort()
    assert engines.load("duckdb") is not engine


def test_progress_never_goes_back(tmp_path: Path) -> None:
    seen: list[Progress] = []

    def listen(event: Any) -> None:
        if isinstance(event, Progress):
            seen.append(event)

    flow = BatchFlow("sorting")
    sort = flow.add_stage("Sort", "sort")
    sort.configuration["key_properties"] = [{"key": "v"}]
    _source(flow, "source", sort, 3_000_000)
    _target(flow, sort)
    runtime_of(flow, tmp_path).run(listener=listen)
    said = [(event.step, event.fraction or 0.0) for event in seen]
    assert said == sorted(said)
    assert all(0 <= fraction <= 1 for _, fraction in said)
    assert all(event.step <= event.steps for event in seen)


def test_a_failed_run_leaves_what_was_there(tmp_path: Path) -> None:
    flow_of(OLD).run(folder=tmp_path, quiet=True)
    flow = BatchFlow("failing")
    source = flow.add_stage("Row Generator", "source")
    source.configuration.records = 1000
    copy = flow.add_stage("Copy", "copy")
    link = source.connect_output_to(copy)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(Column("id", INT32))])
    for name in ("a.csv", "b.csv"):
        target = flow.add_stage("Sequential file", name)
        target.configuration["file"] = name
        out = copy.connect_output_to(target)
        if name == "b.csv":
            (ref,) = flow.document.link_named(flow.document.primary_pipeline, out.name)
            flow.document.set_link_schema(ref, [field_of(Column("id", INT32.__class__("int8")))])
    with pytest.raises(RunFailed) as caught:
        flow.run(folder=tmp_path, quiet=True)
    assert caught.value.code == "RS-6201"
    assert state(tmp_path) == [OLD] * 3
    assert litter(tmp_path) == []
