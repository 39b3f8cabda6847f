"""Flows that are run and previewed: whose link it is, what a result computes again, what a value of None means."""

from __future__ import annotations

import json

import pytest

from riverstage import BatchFlow, Link, Platform, Stage, Subflow, UsageError
from riverstage.errors import CheckFailed, NotFoundError, RemovedError


def chain(*heads: int) -> tuple[BatchFlow, list[Stage]]:
    """Return a flow of a Row Generator, Heads that let so many rows through, and a Peek."""
    flow = BatchFlow("chain")
    last = flow.add_stage("Row Generator", "Rows")
    stages = []
    for number, rows in enumerate(heads, 1):
        head = flow.add_stage("Head", f"Head_{number}")
        head.configuration.nrecs = rows
        link = last.connect_output_to(head)
        if number == 1:
            link.create_schema().add_field("INTEGER", "a", cycle_initial_value=1)
        stages.append(head)
        last = head
    last.connect_output_to(flow.add_stage("Peek", "Peek"))
    return flow, stages


@pytest.fixture
def nested() -> tuple[BatchFlow, Subflow]:
    """Return a flow whose second link is called as a link inside its subflow."""
    flow, heads = chain(4, 2)
    sub = flow.create_subflow("Sub", heads)
    inner = next(link for link in sub.links if link.name == "Link_2")
    flow.links[1].set_name("Link_2")
    assert inner.name == "Link_2"
    return flow, sub


def test_a_link_is_previewed_where_it_is(nested: tuple[BatchFlow, Subflow]) -> None:
    flow, sub = nested
    inner = next(link for link in sub.links if link.name == "Link_2")
    assert len(flow.preview(inner)) == 4
    assert len(flow.preview("Link_2")) == 2
    assert len(flow.preview("Sub/Link_2")) == 4
    assert len(flow.preview(flow.links[1])) == 2
    assert len(sub.flow.preview("Link_2")) == 4


def test_a_link_inside_a_subflow_needs_no_address() -> None:
    flow, heads = chain(4, 2)
    sub = flow.create_subflow("Sub", heads)
    inner = next(link for link in sub.links if link.name == "Link_2").set_name("mid")
    assert len(flow.preview(inner)) == 4
    with pytest.raises(NotFoundError, match="no link 'mid'"):
        flow.preview("mid")


def test_links_of_one_name_are_told_apart() -> None:
    flow, _ = chain(4, 2)
    text = flow.to_bytes().replace(b'"Link_3"', b'"Link_2"')
    from riverstage.document import Document

    doubled = BatchFlow.from_document(Document.loads(text))
    assert [len(doubled.preview(link)) for link in doubled.links] == [10, 4, 2]


def test_a_link_of_another_flow_is_refused() -> None:
    flow, _ = chain(4)
    other, _ = chain(2)
    with pytest.raises(UsageError, match="belongs to another flow") as refused:
        flow.preview(other.links[0])
    assert isinstance(refused.value, ValueError)
    gone = flow.links[1]
    flow.remove_stage(gone.dest)
    with pytest.raises(RemovedError):
        flow.preview(gone)


def counted(rows: int) -> tuple[BatchFlow, Stage, Link]:
    flow = BatchFlow("counted")
    source = flow.add_stage("Row Generator", "Rows")
    source.configuration.records = rows
    link = source.connect_output_to(flow.add_stage("Peek", "Peek"))
    link.create_schema().add_field("INTEGER", "a", cycle_initial_value=1)
    return flow, source, link


def test_a_result_computes_the_rows_of_its_own_run() -> None:
    flow, source, link = counted(3)
    result = flow.run(quiet=True)
    source.configuration.records = 5
    assert result.links["Link_1"].to_arrow().num_rows == 3
    assert result.links["Link_1"].to_arrow(2).num_rows == 2
    link.set_name("renamed")
    flow.remove_stage(source)
    assert result.links["Link_1"].to_arrow()["a"].to_pylist() == [1, 2, 3]


def test_a_result_keeps_the_parameters_of_its_run(tmp_path) -> None:
    project = Platform(path=tmp_path).create_project("p")
    flow, source, _ = counted(1)
    own = project.create_parameter_set("env", parameters=[{"name": "rows", "type": "integer", "value": 3}])
    flow.add_local_parameter("integer", "more", value=2)
    flow.use_parameter_set(own)
    source.configuration.records = "#env.rows#"
    project.update_flow(flow)
    by_set, given = flow.run(quiet=True), flow.run(quiet=True, parameters={"env.rows": 7})
    source.configuration.records = "#more#"
    by_name = flow.run(quiet=True, more=4)
    own.parameters[0].value = 9
    project.update_parameter_set(own)
    flow.remove_local_parameter("more")
    rows = [result.links["Link_1"].to_arrow().num_rows for result in (by_set, given, by_name)]
    assert rows == [3, 7, 4]


