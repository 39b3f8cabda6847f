"""Flows of elsewhere are read without a change; what is built here is read by strict readers."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage import BatchFlow
from riverstage.catalogue import accepted_names, find
from riverstage.document import Document, canonical
from tests.flow.strict import read_strictly

_FLOWS = ("reference/captured/*.json", "flows/*.json")


def _documents(reference: Path) -> list[Path]:
    files = [file for pattern in _FLOWS for file in sorted(reference.glob(pattern))]
    return [file for file in files if "primary_pipeline" in json.loads(file.read_bytes())]


def _look_at_everything(flow: BatchFlow) -> None:
    repr(flow)
    for stage in flow.stages:
        repr(stage)
        repr(stage.configuration)
        assert len(stage.get_input_links()) == stage.configuration.input_count
        assert all(link.src == stage for link in stage.get_output_links())
    for link in flow.links:
        repr(link)
        _ = (link.constraint, link.otherwise, link.partitioning, link.partition_keys, dict(link.derivations))
        _ = dict(link.lookup_keys)
        repr(link.configuration)
        for field in link.schema or ():
            for name in dir(field):
                if not name.startswith("_"):
                    getattr(field, name)
    for comment in flow.comments:
        repr(comment)
        _ = comment.stages
    for subflow in flow.subflows:
        if subflow.is_local:
            _look_at_everything(subflow.flow)


def test_reading_changes_nothing(reference: Path) -> None:
    files = _documents(reference)
    assert len(files) >= 24
    for file in files:
        flow = BatchFlow.load(file)
        before = flow.document.dumps()
        _look_at_everything(flow)
        flow._repr_html_()
        assert flow.document.dumps() == before == canonical(json.loads(file.read_bytes())), file.name
        flow.document.audit()


def test_captured_flows_read_as_they_were_built(reference: Path) -> None:
    flow = BatchFlow.load(reference / "reference/captured/orders_join_xfm_sort_agg_seqfile.json")
    assert [stage.type for stage in flow.stages] == [
        "Sequential file",
        "Row Generator",
        "Filter",
        "Join",
        "Transformer",
        "Sort",
        "Aggregator",
        "Sequential file",
        "Peek",
    ]
    transformer = flow.stages.get(type="Transformer")
    main, small = transformer.get_output_links()
    assert (main.constraint, small.otherwise) == ("L_joined.amt > 20", True)
    assert dict(main.derivations) == {
        "cust_id": "L_joined.cust_id",
        "name": "UpCase(L_joined.name)",
        "net": "L_joined.amt * svRate",
    }
    assert [(one.name, one.derivation, one.initial) for one in transformer.stage_variables] == [("svRate", "0.8", "0")]
    assert [link.name for link in flow.stages.get(type="Join").get_input_links()] == ["L_filtered", "L_cust"]
    assert flow.stages.get(label="Read_CSV").configuration.file_plus == ["/data/orders.csv"]
    assert flow.stages.get(label="Write_CSV").configuration.file == ["/data/out.csv"]
    assert flow.links.get(name="L_sorted").partition_keys[0].column == "name"
    lookup = BatchFlow.load(reference / "reference/captured/lookup_reference_reject.json")
    assert dict(lookup.links.get(type="reference").lookup_keys) == {"k": "L_main.k"}
    assert lookup.links.get(type="reject").dest.label == "Rej"


def test_one_value_changed_is_one_line(reference: Path) -> None:
    flow = BatchFlow.load(reference / "reference/captured/orders_join_xfm_sort_agg_seqfile.json")
    before = flow.document.dumps().decode().splitlines()
    flow.stages.get(label="Sort_1").configuration.operator = "psort -sorter unix"
    after = flow.document.dumps().decode().splitlines()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_every_type_linked_and_unlinked_is_read_strictly() -> None:
    flow = BatchFlow("all")
    for name in accepted_names():
        more = {"wrapped_stage_name": "mine"} if name == "Wrapped Stage" else {}
        spec = find(name)
        flow.add_stage(name, f"{name} alone", **more)
        stage = flow.add_stage(name, **more)
        if spec.outputs.max != 0:
            stage.connect_output_to(flow.add_stage("Peek")).create_schema().add_field("VARCHAR", "x")
        elif spec.inputs.max != 0:
            flow.add_stage("Row Generator").connect_output_to(stage).create_schema().add_field("VARCHAR", "x")
    flow.add_annotation("x").connect_to(flow.stages[0])
    flow.add_markdown_comment("y")
    flow.create_subflow("Sub", [flow.stages.get(label="Peek")])
    read_strictly(json.loads(flow.to_bytes()))
    flow.document.audit()


_STEPS = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 50), st.integers(0, 50)), max_size=25)
_TYPES = ("Row Generator", "Peek", "Copy", "Sort", "Transformer", "Join", "Sequential file", "PostgreSQL")


@settings(max_examples=60)
@given(_STEPS)
def test_whatever_is_done_the_document_is_sound(steps: list[tuple[int, int, int]]) -> None:
    flow = BatchFlow("random")
    for _ in range(3):
        flow.add_stage("Copy")
    for number, one, two in steps:
        _do(flow, number, one, two)
        flow.document.audit()
        names = [link.name for link in flow.links]
        assert len(set(names)) == len(names)
        labels = [stage.label for stage in flow.stages]
        assert len(set(labels)) == len(labels)
    data = flow.to_bytes()
    read_strictly(json.loads(data))
    again = BatchFlow.from_document(Document.loads(data))
    assert again.to_bytes() == data
    assert repr(again.stages) == repr(flow.stages)
    _look_at_everything(again)


def _do(flow: BatchFlow, number: int, one: int, two: int) -> None:
    stages, links = flow.stages, flow.links
    if number in (0, 1) or len(stages) < 2:
        flow.add_stage(_TYPES[one % len(_TYPES)])
        return
    first, second = stages[one % len(stages)], stages[two % len(stages)]
    link = links[one % len(links)] if links else None
    if number in (2, 3, 4) and one % len(stages) < two % len(stages):
        first.connect_output_to(second, kind=("primary", "reference", "reject")[one % 3])
    elif number == 5:
        flow.remove_stage(first)
    elif number == 6 and link:
        link.src.disconnect_output_from(link.dest, link.name)
    elif number == 7 and link:
        (link.schema or link.create_schema()).add_field("INTEGER", f"c{len(link.schema or ())}_{two}")
    elif number == 8:
        first.label = flow.document.free_label(flow.document.primary_pipeline, f"renamed_{two}")
    elif number == 9 and link:
        link.set_name(f"named_{max(len(other.name) for other in links) * 'x'}")
    elif number == 10:
        first.configuration.runtime_column_propagation = bool(two % 2)
    elif number == 11:
        flow.add_annotation("x").connect_to(first)
    elif number == 12 and type(first).__name__ not in ("EntryNode", "ExitNode"):
        label = flow.document.free_label(flow.document.primary_pipeline, "Sub")
        sub = flow.create_subflow(label, [first])
        if two % 2:
            flow.deconstruct_subflow(sub)
    elif number == 13:
        flow.document.replace(flow.document.copy().tree)
