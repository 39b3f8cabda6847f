"""Where parameters are bound, and that what is wrong with one is said once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from riverstage import BatchFlow
from riverstage.runs.runtime import Runtime


def _flow(kind: str = "integer", value: Any = 3) -> BatchFlow:
    flow = BatchFlow("f")
    flow.add_local_parameter(parameter_type=kind, name="n", value=value)
    return flow


def _found(flow: BatchFlow, folder: Path, **parameters: Any) -> list[tuple[str, str | None]]:
    runtime = Runtime(flow.document, "f", folder=folder, parameters=parameters)
    return [(item.code, item.place.stage) for item in runtime.check() if item.severity == "error"]


def _filtered(flow: BatchFlow, where: str) -> BatchFlow:
    rows = flow.add_stage("Row Generator", "rows")
    some = flow.add_stage("Filter", "some")
    some.configuration.where_properties = [{"where": where, "target": 0}]
    peek = flow.add_stage("Peek", "peek")
    schema = rows.connect_output_to(some).create_schema()
    schema.add_field("INTEGER", "id")
    some.connect_output_to(peek)
    return flow


def _derived(flow: BatchFlow, expression: str) -> BatchFlow:
    rows = flow.add_stage("Row Generator", "rows")
    more = flow.add_stage("Transformer", "more")
    peek = flow.add_stage("Peek", "peek")
    rows.connect_output_to(more).set_name("all").create_schema().add_field("INTEGER", "id")
    link = more.connect_output_to(peek)
    link.create_schema().add_field("INTEGER", "twice")
    link.derivations["twice"] = expression
    return flow


@pytest.mark.parametrize("build", [_filtered, _derived])
def test_a_bad_value_is_said_once(build: Any, tmp_path: Path) -> None:
    text = "id > #n#" if build is _filtered else "all.id + #n#"
    assert _found(build(_flow(), text), tmp_path, n="many") == [("RS-4103", None)]


@pytest.mark.parametrize("build", [_filtered, _derived])
def test_an_environment_variable_is_known_in_expressions(
    build: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "id > #$RIVERSTAGE_TEST_N#" if build is _filtered else "all.id + #$RIVERSTAGE_TEST_N#"
    flow = build(_flow(), text)
    monkeypatch.setenv("RIVERSTAGE_TEST_N", "2")
    assert _found(flow, tmp_path) == []
    monkeypatch.delenv("RIVERSTAGE_TEST_N")
    assert _found(flow, tmp_path) == [("RS-4101", "some" if build is _filtered else "more")]


def test_a_property_with_a_bad_parameter_brings_nothing_else(tmp_path: Path) -> None:
    flow = _flow()
    source = flow.add_stage("Sequential file", "orders")
    source.configuration.file = ["#n#.csv"]
    peek = flow.add_stage("Peek", "peek")
    source.connect_output_to(peek)
    assert _found(flow, tmp_path, n="many") == [("RS-4103", None)]
    assert _found(flow, tmp_path, n=7) == [("RS-5001", "orders")]


def test_a_property_with_no_such_parameter_brings_nothing_else(tmp_path: Path) -> None:
    flow = BatchFlow("f")
    rows = flow.add_stage("Row Generator", "rows")
    rows.configuration.records = "#gone#"
    rows.connect_output_to(flow.add_stage("Peek", "peek")).create_schema().add_field("INTEGER", "id")
    assert _found(flow, tmp_path) == [("RS-4101", "rows")]


def test_what_comes_after_is_checked_where_its_columns_are_known(tmp_path: Path) -> None:
    flow = _filtered(_flow(), "nope = 1")
    flow.stages[0].configuration.records = "#n#"
    assert _found(flow, tmp_path, n="many") == [("RS-4103", None), ("RS-3004", "some")]


def test_a_parameter_without_a_value_is_said_so(tmp_path: Path) -> None:
    for where in ("id > #n#", "id = 1"):
        flow = _filtered(_flow(value=""), where)
        assert _found(flow, tmp_path) == ([("RS-4110", "some")] if "#" in where else [])
        flow.stages[0].configuration.records = "#n#"
        assert ("RS-4110", "rows") in _found(flow, tmp_path)


def test_a_set_that_is_not_there_is_said_once(tmp_path: Path) -> None:
    flow = _derived(_flow(), "all.id + ps.n")
    flow.document.tree["external_paramsets"] = [{"name": "ps", "ref": "x"}]
    flow.stages[0].configuration.records = "#ps.rows#"
    assert _found(flow, tmp_path, **{"ps.n": 1}) == [("RS-4105", None)]


def test_a_missing_environment_variable_is_to_be_set_there(tmp_path: Path) -> None:
    flow = _filtered(BatchFlow("f"), "id > #$RIVERSTAGE_NO_SUCH#")
    (found,) = Runtime(flow.document, "f", folder=tmp_path).check()
    assert found.message == "There is no environment variable 'RIVERSTAGE_NO_SUCH'."
    assert found.mend == "Set it in the environment of the run, or mend the name."
