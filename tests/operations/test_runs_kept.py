"""The history of runs, as a project and its flows show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage import BatchFlow, Platform
from riverstage.client import Project
from riverstage.errors import NotFoundError, RiverstageError, UsageError


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Platform(path=tmp_path).create_project("p")


def flow_in(project: Project, name: str, text: str = "1\nx\n") -> BatchFlow:
    flow = project.create_flow(name)
    (project.path / f"{name}.csv").write_text(text)
    source = flow.add_stage("Sequential file", "Read")
    source.configuration.file = [f"{name}.csv"]
    target = flow.add_stage("Sequential file", "Write")
    target.configuration.file = [f"{name}.out"]
    source.connect_output_to(target).set_name("rows").create_schema().add_field("INTEGER", "id")
    project.update_flow(flow)
    return flow


def test_a_flow_knows_its_project(project: Project) -> None:
    flow = flow_in(project, "a")
    assert flow.project == project
    assert project.flows.get(name="a").project == project
    alone = BatchFlow("alone")
    assert alone.project is None
    assert list(alone.runs) == []
    project.update_flow(alone)
    assert alone.project == project
    with pytest.raises(AttributeError):
        alone.project = None


def test_runs_are_read_as_they_were(project: Project) -> None:
    first, second = flow_in(project, "a"), flow_in(project, "b", "1\n")
    ran = first.run(quiet=True), second.run(quiet=True), first.run(quiet=True)
    assert [run.run_id for run in project.runs] == [run.run_id for run in reversed(ran)]
    assert [run.run_id for run in first.runs] == [ran[2].run_id, ran[0].run_id]
    kept = first.runs[0]
    assert (kept.as_dict(), kept.document) == (ran[2].as_dict(), ran[2].document)
    assert (kept.counts, kept.dropped, len(kept.warnings)) == ({"rows": 1}, {"Read": 1}, 1)
    assert str(kept) == str(ran[2])
    assert kept._repr_html_() == ran[2]._repr_html_()
    with pytest.raises(RuntimeError, match="read from a record"):
        kept.links["rows"].to_arrow()


def test_runs_are_found(project: Project) -> None:
    flow = flow_in(project, "a")
    ran = flow.run(quiet=True)
    assert project.runs.get(run_id=ran.run_id).flow == "a"
    assert (len(project.runs), len(project.runs.get_all(flow="a")), len(project.runs.get_all(flow="z"))) == (1, 1, 0)
    with pytest.raises(NotFoundError, match="There is no run with run_id='x'"):
        project.runs.get(run_id="x")
    with pytest.raises(UsageError, match="Cannot filter on name"):
        project.runs.get(name="a")


def test_a_flow_that_is_renamed_keeps_its_runs(project: Project) -> None:
    flow = flow_in(project, "a")
    flow.run(quiet=True)
    flow.name = "c"
    project.update_flow(flow)
    assert [run.flow for run in project.flows.get(name="c").runs] == ["a"]


def test_a_run_that_failed_is_kept(project: Project) -> None:
    flow = flow_in(project, "a")
    (project.path / "a.out").mkdir()
    with pytest.raises(RiverstageError, match="is a folder"):
        flow.run(quiet=True)
    (failed,) = flow.runs
    assert (failed.status, failed.error is not None and failed.error["code"]) == ("Failed", "RS-5003")
    assert project.runs.get_all(status="Failed")[0].run_id == failed.run_id


def test_runs_show_themselves(project: Project) -> None:
    flow = flow_in(project, "a")
    assert repr(flow.runs) == "(no runs)"
    ran = flow.run(quiet=True)
    first = repr(project.runs).splitlines()[0]
    assert first.startswith(f"{ran.started:%Y-%m-%d %H:%M:%S}  CompletedWithWarnings ")
    assert first.endswith(f"a  {ran.run_id}")
    for number in range(30):
        project._operations.runs.put({**ran.record(), "run_id": f"r{number}"})
    assert repr(project.runs).splitlines()[-1] == "… and 11 more"
