"""Finding secrets in assets and putting tokens in their place."""

import copy
import json

import pytest

from riverstage.store import connection_spots, extract_secrets, flow_spots, is_token, parameter_set_spots, tokens_in

SPOTS = flow_spots(lambda op, wire: op == "postgresql" and wire in ("password", "keys"))


def node(label, place="connection", **values):
    """A stage with properties in one place."""
    made = {"id": f"id-{label}", "op": "postgresql", "app_data": {"ui_data": {"label": label}}}
    if place == "connection":
        made["connection"] = {"ref": "local", "properties": values}
    elif place == "port":
        made["inputs"] = [{"id": "p", "parameters": values}]
    else:
        made["parameters"] = values
    return made


def flow(*nodes, parameters=()):
    return {
        "id": "flow",
        "parameters": {"local_parameters": list(parameters)},
        "pipelines": [{"id": "main", "nodes": list(nodes)}],
    }


def extract(tree, **options):
    return extract_secrets(tree, SPOTS, scope=("Orders",), **options)


def properties(tree, position=0):
    return tree["pipelines"][0]["nodes"][position]["connection"]["properties"]


@pytest.mark.parametrize("place", ["connection", "node", "port"])
def test_a_secret_becomes_a_token_wherever_it_stands(place):
    tree = flow(node("PG", place, host="db", password="hunter2"))
    before = copy.deepcopy(tree)
    found = extract(tree)
    assert found.secrets == {"Orders/PG/password": "hunter2"}
    assert "hunter2" not in json.dumps(found.tree)
    assert "secret:Orders/PG/password" in json.dumps(found.tree)
    assert tree == before
    assert "hunter2" not in repr(found)


def test_a_flow_without_secrets_is_the_same_object():
    tree = flow(node("PG", host="db", password="secret:Orders/PG/password"))
    assert extract(tree).tree is tree


@pytest.mark.parametrize("value", ["", " ", None, True, "#pw#", "#set.pw#", "secret:any/name"])
def test_what_is_no_secret_stays(value):
    tree = flow(node("PG", password=value))
    assert extract(tree).secrets == {}


def test_text_with_a_parameter_in_it_is_a_secret():
    assert extract(flow(node("PG", password="x#pw#"))).secrets == {"Orders/PG/password": "x#pw#"}


def test_a_number_is_a_secret():
    assert extract(flow(node("PG", password=1234))).secrets == {"Orders/PG/password": "1234"}


def test_lists_and_rows_of_tables():
    found = extract(flow(node("PG", keys=["a", "b"], rows=[{"password": "c"}, {"other": "d"}])))
    assert found.secrets == {"Orders/PG/keys/1": "a", "Orders/PG/keys/2": "b", "Orders/PG/rows/1/password": "c"}
    assert properties(found.tree)["rows"][1] == {"other": "d"}


def test_stages_of_the_same_label_have_secrets_of_their_own():
    tree = flow(node("PG", password="a"), node("PG", password="b"))
    tree["pipelines"][0]["nodes"][1]["id"] = "other"
    assert extract(tree).secrets == {"Orders/PG/password": "a", "Orders/PG/password/2": "b"}


def test_one_property_in_several_places_is_one_secret():
    tree = flow({**node("PG", password="a"), "parameters": {"password": "a"}})
    found = extract(tree)
    assert found.secrets == {"Orders/PG/password": "a"}
    assert found.tree["pipelines"][0]["nodes"][0]["parameters"] == {"password": "secret:Orders/PG/password"}


def test_a_changed_secret_keeps_its_token_when_the_stage_was_renamed():
    saved = extract(flow(node("PG", password="a"))).tree
    renamed = flow(node("PG", password="b"))
    renamed["pipelines"][0]["nodes"][0]["app_data"]["ui_data"]["label"] = "Source"
    assert extract(renamed, previous=lambda: saved).secrets == {"Orders/PG/password": "b"}


