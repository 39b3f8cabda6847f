"""Where stages and comments stand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage import BatchFlow
from riverstage.document import Document, has_place
from riverstage.flow.placing import Box, boxes_of, forget, settle


def boxes(flow: BatchFlow) -> tuple[dict[str, Box], dict[str, Box]]:
    return boxes_of(flow.document, flow.document.primary_pipeline)


@pytest.fixture
def flow() -> BatchFlow:
    flow = BatchFlow("demo")
    flow.add_stage("Row Generator", "A").connect_output_to(flow.add_stage("Peek", "B"))
    return flow


def test_a_new_stage_has_no_place_until_it_is_saved(flow: BatchFlow) -> None:
    assert "x_pos" not in flow.stages[0]._node()["app_data"]["ui_data"]
    wanted, _ = boxes(flow)
    assert "x_pos" not in flow.stages[0]._node()["app_data"]["ui_data"]
    flow.to_bytes()
    data = flow.stages[0]._node()["app_data"]["ui_data"]
    assert list(data)[:4] == ["label", "image", "x_pos", "y_pos"]
    assert (data["x_pos"], data["y_pos"]) == (wanted[flow.stages[0].stage_id].x, wanted[flow.stages[0].stage_id].y)
    assert boxes(flow)[0] == wanted


def test_what_a_person_moved_stays(flow: BatchFlow) -> None:
    flow.to_bytes()
    flow.stages[0]._node()["app_data"]["ui_data"].update(x_pos=1000.5, y_pos=-3)
    flow.stages[1].connect_output_to(flow.add_stage("Tail"))
    flow.to_bytes()
    data = flow.stages[0]._node()["app_data"]["ui_data"]
    assert (data["x_pos"], data["y_pos"]) == (1000.5, -3)
    assert "x_pos" in flow.stages[2]._node()["app_data"]["ui_data"]


def test_saving_twice_gives_the_same_bytes(flow: BatchFlow) -> None:
    flow.add_annotation("x").connect_to(flow.stages[0])
    first = flow.to_bytes()
    assert flow.to_bytes() == first
    assert BatchFlow.from_document(Document.loads(first)).to_bytes() == first


def test_a_comment_surrounds_its_stages_as_the_published_client_does(flow: BatchFlow) -> None:
    note = flow.add_annotation("x")
    for stage in flow.stages:
        note.connect_to(stage)
    flow.to_bytes()
    a, b = (boxes(flow)[0][stage.stage_id] for stage in flow.stages)
    assert (b.x - a.x, b.y) == (248, a.y)
    [wire] = flow.document.comments(flow.document.primary_pipeline)
    assert [wire[key] for key in ("x_pos", "y_pos", "width", "height")] == [a.x - 75, a.y - 75, 446, 198]
    assert list(wire)[:6] == ["id", "x_pos", "y_pos", "width", "height", "content"]


def test_comments_on_one_stage_nest(flow: BatchFlow) -> None:
    notes = [flow.add_annotation(str(number)) for number in range(3)]
    for note in notes:
        note.connect_to(flow.stages[0])
    wide = flow.add_markdown_comment("wide")
    for stage in flow.stages:
        wide.connect_to(stage)
    flow.to_bytes()
    stages, comments = boxes(flow)
    ordered = [comments[note.comment_id] for note in [*notes, wide]]
    for inner, outer in itertools.pairwise([stages[flow.stages[0].stage_id], *ordered]):
        assert outer.holds(inner)
    assert ordered[-1].holds(stages[flow.stages[1].stage_id])


def test_a_later_comment_nests_with_those_that_stand(flow: BatchFlow) -> None:
    outer = flow.add_annotation("outer")
    for stage in flow.stages:
        outer.connect_to(stage)
    flow.to_bytes()
    before = boxes(flow)[1][outer.comment_id]
    inner, same = flow.add_annotation("inner"), flow.add_annotation("same")
    inner.connect_to(flow.stages[0])
    for stage in flow.stages:
        same.connect_to(stage)
    flow.to_bytes()
    stages, comments = boxes(flow)
    assert comments[outer.comment_id] == before
    assert before.holds(comments[inner.comment_id])
    assert comments[inner.comment_id].holds(stages[flow.stages[0].stage_id])
    assert comments[same.comment_id].holds(before)


def test_a_box_that_a_person_moved_or_resized_stays(flow: BatchFlow) -> None:
    note = flow.add_annotation("x")
    note.connect_to(flow.stages[0])
    flow.to_bytes()
    [wire] = flow.document.comments(flow.document.primary_pipeline)
    wire["width"] = 777
    note.connect_to(flow.stages[1])
    flow.to_bytes()
    assert wire["width"] == 777


def test_a_box_that_nobody_moved_follows_its_stages(flow: BatchFlow) -> None:
    note = flow.add_annotation("x")
    note.connect_to(flow.stages[0])
    flow.to_bytes()
    note.connect_to(flow.stages[1])
    flow.to_bytes()
    stages, comments = boxes(flow)
    assert all(comments[note.comment_id].holds(box) for box in stages.values())
    note.disconnect_from(flow.stages[1])
    flow.to_bytes()
    stages, comments = boxes(flow)
    assert not comments[note.comment_id].meets(stages[flow.stages[1].stage_id])


def test_a_nested_box_that_nobody_moved_follows_its_stages() -> None:
    flow = BatchFlow("demo")
    first = flow.add_stage("Row Generator")
    inner, outer = flow.add_annotation("inner"), flow.add_annotation("outer")
    for note in (inner, outer):
        note.connect_to(first)
    flow.to_bytes()
    second = flow.add_stage("Peek")
    first.connect_output_to(second)
    inner.connect_to(second)  # and so it is the outer one now
    again = BatchFlow.from_document(Document.loads(flow.to_bytes()))
    third = again.add_stage("Copy")
    again.comments[1].connect_to(third)
    again.to_bytes()
    stages, comments = boxes(again)
    followed, stood = comments[again.comments[1].comment_id], comments[again.comments[0].comment_id]
    assert followed.holds(stages[third.stage_id])
    assert followed.holds(stages[again.stages[0].stage_id])
    assert not followed.meets(stages[again.stages[1].stage_id])
    assert not stood.meets(stages[third.stage_id])


def test_a_nested_box_that_a_person_moved_stays(flow: BatchFlow) -> None:
    for note in (flow.add_annotation("x"), flow.add_annotation("y")):
        note.connect_to(flow.stages[0])
    flow.to_bytes()
    wires = flow.document.comments(flow.pipeline_id)
    assert flow.document.own["nested_boxes"] == {wires[1]["id"]: [-5, -5, 258, 258]}
    wires[1].update(x_pos=-15, width=268)
    flow.comments[1].connect_to(flow.stages[1])
    flow.to_bytes()
    assert (wires[1]["x_pos"], wires[1]["width"]) == (-15, 268)
    flow.remove_comment(flow.comments[1])
    assert "nested_boxes" not in flow.document.own


def test_a_new_stage_stays_out_of_the_boxes_of_others(flow: BatchFlow) -> None:
    for number in range(4):
        note = flow.add_annotation(str(number))
        for stage in flow.stages:
            note.connect_to(stage)
    flow.to_bytes()
    loose, linked = flow.add_stage("Copy"), flow.add_stage("Tail")
    flow.stages[1].connect_output_to(linked)
    flow.add_stage("Head").connect_output_to(flow.stages[0])
    flow.comments[0].connect_to(linked)
    flow.to_bytes()
    stages, comments = boxes(flow)
    for note in flow.comments[1:]:
        for stage in (loose, linked, flow.stages[-1]):
            assert not comments[note.comment_id].meets(stages[stage.stage_id])
    assert comments[flow.comments[0].comment_id].holds(stages[linked.stage_id])


def test_loose_comments_stand_beside_each_other_above_all(flow: BatchFlow) -> None:
    for text in "ab":
        flow.add_markdown_comment(text)
    flow.to_bytes()
    stages, comments = boxes(flow)
    everything = [*stages.values(), *comments.values()]
    assert all(not one.meets(other) for one, other in itertools.combinations(everything, 2))
    empty = BatchFlow("empty")
    empty.add_annotation("only")
    assert b'"width": 175' in empty.to_bytes()


def test_arranging_anew(flow: BatchFlow) -> None:
    first = flow.to_bytes()
    flow.stages[0]._node()["app_data"]["ui_data"].update(x_pos=9999)
    flow.auto_arrange()
    assert flow.document.dumps() == first
    flow.use_auto_arrange()
    flow.stages[0]._node()["app_data"]["ui_data"].update(x_pos=9999)
    assert b"9999" not in flow.to_bytes()
    flow.use_auto_arrange(False)
    flow.stages[0]._node()["app_data"]["ui_data"].update(x_pos=9999)
    assert b"9999" in flow.to_bytes()


def test_a_loaded_flow_that_stands_is_not_touched(flow: BatchFlow) -> None:
    data = flow.to_bytes()
    document = Document.loads(data)
    settle(document)
    assert document.dumps() == data


def bare(flow: BatchFlow) -> bytes:
    """Return a flow's bytes without any places, and one stage and one comment without anything of the canvas."""
    flow.add_annotation("x").connect_to(flow.stages[0])
    flow.add_markdown_comment("y")
    flow.to_bytes()
    forget(flow.document, flow.pipeline_id)
    flow.document.pipeline(flow.pipeline_id)["nodes"][1].pop("app_data")
    return flow.document.dumps()


