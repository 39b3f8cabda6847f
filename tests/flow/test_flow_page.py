"""The calls of the published page about stages, in its order, with what it prints, to the letter."""

from __future__ import annotations

import json

import pytest

from riverstage import BatchFlow, LabelWarning


def test_the_page_from_top_to_bottom() -> None:
    batch_flow = BatchFlow("My flow")
    for type_name in ("Row Generator", "Peek", "Row Generator", "Peek"):
        batch_flow.add_stage(type_name)

    # Listing and retrieving stages in a flow.
    assert repr(batch_flow.stages) == (
        "[RowGeneratorStage(label='Row_Generator'), PeekStage(label='Peek'), "
        "RowGeneratorStage(label='Row_Generator_2'), PeekStage(label='Peek_2')]"
    )
    assert repr(batch_flow.stages.get_all(type="Row Generator")) == (
        "[RowGeneratorStage(label='Row_Generator'), RowGeneratorStage(label='Row_Generator_2')]"
    )
    assert repr(batch_flow.stages.get(label="Row_Generator")) == "RowGeneratorStage(label='Row_Generator')"

    # Adding a stage to a flow.
    amazon_rds = batch_flow.add_stage(type="Amazon RDS for PostgreSQL", label="Amazon RDS")
    assert amazon_rds.label == "Amazon RDS"

    # The alternative: an entry of the stages that there are.
    available_stages = batch_flow.available_stages
    postgres_stage_info = available_stages.get(name="Amazon RDS for PostgreSQL")
    with pytest.warns(LabelWarning, match="Amazon RDS_2"):
        amazon_rds = batch_flow.add_stage(stage_info=postgres_stage_info, label="Amazon RDS")
    assert amazon_rds.label == "Amazon RDS_2"

    # Removing a stage from a flow.
    amazon_sqs_consumer = batch_flow.stages.get(label="Amazon RDS")
    assert batch_flow.remove_stage(amazon_sqs_consumer) is None
    assert batch_flow.stages.get_all(label="Amazon RDS") == []

    # Listing all links connected to a stage.
    batch_flow.stages.get(label="Row_Generator").connect_output_to(batch_flow.stages.get(label="Peek"))
    row_generator_stage = batch_flow.stages.get(label="Row_Generator")
    assert repr(row_generator_stage.get_output_links()) == "[Link_1 (src='Row_Generator', dest='Peek')]"
    peek_stage = batch_flow.stages.get(label="Peek")
    assert repr(peek_stage.get_input_links()) == "[Link_1 (src='Row_Generator', dest='Peek')]"

    # Connecting stages, in a flow without those of above.
    batch_flow = BatchFlow("Another flow")
    row_gen = batch_flow.add_stage("Row Generator", "Row_Generator")
    peek = batch_flow.add_stage("Peek", "Peek")
    link = row_gen.connect_output_to(peek)
    assert repr(link) == "Link_1 (src='Row_Generator', dest='Peek')"

    # Editing a stage's configuration.
    lines = repr(row_gen.configuration).splitlines()
    assert lines[:3] == ["{", '    "buf_mode": "default",', '    "max_mem_buf_size": 3145728,']
    assert '    "runtime_column_propagation": null,' in lines
    assert '    "records": 10,' in lines
    row_gen.configuration.records = 5
    row_gen.configuration["runtime_column_propagation"] = False
    shown = json.loads(repr(row_gen.configuration))
    assert (shown["records"], shown["runtime_column_propagation"]) == (5, False)

    # Adding comments and annotations.
    annotation = batch_flow.add_annotation("New Annotation")
    annotation.bold = True
    annotation.italics = True
    annotation.font = "font-arial"
    annotation.text_decoration = "underline"
    annotation.background_color = "#1192E8"
    annotation.text_color = "#DA1E28"
    annotation.horizontal_align = "align-middle"
    annotation.vertical_align = "align-center"
    annotation.text_size = 18
    annotation.connect_to(row_gen)
    annotation.connect_to(peek)
    assert repr(annotation) == "Annotation(content='New Annotation')"
    [wire] = batch_flow.document.comments(batch_flow.document.primary_pipeline)
    assert wire["formats"] == [
        {"type": "bold"},
        {"type": "italics"},
        {"type": "fontType", "value": "font-arial"},
        {"type": "textDecoration", "value": "underline"},
        {"type": "backgroundColor", "value": "#1192E8"},
        {"type": "textColor", "value": "#DA1E28"},
        {"type": "alignHorizontally", "value": "align-middle"},
        {"type": "alignVertically", "value": "align-center"},
        {"type": "textSize", "value": "text-size-18"},
    ]
    assert wire["associated_id_refs"] == [{"node_ref": row_gen.stage_id}, {"node_ref": peek.stage_id}]
