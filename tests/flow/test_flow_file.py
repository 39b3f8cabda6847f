"""A flow as a whole: its name, its file, its settings, its parameters, what it hands on."""

from __future__ import annotations

import os
import stat
import sys
import types
from pathlib import Path

import pytest

from riverstage import BatchFlow, CompileMode, MaterializationPolicy, SecretWarning
from riverstage.document import Document
from riverstage.errors import DocumentError, NotFoundError, ParameterError, RemovedError, StoreError, UsageError
from riverstage.flow import Parameter, _saving


@pytest.fixture
def flow() -> BatchFlow:
    return BatchFlow("My batch flow", "optional description")


def test_its_repr_is_that_of_the_published_client(flow: BatchFlow) -> None:
    assert repr(flow) == (
        "BatchFlow(parameter_sets=[], rcp=False, acp=True, name='My batch flow', "
        f"description='optional description', flow_id='{flow.flow_id}', local_parameters=[], "
        "value_set_selected={}, job_parameters=[], configuration=BatchFlowConfiguration())"
    )


def test_name_and_description(flow: BatchFlow) -> None:
    flow.name = "Other"
    flow.description = "why"
    assert (flow.name, flow.description) == ("Other", "why")
    assert flow.document.tree["pipelines"][0]["description"] == "why"
    for wrong in ("", " ", None, 5):
        with pytest.raises(UsageError, match="name of a flow"):
            flow.name = wrong
        with pytest.raises(UsageError, match="name of a flow"):
            BatchFlow(wrong)
    with pytest.raises(UsageError, match="is text"):
        flow.description = None
    with pytest.raises(AttributeError, match="Did you mean 'description'"):
        flow.descripton = "x"
    with pytest.raises(AttributeError):
        flow.stages = []


def test_building_it_again_gives_the_same_bytes() -> None:
    def build() -> bytes:
        flow = BatchFlow("same")
        link = flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek"))
        link.create_schema().add_field("INTEGER", "i")
        flow.add_annotation("x").connect_to(flow.stages[0])
        return flow.to_bytes()

    assert build() == build()


def test_saving_and_loading(flow: BatchFlow, tmp_path: Path) -> None:
    flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek")).create_schema().add_field("DATE", "d")
    path = tmp_path / "flow.json"
    assert flow.save(path) is None
    loaded = BatchFlow.load(str(path))
    assert (loaded.name, loaded.description, loaded.flow_id) == (flow.name, flow.description, flow.flow_id)
    assert (repr(loaded.stages), repr(loaded.links)) == (repr(flow.stages), repr(flow.links))
    first = path.read_bytes()
    loaded.save(path)
    assert (path.read_bytes(), os.listdir(tmp_path)) == (first, ["flow.json"])
    assert first.endswith(b"}\n")


def test_a_flow_of_elsewhere_is_called_as_its_file_and_not_touched(tmp_path: Path, flow: BatchFlow) -> None:
    tree = flow.document.copy().tree
    del tree["app_data"]["riverstage"]
    path = tmp_path / "orders.json"
    path.write_bytes(Document(tree).dumps())
    before = path.read_bytes()
    loaded = BatchFlow.load(path)
    assert loaded.name == "orders"
    loaded.save(path)
    assert path.read_bytes() == before


def test_a_name_given_from_outside_goes_to_the_file(flow: BatchFlow, tmp_path: Path) -> None:
    renamed = BatchFlow.from_document(flow.document, "Renamed")
    assert (renamed.name, flow.name) == ("Renamed", "My batch flow")
    renamed.save(tmp_path / "a.json")
    assert BatchFlow.load(tmp_path / "a.json").name == "Renamed"


