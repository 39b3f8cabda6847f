"""What a type checker sees of the public surface; checked by mypy and pyright, never run."""

from __future__ import annotations

from typing import assert_type

from riverstage import BatchFlow, FlowType, Link, Platform, StageNode, Subflow
from riverstage.client import Project
from riverstage.runs.compiled import CompiledFlow, Explanation
from riverstage.runs.findings import Findings
from riverstage.runs.preview import Preview
from riverstage.runs.result import RunResult


def surface() -> None:
    """Use what is public; never called."""
    flow = BatchFlow("typed")
    source = flow.add_stage("Row Generator", "Source")
    target = flow.add_stage(type="Peek", label="Target")
    assert_type(source, StageNode)
    link = source.connect_output_to(target)
    assert_type(link, Link)
    assert_type(link.name, str)
    assert_type(flow.name, str)
    assert_type(source.get_output_links()[0], Link)
    source.configuration.records = 5
    source.configuration["records"] = 5
    platform = Platform(path="workspace")
    project = platform.create_project("p")
    assert_type(project, Project)
    assert_type(project.create_flow("f", flow_type=FlowType.BATCH), BatchFlow)
    assert_type(project.flows.get(name="f"), BatchFlow)
    link.src, link.dest = source, target
    assert_type(flow.create_subflow("Sub", [source], name="n", description="d"), Subflow)
    assert_type(project.update_flow(flow).status_code, int)
    for stage in flow.stages:
        assert_type(stage, StageNode)
    annotation = flow.add_annotation("note")
    annotation.bold = True
    annotation.connect_to(source)
    assert_type(flow.check(), Findings)
    assert_type(flow.compile(rows=3), CompiledFlow)
    result = flow.run(rows=3, threads=2, quiet=True)
    assert_type(result, RunResult)
    assert_type(result.counts, dict[str, int | None])
    assert_type(flow.preview(link, rows=3), Preview)
    assert_type(flow.preview("Link_1", rows=3, day="2026-01-01"), Preview)
    assert_type(flow.explain(engine="duckdb"), Explanation)
