"""Stages: adding, naming, finding, removing."""

from __future__ import annotations

import pydoc

import pytest

from riverstage import BatchFlow, LabelWarning, RemovedError, StageType
from riverstage.catalogue import accepted_names, stage_types
from riverstage.errors import CatalogueError, NotFoundError, UsageError
from riverstage.flow.stage_classes import PeekStage, RowGeneratorStage, class_of


@pytest.fixture
def flow() -> BatchFlow:
    return BatchFlow("demo")


def test_every_accepted_name_can_be_added_and_keeps_its_class(flow: BatchFlow) -> None:
    for name in accepted_names():
        more = {"wrapped_stage_name": "mine"} if name == "Wrapped Stage" else {}
        stage = flow.add_stage(name, **more)
        assert stage.type == name
        again = flow.stages[-1]
        assert (type(again), again) == (type(stage), stage)
    assert len(flow.stages) == 151
    assert BatchFlow.from_document(flow.document.copy()).stages[-1].type == accepted_names()[-1]


def test_a_type_goes_by_loose_spelling_member_class_and_entry(flow: BatchFlow) -> None:
    info = flow.available_stages.get(name="Row Generator")
    made = [
        flow.add_stage("rowgenerator"),
        flow.add_stage(StageType.ROW_GENERATOR),
        flow.add_stage(RowGeneratorStage),
        flow.add_stage(stage_info=info),
    ]
    assert [stage.label for stage in made] == [
        "Row_Generator",
        "Row_Generator_2",
        "Row_Generator_3",
        "Row_Generator_4",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"type": "Rwo Generator"}, 'Invalid stage type string: "Rwo Generator". Did you mean "Row Generator"?'),
        ({"type": "Totally Unknown Stage"}, "Invalid stage type string: Totally Unknown Stage"),
        ({}, "Either 'type' or 'stage_info' must be specified."),
        ({"type": "Wrapped Stage"}, "wrapped_stage_name is required for Wrapped Stage type."),
        ({"type": "Peek", "wrapped_stage_name": "x"}, "means nothing to a Peek stage"),
        ({"type": "Peek", "label": " "}, "A label is text with something in it"),
    ],
)
def test_a_stage_that_cannot_be_added(flow: BatchFlow, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=r"^") as caught:
        flow.add_stage(**arguments)
    assert message in str(caught.value)
    assert flow.stages == []


def test_type_and_entry_together_are_refused(flow: BatchFlow) -> None:
    with pytest.raises(ValueError, match="Cannot specify both 'stage_info' and 'type'"):
        flow.add_stage("Peek", stage_info=flow.available_stages[0])


def test_help_lists_every_type() -> None:
    text = pydoc.render_doc(BatchFlow.add_stage)
    assert [name for name in accepted_names() if f" {name}\n" not in text] == []


def test_the_stages_that_there_are(flow: BatchFlow) -> None:
    available = flow.available_stages
    assert len(available) == 149
    assert [info.name for info in available] == [info.name for info in stage_types()]
    assert repr(available.get(name="Amazon RDS for PostgreSQL")) == (
        "BatchStageInfo(name='Amazon RDS for PostgreSQL', stage_type='Amazon RDS for PostgreSQL')"
    )
    assert available.get_all(name="Nope") == []
    assert {info.category for info in available.get_all(category=available[0].category)} == {available[0].category}
    with pytest.raises(ValueError, match="Did you mean 'Peek'"):
        available.get(name="Peekk")
    with pytest.raises(ValueError, match="Cannot filter on colour"):
        available.get_all(colour="red")


def test_a_taken_label_gets_a_number_and_a_warning_where_it_was_written(flow: BatchFlow) -> None:
    flow.add_stage("Peek", "Look")
    with pytest.warns(LabelWarning, match="'Look' is taken, so the new Sort stage is labelled 'Look_2'") as caught:
        stage = flow.add_stage("Sort", "Look")
    assert stage.label == "Look_2"
    assert caught[0].filename == __file__


def test_a_label_that_is_free_again_can_be_given_but_is_not_chosen(flow: BatchFlow) -> None:
    flow.remove_stage(flow.add_stage("Peek"))
    assert flow.add_stage("Peek").label == "Peek_2"
    assert flow.add_stage("Peek", "Peek").label == "Peek"


