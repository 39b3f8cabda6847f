"""The data says what the published facts say, but for the overrides, and stays small."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import riverstage.catalogue
from riverstage.catalogue import Property, StageSpec, accepted_names, find
from riverstage.catalogue._conditions import properties_of

ROOT = Path(__file__).parents[2]
PACKAGE = Path(riverstage.catalogue.__file__).parent
SPECS = [find(name) for name in accepted_names()]
RUNNING = [
    "Row Generator", "Peek", "Sequential file", "Data set", "Copy", "Filter", "Sort", "Join", "Lookup", "Aggregator",
    "Funnel", "Remove Duplicates", "Head", "Tail", "Modify", "Switch", "Column Generator", "Transformer", "Merge",
    "PostgreSQL", "Amazon RDS for PostgreSQL",
]  # fmt: skip


def everything() -> Iterator[tuple[StageSpec, Property]]:
    for spec in SPECS:
        fields = spec.connection.fields.values() if spec.connection else ()
        for said in (*spec.slots, *fields):
            yield spec, said


@pytest.fixture(scope="module")
def reference() -> Path:
    folder = os.environ.get("RIVERSTAGE_REFERENCE")
    if not folder:
        pytest.skip("RIVERSTAGE_REFERENCE does not name the folder of published facts")
    return Path(folder) / "reference"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_catalogue", ROOT / "tools" / "build_catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def facts(reference: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((reference / "stage_properties.json").read_text("utf-8"))["stages"]
    return found


def test_every_property_is_there() -> None:
    assert sum(len(spec.properties) for spec in SPECS) == 15_276


def test_generated_files_are_what_the_tool_writes(reference: Path, tool: ModuleType) -> None:
    files = tool.build(reference)
    for path, text in files.items():
        assert (PACKAGE / path).read_text("utf-8") == text, path
    assert {f"data/{path.name}" for path in (PACKAGE / "data").iterdir()} == set(files) - {"_names.py"}


def test_names_aliases_and_defaults_are_the_published_ones(facts: dict[str, Any]) -> None:
    assert list(facts) == [spec.name for spec in SPECS]
    for spec in SPECS:
        published = facts[spec.name]
        assert list(spec.properties) == list(published["properties"])
        for name, fact in published["properties"].items():
            said = spec.properties[name]
            assert said.wire == fact["alias"]
            assert name in said.names
            if name != "connection":
                assert said.default == fact["default"], (spec.name, name)


def test_choices_are_the_published_ones_and_ours(facts: dict[str, Any], reference: Path) -> None:
    shared = json.loads((reference / "stage_properties.json").read_text("utf-8"))["shared_enums"]
    added = set()
    for spec in SPECS:
        for name, fact in facts[spec.name]["properties"].items():
            said = spec.properties[name]
            if "enum" not in fact and "enum_ref" not in fact:
                assert said.kind != "choice"
                continue
            if said.kind != "choice":
                continue
            published = fact.get("enum") or shared[fact["enum_ref"].split(".")[-1]]
            assert {label: said.choices[label] for label in published} == published
            added |= {(spec.name, said.name, label) for label in said.choices if label not in published}
    assert {entry for entry in added if entry[1] != "buf_mode"} == {
        ("Sequential file", "file_format", "json_lines"),
        ("Sequential file", "pad_char", "space"),
    }


def test_places_are_the_published_ones_where_there_are_any(facts: dict[str, Any]) -> None:
    place = {"parameters": "node", "input_port": "input", "output_port": "output"}
    files = {"Sequential file", "Data set", "File set", "Lookup file set", "Complex Flat File", "External Source"}
    for spec in SPECS:
        for group, carried in (facts[spec.name].get("serialisation_groups") or {}).items():
            where = place.get(group, "connection")
            if where == "connection" and spec.name in files:
                continue  # an override: no real document of these has one
            for name in set(carried["may_carry"]) & set(spec.properties):
                if where == "input" and spec.inputs.max == 0:
                    continue  # an override: a port that it cannot have
                assert where in spec.properties[name].places, (spec.name, name)


def test_every_property_has_a_place() -> None:
    for spec in SPECS:
        assert all(said.places for said in spec.slots if said.name != "connection")


def test_two_names_of_one_wire_key_are_one_slot() -> None:
    spec = find("PostgreSQL")
    assert spec.properties["buffering_mode"] is spec.properties["buf_mode"]
    assert spec.properties["buf_mode"].names == ("buf_mode", "buffering_mode")
    assert spec.properties["buf_mode"].encode("auto_buffer") == spec.properties["buf_mode"].encode("autobuffer")
    assert spec.aliases["buffering_mode"] == "buf_mode"
    for other in SPECS:
        assert len({said.wire for said in other.slots}) == len(other.slots)


def test_python_name_beats_wire_key() -> None:
    connection = find("Apache Kafka").connection
    assert connection is not None
    for name, said in connection.fields.items():
        assert connection.field(name) is said
    assert connection.field("nothing") is None
    assert find("PostgreSQL").property("read_mode").name == "read_method"
    for other in SPECS:
        for name, said in other.properties.items():
            assert other.property(name) is said


def test_first_page() -> None:
    spec = find("Row Generator")
    values = {name: said.default for name, said in spec.properties.items()}
    assert values["buf_mode"] == "default"
    assert values["max_mem_buf_size"] == 3145728
    assert values["runtime_column_propagation"] is None
    assert values["records"] == 10
    assert spec.properties["records"].places == ("node", "output")
    assert spec.properties["runtime_column_propagation"].places == ("node",)
    assert spec.properties["runtime_column_propagation"].encode(False) == 0
    assert spec.always_sent["output"] == ("records",)
    assert spec.sent_when_untouched["output"] == {"records": 10}


def test_links() -> None:
    assert (find("Row Generator").inputs.max, find("Row Generator").outputs) == (0, (1, 1))
    assert find("Join").inputs == (2, None)
    assert find("Lookup").references == (1, None)
    assert find("Lookup").rejects == (0, 1)
    assert find("Switch").outputs == (1, 128)
    assert find("ODBC").rejects.max is None
    assert find("Java Integration").inputs == (0, None)


def test_roles() -> None:
    spec = find("Sequential file")
    assert spec.properties["file_plus"].role == "source"
    assert spec.properties["file"].role == "target"
    assert spec.properties["delimiter"].role is None
    pg = find("PostgreSQL")
    assert (pg.property("read_mode").role, pg.property("write_mode").role) == ("source", "target")
    assert pg.property("reject_uses").role == "target"
    assert pg.property("runtime_column_propagation").role is None
    assert find("Sort").property("key_properties").role is None


def test_everything_is_small() -> None:
    """The files stay below 400 kB in a wheel, which is a zip with deflate."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted([*(PACKAGE / "data").iterdir(), *(PACKAGE / "texts").iterdir()]):
            archive.write(path, f"riverstage/catalogue/{path.parent.name}/{path.name}")
    assert len(packed.getvalue()) <= 400_000