def test_a_file_is_whole_or_as_it_was(flow: BatchFlow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flow.json"
    flow.save(path)
    path.chmod(0o600)
    before = path.read_bytes()
    flow.description = "new"

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        with pytest.raises(StoreError, match="No space left on device") as caught:
            flow.save(path)
    assert "as it was" in caught.value.state
    assert (path.read_bytes(), os.listdir(tmp_path)) == (before, ["flow.json"])
    flow.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    link = tmp_path / "link.json"
    link.symlink_to(path)
    flow.description = "newer"
    flow.save(link)
    assert (link.is_symlink(), BatchFlow.load(path).description) == (True, "newer")


def test_what_cannot_be_written_or_read(flow: BatchFlow, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"file '.*missing/flow.json'"):
        flow.save(tmp_path / "missing" / "flow.json")
    with pytest.raises(DocumentError, match="cannot be read"):
        BatchFlow.load(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(DocumentError, match="not JSON"):
        BatchFlow.load(tmp_path / "bad.json")


def test_secrets_in_clear_are_warned_of(flow: BatchFlow, tmp_path: Path) -> None:
    stage = flow.add_stage("PostgreSQL", "Orders")
    stage.configuration.connection.password = "#secret#"
    flow.save(tmp_path / "a.json")
    stage.configuration.connection.password = "canary"
    with pytest.warns(SecretWarning, match="password of 'Orders'") as caught:
        flow.save(tmp_path / "a.json")
    assert caught[0].filename == __file__
    assert "canary" not in str(caught[0].message)
    assert _saving.secrets_in(flow.document) == ["password of 'Orders'"]
    stage.configuration.connection.password = "#canary and more"
    assert _saving.secrets_in(flow.document) == ["password of 'Orders'"]
    stage.configuration.connection.password = "secret:orders"
    flow.save(tmp_path / "a.json")


def test_values_of_encrypted_parameters_are_warned_of(flow: BatchFlow, tmp_path: Path) -> None:
    pin = flow.add_local_parameter(parameter_type="encrypted", name="pin", value="canary").local_parameters["pin"]
    flow.add_local_parameter(parameter_type="string", name="day", value="monday")
    with pytest.warns(SecretWarning, match="holds secrets in clear: parameter 'pin'. Use") as caught:
        flow.save(tmp_path / "a.json")
    assert "canary" not in str(caught[0].message)
    assert BatchFlow.load(tmp_path / "a.json").local_parameters["pin"].value == "canary"
    for value in ("", "$ENV", "$UNSET", "#other#", "secret:pin", None):
        pin.value = value
        flow.save(tmp_path / "a.json")


def test_a_flow_shows_no_secret_of_its_jobs(flow: BatchFlow) -> None:
    flow.add_local_parameter(parameter_type="encrypted", name="pin", value="")
    flow.add_local_parameter(parameter_type="string", name="day", value="")
    flow.set_runtime_local_parameter("pin", "canary").set_runtime_local_parameter("day", "monday")
    flow.document.tree["external_paramsets"] = [{"name": "ps"}]
    flow.set_runtime_parameter_value("ps", "pin", "canary")
    assert "canary" not in repr(flow)
    assert "{'name': 'pin', 'value': '********'}, {'name': 'day', 'value': 'monday'}" in repr(flow)
    assert flow.job_parameters[0] == {"name": "pin", "value": "canary"}


# Settings ------------------------------------------------------------------------------------------------------------


def test_settings_stand_where_others_read_them(flow: BatchFlow) -> None:
    assert (flow.rcp, flow.acp, flow.compile_mode, flow.enable_flight_service) == (False, True, CompileMode.ETL, False)
    assert flow.use_runtime_column_propagation().use_auto_column_propagation(False) is flow
    flow.compile_mode = "elt"
    flow.elt_materialization_policy = MaterializationPolicy.NESTED_QUERY
    flow.enable_flight_service = True
    assert flow.document.tree["app_data"]["additionalProperties"] == {
        "globalAcp": False,
        "runMode": "ELT",
        "enableRCP": True,
        "ELTDropdown": {"label": "Generate nested SQL", "value": "NESTED_QUERY", "id": "nesting"},
        "enableflightToggle": True,
    }
    assert (flow.rcp, flow.acp, flow.compile_mode) == (True, False, CompileMode.ELT)
    assert flow.elt_materialization_policy == MaterializationPolicy.NESTED_QUERY
    flow.elt_materialization_policy = None
    assert flow.elt_materialization_policy is None
    with pytest.raises(UsageError, match="no compile mode"):
        flow.compile_mode = "fast"
    with pytest.raises(UsageError, match="no policy"):
        flow.elt_materialization_policy = "fast"
    with pytest.raises(UsageError, match="True or False"):
        flow.rcp = "yes"


def test_the_run_configuration_is_kept(flow: BatchFlow, tmp_path: Path) -> None:
    flow.configuration.warn_limit = 5
    flow.configuration.environment = "small"
    assert repr(flow.configuration) == "BatchFlowConfiguration(environment='small', warn_limit=5)"
    flow.save(tmp_path / "a.json")
    assert BatchFlow.load(tmp_path / "a.json").configuration.as_dict() == {"environment": "small", "warn_limit": 5}
    flow.configuration.environment = None
    assert (flow.configuration.environment, flow.configuration.retention_days) == (None, None)
    with pytest.raises(UsageError, match="a whole number"):
        flow.configuration.warn_limit = "many"
    with pytest.raises(UsageError, match="is text"):
        flow.configuration.environment = 5
    with pytest.raises(AttributeError, match="Did you mean 'warn_limit'"):
        flow.configuration.warn_limits = 5


# Parameters ----------------------------------------------------------------------------------------------------------


def test_parameters_stand_as_others_write_them(flow: BatchFlow) -> None:
    made = flow.add_local_parameter("string", "lp", "D", "P", "x").add_local_parameter(
        "list", "ll", value="a", valid_values=["a", "b"]
    )
    assert made is flow
    assert flow.document.tree["parameters"] == {
        "local_parameters": [
            {"name": "lp", "type": "string", "description": "D", "prompt": "P", "value": "x", "valid_values": []},
            {"name": "ll", "type": "enum", "description": "", "prompt": "", "value": "a", "valid_values": ["a", "b"]},
        ]
    }
    assert repr(flow.local_parameters) == (
        "[Parameter(name='lp', param_type='string', value='x'), Parameter(name='ll', param_type='enum', value='a')]"
    )


def test_a_parameter_changes_and_goes(flow: BatchFlow) -> None:
    flow.add_local_parameter("integer", "n", value=5).add_local_parameter("encrypted", "secret", value="canary")
    one = flow.local_parameters["n"]
    assert isinstance(one, Parameter)
    one.value, one.description, one.prompt = 6, "how many", "How many?"
    one.param_type, one.valid_values = "float", [6, 7]
    assert (one.value, one.description, one.prompt, one.param_type, one.valid_values, str(one)) == (
        6,
        "how many",
        "How many?",
        "sfloat",
        [6, 7],
        "#n#",
    )
    with pytest.raises(ParameterError, match="8 is not a value of the parameter 'n'"):
        one.value = 8
    assert "canary" not in repr(flow)
    assert flow.local_parameters[0] == one
    assert flow.remove_local_parameter("n") is flow
    with pytest.raises(RemovedError, match="'n' was removed"):
        _ = one.value
    with pytest.raises(NotFoundError, match="Did you mean 'secret'"):
        flow.remove_local_parameter("secrets")
    with pytest.raises(NotFoundError, match="no parameter 'x'"):
        flow.local_parameters.get("x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("string", "1a"), "cannot be the name"),
        (("string", ""), "cannot be the name"),
        (("string", None), "cannot be the name"),
        (("strnig", "a"), "Did you mean 'string'"),
        (("list", "a"), "needs 'valid_values'"),
        (("list", "a", "", "", "c", ["a", "b"]), "'c' is not a value of the parameter 'a'"),
        (("string", "taken"), "a parameter 'taken' already"),
    ],
)
def test_a_parameter_that_cannot_be(flow: BatchFlow, arguments: tuple[object, ...], said: str) -> None:
    flow.add_local_parameter("string", "taken")
    with pytest.raises(ParameterError) as caught:
        flow.add_local_parameter(*arguments)
    assert said in str(caught.value)
    assert len(flow.local_parameters) == 1


def test_defaults_of_a_project_need_a_service(flow: BatchFlow) -> None:
    with pytest.raises(UsageError, match="use_parameter_set") as caught:
        flow.use_projdef_parameter("rows")
    assert caught.value.code == "RS-2012"


def test_parameter_sets(flow: BatchFlow) -> None:
    project = types.SimpleNamespace(project_id="p")
    given = types.SimpleNamespace(name="myps", description="", parameter_set_id="s", project=project)
    assert flow.use_parameter_set(given).use_parameter_set("other").use_parameter_set(given) is flow
    assert flow.document.tree["external_paramsets"] == [
        {"name": "myps", "description": "", "ref": "s", "project_id": "p"},
        {"name": "other", "description": ""},
    ]
    assert repr(flow.parameter_sets) == "[ParameterSet(name='myps'), ParameterSet(name='other')]"
    one = flow.parameter_sets[0]
    assert (one["n"], one.parameter_set_id, one.description, one == given) == ("#myps.n#", "s", "", True)
    with pytest.raises(ParameterError, match="has a name"):
        flow.use_parameter_set(5)


def test_what_jobs_start_with(flow: BatchFlow) -> None:
    flow.add_local_parameter("string", "day").use_parameter_set("ps")
    flow.set_runtime_value_set("ps", "prod").set_runtime_parameter_value("ps", "n", 5)
    flow.set_runtime_local_parameter("day", "a").set_runtime_local_parameter("day", "b")
    assert flow.value_set_selected == {"ps": "prod"}
    assert flow.job_parameters == [{"name": "ps.n", "value": 5}, {"name": "day", "value": "b"}]
    with pytest.raises(UsageError, match=r"does not use a parameter set 'pss'. .*Did you mean 'ps'"):
        flow.set_runtime_value_set("pss", "x")
    with pytest.raises(NotFoundError, match="no parameter 'month'"):
        flow.set_runtime_local_parameter("month", 1)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "abc"),
        ("float", "x"),
        ("date", "2026-02-31"),
        ("time", "25:00"),
        ("timestamp", "soon"),
        ("email", "x"),
    ],
)
def test_a_parameter_holds_values_of_its_type(flow: BatchFlow, kind: str, value: str) -> None:
    with pytest.raises(ParameterError, match=f"cannot hold '{value}'") as refused:
        flow.add_local_parameter(kind, "q", value=value)
    assert (refused.value.code, refused.value.place.parameter) == ("RS-2009", "q")
    assert flow.local_parameters == []
    flow.add_local_parameter(kind, "q")
    with pytest.raises(ParameterError):
        flow.local_parameters["q"].value = value
    for stands in ("#other#", "$ENV", "PROJDEF", None, ""):
        flow.local_parameters["q"].value = stands
        assert flow.local_parameters["q"].value == stands


