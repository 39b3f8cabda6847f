"""Connections and parameter sets of a project."""

import json
from dataclasses import replace

import pytest

from riverstage.errors import ConflictError, DocumentError, NotFoundError, ParameterError, UsageError

CANARY = "canary-4d1e-hunter2"

ROWS = {
    "name": "rows",
    "parameters": [
        {"name": "n", "type": "integer", "value": "5"},
        {"name": "pw", "type": "encrypted", "value": CANARY},
    ],
    "value_sets": [{"name": "prod", "values": [{"name": "n", "value": 7}, {"name": "pw", "value": CANARY + "!"}]}],
}


def test_a_connection_is_kept_without_its_secret(project):
    made = project.connections.create("pg", "PostgreSQL", "d", {"host": "db", "password": CANARY})
    assert made.status == 201
    assert made.value.datasource_type == "postgresql"
    assert made.value.properties == {"host": "db", "password": "secret:connection/pg/password"}
    assert project.secrets.resolve("secret:connection/pg/password") == CANARY
    files = [path for path in project.record.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert list(json.loads((project.record.folder / "connections" / "pg.json").read_text())) == [
        "id",
        "name",
        "datasource_type",
        "description",
        "properties",
    ]


def test_a_connection_is_changed_renamed_and_removed(project):
    made = project.connections.create("pg", "postgresql", properties={"password": "a"}).value
    properties = {**made.properties, "host": "new"}
    saved = project.connections.save("pg", replace(made, name="main", properties=properties))
    assert saved.status == 200
    assert saved.value.connection_id == made.connection_id
    assert [record.name for record in project.connections.list()] == ["main"]
    assert project.secrets.resolve(saved.value.properties["password"]) == "a"
    with pytest.raises(NotFoundError):
        project.connections.get("pg")
    with pytest.raises(ConflictError, match="deleted or renamed"):
        project.connections.save("pg", made)
    with pytest.raises(ConflictError, match="changed since it was read: its properties"):
        project.connections.save("main", made)
    assert project.connections.delete("main").status == 204
    assert project.secrets.names() == []


def test_a_kind_of_system_that_is_not_known_is_kept(project):
    made = project.connections.create("x", "our-own", properties={"api_key": "k", "keyspace": "s"}).value
    assert made.datasource_type == "our-own"
    assert made.properties == {"api_key": "secret:connection/x/api_key", "keyspace": "s"}
    with pytest.raises(UsageError):
        project.connections.create("y", "")


def test_names_are_taken_once(project):
    project.connections.create("pg", "postgresql")
    other = project.connections.create("other", "postgresql").value
    with pytest.raises(UsageError, match="already a connection 'pg'"):
        project.connections.create("pg", "postgresql")
    with pytest.raises(UsageError, match="already a connection 'pg'"):
        project.connections.save("other", replace(other, name="pg"))


def test_a_parameter_set_is_checked_and_kept(project):
    made = project.parameter_sets.create(ROWS)
    assert made.status == 201
    assert made.value.parameters == [
        {"name": "n", "type": "int64", "value": 5},
        {"name": "pw", "type": "encrypted", "value": "secret:parameter_set/rows/pw"},
    ]
    assert made.value.value_sets[0]["values"] == [
        {"name": "n", "value": 7},
        {"name": "pw", "value": "secret:parameter_set/rows/prod/pw"},
    ]
    assert project.secrets.resolve("secret:parameter_set/rows/prod/pw") == CANARY + "!"
    assert CANARY not in (project.record.folder / "parameter_sets" / "rows.json").read_text()


def test_a_parameter_set_is_changed_copied_and_removed(project):
    made = project.parameter_sets.create(ROWS).value
    saved = project.parameter_sets.save("rows", replace(made, description="new"))
    assert saved.status == 200
    assert saved.value.parameters == made.parameters
    assert [project.parameter_sets.duplicate("rows").value.name for _ in range(2)] == ["rows_copy_1", "rows_copy_2"]
    with pytest.raises(ConflictError):
        project.parameter_sets.save("rows", made)
    assert project.parameter_sets.delete("rows").status == 204
    assert {name.split("/")[1] for name in project.secrets.names()} == {"rows_copy_1", "rows_copy_2"}
    assert project.secrets.resolve("secret:parameter_set/rows_copy_1/pw") == CANARY


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a b"},
        {"name": ""},
        {"name": "x", "parameters": [{"name": "1a", "type": "string"}]},
        {"name": "x", "parameters": [{"name": "a", "type": "strin"}]},
        {"name": "x", "parameters": [{"name": "a", "type": "int64", "value": "x"}]},
        {"name": "x", "parameters": [{"name": "a"}, {"name": "a"}]},
        {"name": "x", "parameters": [{"name": "a", "type": "enum"}]},
        {"name": "x", "value_sets": [{"name": "v", "values": [{"name": "b", "value": 1}]}]},
        {"name": "x", "parameters": [{"name": "a"}], "value_sets": [{"name": "", "values": []}]},
    ],
)
def test_parameter_sets_that_are_none(project, body):
    with pytest.raises(ParameterError):
        project.parameter_sets.create(body)
    assert list(project.parameter_sets.list()) == []


def test_a_file_written_by_hand_is_read(project):
    folder = project.record.folder / "parameter_sets"
    (folder / "mine.json").write_text(
        '{"name": "other", "parameters": [{"name": "a", "type": "string", "value": "x"}]}'
    )
    record = project.parameter_sets.get("mine")
    assert record.name == "mine"
    assert record.parameter_set_id == project.parameter_sets.get("mine").parameter_set_id
    (folder / "bad.json").write_text("[]")
    with pytest.raises(DocumentError):
        project.parameter_sets.get("bad")
