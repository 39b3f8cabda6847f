"""Stage types are found by what people call them, and a slip of the pen is named."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from riverstage.catalogue import StageType, StageTypeName, accepted_names, by_op, find, stage_types
from riverstage.errors import CatalogueError


def test_counts() -> None:
    assert len(stage_types()) == 149
    assert len(accepted_names()) == 151
    listed = {info.name for info in stage_types()}
    assert set(accepted_names()) - listed == {"Wrapped Stage", "Amazon Aurora for MySQL"}


def test_every_type_has_category_and_summary_in_one_sentence() -> None:
    for info in stage_types():
        assert info.category
        assert info.summary.endswith(".")
        assert ". " not in info.summary


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Row Generator", "Row Generator"),
        ("rowgenerator", "Row Generator"),
        ("ROW GENERATOR", "Row Generator"),
        ("row_generator", "Row Generator"),
        ("RowGeneratorStage", "Row Generator"),
        ("Sequential File", "Sequential file"),
        ("google cloud pubsub", "Google Cloud Pub/Sub"),
        ("SalesforceComStage", "Salesforce.com"),
        ("amazon_postgresql", "Amazon RDS for PostgreSQL"),
        (StageType.REMOVE_DUPLICATES, "Remove Duplicates"),
        ("Amazon Aurora for MySQL", "Amazon Aurora for MySQL"),
        ("Wrapped Stage", "Wrapped Stage"),
    ],
)
def test_lenient_names(said: str, meant: str) -> None:
    assert find(said).name == meant


def test_every_spelling_leads_back() -> None:
    for name in accepted_names():
        spec = find(name)
        assert spec.name == name
        assert find(spec.class_name) is spec
        assert find(spec.config_name) is spec
        assert find(name.lower().replace(" ", "").replace("/", "")) is spec
        if spec.op is not None:
            assert by_op(spec.op) is spec


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Rwo Generator", 'Invalid stage type string: "Rwo Generator". Did you mean "Row Generator"?'),
        ("Peak", 'Invalid stage type string: "Peak". Did you mean "Peek"?'),
        ("Transfomer", 'Invalid stage type string: "Transfomer". Did you mean "Transformer"?'),
        ("nope", "Invalid stage type string: nope"),
        ("Totally Unknown Stage", "Invalid stage type string: Totally Unknown Stage"),
        ("", "Invalid stage type string: "),
    ],
)
def test_unknown_names(said: str, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        find(said)
    assert isinstance(raised.value, CatalogueError)
    assert raised.value.message == message
    assert raised.value.code == "RS-2101"


def test_a_name_is_text() -> None:
    with pytest.raises(CatalogueError, match="named by text"):
        find(7)  # type: ignore[arg-type]


def test_unknown_operator() -> None:
    assert by_op("PxNothing") is None


def test_generated_names() -> None:
    assert get_args(StageTypeName) == accepted_names()
    assert tuple(member.value for member in StageType) == accepted_names()


def test_a_type_loads_alone() -> None:
    """Finding one type opens no other type's file, and no engine."""
    code = """
import sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
from riverstage.catalogue import find, stage_types
stage_types()
find("Row Generator")
print(*sorted(path.rsplit("catalogue/", 1)[1] for path in opened if path.endswith(".json")))
print(*sorted({"duckdb", "sqlglot", "pyarrow", "rich", "click", "difflib"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    files, modules = done.stdout.split("\n")[:2]
    assert files.split() == [
        "data/_index.json", "data/_shared.json", "data/row_generator.json",
        "texts/_common.json", "texts/_stages.json", "texts/row_generator.json",
    ]  # fmt: skip
    assert modules == ""
