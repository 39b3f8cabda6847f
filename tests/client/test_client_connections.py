"""Connections, as people hold them."""

from types import SimpleNamespace

import pytest

from riverstage.client import Connection
from riverstage.errors import ConflictError, NotFoundError, UsageError

CANARY = "canary-e19a-hunter2"


def test_they_are_kept_found_changed_and_removed(project):
    made = project.create_connection("pg", "PostgreSQL", "d", {"host": "db", "password": CANARY})
    assert repr(made) == "Connection(name='pg')"
    assert made.datasource_type == "postgresql"
    assert made.properties == {"host": "db", "password": "secret:connection/pg/password"}
    stale = project.connections.get(name="pg")
    assert stale.connection_id == made.connection_id
    made.properties["host"] = "new"
    assert repr(project.update_connection(made)) == "<Response [200]>"
    made.name = "main"
    assert project.update_connection(made).status_code == 200
    assert [each.name for each in project.connections] == ["main"]
    assert project.connections.get(datasource_type="postgresql").properties["host"] == "new"
    with pytest.raises(ConflictError):
        project.update_connection(stale)
    assert project._operations.secrets.resolve(made.properties["password"]) == CANARY
    assert repr(project.delete_connection(made)) == "<Response [204]>"
    assert len(project.connections) == 0
    with pytest.raises(NotFoundError):
        project.connections.get(name="main")


def test_a_kind_of_system_may_be_an_object_with_a_name(project):
    assert project.create_connection("pg", SimpleNamespace(name="postgresql")).datasource_type == "postgresql"


def test_a_test_cannot_be_had(project):
    with pytest.raises(UsageError, match="without being tried"):
        project.create_connection("pg", "postgresql", test=True)
    assert len(project.connections) == 0


def test_own_connections_only(platform, project):
    with pytest.raises(UsageError, match="in no project yet"):
        project.update_connection(Connection("pg", "postgresql"))
    made = project.create_connection("pg", "postgresql")
    other = platform.create_project("other")
    with pytest.raises(UsageError, match="belongs to the project 'conf'"):
        other.delete_connection(made)
    with pytest.raises(UsageError, match="is no connection"):
        project.delete_connection("pg")


def test_a_stage_uses_one(project):
    made = project.create_connection("pg", "postgresql", properties={"host": "db", "password": CANARY})
    flow = project.create_flow("Orders")
    stage = flow.add_stage("PostgreSQL", "PG")
    stage.use_connection(made)
    project.update_flow(flow)
    read = project.flows.get(name="Orders")
    node = read.document.tree["pipelines"][0]["nodes"][0]
    assert node["connection"]["name"] == "pg"
    assert node["connection"]["ref"] == made.connection_id