def test_one_property_a_line() -> None:
    text = (PACKAGE / "data" / "peek.json").read_text("utf-8")
    assert text.endswith("}\n")
    assert len(text.splitlines()) > len(find("Peek").properties)


def test_secrets_are_marked() -> None:
    """Every text whose name sounds secret is on one of the two reviewed lists."""
    said = json.loads((ROOT / "tools" / "catalogue_overrides.json").read_text("utf-8"))["secrets"]
    sounds = re.compile(
        r"pass(wd|word|phrase)|secret|token|access_key|api_key|private_key|_pem|keytab|master_key|encryption_key"
        r"|credential|auth_header|sas",
        re.IGNORECASE,
    )
    open_ones = {
        slot.name
        for _, slot in everything()
        if slot.kind in ("string", "any", "map")
        and not slot.secret
        and (sounds.search(slot.name) or sounds.search(slot.wire))
    }
    assert open_ones == set(said["no"])
    marked = {slot.name for _, slot in everything() if slot.secret}
    assert marked == {name for names in said["yes"].values() for name in names}


@pytest.mark.parametrize("name", RUNNING)
def test_running_stages_are_explained(name: str) -> None:
    spec = find(name)
    fields = spec.connection.fields.values() if spec.connection else ()
    for said in (*spec.slots, *fields):
        if not said.internal:
            assert said.label, said.name
            assert said.help.endswith("."), said.name
            assert said.group, said.name
            for item in said.items.fields.values() if said.items else ():
                assert item.label, (said.name, item.name)


def test_conditions_speak_of_properties_that_exist() -> None:
    for spec in SPECS:
        for said in spec.slots:
            for name in properties_of(said.visible_when):
                assert name in spec.properties, (spec.name, said.name)


def test_texts_speak_of_properties_that_exist() -> None:
    for path in sorted((PACKAGE / "texts").glob("[a-z]*.json")):
        spec = find(json.loads((PACKAGE / "data" / path.name).read_text("utf-8"))["name"])
        for name in json.loads(path.read_text("utf-8"))["properties"]:
            assert name in spec.properties or name in spec.by_wire, (path.name, name)


def test_sequential_file_has_no_connection() -> None:
    spec = find("Sequential file")
    assert not spec.is_connector
    assert all("connection" not in said.places for said in spec.slots)
    assert find("SAP BAPI").is_connector