def test_the_label_can_be_changed_but_not_to_a_taken_or_empty_one(flow: BatchFlow) -> None:
    first, second = flow.add_stage("Peek", "A"), flow.add_stage("Peek", "B")
    first.label = "C"
    assert flow.stages.get(label="C") == first
    assert flow.stages.get_all(label="A") == []
    with pytest.raises(UsageError, match="'B_2' is free"):
        first.label = "B"
    for wrong in ("", "  ", None, 5):
        with pytest.raises(UsageError, match="A label is text"):
            second.label = wrong
    assert [stage.label for stage in flow.stages] == ["C", "B"]
    second.label = "B"


def test_the_number_of_a_stage_that_was_relabelled_is_not_given_out_again(flow: BatchFlow) -> None:
    first, second = flow.add_stage("Row Generator"), flow.add_stage("Row Generator")
    first.label = "People"
    second.label = "Orders"
    assert flow.add_stage("Row Generator").label == "Row_Generator_3"
    again = BatchFlow.from_document(flow.document.copy())
    assert again.add_stage("Row Generator").label == "Row_Generator_4"
    assert again.add_stage("Peek").label == "Peek"


def test_doubled_and_missing_labels_of_elsewhere_stay(flow: BatchFlow) -> None:
    tree = flow.document.copy().tree
    for label in ("Same", "Same", None):
        node = {
            "type": "execution_node",
            "id": f"n{len(tree['pipelines'][0]['nodes'])}",
            "op": "PxPeek",
            "app_data": {"ui_data": {"label": label} if label else {}},
            "inputs": [],
            "outputs": [],
            "parameters": {},
        }
        tree["pipelines"][0]["nodes"].append(node)
    flow.document.replace(tree)
    before = flow.document.dumps()
    assert [stage.label for stage in flow.stages] == ["Same", "Same", None]
    assert repr(flow.stages[2]) == "PeekStage(label='None')"
    assert flow.stages.get(label="Same") == flow.stages[0]
    assert len(flow.stages.get_all(label="Same")) == 2
    assert flow.document.dumps() == before


def test_a_mistyped_attribute_raises(flow: BatchFlow) -> None:
    stage = flow.add_stage("Row Generator")
    with pytest.raises(AttributeError, match="Did you mean 'label'"):
        stage.lable = "x"
    with pytest.raises(AttributeError, match=r"It is a property: 'stage.configuration.records'"):
        stage.records = 5
    with pytest.raises(AttributeError, match="no attribute 'nothing_like_it'"):
        _ = stage.nothing_like_it
    with pytest.raises(AttributeError):
        stage.stage_id = "x"
    assert not hasattr(stage, "__dict__")


# Finding -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def rows() -> BatchFlow:
    flow = BatchFlow("rows")
    first, second = flow.add_stage("Row Generator"), flow.add_stage("Row Generator")
    peek, sort = flow.add_stage("Peek"), flow.add_stage("Sort")
    first.connect_output_to(sort)
    sort.connect_output_to(peek)
    second.configuration.records = 3
    sort.configuration.key_properties = [{"key": "id", "asc-desc": "desc"}]
    return flow


@pytest.mark.parametrize(
    ("filters", "labels"),
    [
        ({}, ["Row_Generator", "Row_Generator_2", "Peek", "Sort"]),
        ({"type": "Row Generator"}, ["Row_Generator", "Row_Generator_2"]),
        ({"type": "peek"}, ["Peek"]),
        ({"type": StageType.SORT}, ["Sort"]),
        ({"type": PeekStage}, ["Peek"]),
        ({"type": ["Peek", StageType.SORT]}, ["Peek", "Sort"]),
        ({"type": (RowGeneratorStage, "Sort")}, ["Row_Generator", "Row_Generator_2", "Sort"]),
        ({"type": "Aggregator"}, []),
        ({"label": "Peek"}, ["Peek"]),
        ({"label": ["Peek", "Sort"]}, ["Peek", "Sort"]),
        ({"label": "Nope"}, []),
        ({"records": 3}, ["Row_Generator_2"]),
        ({"records": 10}, ["Row_Generator"]),
        ({"records": [3, 10]}, ["Row_Generator", "Row_Generator_2"]),
        ({"records": "3"}, ["Row_Generator_2"]),
        ({"input_count": 1}, ["Peek", "Sort"]),
        ({"output_count": 1}, ["Row_Generator", "Sort"]),
        ({"type": "Row Generator", "output_count": 0}, ["Row_Generator_2"]),
        ({"key_properties": [{"key": "id", "asc-desc": "desc"}]}, ["Sort"]),
        ({"keyProperties": [{"key": "id", "asc_desc": "desc"}]}, ["Sort"]),
        ({"runtime_column_propagation": None, "type": "Peek"}, ["Peek"]),
        ({"nothing_has_this": 1}, []),
    ],
)
def test_get_all(rows: BatchFlow, filters: dict[str, object], labels: list[str]) -> None:
    assert [stage.label for stage in rows.stages.get_all(**filters)] == labels


