"""Pictures of flows."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage import BatchFlow
from riverstage.flow import draw_svg, draw_text
from riverstage.flow._text import text_picture


@pytest.fixture
def flow() -> BatchFlow:
    """A flow of twelve stages with branches."""
    flow = BatchFlow("orders")
    said = {
        "Orders": "Sequential file",
        "Customers": "PostgreSQL",
        "Products": "Row Generator",
        "Filter": "Filter",
        "Join": "Join",
        "Lookup": "Lookup",
        "Transform": "Transformer",
        "Sort": "Sort",
        "Sum": "Aggregator",
        "Report": "Sequential file",
        "Rejects": "Peek",
        "Look": "Peek",
    }
    stages = {label: flow.add_stage(kind, label) for label, kind in said.items()}
    pairs = (
        "Orders Filter", "Filter Join", "Customers Join", "Join Lookup", "Lookup Transform", "Transform Sort",
        "Sort Sum", "Sum Report", "Transform Look",
    )  # fmt: skip
    for source, target in map(str.split, pairs):
        stages[source].connect_output_to(stages[target])
    stages["Products"].connect_output_to(stages["Lookup"]).reference()
    stages["Lookup"].connect_output_to(stages["Rejects"], name="bad").reject()
    return flow


def test_a_flow_as_text(flow: BatchFlow) -> None:
    assert draw_text(flow, {"Link_1": 1200, "bad": 1}).splitlines() == [
        "[Orders]──→[Filter]────┐                                          ┌─→[Sort]──→[Sum]──→[Report]",
        "                       └┬─→[Join]─────┐            ┌─→[Transform]─┤",
        "           [Customers]──┘             └┬─→[Lookup]─┤              └─→[Look]",
        "                           [Products]──┘           └─→[Rejects]",
        "",
        "Link_1   Orders → Filter                1,200 rows",
        "Link_2   Filter → Join",
        "Link_3   Customers → Join",
        "Link_4   Join → Lookup",
        "Link_10  Products → Lookup   reference",
        "Link_5   Lookup → Transform",
        "Link_6   Transform → Sort",
        "Link_7   Sort → Sum",
        "Link_8   Sum → Report",
        "bad      Lookup → Rejects    reject          1 row",
        "Link_9   Transform → Look",
    ]
    labels = {stage.stage_id: stage.label for stage in flow.stages}
    edges = [(link.src.stage_id, link.dest.stage_id) for link in flow.links]
    assert max(map(len, text_picture(labels, edges, width=60))) <= 60


def test_a_small_flow_as_text() -> None:
    flow = BatchFlow("demo")
    assert draw_text(flow) == "(no stages)"
    row_gen = flow.add_stage("Row Generator")
    assert draw_text(flow) == "[Row_Generator]"
    row_gen.connect_output_to(flow.add_stage("Peek"))
    assert draw_text(flow, {"Link_1": 10}) == ("[Row_Generator]──→[Peek]\n\nLink_1  Row_Generator → Peek    10 rows")


def test_a_fork_as_text() -> None:
    labels = {letter: letter.upper() for letter in "abcd"}
    assert text_picture(labels, [("a", "b"), ("a", "c"), ("a", "d")]) == [
        "    ┌─→[B]",
        "    │",
        "[A]─┼─→[C]",
        "    │",
        "    └─→[D]",
    ]


def test_long_labels_are_cut_and_odd_edges_left_out() -> None:
    [line] = text_picture({"a": "x" * 40, "b": "two\nlines"}, [("a", "b"), ("a", "nowhere"), ("a", "a"), ("a", "b")])
    assert line == f"[{'x' * 25}…]──→[two lines]"


@given(st.integers(1, 8), st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=14))
def test_every_label_is_in_the_picture(size: int, edges: list[tuple[int, int]]) -> None:
    labels = {str(number): f"n{number}" for number in range(size)}
    for width in (0, 500):
        lines = text_picture(labels, [(str(one), str(two)) for one, two in edges], width=width)
        text = "\n".join(lines)
        assert [label for label in labels.values() if text.count(f"[{label}]") != 1] == []
        assert all(line == line.rstrip() for line in lines)
        entered = {two for one, two in edges if one != two and one < size and two < size}
        assert ("→" in text or "↓" in text) == bool(entered)


def test_a_flow_as_svg(flow: BatchFlow) -> None:
    before = flow.document.dumps()
    note = flow.add_annotation("<b>read me</b>\nsecond line")
    note.connect_to(flow.stages[0])
    note.bold, note.italics, note.text_decoration, note.outline = True, True, "strikethrough", False
    note.background_color, note.text_size, note.horizontal_align = "#FFB3B8", 18, "align-right"
    flow.add_markdown_comment("plain")
    picture = draw_svg(flow, {"Link_1": 1200})
    root = ET.fromstring(picture)
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {stage.label for stage in flow.stages} <= set(texts)
    assert "Link_1 · 1,200 rows" in texts
    assert "<b>read me</b>second line" in texts
    paths = [path for path in root.iter("{http://www.w3.org/2000/svg}path") if path.get("marker-end")]
    assert len(paths) == len(flow.links)
    assert 'font-weight="600" font-style="italic" text-decoration="line-through"' in picture
    assert flow._repr_html_() == draw_svg(flow)
    assert len(flow.document.dumps()) > len(before)
    assert "x_pos" not in flow.stages[0]._node()["app_data"]["ui_data"]


def test_an_empty_flow_and_a_subflow_as_svg(flow: BatchFlow) -> None:
    assert ET.fromstring(draw_svg(BatchFlow("empty"))).get("aria-label") == "empty"
    sub = flow.create_subflow("Inside", flow.stages[4:6])
    assert "Inside (Subflow)" in draw_svg(flow)
    assert "Entry node_1" in draw_svg(sub.flow)


def test_what_stands_in_a_document_does_not_reach_out_of_the_picture(flow: BatchFlow) -> None:
    note = flow.add_annotation("x")
    note._comment()["formats"] = [
        {"type": "backgroundColor", "value": "url(https://example.org/x)"},
        {"type": "textColor", "value": '"/><script>'},
        {"type": "textDecoration", "value": '"><script>'},
    ]
    flow.stages[0].label = '"><script>alert(1)</script>'
    picture = draw_svg(flow)
    ET.fromstring(picture)
    assert ("example.org" in picture, "<script" in picture) == (False, False)