def test_none_is_no_value_so_the_declared_one_holds() -> None:
    flow, source, _ = counted(1)
    flow.add_local_parameter("integer", "rows", value=2)
    source.configuration.records = "#rows#"
    assert flow.run(quiet=True, rows=None).counts == {"Link_1": 2}
    assert flow.run(quiet=True, parameters={"rows": None}).counts == {"Link_1": 2}
    flow.set_runtime_local_parameter("rows", 6)
    assert flow.run(quiet=True, rows=None).counts == {"Link_1": 6}
    with pytest.raises(CheckFailed, match="no parameter 'rowz'"):
        flow.run(quiet=True, rowz=None)


def test_a_parameter_without_a_value_stops_only_flows_that_use_it() -> None:
    flow, source, _ = counted(2)
    flow.add_local_parameter("enum", "mode", valid_values=["a", "b"])
    flow.add_local_parameter("integer", "rows", value=None)
    assert flow.run(quiet=True).counts == {"Link_1": 2}
    source.configuration.records = "#rows#"
    with pytest.raises(CheckFailed, match="rows"):
        flow.run(quiet=True)
    assert flow.run(quiet=True, rows=4).counts == {"Link_1": 4}


def test_a_schema_is_inferred_where_it_is_said_what_to_read(tmp_path) -> None:
    flow = BatchFlow("files")
    source = flow.add_stage("Sequential file", "In")
    link = source.connect_output_to(flow.add_stage("Peek"))
    with pytest.raises(CheckFailed, match="file_plus") as refused:
        link.infer_schema()
    assert [item.place.property for item in refused.value.diagnostics] == ["file_plus"]
    (tmp_path / "in.csv").write_text("a,b\n1,x\n2,y\n")
    source.configuration.file_plus = str(tmp_path / "in.csv")
    source.configuration.first_line_is_column_names = True
    schema = link.infer_schema()
    assert [(field.odbc_type, field.name) for field in schema] == [("BIGINT", "a"), ("VARCHAR", "b")]
    text = schema["b"]
    assert text.length is None
    text.length = text.length
    assert len(flow.preview(link)) == 2


def test_a_schema_is_inferred_for_a_link_inside_a_subflow(tmp_path) -> None:
    flow = BatchFlow("files")
    source, copy = flow.add_stage("Sequential file", "In"), flow.add_stage("Copy")
    source.connect_output_to(copy)
    copy.connect_output_to(flow.add_stage("Peek"))
    (tmp_path / "in.csv").write_text("1\n2\n")
    source.configuration.file_plus = str(tmp_path / "in.csv")
    sub = flow.create_subflow("Sub", [source, copy])
    flow.links[0].set_name("Link_1")
    inner = next(link for link in sub.links if link.name == "Link_1")
    assert len(inner.infer_schema()) == 1
    assert flow.links[0].schema is None


def test_an_explanation_prints_as_text_and_is_data() -> None:
    flow, _, _ = counted(3)
    told = flow.explain()
    assert str(told) == repr(told) == repr(flow.compile())
    assert repr(told).startswith("counted on duckdb\n\nround 1\n")
    assert "Link_1" in json.loads(json.dumps(told))["links"]
    assert json.loads(json.dumps(told)) == told.as_dict()
    assert told._repr_html_().startswith("<pre>counted on duckdb")


def test_links_of_a_result_by_name_place_and_link(nested: tuple[BatchFlow, Subflow]) -> None:
    flow, sub = nested
    links = flow.run(quiet=True).links
    inner = next(link for link in sub.links if link.name == "Link_2")
    assert (links[inner].rows, links[flow.links[1]].rows, links["Sub/Link_2"].rows) == (4, 2, 4)
    assert links[0] is links["Link_1"] is links[flow.links[0]]
    assert links[-1] is list(links.values())[-1]
    assert ("Link_1" in links, "Link_9" in links, links.get("nope")) == (True, False, None)
    with pytest.raises(KeyError, match=r"The run has no link 'Lnk_1'. Did you mean 'Link_1'?"):
        _ = links["Lnk_1"]
    with pytest.raises(KeyError, match=r"no link 'x'. It has: Link_1, Link_2"):
        _ = links["x"]
    with pytest.raises(IndexError):
        _ = links[99]
