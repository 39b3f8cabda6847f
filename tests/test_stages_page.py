"""The page that the SDK is held to: the same calls in the same order, reprs to the letter, then found again on disk."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from riverstage import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(path=tmp_path)


def test_the_page_from_top_to_bottom(platform: Platform, tmp_path: Path) -> None:
    project = platform.create_project("conf")
    batch_flow = project.create_flow("stages", flow_type="batch")
    for _ in range(2):
        batch_flow.add_stage("Row Generator")
        batch_flow.add_stage("Peek")
    first = batch_flow.stages.get(label="Row_Generator")
    first.connect_output_to(batch_flow.stages.get(label="Peek"))

    # Listing and retrieving stages.
    assert repr(batch_flow.stages) == (
        "[RowGeneratorStage(label='Row_Generator'), PeekStage(label='Peek'), "
        "RowGeneratorStage(label='Row_Generator_2'), PeekStage(label='Peek_2')]"
    )
    assert repr(batch_flow.stages.get_all(type="Row Generator")) == (
        "[RowGeneratorStage(label='Row_Generator'), RowGeneratorStage(label='Row_Generator_2')]"
    )
    assert repr(batch_flow.stages.get(label="Row_Generator")) == "RowGeneratorStage(label='Row_Generator')"

    # Adding a stage.
    amazon_rds = batch_flow.add_stage(type="Amazon RDS for PostgreSQL", label="Amazon RDS")
    assert repr(project.update_flow(batch_flow)) == "<Response [201]>"
    available_stages = batch_flow.available_stages
    postgres_stage_info = available_stages.get(name="Amazon RDS for PostgreSQL")
    with pytest.warns(UserWarning, match="Amazon RDS_2"):
        amazon_rds = batch_flow.add_stage(stage_info=postgres_stage_info, label="Amazon RDS")
    assert amazon_rds.label == "Amazon RDS_2"
    assert repr(project.update_flow(batch_flow)) == "<Response [201]>"

    # Removing a stage.
    amazon_sqs_consumer = batch_flow.stages.get(label="Amazon RDS")
    assert batch_flow.remove_stage(amazon_sqs_consumer) is None
    assert repr(project.update_flow(batch_flow)) == "<Response [201]>"

    # Listing links.
    Row_Generator_Stage = batch_flow.stages.get(label="Row_Generator")
    assert repr(Row_Generator_Stage.get_output_links()) == "[Link_1 (src='Row_Generator', dest='Peek')]"
    Peek_Stage = batch_flow.stages.get(label="Peek")
    assert repr(Peek_Stage.get_input_links()) == "[Link_1 (src='Row_Generator', dest='Peek')]"

    # Connecting stages.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        row_gen = batch_flow.add_stage("Row Generator", "Row_Generator")
        peek = batch_flow.add_stage("Peek", "Peek")
    link = row_gen.connect_output_to(peek)
    assert repr(link) == "Link_2 (src='Row_Generator_3', dest='Peek_3')"

    # Editing a stage's configuration.
    shown = repr(row_gen.configuration)
    assert shown.startswith('{\n    "buf_mode": "default",\n    "max_mem_buf_size": 3145728,\n')
    assert '\n    "runtime_column_propagation": null,\n' in shown
    assert '\n    "records": 10,\n' in shown
    row_gen.configuration.records = 5
    row_gen.configuration["runtime_column_propagation"] = False

    # Comments and annotations.
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
    amazon_rds.configuration.password = "hunter-22-secret"
    assert repr(project.update_flow(batch_flow)) == "<Response [201]>"

    # What was assigned is found again on disk, by another process's eyes.
    again = Platform(path=tmp_path).projects.get(name="conf").flows.get(name="stages")
    generator = again.stages.get(label="Row_Generator_3")
    assert generator.configuration.records == 5
    assert generator.configuration["runtime_column_propagation"] is False
    (note,) = again.comments
    expected = {
        "bold": True, "italics": True, "font": "font-arial", "text_decoration": "underline",
        "background_color": "#1192E8", "text_color": "#DA1E28", "horizontal_align": "align-middle",
        "vertical_align": "align-center", "text_size": 18,
    }  # fmt: skip
    assert {name: getattr(note, name) for name in expected} == expected
    assert note.content == "New Annotation"
    assert [stage.label for stage in again.stages] == [stage.label for stage in batch_flow.stages]

    # The secret went to the local store; the file, the repr and the error texts do not have it.
    file = tmp_path / "conf" / "flows" / "stages.json"
    assert "hunter-22-secret" not in file.read_text()
    secret = again.stages.get(label="Amazon RDS_2").configuration
    assert "hunter-22-secret" not in repr(secret)
    assert "secret:" in file.read_text()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter-22-secret" in path.read_bytes()]
    assert kept == []

    # The annotation surrounds its stages.
    tree = json.loads(file.read_text())
    boxes = {
        node["app_data"]["ui_data"]["label"]: node["app_data"]["ui_data"] for node in tree["pipelines"][0]["nodes"]
    }
    (comment,) = tree["pipelines"][0]["app_data"]["ui_data"]["comments"]
    for label in ("Row_Generator_3", "Peek_3"):
        box = boxes[label]
        assert comment["x_pos"] <= box["x_pos"] <= comment["x_pos"] + comment["width"] - 48
        assert comment["y_pos"] <= box["y_pos"] <= comment["y_pos"] + comment["height"] - 48
