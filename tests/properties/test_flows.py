"""Random flows of running stages: exact counts on every link, lawful stages, the same bytes again, faithful files."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.document import Document
from riverstage.document.fields import field_of
from riverstage.flow import BatchFlow
from riverstage.plan.ledger import Ledger
from riverstage.runs.result import RunResult
from riverstage.runs.runtime import Runtime
from riverstage.stages import RUNNING
from riverstage.types import INT32, Column

from .counted import materialised, plan_of
from .random_flows import Maker

_SOAK = bool(os.environ.get("RIVERSTAGE_SOAK"))
_SEEDS = st.integers(0, 10**6)
_STAGES = st.integers(1, 30)


def _runtime(maker: Maker, folder: Path) -> Runtime:
    return Runtime(maker.flow.document, maker.flow.name, folder=folder)


def _written(path: Path) -> int:
    """Return the rows of a target."""
    if path.suffix == ".ds":
        said = json.loads(path.read_text())
        return sum(
            pq.read_metadata(path.with_name(f"{path.name}.parts") / part["file"]).num_rows for part in said["parts"]
        )
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.reader(file))


def _check_targets(maker: Maker, result: RunResult, folder: Path) -> None:
    """Hold what the run says of its targets against the files."""
    said = {Path(target.where).name: target.rows for target in result.targets}
    assert {name: _written(folder / name) for name in maker.targets} == said


def _check_laws(runtime: Runtime, counts: dict[str, Any]) -> None:
    """Every stage's law holds for the counts."""
    ledger = Ledger(plan_of(runtime).laws)
    for name, rows in counts.items():
        ledger.observe(name, rows, "counted")
    assert ledger.conflicts == []


@settings(max_examples=300 if _SOAK else 12)
@given(seed=_SEEDS, stages=_STAGES)
def test_counts_are_those_of_the_rows_and_a_second_run_gives_the_same_bytes(
    seed: int, stages: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("flow")
    maker = Maker(seed, folder, stages)
    runtime = _runtime(maker, folder)
    assert [str(finding) for finding in runtime.check() if finding.severity == "error"] == []
    result = runtime.run()
    plan = plan_of(runtime)
    rows = {key: sum(batch.num_rows for batch in batches) for key, batches in materialised(runtime, plan).items()}
    assert {key: result.counts[key] for key in rows if not plan.graph.links[key].is_inner} == rows
    _check_laws(runtime, rows)
    _check_targets(maker, result, folder)
    first = {name: (folder / name).read_bytes() for name in maker.targets if name.endswith(".csv")}
    runtime.run()
    assert {name: (folder / name).read_bytes() for name in first} == first


@settings(max_examples=150 if _SOAK else 6)
@given(seed=_SEEDS, stages=_STAGES)
def test_counts_agree_with_each_other_where_rows_come_in_any_order(
    seed: int, stages: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("flow")
    maker = Maker(seed, folder, stages, is_settled=False)
    runtime = _runtime(maker, folder)
    result = runtime.run()
    assert None not in result.counts.values()
    _check_laws(runtime, {**result.counts, **result.dropped})
    _check_targets(maker, result, folder)


@settings(max_examples=1000 if _SOAK else 30)
@given(seed=_SEEDS, stages=_STAGES)
def test_flows_are_saved_and_loaded_byte_for_byte(
    seed: int, stages: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("flow")
    flow = Maker(seed, folder, stages).flow
    flow.save(folder / "flow.json")
    data = (folder / "flow.json").read_bytes()
    again = BatchFlow.load(folder / "flow.json")
    again.save(folder / "again.json")
    assert (folder / "again.json").read_bytes() == data
    assert Document.loads(data).dumps() == data
    assert [stage.label for stage in again.stages] == [stage.label for stage in flow.stages]
    assert [repr(link) for link in again.links] == [repr(link) for link in flow.links]


def test_random_flows_use_every_running_stage(tmp_path: Path) -> None:
    used = {stage.type for seed in range(40) for stage in Maker(seed, tmp_path, 25).flow.stages}
    assert used == set(RUNNING)


def test_rows_that_depend_on_an_order_nobody_knows_are_not_computed_twice(tmp_path: Path) -> None:
    """Groups come in any order: the first of them are others each time, so they must be counted as they pass."""
    flow = BatchFlow("any order")
    source = flow.add_stage("Row Generator", "source")
    aggregator = flow.add_stage("Aggregator", "groups")
    aggregator.configuration["key_properties"] = [{"key": "k"}]
    aggregator.configuration["reduce_properties"] = [[{"reduce": "n"}, {"max": "n"}]]
    head = flow.add_stage("Head", "head")
    first, second = flow.add_stage("Filter", "first"), flow.add_stage("Filter", "second")
    first.configuration["where_properties"] = [{"where": "n > 50"}]
    second.configuration["where_properties"] = [{"where": "k > 50"}]
    target = flow.add_stage("Sequential file", "target")
    target.configuration["file"] = "out.csv"
    link = source.connect_output_to(aggregator)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(Column("k", INT32)), field_of(Column("n", INT32))])
    aggregator.connect_output_to(head).set_name("groups")
    head.connect_output_to(first).set_name("some")
    first.connect_output_to(second).set_name("less")
    second.connect_output_to(target).set_name("least")
    again = Runtime(flow.document, flow.name, folder=tmp_path).explain()["ledger"]["second_passes"]
    assert set(again) & {"some", "less", "least"} == set()


def test_links_that_only_feed_a_kernel_are_counted(tmp_path: Path) -> None:
    flow = BatchFlow("kernel")
    source, second = flow.add_stage("Row Generator", "source"), flow.add_stage("Filter", "filter")
    aggregator, transformer = flow.add_stage("Aggregator", "groups"), flow.add_stage("Transformer", "state")
    second.configuration["where_properties"] = [{"where": "k < 7"}]
    aggregator.configuration["key_properties"] = [{"key": "k"}]
    aggregator.configuration["reduce_properties"] = [[{"reduce": "n"}, {"max": "n"}]]
    link = source.connect_output_to(second)
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, link.name)
    flow.document.set_link_schema(ref, [field_of(Column("k", INT32)), field_of(Column("n", INT32))])
    second.connect_output_to(aggregator).set_name("some")
    aggregator.connect_output_to(transformer).set_name("groups")
    transformer.configuration["stage_variables"] = [
        {"name": "total", "derivation": "If groups.k = 3 Then total * 2 Else total + 1", "initial_value": "0"}
    ]
    done = transformer.connect_output_to(flow.add_stage("Peek", "peek")).set_name("done")
    (ref,) = flow.document.link_named(flow.document.primary_pipeline, done.name)
    flow.document.set_link_schema(ref, [field_of(Column("total", INT32))])
    assert ref.source_port is not None
    ref.source_port.setdefault("parameters", {})["valueDerivation"] = [
        {"columnName": "total", "parsedExpression": "total"}
    ]
    runtime = Runtime(flow.document, flow.name, folder=tmp_path)
    assert runtime.explain()["kernels"]
    assert runtime.run().counts == {"Link_1": 10, "some": 7, "groups": 7, "done": 7}