def test_a_loaded_parameter_of_an_unknown_type_holds_anything(flow: BatchFlow) -> None:
    entries = [{"name": "a", "type": "blob"}, {"name": "b", "type": "Integer"}, {"name": "c", "type": "enum"}]
    flow.document.tree["parameters"] = {"local_parameters": entries}
    flow.local_parameters["a"].value = "x"
    flow.local_parameters["c"].value = "x"
    with pytest.raises(ParameterError):
        flow.local_parameters["b"].value = "x"


# What it hands on ----------------------------------------------------------------------------------------------------


def test_running_is_joined_on_by_name(flow: BatchFlow, monkeypatch: pytest.MonkeyPatch) -> None:
    link = flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek"))
    asked: list[tuple[object, ...]] = []

    def infer(given: BatchFlow, of: object) -> None:
        asked.append(("infer", given, of))
        of.create_schema().add_field("INTEGER", "found")

    wired = types.ModuleType("riverstage._wiring")
    wired.check = lambda given: ("check", given)
    wired.compile = lambda given: ("compile", given)
    wired.run = lambda given, **options: ("run", given, options)
    wired.preview = lambda given, of, rows: ("preview", given, of, rows)
    wired.explain = lambda given, **options: ("explain", given, options)
    wired.infer_schema = infer
    monkeypatch.setitem(sys.modules, "riverstage._wiring", wired)
    assert flow.check() == ("check", flow)
    assert flow.compile() == ("compile", flow)
    what, of, options = flow.run(parameters={"a": 1}, b=2)
    assert (what, of, options["parameters"], options["b"], options["quiet"]) == ("run", flow, {"a": 1}, 2, False)
    assert flow.preview(link, 3) == ("preview", flow, link, 3)
    assert flow.preview("Link_1") == ("preview", flow, "Link_1", 10)
    assert flow.explain(engine="duckdb") == ("explain", flow, {"engine": "duckdb"})
    assert flow.pipeline_id == flow.document.primary_pipeline
    assert link.infer_schema().names == ["found"]
    assert asked == [("infer", flow, link)]


def test_compiling_answers_as_a_service_does(flow: BatchFlow) -> None:
    source = flow.add_stage("Row Generator")
    status, info = flow.get_compile_status(), flow.get_compile_info()
    assert (status.status_code, status.json()["entity"]["status"]) == (200, "failed")
    assert status.json()["entity"]["missing"] == info.json()["entity"]["missing"] != []
    assert info.json()["metadata"] == {"compiled": False, "flow_id": flow.flow_id}
    source.connect_output_to(flow.add_stage("Peek")).create_schema().add_field("INTEGER", "x")
    assert flow.get_compile_status().json()["entity"] == {"status": "compiled", "missing": []}
    assert flow.get_compile_info().json()["metadata"]["compiled"] is True
    assert flow.get_compile_info(include_osh=True).json()["entity"]["statements"] == flow.compile().sql != []
