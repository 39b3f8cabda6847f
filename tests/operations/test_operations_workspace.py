"""Projects of a workspace."""

from dataclasses import replace

import pytest

from riverstage.errors import NotFoundError, StoreError, UsageError
from riverstage.operations import Workspace


def test_projects_are_made_listed_changed_and_removed(workspace):
    made = workspace.create_project("conf", "what for", ["a"], public=True)
    assert made.status == 201
    assert (made.value.name, made.value.description, made.value.tags, made.value.public) == (
        "conf",
        "what for",
        ("a",),
        True,
    )
    assert list(workspace.projects()) == [made.value]
    changed = workspace.update_project(replace(made.value, name="new", tags=()))
    assert changed.status == 200
    assert workspace.project("new") == replace(made.value, name="new", tags=())
    assert workspace.project("new").folder.name == "conf"
    assert workspace.delete_project(made.value.project_id).status == 204
    assert list(workspace.projects()) == []


def test_a_project_has_an_id_of_its_own_that_stays(workspace):
    ids = {workspace.create_project(name).value.project_id for name in ("a", "b")}
    assert len(ids) == 2
    assert {record.project_id for record in Workspace(workspace.path).projects()} == ids


def test_a_name_is_taken_once(workspace):
    first = workspace.create_project("conf").value
    with pytest.raises(UsageError, match="already a project 'conf'"):
        workspace.create_project("conf")
    other = workspace.create_project("other").value
    with pytest.raises(UsageError, match="already a project 'conf'"):
        workspace.update_project(replace(other, name="conf"))
    assert workspace.update_project(first).status == 200


@pytest.mark.parametrize("tags", ["one", [1]])
def test_tags_are_words(workspace, tags):
    with pytest.raises(UsageError):
        workspace.create_project("conf", tags=tags)


def test_a_project_that_is_not_there(workspace):
    workspace.create_project("orders")
    with pytest.raises(NotFoundError, match="Did you mean 'orders'"):
        workspace.project("order")
    with pytest.raises(NotFoundError):
        workspace.open("no id")
    with pytest.raises(NotFoundError):
        workspace.delete_project("no id")


def test_a_folder_that_was_copied_is_noticed(workspace):
    record = workspace.create_project("conf").value
    copy = workspace.path / "copy"
    copy.mkdir()
    (copy / "riverstage.toml").write_bytes((record.folder / "riverstage.toml").read_bytes())
    with pytest.raises(StoreError, match="Two folders are the project 'conf': 'conf' and 'copy'"):
        workspace.project("conf")


def test_a_folder_that_moved_is_the_same_project(workspace, tree):
    record = workspace.create_project("conf").value
    workspace.open(record.project_id).flows.create("Orders", tree(password="x"))
    record.folder.rename(workspace.path / "elsewhere")
    project = workspace.open(record.project_id)
    assert project.flows.get("Orders").flow_id == "flow-1"
    assert project.secrets.resolve("secret:Orders/PG/password") == "x"


def test_the_current_directory_is_the_workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Workspace().path == tmp_path
    record = Workspace().create_project("conf").value
    monkeypatch.chdir(record.folder / "flows")
    assert list(Workspace().projects()) == [record]
    with pytest.raises(UsageError, match="is a project"):
        Workspace().create_project("inner")


def test_the_project_of_a_file(workspace):
    record = workspace.create_project("conf").value
    found = workspace.project_of(record.folder / "flows" / "x.json")
    assert found.record == record
    assert workspace.project_of(workspace.path) is None


def test_a_file_is_no_workspace(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is a file"):
        Workspace(tmp_path / "file")


def test_a_deleted_project_takes_no_more_writes(workspace, project, tree):
    workspace.delete_project(project.record.project_id)
    with pytest.raises(StoreError, match="folder is not there"):
        project.flows.create("x", tree())
    assert not project.record.folder.exists()
    with pytest.raises(NotFoundError):
        project.runs.get("x")


def test_records_of_runs_are_kept(project):
    project.runs.put({"run_id": "1", "state": "Completed"})
    assert project.runs.get("1")["state"] == "Completed"


def test_records_are_json_ready(workspace, project, tree):
    import json

    record = project.flows.create("Orders", tree()).value
    assert json.loads(json.dumps(record.as_dict()))["metadata"]["name"] == "Orders"
    assert json.loads(json.dumps(project.record.as_dict()))["entity"]["name"] == "conf"
