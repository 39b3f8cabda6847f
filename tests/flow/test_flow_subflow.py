"""Subflows: moving stages into one and out of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from riverstage import BatchFlow, LabelWarning, RemovedError, Subflow
from riverstage.document import Document
from riverstage.errors import NotFoundError, ParameterError, UsageError
from riverstage.flow.placing import boxes_of


@pytest.fixture
def flow() -> BatchFlow:
    flow = BatchFlow("demo")
    stages = [flow.add_stage(*one) for one in (("Row Generator", "R"), ("Copy", "C"), ("Sort", "S"), ("Peek", "P"))]
    for number, (source, target) in enumerate(pairwise(stages), start=1):
        link = source.connect_output_to(target, name=f"L{number}")
        link.create_schema().add_field("INTEGER", "x")
    return flow


def names(flow: BatchFlow) -> list[str]:
    return [repr(link) for link in flow.links]


def test_stages_move_in_and_links_lead_through(flow: BatchFlow) -> None:
    copy, sort = flow.stages[1:3]
    before, inner = flow.links[0], flow.links[1]
    sub = flow.create_subflow("Sub", [copy, sort])
    assert repr(sub) == "Subflow(label='Sub', name='Sub', description='')"
    assert (flow.subflows, sub.is_local, sub.type) == ([sub], True, None)
    assert [stage.label for stage in flow.stages] == ["R", "Sub", "P"]
    assert names(flow) == ["L1 (src='R', dest='Sub')", "L3 (src='Sub', dest='P')"]
    assert [stage.label for stage in sub.stages] == ["Entry node_1", "C", "S", "Exit node_1"]
    assert [repr(stage) for stage in sub.stages][:2] == ["EntryNode(label='Entry node_1')", "CopyStage(label='C')"]
    assert {repr(link) for link in sub.links} == {
        "L1 (src='Entry node_1', dest='C')",
        "L2 (src='C', dest='S')",
        "L3 (src='S', dest='Exit node_1')",
    }
    flow.document.audit()
    assert (before.dest, inner.src, copy.label) == (sub, copy, "C")
    copy.configuration.stage_description = "moved"
    assert sub.flow.stages.get(label="C").configuration.stage_description == "moved"
    assert [link.schema.names for link in [*flow.links, *sub.links]] == [["x"]] * 5
    sub.flow.links.get(name="L1").schema["x"].nullable = True
    assert flow.links[0].schema["x"].nullable is False


def test_the_wire_is_that_of_the_published_client(flow: BatchFlow) -> None:
    sub = flow.create_subflow("Sub", [flow.stages[1]])
    node = sub._node()
    inside = sub.stages
    assert node["type"] == "super_node"
    assert node["subflow_ref"] == {"pipeline_id_ref": sub.pipeline_id}
    assert node["inputs"][0]["subflow_node_ref"] == inside[0].stage_id
    assert node["outputs"][0]["subflow_node_ref"] == inside[-1].stage_id
    assert node["inputs"][0]["links"][0]["app_data"]["datastage"] == {"partner_link_in": "L1"}
    outgoing = flow.links.get(name="L2")._ref.link
    assert outgoing["app_data"]["datastage"] == {"partner_link_out": "L2"}
    assert [stage._node()["type"] for stage in inside] == ["binding", "execution_node", "binding"]
    assert "op" not in inside[0]._node()


def test_moving_out_again_restores_the_flow(flow: BatchFlow) -> None:
    flow.to_bytes()
    stages, links = [stage.stage_id for stage in flow.stages], names(flow)
    copy = flow.stages[1]
    sub = flow.create_subflow("Sub", flow.stages[1:3])
    flow.deconstruct_subflow(sub)
    assert ([stage.stage_id for stage in flow.stages], sorted(names(flow))) == (stages, sorted(links))
    assert len(flow.document.pipeline_ids) == 1
    assert len(flow.document.tree["schemas"]) == 3
    assert copy.get_input_links()[0].schema.names == ["x"]
    assert "partner_link_in" not in copy.get_input_links()[0]._ref.link["app_data"]["datastage"]
    flow.document.audit()
    with pytest.raises(RemovedError):
        _ = sub.label
    assert repr(sub) == "Subflow(removed)"


def test_kinds_of_links_come_back() -> None:
    flow = BatchFlow("demo")
    main, ref, lookup = flow.add_stage("Row Generator"), flow.add_stage("Row Generator"), flow.add_stage("Lookup")
    good, bad = flow.add_stage("Peek"), flow.add_stage("Peek")
    main.connect_output_to(lookup)
    ref.connect_output_to(lookup, kind="reference").lookup_keys["k"] = "Link_1.k"
    lookup.connect_output_to(good)
    lookup.connect_output_to(bad, kind="reject")
    kinds = {link.name: link.type for link in flow.links}
    for stages in ([lookup], [ref, lookup], [lookup, bad], [good, bad]):
        sub = flow.create_subflow("Sub", stages)
        flow.document.audit()
        assert {link.type for link in [*sub.get_input_links(), *sub.get_output_links()]} <= {"PRIMARY", "REJECT"}
        flow.deconstruct_subflow(sub)
        flow.document.audit()
        assert {link.name: link.type for link in flow.links} == kinds
        assert [link.name for link in lookup.get_input_links()] == ["Link_1", "Link_2"]
        assert dict(lookup.get_input_links()[1].lookup_keys) == {"k": "Link_1.k"}


def test_stages_and_links_can_be_added_inside(flow: BatchFlow) -> None:
    sub = flow.create_subflow("Sub", [flow.stages[1]])
    tail = sub.flow.add_stage("Tail", "P")
    sub.stages.get(label="C").connect_output_to(tail)
    assert [link.name for link in sub.links][-1] == "Link_1"
    with pytest.raises(UsageError, match="not in the same subflow"):
        flow.stages[0].connect_output_to(tail)
    with pytest.raises(UsageError, match="is inside the subflow 'Sub'"):
        flow.remove_stage(tail)
    flow.stages[0].connect_output_to(flow.stages[-1])
    flow.deconstruct_subflow(sub)
    assert sorted(stage.label for stage in flow.stages) == ["C", "P", "P_2", "R", "S"]
    assert len({link.name for link in flow.links}) == len(flow.links) == 5
    flow.document.audit()


def test_a_border_that_was_renamed_inside_is_called_as_outside_again(flow: BatchFlow) -> None:
    pytest.importorskip("riverstage.expressions.rename")
    transformer = flow.add_stage("Transformer", "T")
    flow.stages.get(label="C").connect_output_to(transformer, name="T_in")
    out = transformer.connect_output_to(flow.add_stage("Peek", "Q"), name="T_out")
    out.derivations["y"] = "T_in.x + 1"
    sub = flow.create_subflow("Sub", [transformer])
    assert flow.links.get(name="T_out").name == "T_out"
    inside = sub.stages.get(label="T").get_input_links()[0].set_name("inside")
    assert inside.dest.get_output_links()[0].derivations["y"] == "inside.x + 1"
    assert flow.links.get(name="T_in")._ref.link["app_data"]["datastage"]["partner_link_in"] == "inside"
    flow.deconstruct_subflow(sub)
    assert transformer.get_input_links()[0].name == "T_in"
    assert transformer.get_output_links()[0].derivations["y"] == "T_in.x + 1"


def test_rows_that_only_pass_through(flow: BatchFlow) -> None:
    copy = flow.stages[1]
    sub = flow.create_subflow("Sub", [copy])
    inside = sub.flow
    entry, leave = inside.stages[0], inside.stages[-1]
    inside.remove_stage(copy)
    entry.connect_output_to(leave)
    flow.deconstruct_subflow(sub)
    assert sorted(names(flow)) == ["L2 (src='R', dest='S')", "L3 (src='S', dest='P')"]
    flow.document.audit()


def test_comments_go_along(flow: BatchFlow) -> None:
    own, mixed, other = (flow.add_annotation(text) for text in ("own", "mixed", "other"))
    copy = flow.stages[1]
    own.connect_to(copy)
    mixed.connect_to(copy)
    mixed.connect_to(flow.stages[3])
    other.connect_to(flow.stages[0])
    sub = flow.create_subflow("Sub", [copy])
    assert (sub.flow.comments, flow.comments) == ([own], [mixed, other])
    assert sorted(stage.label for stage in mixed.stages) == ["P", "Sub"]
    assert own.content == "own"
    flow.deconstruct_subflow(sub)
    assert sorted(comment.content for comment in flow.comments) == ["mixed", "other", "own"]
    assert sorted(stage.label for stage in mixed.stages) == ["C", "P"]


def test_removing_a_subflow_removes_what_is_inside(flow: BatchFlow) -> None:
    copy = flow.stages[1]
    sub = flow.create_subflow("Sub", [copy])
    flow.remove_stage(sub)
    assert len(flow.document.pipeline_ids) == 1
    assert [stage.label for stage in flow.stages] == ["R", "S", "P"]
    with pytest.raises(RemovedError):
        _ = copy.label
    flow.document.audit()


def test_what_cannot_be(flow: BatchFlow) -> None:
    first, copy, sort, last = flow.stages
    with pytest.raises(UsageError, match="A path leaves the stages of 'Sub' and comes back"):
        flow.create_subflow("Sub", [first, sort])
    with pytest.raises(UsageError, match="belongs to another flow"):
        flow.create_subflow("Sub", [BatchFlow("x").add_stage("Peek")])
    with pytest.raises(UsageError, match="A label is text"):
        flow.create_subflow("", [copy])
    with pytest.raises(UsageError, match="is no subflow"):
        flow.deconstruct_subflow(last)
    with pytest.warns(LabelWarning, match="labelled 'R_2'"):
        sub = flow.create_subflow("R", [copy])
    with pytest.raises(UsageError, match="cannot be moved"):
        sub.flow.create_subflow("X", [sub.stages[0]])
    assert flow.create_subflow("Empty").stages == []
    for none in ([], (), set()):
        with pytest.raises(UsageError, match="No stages are given that 'None' shall hold"):
            flow.create_subflow("None", none)
    assert flow.stages.get_all(label="None") == []


def test_subflows_nest_and_are_laid_out(flow: BatchFlow) -> None:
    outer = flow.create_subflow("Outer", flow.stages[1:3])
    inner = outer.flow.create_subflow("Inner", [outer.stages.get(label="C")])
    data = flow.to_bytes()
    assert inner.stages.get(label="C").label == "C"
    loaded = BatchFlow.from_document(Document.loads(data))
    assert isinstance(loaded.subflows[0].flow.subflows[0], Subflow)
    for pipeline in loaded.document.pipeline_ids:
        assert all("x_pos" in node["app_data"]["ui_data"] for node in loaded.document.nodes(pipeline))
    flow.deconstruct_subflow(outer)
    flow.deconstruct_subflow(inner)
    assert sorted(stage.label for stage in flow.stages) == ["C", "P", "R", "S"]
    flow.document.audit()


@pytest.mark.parametrize("name", ["local_subflow", "external_subflow"])
def test_subflows_of_elsewhere(reference: Path, name: str) -> None:
    flow = BatchFlow.load(reference / "reference" / "captured" / f"{name}.json")
    [sub] = flow.subflows
    if name == "local_subflow":
        assert repr(sub) == "Subflow(label='Sub', name='Sub', description='')"
        assert [stage.label for stage in sub.stages] == ["Entry node_1", "C", "Exit node_1"]
        flow.deconstruct_subflow(sub)
        assert sorted(names(flow)) == ["L1 (src='RG', dest='C')", "L2 (src='C', dest='P')"]
        assert len(flow.document.tree["schemas"]) == 2
        flow.document.audit()
    else:
        assert repr(sub) == "Subflow(label='sub_1', name='extsub', description='')"
        assert (sub.is_local, sub.stages, sub.links) == (False, [], [])
        for use in (lambda: sub.flow, lambda: flow.deconstruct_subflow(sub)):
            with pytest.raises(UsageError, match="lives outside of this flow"):
                use()


def test_a_subflow_can_be_built_from_nothing() -> None:
    flow = BatchFlow("demo")
    source, last = flow.add_stage("Row Generator", "R"), flow.add_stage("Peek", "P")
    sub = flow.create_subflow("Sub")
    entry, leave = sub.add_entry_node(), sub.add_exit_node("Out")
    assert (entry.label, leave.label, sub.add_exit_node("Out").label) == ("Entry node_1", "Out", "Out_1")
    copy = sub.flow.add_stage("Copy", "C")
    entry.connect_output_to(copy, name="I1")
    copy.connect_output_to(leave, name="I2")
    link, out = source.connect_output_to(sub), sub.connect_output_to(last)
    assert link._ref.target_port["subflow_node_ref"] == entry.stage_id
    assert out._ref.source_port["subflow_node_ref"] == leave.stage_id
    more = source.connect_output_to(sub)
    added = sub.stages.get(label="Entry node_2")
    assert more._ref.target_port["subflow_node_ref"] == added.stage_id
    assert more.map_to_link("I1")._ref.target_port["subflow_node_ref"] == entry.stage_id
    assert out.map_from_link("I2")._ref.link["app_data"]["datastage"] == {"partner_link_out": "I2"}
    with pytest.raises(UsageError, match="is text"):
        out.map_from_link("")
    source.disconnect_output_from(sub, more.name)
    flow.deconstruct_subflow(sub)
    assert sorted(names(flow)) == ["Link_1 (src='R', dest='C')", "Link_2 (src='C', dest='P')"]
    flow.document.audit()


def ends(flow: BatchFlow) -> dict[str, tuple[float, float]]:
    """Return, for each link, where its stages begin in x."""
    flow.to_bytes()
    boxes, _ = boxes_of(flow.document, flow.pipeline_id)
    return {link.name: (boxes[link.src.stage_id].x, boxes[link.dest.stage_id].x) for link in flow.links}


def test_what_is_taken_apart_gets_room() -> None:
    flow = BatchFlow("demo")
    a, b, c, d, e = (flow.add_stage("Copy", label) for label in "ABCDE")
    for one, other in ((a, b), (b, c), (c, d), (d, e)):
        one.connect_output_to(other)
    note, loose = flow.add_annotation("around"), flow.add_markdown_comment("alone")
    for stage in (d, e):
        note.connect_to(stage)
    sub = flow.create_subflow("Sub", [b, c])
    inside = flow.add_annotation("whole")
    inside.connect_to(sub)
    assert all(target - source >= 248 for source, target in ends(flow).values())
    before = ends(flow)["Link_1"][0]
    flow.deconstruct_subflow(sub)
    assert sorted(ends(flow).values()) == [(before + at * 248, before + (at + 1) * 248) for at in range(4)]
    stages, notes = boxes_of(flow.document, flow.pipeline_id)
    for comment, around in ((note, (d, e)), (inside, (b, c))):
        assert all(notes[comment.comment_id].holds(stages[stage.stage_id]) for stage in around)
    assert not any(notes[loose.comment_id].meets(box) for box in stages.values())


def test_what_was_moved_in_comes_out_where_it_stood() -> None:
    flow = BatchFlow("demo")
    a, b, c, d, e = (flow.add_stage("Copy", label) for label in "ABCDE")
    for one, other in ((a, b), (b, c), (b, d), (c, e), (d, e)):
        one.connect_output_to(other)
    flow.to_bytes()
    before, _ = boxes_of(flow.document, flow.pipeline_id)
    flow.deconstruct_subflow(flow.create_subflow("Sub", [b, c, d]))
    assert boxes_of(flow.document, flow.pipeline_id)[0] == before


def test_rows_above_and_below_make_room_for_a_tall_subflow() -> None:
    flow = BatchFlow("demo")
    a, e = flow.add_stage("Copy", "A"), flow.add_stage("Funnel", "E")
    middle = [flow.add_stage("Copy", label) for label in "BCD"]
    for one in middle:
        a.connect_output_to(one)
        one.connect_output_to(e)
    others = [flow.add_stage("Peek", f"P{number}") for number in range(3)]
    for other in others:
        a.connect_output_to(other)
    sub = flow.create_subflow("Sub", middle)
    assert all(target > source for source, target in ends(flow).values())
    flow.deconstruct_subflow(sub)
    assert all(target - source >= 248 for source, target in ends(flow).values())
    boxes = list(boxes_of(flow.document, flow.pipeline_id)[0].values())
    assert not any(one.meets(other) for at, one in enumerate(boxes) for other in boxes[:at])


def test_comments_that_a_person_put_somewhere_move_along() -> None:
    flow = BatchFlow("demo")
    a, b, c, d = (flow.add_stage("Copy", label) for label in "ABCD")
    for one, other in ((a, b), (b, c), (c, d)):
        one.connect_output_to(other)
    right = flow.add_markdown_comment("right")
    sub = flow.create_subflow("Sub", [b, c])
    inner = sub.flow.add_markdown_comment("inner")
    flow.to_bytes()
    right._comment().update(x_pos=700, y_pos=300, width=100, height=50)
    stood = inner._comment()["x_pos"] - ends(sub.flow)["Link_2"][0]
    flow.deconstruct_subflow(sub)
    assert (right._comment()["x_pos"], right._comment()["y_pos"]) == (948, 300)
    assert inner._comment()["x_pos"] - ends(flow)["Link_2"][0] == stood


def test_a_stage_says_which_subflow_it_is_inside(flow: BatchFlow) -> None:
    copy = flow.stages[1]
    sub = flow.create_subflow("Sub", [copy, flow.stages[2]])
    inner = sub.flow.create_subflow("Inner", [copy])
    note = flow.add_annotation("x")
    for use in (flow.remove_stage, note.connect_to):
        with pytest.raises(UsageError, match=r"is inside the subflow 'Sub/Inner'. .*deconstruct_subflow"):
            use(copy)
    with pytest.raises(UsageError, match="is not inside the subflow"):
        sub.flow.remove_stage(flow.stages[0])
    with pytest.raises(UsageError, match="belongs to another flow"):
        flow.remove_stage(BatchFlow("other").add_stage("Peek"))
    assert [link.address for link in inner.links] == ["Sub/Inner/L1", "Sub/Inner/L2"]
    assert [link.address for link in flow.links] == ["L1", "L3"]


def test_a_subflow_has_a_name_and_a_description(flow: BatchFlow) -> None:
    sub = flow.create_subflow("Sub", {flow.stages[1]}, name="cleaning", description="what is dirty")
    assert repr(sub) == "Subflow(label='Sub', name='cleaning', description='what is dirty')"
    sub.name, sub.description = "washing", "again"
    loaded = BatchFlow.from_document(Document.loads(flow.to_bytes())).subflows[0]
    assert (loaded.name, loaded.description, loaded.label, loaded.is_local) == ("washing", "again", "Sub", True)
    with pytest.raises(UsageError, match="'is_local' must be True"):
        flow.create_subflow("Other", is_local=False)
    with pytest.raises(UsageError, match="control characters"):
        flow.create_subflow("Other", name="a\x00")
    assert len(flow.subflows) == 1


def test_a_local_subflow_has_the_parameters_of_its_flow(flow: BatchFlow) -> None:
    sub = flow.create_subflow("Sub", [flow.stages[1]])
    assert sub.add_local_parameter("integer", "rows", 3, "how many").use_parameter_set("env") is sub
    assert sub.set_local_parameter("rows", 4) is sub
    assert (flow.local_parameters["rows"].value, flow.local_parameters["rows"].description) == (4, "how many")
    assert [one.name for one in sub.parameter_sets] == ["env"]
    assert sub.local_parameters == flow.local_parameters
    with pytest.raises(ParameterError):
        sub.set_local_parameter("rows", "x")
    with pytest.raises(NotFoundError):
        sub.set_local_parameter("nope", 1)


def inside(subflow: Subflow) -> list[str]:
    labels = [f"{stage.label}: {stage.configuration.get('stage_description')}" for stage in subflow.stages]
    return [*labels, *map(repr, subflow.links), *(note.content for note in subflow.flow.comments)]


def test_a_subflow_is_copied_with_all_that_is_inside(flow: BatchFlow) -> None:
    flow.stages.get(label="C").configuration.stage_description = "why"
    flow.add_annotation("note").connect_to(flow.stages.get(label="C"))
    sub = flow.create_subflow("Sub", flow.stages[1:3], description="what for")
    sub.flow.create_subflow("Inner", [sub.stages.get(label="C")])
    before = flow.document.dumps()
    twin = flow.duplicate_subflow(sub, "Twin")
    assert (twin.label, twin.name, twin.description) == ("Twin", "Twin", "what for")
    assert inside(twin) == inside(sub)
    (inner, other) = (one.stages.get(type="subflow") for one in (sub, twin))
    assert inside(other) == inside(inner)
    assert other.pipeline_id not in (inner.pipeline_id, sub.pipeline_id)
    assert twin.get_input_links() == twin.get_output_links() == []
    flow.document.audit()
    ids = [stage.stage_id for one in (sub, twin, inner, other) for stage in one.stages]
    assert len(ids) == len(set(ids))
    other.stages.get(label="C").configuration.stage_description = "other"
    twin.links[0].schema.add_field("INTEGER", "y")
    twin.links[0].name = "renamed"
    assert inner.stages.get(label="C").configuration.stage_description == "why"
    assert [len(link.schema) for link in sub.links] == [1] * len(sub.links)
    flow.to_bytes()
    assert all("x_pos" in stage._node()["app_data"]["ui_data"] for stage in [twin, *twin.stages])
    flow.delete_subflow(twin)
    again = Document.loads(before)
    assert flow.document.pipeline_ids == again.pipeline_ids
    assert [one["id"] for one in flow.document.tree["schemas"]] == [one["id"] for one in again.tree["schemas"]]
    with pytest.raises(RemovedError):
        _ = twin.name


def test_a_copied_subflow_runs(flow: BatchFlow) -> None:
    sub = flow.create_subflow("Sub", [flow.stages[1]])
    other = BatchFlow("other")
    added = other.add_subflow(sub, "Added")
    source, peek = other.add_stage("Row Generator"), other.add_stage("Peek")
    source.connect_output_to(added).create_schema().add_field("INTEGER", "x")
    added.connect_output_to(peek)
    source.configuration.records = 4
    other.document.audit()
    assert sorted(other.run(quiet=True).counts.values()) == [4] * 4
    with pytest.warns(LabelWarning, match="'Added_2'"):
        assert other.add_subflow(added, "Added").label == "Added_2"


def test_what_is_no_local_subflow_is_not_copied_or_deleted(flow: BatchFlow) -> None:
    sub = flow.create_subflow("Sub", [flow.stages[1]])
    for call in (
        lambda: flow.add_subflow(flow.stages[0], "X"),
        lambda: flow.duplicate_subflow(flow.stages[0], "X"),
        lambda: flow.delete_subflow(flow.stages[0]),
        lambda: flow.add_subflow("Sub", "X"),
    ):
        with pytest.raises(UsageError, match="is no subflow"):
            call()
    with pytest.raises(UsageError, match="belongs to another flow"):
        BatchFlow("other").duplicate_subflow(sub, "X")
    with pytest.raises(UsageError, match="A label is text"):
        flow.add_subflow(sub, "")
    sub._reference()["url"] = "https://example.com/subflow"
    with pytest.raises(UsageError, match="kept by a service") as caught:
        flow.add_subflow(sub, "X")
    assert caught.value.code == "RS-2012"
    flow.delete_subflow(sub)
    assert flow.subflows == []