def test_truths_and_numbers_are_told_apart(rows: BatchFlow) -> None:
    stage = rows.stages.get(label="Peek")
    stage.configuration.nrecs = 1
    stage.configuration.runtime_column_propagation = True
    assert rows.stages.get_all(nrecs=True) == []
    assert rows.stages.get_all(runtime_column_propagation=True) == [stage]
    assert rows.stages.get_all(runtime_column_propagation=False) == []


def test_an_unknown_type_is_an_error_that_suggests(rows: BatchFlow) -> None:
    with pytest.raises(CatalogueError, match='Did you mean "Peek"'):
        rows.stages.get_all(type="Peak")
    with pytest.raises(ValueError, match="no class of stages"):
        rows.stages.get_all(type=int)


def test_get_names_the_filters(rows: BatchFlow) -> None:
    with pytest.raises(ValueError, match=r"No stage that matches the arguments {'type': 'Tail', 'nrecs': 4}"):
        rows.stages.get(type="Tail", nrecs=4)
    with pytest.raises(NotFoundError, match=r"No stage with label Row_Generatr in the flow.*'Row_Generator'"):
        rows.stages.get(label="Row_Generatr")
    assert rows.stages.get().label == "Row_Generator"
    with pytest.raises(ValueError, match="No stage"):
        BatchFlow("empty").stages.get()


def test_a_snapshot_may_be_looped_over_while_stages_go(rows: BatchFlow) -> None:
    stages = rows.stages
    for stage in stages:
        rows.remove_stage(stage)
    assert (rows.stages, len(stages)) == ([], 4)
    assert rows.links == []


def test_a_snapshot_finds_only_what_was_there(rows: BatchFlow) -> None:
    stages = rows.stages
    rows.add_stage("Tail")
    assert stages.get_all(label="Tail") == []
    assert rows.stages.get(label="Tail").type == "Tail"
    gone = rows.stages.get(label="Peek")
    rows.remove_stage(gone)
    rows.add_stage("Head")
    assert rows.stages.get(label="Head").type == "Head"


# Removing ------------------------------------------------------------------------------------------------------------


def test_removing_cleans_links_comments_orders_and_schemas(flow: BatchFlow) -> None:
    left, right, join = flow.add_stage("Row Generator"), flow.add_stage("Row Generator"), flow.add_stage("Join")
    note = flow.add_markdown_comment("both")
    for side in (left, right):
        side.connect_output_to(join).create_schema().add_field("INTEGER", "id")
        note.connect_to(side)
    join.configuration.inputlink_ordering_list = [
        {"link_name": "Link_1", "link_label": "Left"},
        {"link_name": "Link_2", "link_label": "Right"},
    ]
    flow.remove_stage(left)
    assert [link.name for link in flow.links] == ["Link_2"]
    assert note.stages == [right]
    assert [entry["link_name"] for entry in join.configuration.inputlink_ordering_list] == ["Link_2"]
    assert len(flow.document.tree["schemas"]) == 1
    flow.document.audit()


def test_the_removed_stage_says_so(flow: BatchFlow) -> None:
    stage = flow.add_stage("Peek")
    link = flow.add_stage("Row Generator").connect_output_to(stage)
    configuration = stage.configuration
    flow.remove_stage(stage)
    assert repr(stage) == "PeekStage(removed)"
    assert repr(link) == "Link(removed)"
    uses = [
        lambda: stage.label,
        lambda: stage.configuration,
        lambda: configuration.nrecs,
        lambda: stage.get_input_links(),
        lambda: stage.connect_output_to(flow.stages[0]),
        lambda: flow.stages[0].connect_output_to(stage),
        lambda: flow.remove_stage(stage),
        lambda: link.name,
        lambda: link.create_schema(),
    ]
    for use in uses:
        with pytest.raises(RemovedError, match="removed from its flow"):
            use()


