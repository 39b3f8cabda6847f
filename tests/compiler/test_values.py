"""What is set on stages and links is held to the catalogue, parameters bound, before anything is read or written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow
from riverstage.errors import CatalogueError, CheckFailed, Diagnostic
from riverstage.runs.runtime import Runtime


def a_flow(stage: str, **said: Any) -> BatchFlow:
    """Return a flow with a stage that has what was said, between generators and a peek."""
    flow = BatchFlow("values")
    flow.add_local_parameter("string", "v", value="x")
    middle = flow.add_stage(stage, "S")
    for number in range(2 if stage in ("Funnel", "Join") else 1):
        source = flow.add_stage("Row Generator", f"R{number}")
        source.configuration.records = 3
        source.connect_output_to(middle).create_schema().add_field("INTEGER", "a")
    if stage not in ("Peek", "Sequential file"):
        middle.connect_output_to(flow.add_stage("Peek", "P"))
    for name, value in said.items():
        middle.configuration[name] = value
    return flow


def runtime(flow: BatchFlow, folder: Path, **given: Any) -> Runtime:
    return Runtime(flow.document, "values", folder=folder, parameters=given)


def found(flow: BatchFlow, folder: Path, **given: Any) -> list[Diagnostic]:
    return list(runtime(flow, folder, **given).check())


def loaded(flow: BatchFlow, old: str, new: str, folder: Path) -> BatchFlow:
    """Return the flow with a piece of its text changed."""
    text = flow.document.dumps().decode()
    assert old in text
    (folder / "changed.json").write_text(text.replace(old, new))
    return BatchFlow.load(folder / "changed.json")


_KEY = {"key_properties": [{"key": "a"}]}


@pytest.mark.parametrize(
    ("stage", "said", "property", "choices", "good"),
    [
        ("Sort", {"key_properties": [{"key": "a", "asc_desc": "#v#"}]}, "key_properties", "'asc', 'desc'", "desc"),
        ("Sort", {**_KEY, "stable": "#v#"}, "stable", "'stable', 'nonStable'", "nonStable"),
        ("Sort", {**_KEY, "unique": "#v#"}, "unique", "True or False", "true"),
        ("Sort", {**_KEY, "flag_key": "#v#"}, "flag_key", "True or False", "flagKey"),
        ("Sort", {**_KEY, "runtime_column_propagation": "#v#"}, "runtime_column_propagation", "True or False", "1"),
        ("Funnel", {"operator": "#v#"}, "operator", "'sortfunnel', 'sequence', 'funnel'", "sequence"),
        ("Join", {**_KEY, "operator": "#v#"}, "operator", "'innerjoin', 'leftouterjoin'", "LeftOuterJoin"),
        ("Remove Duplicates", {**_KEY, "keep": "#v#"}, "keep", "'first', 'last'", "LAST"),
        ("Peek", {"all": "#v#"}, "all", "True or False", "All"),
        ("Peek", {"nrecs": "#v#"}, "nrecs", "a whole number, 0 or more", "2"),
        (
            "Sequential file",
            {"file": "o.csv", "first_line_is_column_names": "#v#"},
            "first_line_is_column_names",
            "True or False",
            "true",
        ),
        ("Sequential file", {"file": "o.csv", "file_update_mode": "#v#"}, "file_update_mode", "'append'", "append"),
        ("Sequential file", {"file": "o.csv", "file_format": "#v#"}, "file_format", "'parquet'", "json_lines"),
        ("Sequential file", {"file": "o.csv", "reject_mode": "#v#"}, "reject_mode", "'save', 'cont'", "fail"),
    ],
)
def test_a_parameter_is_held_to_its_property(
    stage: str, said: dict[str, Any], property: str, choices: str, good: str, tmp_path: Path
) -> None:
    flow = a_flow(stage, **said)
    (finding,) = found(flow, tmp_path, v="bogus")
    assert (finding.code, finding.severity) == ("RS-2103", "error")
    assert (finding.place.stage, finding.place.property) == ("S", property)
    assert finding.message.startswith("'bogus' is not a value of '")
    assert choices in finding.message
    with pytest.raises(CheckFailed) as refused:
        runtime(flow, tmp_path, v="bogus").run()
    assert refused.value.state == "Nothing was read or written."
    assert list(tmp_path.iterdir()) == []
    assert found(flow, tmp_path, v=good) == []
    assert runtime(flow, tmp_path, v=good).run().counts["Link_1"] == 3


@pytest.mark.parametrize(
    ("property", "good"),
    [
        ("quote", ("single", "double", "none", "'", "~")),
        ("decimal_separator", ("comma", "','", ".", "_")),
        ("pad_char", ("null", "space", "*", "'*'")),
    ],
)
def test_what_is_one_character_is_no_word(property: str, good: tuple[str, ...], tmp_path: Path) -> None:
    flow = a_flow("Sequential file", file="o.csv", **{property: "#v#"})
    (finding,) = found(flow, tmp_path, v="bogus")
    assert (finding.code, finding.place.property) == ("RS-2103", property)
    for value in good:
        assert found(flow, tmp_path, v=value) == []


@pytest.mark.parametrize("directive", ["decimal_separator", "padchar"])
def test_what_is_one_character_of_a_column_is_no_word(directive: str, tmp_path: Path) -> None:
    flow = a_flow("Sequential file", file="o.csv")
    column = flow.links[0].schema.add_field("DECIMAL", "d", length=5, scale=2).name
    (field,) = [one for one in flow.document.link_schema(flow.links[0]._ref)["fields"] if one["name"] == column]
    field["app_data"]["apt_field_properties"] = f"{directive}='bogus'"
    (finding,) = found(flow, tmp_path)
    assert (finding.code, finding.place.column) == ("RS-4262", "d")
    field["app_data"]["apt_field_properties"] = f"{directive}=','"
    assert found(flow, tmp_path) == []


def test_the_near_choice_is_named(tmp_path: Path) -> None:
    (finding,) = found(a_flow("Funnel", operator="#v#"), tmp_path, v="sequense")
    assert finding.mend == "Did you mean 'sequence'?"


def test_text_means_the_typed_value(tmp_path: Path) -> None:
    flow = a_flow("Sort", key_properties=[{"key": "a", "asc_desc": "#v#"}], flag_key="#f#")
    flow.add_local_parameter("string", "f", value="True")
    result = runtime(flow, tmp_path, v="Descending").run()
    assert result.links["Link_2"].to_arrow().to_pydict() == {"a": [2, 1, 0], "keyChange": [1, 1, 1]}


def test_a_loaded_document_is_held_too_and_all_at_once(tmp_path: Path) -> None:
    flow = a_flow("Sort", key_properties=[{"key": "a", "asc_desc": "desc"}], stable="stable")
    flow = loaded(flow, '"asc-desc": "desc"', '"asc-desc": "sideways"', tmp_path)
    flow = loaded(flow, '"stable": "stable"', '"stable": "zz"', tmp_path)
    flow = loaded(flow, '"records": 3', '"records": "junk"', tmp_path)
    assert {(item.place.stage, item.place.property, item.message) for item in found(flow, tmp_path)} == {
        ("S", "key_properties", "'sideways' is not a value of 'asc_desc': expected one of 'asc', 'desc'."),
        ("S", "stable", "'zz' is not a value of 'stable': expected one of 'stable', 'nonStable'."),
        ("R0", "records", "'junk' is not a value of 'records': expected a whole number, 0 or more."),
    }


def test_what_a_second_link_says_is_held_with_the_link_named(tmp_path: Path) -> None:
    flow = a_flow("Funnel")
    tree = json.loads(flow.document.dumps())
    (node,) = [each for each in tree["pipelines"][0]["nodes"] if each.get("op") == "PxFunnel"]
    node["inputs"][1].setdefault("parameters", {})["runtime_column_propagation"] = "maybe"
    (tmp_path / "two.json").write_text(json.dumps(tree))
    (finding,) = found(BatchFlow.load(tmp_path / "two.json"), tmp_path)
    assert (finding.code, finding.place.stage, finding.place.link) == ("RS-2103", "S", "Link_2")


def test_what_another_property_switches_off_is_a_warning_and_changes_nothing(tmp_path: Path) -> None:
    flow = a_flow("Head", all=True, nrecs="#v#")
    (finding,) = found(flow, tmp_path, v="many")
    assert (finding.severity, finding.place.property) == ("warning", "nrecs")
    assert runtime(flow, tmp_path, v="many").run().counts["Link_2"] == 3


def test_what_only_a_source_has_means_nothing_to_a_target(tmp_path: Path) -> None:
    flow = a_flow("Sequential file", file="o.csv", read_first_rows="#v#")
    (finding,) = found(flow, tmp_path, v="many")
    assert finding.severity == "warning"
    assert finding.message.endswith("Nothing is read here, so it changes nothing.")


def test_a_stage_below_is_told_nothing_that_only_follows(tmp_path: Path) -> None:
    flow = a_flow("Sort", key_properties=[{"key": "a"}], flag_key="#v#")
    (after,) = [stage for stage in flow.stages if stage.label == "P"]
    after.configuration.field = ["keyChange"]
    assert [item.code for item in found(flow, tmp_path, v="bogus")] == ["RS-2103"]


def test_a_whole_list_comes_from_a_parameter_as_it_is_set(tmp_path: Path) -> None:
    flow = a_flow("Sort", key_properties="#v#")
    assert found(flow, tmp_path, v="a") == []
    assert runtime(flow, tmp_path, v="a").run().counts["Link_2"] == 3
    assert [item.code for item in found(flow, tmp_path, v="b")] == ["RS-4341"]
    assert [item.code for item in found(flow, tmp_path, v="")] == ["RS-4340"]


def test_an_encrypted_value_is_not_shown(tmp_path: Path) -> None:
    flow = a_flow("Funnel", operator="#s#")
    flow.add_local_parameter("encrypted", "s", value="canary")
    (finding,) = found(flow, tmp_path)
    assert "canary" not in str(finding)
    assert finding.code == "RS-2103"


def test_an_unknown_key_is_refused_when_set_and_kept_when_loaded(tmp_path: Path) -> None:
    flow = a_flow("Sort", key_properties=[{"key": "a"}])
    flow = loaded(flow, '"key": "a"', '"key": "a", "note": "mine"', tmp_path)
    (sort,) = [stage for stage in flow.stages if stage.label == "S"]
    sort.configuration.key_properties.append({"key": "b"})
    assert sort.configuration.key_properties == [{"key": "a", "note": "mine"}, {"key": "b"}]
    with pytest.raises(CatalogueError) as refused:
        sort.configuration.key_properties[1]["asc_dsc"] = "desc"
    assert refused.value.mend == "Did you mean 'asc_desc'?"
    assert sort.configuration.key_properties == [{"key": "a", "note": "mine"}, {"key": "b"}]
