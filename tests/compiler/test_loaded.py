"""What a loaded document says that means nothing is a finding with its place in the JSON, and never an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow
from riverstage.errors import Diagnostic
from riverstage.runs.runtime import Runtime

Change = Callable[[dict[str, Any]], object]


def a_flow() -> BatchFlow:
    """Return a generator, a copy, a peek and, on another way, a head and a peek."""
    flow = BatchFlow("loaded")
    source, copy = flow.add_stage("Row Generator", "R"), flow.add_stage("Copy", "C")
    schema = source.connect_output_to(copy).create_schema()
    schema.add_field("INTEGER", "a")
    schema.add_field("VARCHAR", "b", length=5)
    head = flow.add_stage("Head", "H")
    for stage, target in ((copy, flow.add_stage("Peek", "P")), (copy, head), (head, flow.add_stage("Peek", "Q"))):
        stage.connect_output_to(target)
    return flow


def changed(change: Change, folder: Path, flow: BatchFlow | None = None) -> Runtime:
    """Return what runs the flow, loaded again with a change made to its document."""
    tree = json.loads((flow or a_flow()).document.dumps())
    change(tree)
    path = folder / "changed.json"
    path.write_text(json.dumps(tree))
    loaded = BatchFlow.load(path)
    loaded.save(folder / "again.json")
    assert json.loads((folder / "again.json").read_text()) == tree
    return Runtime(loaded.document, "loaded", folder=folder)


def found(change: Change, folder: Path, flow: BatchFlow | None = None) -> list[Diagnostic]:
    return list(changed(change, folder, flow).check())


def node(tree: dict[str, Any], label: str) -> dict[str, Any]:
    nodes = tree["pipelines"][0]["nodes"]
    return next(each for each in nodes if each["app_data"]["ui_data"]["label"] == label)


def link(tree: dict[str, Any], target: str) -> dict[str, Any]:
    return node(tree, target)["inputs"][0]["links"][0]


def _field(**said: Any) -> Change:
    """Return what puts values into the first field: ``part__key``, or ``key`` beside the parts."""

    def change(tree: dict[str, Any]) -> None:
        field = tree["schemas"][0]["fields"][0]
        for name, value in said.items():
            part, _, key = name.rpartition("__")
            (field[part] if part else field)[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "code", "severity", "path", "message"),
    [
        (_field(nullable="maybe"), "RS-4024", "error", "nullable",
         "Expected true or false as 'nullable', found 'maybe'."),
        (_field(metadata__is_key="q"), "RS-4024", "error", "metadata.is_key",
         "Expected true or false as 'is_key', found 'q'."),
        (_field(metadata__is_signed=7), "RS-4024", "error", "metadata.is_signed",
         "Expected true or false as 'is_signed', found 7."),
        (_field(app_data__odbc_type="FOO"), "RS-4024", "warning", "app_data.odbc_type",
         "'FOO' is no 'odbc_type' that is known. What else the field says decides its type."),
        (_field(app_data__odbc_type=["FOO"]), "RS-4024", "warning", "app_data.odbc_type",
         "['FOO'] is no 'odbc_type' that is known. What else the field says decides its type."),
        (_field(app_data__odbc_type="INTEGR", app_data__type_code=""), "RS-4024", "error", "app_data.odbc_type",
         "'INTEGR' is no 'odbc_type' that is known."),
        (_field(app_data__type_code="WHAT"), "RS-4024", "warning", "app_data.type_code",
         "'WHAT' is no 'type_code' that is known. What else the field says decides its type."),
        (_field(app_data={}, type="wat"), "RS-4024", "error", "type", "'wat' is no 'type' that is known."),
        (_field(metadata__max_length="x"), "RS-1051", "error", "metadata.max_length",
         "Expected a count as 'max_length', found 'x'."),
        (_field(app_data__apt_field_properties="cycle={"), "RS-1050", "error", "app_data.apt_field_properties",
         "Expected a closing brace in the field properties 'cycle={', found the end."),
        (_field(app_data__apt_field_properties=5), "RS-4024", "error", "app_data.apt_field_properties",
         "Expected text as 'apt_field_properties', found 5."),
    ],
)  # fmt: skip
def test_fields(change: Change, code: str, severity: str, path: str, message: str, tmp_path: Path) -> None:
    (finding,) = found(change, tmp_path)
    assert (finding.code, finding.severity, finding.message) == (code, severity, message)
    assert finding.place.path == f"schemas[0].fields[0].{path}"
    assert (finding.place.link, finding.place.column) == ("Link_1", "a")


def test_all_that_is_wrong_with_the_fields_is_said_at_once(tmp_path: Path) -> None:
    change = _field(nullable="maybe", metadata__is_key="q", metadata__max_length="x", app_data__time_scale="y")
    assert [item.place.path for item in found(change, tmp_path)] == [
        "schemas[0].fields[0].nullable",
        "schemas[0].fields[0].metadata.is_key",
        "schemas[0].fields[0].metadata.max_length",
    ]


def test_the_near_type_is_named(tmp_path: Path) -> None:
    (finding,) = found(_field(app_data__odbc_type="INTEGR"), tmp_path)
    assert finding.mend == "Did you mean 'INTEGER'?"


@pytest.mark.parametrize(
    ("change", "code", "severity", "path", "message"),
    [
        (lambda tree: node(tree, "P").update(type="binding_node"), "RS-4008", "error", "nodes[3].type",
         "A node's type is one of execution_node, binding, super_node, model_node, not 'binding_node'."),
        (lambda tree: link(tree, "P").update(type_attr="PRIMERY"), "RS-4008", "error",
         "nodes[3].inputs[0].links[0].type_attr", "A link is one of PRIMARY, REFERENCE, REJECT, not 'PRIMERY'."),
        (lambda tree: link(tree, "H").update(port_id_ref="nope"), "RS-4007", "error",
         "nodes[2].inputs[0].links[0].port_id_ref",
         "The link comes from the port 'nope', which the stage 'C' does not have."),
        (lambda tree: link(tree, "Q").update(port_id_ref="nope"), "RS-4007", "warning",
         "nodes[4].inputs[0].links[0].port_id_ref",
         "The link comes from the port 'nope', which the stage 'H' does not have."),
        (lambda tree: node(tree, "Q")["inputs"][0].update(schema_ref="nope"), "RS-4007", "error",
         "nodes[4].inputs[0].schema_ref",
         "The columns of the link stand in the schema 'nope', which the document does not have."),
    ],
)  # fmt: skip
def test_nodes_and_links(change: Change, code: str, severity: str, path: str, message: str, tmp_path: Path) -> None:
    flow = a_flow()
    for each in flow.document.tree["pipelines"][0]["nodes"]:
        for port in each.get("outputs", ()):
            port.get("app_data", {}).get("datastage", {}).pop("is_source_of_link", None)
    (finding,) = found(change, tmp_path, flow)
    assert (finding.code, finding.severity, finding.message) == (code, severity, message)
    assert finding.place.path == f"pipelines[0].{path}"


def test_a_stage_that_does_not_say_its_type_is_told_so_once(tmp_path: Path) -> None:
    (finding,) = found(lambda tree: node(tree, "C").pop("op"), tmp_path)
    assert (finding.code, finding.place.stage) == ("RS-4014", "C")
    assert finding.message == "The stage does not say its type: its node has no 'op'."


def test_names_that_links_share(tmp_path: Path) -> None:
    runtime = changed(lambda tree: link(tree, "Q").update(link_name="Link_2"), tmp_path)
    (finding,) = runtime.check()
    assert (finding.code, finding.severity, finding.place.link) == ("RS-4006", "warning", "Link_2")
    assert finding.message == "2 links have the name 'Link_2': those to 'P', 'Q'."
    assert set(runtime.run().counts) == {"Link_1", "Link_2", "Link_3", "Link_2 (2)"}


def test_names_that_links_of_one_stage_share_are_an_error(tmp_path: Path) -> None:
    (finding,) = found(lambda tree: link(tree, "H").update(link_name="Link_2"), tmp_path)
    assert (finding.code, finding.severity) == ("RS-4006", "error")