def test_a_stage_of_another_flow_is_refused(flow: BatchFlow) -> None:
    foreign = BatchFlow("other").add_stage("Peek")
    own = flow.add_stage("Row Generator")
    note = flow.add_markdown_comment("x")
    uses = [
        lambda: flow.remove_stage(foreign),
        lambda: own.connect_output_to(foreign),
        lambda: foreign.connect_output_to(own),
        lambda: note.connect_to(foreign),
        lambda: flow.get_links(foreign, own),
    ]
    for use in uses:
        with pytest.raises(ValueError, match="flow"):
            use()
    with pytest.raises(ValueError, match="is no stage"):
        flow.remove_stage("Peek")


def test_an_undone_removal_brings_the_cursor_back(flow: BatchFlow) -> None:
    stage = flow.add_stage("Peek")
    before = flow.document.copy().tree
    flow.remove_stage(stage)
    flow.document.replace(before)
    assert stage.label == "Peek"
    assert flow.stages == [stage]


def test_classes_are_made_once_and_named_by_the_catalogue() -> None:
    assert class_of("RowGeneratorStage") is RowGeneratorStage
    assert (RowGeneratorStage.__name__, RowGeneratorStage.stage_type) == ("RowGeneratorStage", "Row Generator")
    with pytest.raises(ImportError):
        from riverstage.flow.stage_classes import NopeStage  # noqa: F401
    with pytest.raises(CatalogueError):
        class_of("NopeStage")


def test_a_stage_that_the_catalogue_does_not_know_is_kept(flow: BatchFlow) -> None:
    tree = flow.document.copy().tree
    tree["pipelines"][0]["nodes"].append(
        {"type": "execution_node", "id": "n", "op": "PxNews", "parameters": {"a": [1]}, "app_data": {}}
    )
    flow.document.replace(tree)
    [stage] = flow.stages
    assert (type(stage).__name__, stage.type) == ("UnknownStage", None)
    assert stage.configuration.a == [1]
    stage.configuration.a.append(2)
    assert flow.document.tree["pipelines"][0]["nodes"][0]["parameters"] == {"a": [1, 2]}
    with pytest.raises(AttributeError):
        _ = stage.configuration.b


@pytest.mark.parametrize("name", ["a\x00", "\x00", "a\nb", "\ud800"])
def test_names_that_cannot_be_written_are_refused(name: str) -> None:
    flow = BatchFlow("demo")
    stage, peek = flow.add_stage("Row Generator"), flow.add_stage("Peek")
    link = stage.connect_output_to(peek)
    for give in (
        lambda: flow.add_stage("Peek", name),
        lambda: setattr(stage, "label", name),
        lambda: setattr(link, "name", name),
        lambda: stage.connect_output_to(peek, name=name),
        lambda: flow.create_subflow(name, [peek]),
        lambda: BatchFlow(name),
        lambda: setattr(flow, "name", name),
    ):
        with pytest.raises(UsageError, match=r"cannot hold control characters|is text that is not empty"):
            give()
    assert (len(flow.stages), link.name, flow.name) == (2, "Link_1", "demo")


@pytest.mark.parametrize("wrong", ["Sort", 5, object()])
def test_an_entry_of_the_available_stages_is_no_name(flow: BatchFlow, wrong: object) -> None:
    with pytest.raises(UsageError, match="'stage_info' is an entry of 'available_stages', not "):
        flow.add_stage(stage_info=wrong)
    with pytest.raises(UsageError, match=r"Write add_stage\('Sort'\)"):
        flow.add_stage(stage_info="Sort")
    assert flow.stages == []


def test_a_filter_that_no_stage_has_is_told_a_near_one(flow: BatchFlow) -> None:
    flow.add_stage("Row Generator")
    assert flow.stages.get_all(recods=10) == []
    with pytest.raises(ValueError, match=r"the arguments {'recods': 10}\. Did you mean 'records'"):
        flow.stages.get(recods=10)
    with pytest.raises(ValueError, match=r"No stage that matches the arguments {'records': 11} "):
        flow.stages.get(records=11)
