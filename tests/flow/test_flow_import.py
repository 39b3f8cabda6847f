"""Importing the package is quick: what is not used is not loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

import riverstage
from riverstage import flow

_HEAVY = ("duckdb", "sqlglot", "pyarrow", "rich", "click", "numpy", "pandas", "asyncio", "ssl", "fastapi")


def _modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_import_loads_nothing() -> None:
    loaded = _modules_after("import riverstage")
    assert {name for name in loaded if name.startswith("riverstage")} == {"riverstage"}
    assert loaded.isdisjoint(_HEAVY)


def test_building_a_flow_loads_no_engine() -> None:
    loaded = _modules_after(
        "import riverstage\n"
        "flow = riverstage.BatchFlow('x')\n"
        "stage = flow.add_stage('Row Generator')\n"
        "stage.connect_output_to(flow.add_stage('Peek')).create_schema().add_field('INTEGER', 'i')\n"
        "repr(stage.configuration), flow.to_bytes(), flow._repr_html_()"
    )
    assert loaded.isdisjoint(_HEAVY)
    rooms = {name.split(".")[1] for name in loaded if name.startswith("riverstage.")}
    assert rooms <= {"_collector", "catalogue", "document", "errors", "expressions", "flow", "types"}


@pytest.mark.parametrize("room", [riverstage, flow])
def test_every_public_name_is_there(room: object) -> None:
    assert [name for name in room.__all__ if name != "Platform" and not hasattr(room, name)] == []
    assert set(room.__all__) <= set(dir(room))
    assert sorted(room.__all__, key=str) == sorted(set(room.__all__))
    with pytest.raises(AttributeError, match="has no attribute 'Nope'"):
        _ = room.Nope


def test_names_of_the_published_interface() -> None:
    import riverstage as rs

    assert rs.HAlign is rs.HorizontalAlignment
    assert rs.VAlign is rs.VerticalAlignment
    assert rs.ELTMaterializationPolicy is rs.MaterializationPolicy
    assert rs.StageTypeEnum is rs.StageType
    flow = rs.BatchFlow("demo")
    for kind in rs.ParameterType:
        flow.add_local_parameter(kind, f"p_{kind.name}", valid_values=["a"] if kind is rs.ParameterType.List else None)
    assert [one.param_type for one in flow.local_parameters] == [kind.value for kind in rs.ParameterType]
    own = rs.ParameterSet("env").add_parameter("integer", "rows", value=1).add_value_set(rs.ValueSet("dev"))
    assert own["rows"] == "#env.rows#"
