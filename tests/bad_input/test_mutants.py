"""Documents changed at random through load, check and run: they end in our errors only, and leave nothing half done."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest

from riverstage.errors import RiverstageError
from riverstage.flow import BatchFlow
from riverstage.runs.runtime import Runtime, default_options
from tests.properties.random_flows import Maker

from .mutants import mutant, with_parameters

_MANY = 10_000 if os.environ.get("RIVERSTAGE_SOAK") else 200
_CHUNKS = 10


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return sound documents: random flows and, where they are at hand, flows that others exported."""
    folder = tmp_path_factory.mktemp("sound")
    found = [json.loads(Maker(seed, folder, stages=12).flow.document.dumps()) for seed in range(25)]
    reference = os.environ.get("RIVERSTAGE_REFERENCE")
    if reference:
        for path in sorted([*Path(reference).glob("flows/*.json"), *Path(reference).glob("reference/captured/*.json")]):
            tree = json.loads(path.read_bytes())
            if isinstance(tree, dict) and "pipelines" in tree:
                found.append(tree)
    return [*found, *map(with_parameters, found)]


def _outcome(data: bytes, folder: Path) -> str:
    path = folder / "flow.json"
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flow = BatchFlow.load(path)
            repr([(each.value, each.valid_values, each.param_type) for each in flow.local_parameters])
            runtime = Runtime(flow.document, flow.name or "flow", folder=folder)
            if any(finding.severity == "error" for finding in runtime.check()):
                return "refused"
            runtime.run(options=default_options(memory_limit="500MB"))
            return "ran"
    except RiverstageError as error:
        assert error.code.startswith("RS-")
        assert error.message
        return "failed"


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_only_our_errors(chunk: int, documents: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcomes = set()
    for seed in range(chunk * _MANY // _CHUNKS, (chunk + 1) * _MANY // _CHUNKS):
        try:
            outcomes.add(_outcome(mutant(documents, seed), tmp_path))
        except Exception as error:
            error.add_note(f"the mutant's seed is {seed}")
            raise
    assert len(outcomes) > 1
    assert not (tmp_path / ".riverstage").exists()
    assert [name for name in os.listdir(tmp_path) if ".riverstage-" in name] == []


def test_a_property_that_holds_several_takes_one_alone(tmp_path: Path) -> None:
    """A number where a list should be is a finding or a list of one, and never a crash."""
    flow = BatchFlow("one")
    sort = flow.add_stage("Sort", "sort")
    flow.add_stage("Row Generator", "source").connect_output_to(sort)
    sort.connect_output_to(flow.add_stage("Peek", "peek"))
    tree = json.loads(flow.document.dumps())
    (node,) = [each for each in tree["pipelines"][0]["nodes"] if each.get("op") == "PxSort"]
    node["parameters"]["keyProperties"] = 5
    for port in ("inputs", "outputs"):
        node[port][0].setdefault("parameters", {}).update({"keyColsPart": 1.5, "valueDerivation": 7})
    assert _outcome(json.dumps(tree).encode(), tmp_path) == "refused"
    loaded = BatchFlow.load(tmp_path / "flow.json")
    found = {finding.code for finding in Runtime(loaded.document, "one", folder=tmp_path).check()}
    assert "RS-4023" in found


def test_a_parameter_set_of_no_name_is_a_finding(tmp_path: Path) -> None:
    tree = json.loads(BatchFlow("sets").document.dumps())
    tree["external_paramsets"] = [{"name": ["a", "list"]}]
    assert _outcome(json.dumps(tree).encode(), tmp_path) == "refused"


def test_the_values_that_a_parameter_may_have_are_a_list_or_a_finding(tmp_path: Path) -> None:
    tree = with_parameters(json.loads(BatchFlow("choices").document.dumps()))
    for entry in tree["parameters"]["local_parameters"]:
        entry["valid_values"] = 1.5
    assert _outcome(json.dumps(tree).encode(), tmp_path) == "refused"
    loaded = BatchFlow.load(tmp_path / "flow.json")
    findings = Runtime(loaded.document, "one", folder=tmp_path).check()
    found = [finding for finding in findings if finding.code == "RS-4111"]
    assert [finding.place.parameter for finding in found] == [
        entry["name"] for entry in tree["parameters"]["local_parameters"]
    ]
    assert found[0].message == "What parameter 'p_int64' may be must be a list of values; 1.5 is none."


def test_a_target_whose_name_is_a_number_is_that_file(tmp_path: Path) -> None:
    flow = BatchFlow("number")
    source = flow.add_stage("Row Generator", "source")
    for label in ("one", "two"):
        source_of = source if label == "one" else flow.add_stage("Row Generator", "more")
        target = flow.add_stage("Data set", label)
        target.configuration.file = "out.ds"
        source_of.connect_output_to(target)
    tree = json.loads(flow.document.dumps())
    (node,) = [each for each in tree["pipelines"][0]["nodes"] if each["app_data"]["ui_data"]["label"] == "two"]
    node["parameters"]["dataset"] = 48
    assert _outcome(json.dumps(tree).encode(), tmp_path) in ("refused", "failed", "ran")
