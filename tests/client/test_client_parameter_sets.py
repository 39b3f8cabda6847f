"""Parameter sets, as people hold them."""

import pytest

from riverstage import BatchFlow
from riverstage.client import Parameter, ParameterSet, ValueSet
from riverstage.errors import ConflictError, NotFoundError, ParameterError, UsageError

CANARY = "canary-0b7c-hunter2"


def test_the_repr_says_everything():
    made = ParameterSet("ps1", [Parameter("a", "string", "x")])
    assert repr(made) == (
        "ParameterSet(name='ps1', parameters=[Parameter(name='a', param_type='string', value='x')], description='', "
        "value_sets=[])"
    )


def test_a_parameter_is_referred_to_by_its_name():
    made = ParameterSet("ps1").add_parameter("integer", "qty", value=1)
    assert made["qty"] == "#ps1.qty#"
    assert "qty" in made
    assert "x" not in made
    with pytest.raises(NotFoundError, match="Did you mean 'qty'"):
        made["qyt"]


def test_parameters_are_added_and_removed():
    made = (
        ParameterSet("ps")
        .add_parameter("list", "color", "of the shop", "Which?", "red", ["red", "blue"])
        .add_parameter("float", "rate", value="0.5")
        .add_value_set({"name": "v", "values": [{"name": "rate", "value": 2}, {"name": "color", "value": "blue"}]})
    )
    said = [(each.name, each.param_type, each.value) for each in made]
    assert said == [("color", "enum", "red"), ("rate", "sfloat", 0.5)]
    assert (made.parameters[0].description, made.parameters[0].prompt) == ("of the shop", "Which?")
    assert made.remove_parameter("rate") is made
    assert made.value_sets[0].values == [{"name": "color", "value": "blue"}]
    with pytest.raises(NotFoundError):
        made.remove_parameter("rate")
    with pytest.raises(ParameterError, match="already"):
        made.add_parameter("string", "color")


def test_value_sets():
    values = ValueSet("v", {"a": "1"}).add_value("b", 2).add_value("a", "3")
    assert values.values == [{"name": "a", "value": "3"}, {"name": "b", "value": 2}]
    assert values.remove_value("a").values == [{"name": "b", "value": 2}]
    with pytest.raises(NotFoundError):
        values.remove_value("a")
    assert ValueSet.from_dict({"name": "v", "values": [{"name": "b", "value": 2}]}) == values
    with pytest.raises(ParameterError, match="no such parameter"):
        ParameterSet("ps").add_value_set(values)


@pytest.mark.parametrize("name", ["a b", "", "a-b", "\u00e9"])
def test_names_are_letters_digits_and_underscores(name):
    with pytest.raises(ValueError, match="cannot be called"):
        ParameterSet(name)


def test_they_are_kept_found_changed_copied_and_removed(project):
    made = project.create_parameter_set("ps", "d", [{"name": "n", "type": "int64", "value": 5}])
    assert made.parameter_set_id
    assert project.parameter_sets.get(name="ps").parameters == made.parameters
    made.add_parameter("string", "s", value="x").add_value_set(ValueSet("prod", {"n": 7}))
    assert repr(project.update_parameter_set(made)) == "<Response [200]>"
    assert project.update_parameter_set(made).status_code == 200
    read = project.parameter_sets.get(parameter_set_id=made.parameter_set_id)
    assert repr(read) == repr(made)
    made.name = "renamed"
    project.update_parameter_set(made)
    assert [each.name for each in project.parameter_sets] == ["renamed"]
    assert project.duplicate_parameter_set(made).name == "renamed_copy_1"
    with pytest.raises(ConflictError, match="deleted or renamed"):
        project.update_parameter_set(read)
    assert repr(project.delete_parameter_set(made)) == "<Response [204]>"
    assert len(project.parameter_sets) == 1


def test_one_of_no_project_is_added_and_one_of_another_refused(platform, project):
    made = ParameterSet("ps", [Parameter("a")])
    with pytest.raises(UsageError, match="in no project yet"):
        project.delete_parameter_set(made)
    assert project.update_parameter_set(made).status_code == 201
    other = platform.create_project("other")
    with pytest.raises(UsageError, match="belongs to the project 'conf'"):
        other.update_parameter_set(made)
    with pytest.raises(UsageError, match="is no parameter set"):
        project.update_parameter_set("ps")


def test_encrypted_values_are_shown_nowhere(project):
    made = ParameterSet("ps", [Parameter("pw", "encrypted", CANARY)])
    made.add_value_set(ValueSet("prod", {"pw": CANARY}))
    assert CANARY not in repr(made)
    project.update_parameter_set(made)
    assert made.parameters[0].value == "secret:parameter_set/ps/pw"
    assert not [p for p in project.path.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()]
    project.update_parameter_set(made)
    assert project._operations.secrets.resolve("secret:parameter_set/ps/prod/pw") == CANARY


def test_a_flow_uses_one(project):
    flow = project.create_flow("Orders")
    made = project.create_parameter_set("rows", parameters=[Parameter("n", "int64", 5)])
    flow.use_parameter_set(made)
    flow.add_stage("Row Generator", "Rows").configuration.records = made["n"]
    project.update_flow(flow)
    read = project.flows.get(name="Orders")
    assert read.document.tree["external_paramsets"] == [
        {"name": "rows", "description": "", "ref": made.parameter_set_id, "project_id": project.project_id}
    ]
    assert read.stages.get(label="Rows").configuration.records == "#rows.n#"


def test_a_flow_shows_the_parameters_of_the_sets_that_it_uses(project):
    flow = project.create_flow("Orders").use_parameter_set(
        project.create_parameter_set("rows", parameters=[Parameter("n", "int64", 5)])
    )
    kept = "ParameterSet(name='rows', parameters=[Parameter(name='n', param_type='int64', value=5)])"
    assert repr(flow.parameter_sets) == f"[{kept}]"
    assert flow.parameter_sets[0].parameters == [Parameter("n", "int64", 5)]
    project.delete_parameter_set(project.parameter_sets.get(name="rows"))
    assert repr(flow.parameter_sets) == "[ParameterSet(name='rows')]"
    with pytest.raises(NotFoundError):
        _ = flow.parameter_sets[0].parameters
    assert BatchFlow("x").use_parameter_set("rows").parameter_sets[0].parameters is None