def test_what_was_loaded_without_a_place_is_saved_as_it_came(flow: BatchFlow) -> None:
    data = bare(flow)
    loaded = BatchFlow.from_document(Document.loads(data))
    loaded._repr_html_()
    assert loaded.to_bytes() == data
    stages, notes = boxes(loaded)
    assert len(stages) == len(notes) == 2
    assert boxes(BatchFlow.from_document(loaded.document.copy())) == (stages, notes)
    loaded.document.replace(loaded.document.copy().tree)
    assert loaded.to_bytes() == data


def test_only_what_is_new_is_placed_among_what_was_loaded_without_a_place(flow: BatchFlow) -> None:
    loaded = BatchFlow.from_document(Document.loads(bare(flow)))
    new = loaded.add_stage("Tail")
    loaded.stages[0].connect_output_to(new)
    copied = BatchFlow.from_document(loaded.document.copy())
    for one in (loaded, copied):
        one.to_bytes()
        assert [has_place(stage._node()) for stage in one.stages] == [False, False, True]
        assert not any(has_place(note._comment()) for note in one.comments)
    loaded.comments[1].connect_to(new)
    loaded.to_bytes()
    assert [has_place(note._comment()) for note in loaded.comments] == [False, True]
    loaded.auto_arrange()
    assert all(has_place(stage._node()) for stage in loaded.stages)
    assert all(has_place(note._comment()) for note in loaded.comments)


@given(st.lists(st.sets(st.integers(0, 3), max_size=3), max_size=4))
def test_every_comment_surrounds_its_stages_and_nests_where_it_can(sets: list[set[int]]) -> None:
    flow = BatchFlow("demo")
    stages = [flow.add_stage("Copy") for _ in range(4)]
    for source, target in itertools.pairwise(stages):
        source.connect_output_to(target)
    notes = [flow.add_annotation("x") for _ in sets]
    for note, keys in zip(notes, sets, strict=True):
        for key in sorted(keys):
            note.connect_to(stages[key])
    flow.to_bytes()
    places, comments = boxes(flow)
    for note, keys in zip(notes, sets, strict=True):
        assert all(comments[note.comment_id].holds(places[stages[key].stage_id]) for key in keys)
    for (one, some), (other, others) in itertools.combinations(list(zip(notes, sets, strict=True)), 2):
        left, right = comments[one.comment_id], comments[other.comment_id]
        if some and others and (some <= others or others <= some):
            assert left.holds(right) or right.holds(left)