def test_a_token_that_two_stages_use_is_not_overwritten():
    token = "secret:Orders/PG/password"
    saved = flow(node("PG", password=token), node("Copy", password=token))
    changed = flow(node("PG", password="new"), node("Copy", password=token))
    assert extract(changed, previous=lambda: saved).secrets == {"Orders/PG/password/2": "new"}


def test_a_token_of_another_asset_is_not_overwritten():
    saved = flow(node("PG", password="secret:Other/PG/password"))
    changed = flow(node("PG", password="new"))
    found = extract(changed, previous=lambda: saved, is_own=lambda name: name.startswith("Orders/"))
    assert found.secrets == {"Orders/PG/password": "new"}


def test_a_name_that_is_taken_gets_a_number():
    found = extract(flow(node("PG", password="x")), is_free=lambda name: name != "Orders/PG/password")
    assert found.secrets == {"Orders/PG/password/2": "x"}


def test_slashes_in_names_are_escaped():
    found = extract_secrets(flow(node("a/b", password="x")), SPOTS, scope=("50%",))
    assert found.secrets == {"50%25/a%2Fb/password": "x"}


def test_encrypted_local_parameters():
    tree = flow(
        parameters=[{"name": "pw", "type": "encrypted", "value": "x"}, {"name": "n", "type": "string", "value": "y"}]
    )
    found = extract(tree)
    assert found.secrets == {"Orders/parameters/pw": "x"}
    assert [each["value"] for each in found.tree["parameters"]["local_parameters"]] == [
        "secret:Orders/parameters/pw",
        "y",
    ]


@pytest.mark.parametrize("value", ["$ENV", "$UNSET", "$PROJDEF", "PROJDEF", "", None])
def test_a_value_that_comes_from_elsewhere_is_no_secret(value):
    tree = flow(parameters=[{"name": "pin", "type": "encrypted", "value": value}])
    assert extract(tree).tree is tree
    body = {
        "parameters": [{"name": "pin", "type": "encrypted", "value": value}],
        "value_sets": [{"name": "prod", "values": [{"name": "pin", "value": value}]}],
    }
    assert extract_secrets(body, parameter_set_spots, scope=("set",)).tree is body


def test_connections():
    body = {"datasource_type": "postgresql", "properties": {"password": "x", "host": "db"}}
    spots = connection_spots(lambda op, wire: (op, wire) == ("postgresql", "password"))
    found = extract_secrets(body, spots, scope=("connection", "pg"))
    assert found.tree["properties"] == {"password": "secret:connection/pg/password", "host": "db"}


def test_parameter_sets_and_their_value_sets():
    body = {
        "parameters": [{"name": "pw", "type": "encrypted", "value": "a"}, {"name": "n", "type": "int64", "value": 1}],
        "value_sets": [{"name": "prod", "values": [{"name": "pw", "value": "b"}, {"name": "n", "value": 2}]}],
    }
    found = extract_secrets(body, parameter_set_spots, scope=("parameter_set", "ps"))
    assert found.secrets == {"parameter_set/ps/pw": "a", "parameter_set/ps/prod/pw": "b"}
    assert found.tree["value_sets"][0]["values"][1] == {"name": "n", "value": 2}


@pytest.mark.parametrize(
    "tree", [{}, {"pipelines": None}, {"pipelines": [None, {"nodes": [1, {"connection": [], "inputs": {}}]}]}]
)
def test_odd_trees_hold_no_secrets(tree):
    assert extract(tree).tree is tree


def test_tokens_are_found_also_in_a_broken_file():
    tree = flow(node("PG", password="secret:a/b"), node("Other", keys=["secret:c"]))
    assert tokens_in(json.dumps(tree).encode()) == {"a/b", "c"}
    assert tokens_in(b'<<<<<<< {"password": "secret:a/b"') == {"a/b"}


def test_tokens():
    assert is_token("secret:x")
    assert not is_token("secret:")
    assert not is_token(None)
