"""The reference page and the data of a form are made from the spec."""

from __future__ import annotations

import json

import pytest

from riverstage.catalogue import accepted_names, find
from riverstage.catalogue.reference import as_dict, render


@pytest.mark.parametrize("name", accepted_names())
def test_every_type_has_a_page(name: str) -> None:
    spec = find(name)
    page = render(spec, internal=True)
    assert page.startswith(f"# {name}\n\n{spec.summary}\n")
    for said in spec.slots:
        assert f"`{said.name}`" in page
    assert json.loads(json.dumps(as_dict(spec, internal=True)))["name"] == name


def test_page_of_row_generator() -> None:
    page = render(find("Row Generator"))
    assert "* Inputs: 0\n* Outputs: 1\n* Operator: `PxRowGenerator`\n" in page
    assert "| **Rows** `records` | integer | `10` | How many rows to make. 0 or more. Required. |" in page
    assert "flow_dirty" not in page
    assert "flow_dirty" in render(find("Row Generator"), internal=True)


def test_page_shows_conditions_roles_and_secrets() -> None:
    page = render(find("Sequential file"))
    assert "Only as a target. Means something when `file_format` is `parquet`." in page
    assert "Means something when `all` is `false`." in render(find("Peek"))
    database = render(find("PostgreSQL"))
    assert "`password` | string |  | The password of that user. Required. Kept secret. |" in database
    assert "`read_method` is `select`" in database
    assert "when `enable_after_sql` is set." in database
    assert "`sampling_type` is not `none`" in database


def test_pages_say_what_stages_do() -> None:
    assert not find("Column Generator").property("schema_").required
    assert "of the first condition of the list that it meets" in find("Filter").property("first").help
    assert "changes nothing here" in find("Copy").property("force").help
    assert "output of this number" in find("Switch").property("discard").help
    for name in ("Column Generator", "Row Generator"):
        assert "Not supported yet" in find(name).property("schemafile").help


def test_page_lists_rows_of_tables() -> None:
    assert "A row of `key_properties` may say:\n\n* `key`: The key column.\n" in render(find("Sort"))


def test_cells_do_not_break_the_table() -> None:
    for line in render(find("Data set"), internal=True).splitlines():
        if line.startswith("| "):
            assert line.replace("\\|", "").count("|") == 5


def test_data_of_a_form() -> None:
    said = as_dict(find("Sort"))
    keys = next(entry for entry in said["properties"] if entry["name"] == "key_properties")
    assert keys["required"] is True
    assert [field["name"] for field in keys["items"]["fields"]][:2] == ["key", "asc_desc"]
    assert keys["items"]["fields"][1]["choices"] == {"asc": "asc", "desc": "desc"}
    assert said["inputs"] == {"min": 1, "max": 1}
    assert said["groups"][0] == "Keys"
    connector = as_dict(find("PostgreSQL"))
    assert connector["connection"]["datasource_type"]
    assert any(field.get("secret") for field in connector["connection"]["fields"])
