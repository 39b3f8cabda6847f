"""Flows of a project, as operations see them."""

import json
import subprocess
import sys

import pytest

from riverstage.errors import ConflictError, DocumentError, NotFoundError, StoreError, UsageError
from riverstage.operations import Workspace
from riverstage.store import ANY

CANARY = "canary-91c2-hunter2"


def file_of(project, name):
    return project.record.folder / "flows" / f"{name}.json"


def all_files(project):
    return b"".join(path.read_bytes() for path in project.record.folder.rglob("*") if path.is_file())


def test_a_flow_is_made_saved_and_removed(project, tree):
    made = project.flows.create("Orders", tree())
    assert made.status == 201
    assert (made.value.name, made.value.flow_id) == ("Orders", "flow-1")
    saved = project.flows.save("Orders", tree(records=20), if_revision=made.value.revision)
    assert saved.status == 201
    assert json.loads(saved.value.content)["pipelines"][0]["nodes"][0]["parameters"] == {"records": 20}
    assert project.flows.delete("Orders").status == 204
    assert list(project.flows.list()) == []


def test_a_file_is_canonical_and_a_changed_value_is_a_line(project, tree):
    made = project.flows.create("Orders", tree()).value
    before = file_of(project, "Orders").read_text()
    project.flows.save("Orders", tree(records=20), if_revision=made.revision)
    after = file_of(project, "Orders").read_text()
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert [(old.strip(), new.strip()) for old, new in changed] == [('"records": 10', '"records": 20')]


def test_a_flow_is_found_by_name_and_by_id(project, tree):
    project.flows.create("Orders", tree())
    assert project.flows.get("Orders").flow_id == "flow-1"
    assert project.flows.get(flow_id="flow-1").name == "Orders"
    with pytest.raises(NotFoundError, match="Did you mean 'Orders'"):
        project.flows.get("Order")
    with pytest.raises(NotFoundError):
        project.flows.get(flow_id="none")
    with pytest.raises(UsageError):
        project.flows.get()


def test_a_flow_without_an_id_gets_one(project, tree):
    record = project.flows.create("Orders", tree(flow_id="")).value
    assert record.flow_id
    assert record.changed == {("id",): record.flow_id}
    assert project.flows.get(flow_id=record.flow_id).name == "Orders"


@pytest.mark.parametrize("name", ["", " ", " x", "x ", "a\nb", "x" * 201, None, 3])
def test_names_that_are_none(project, tree, name):
    with pytest.raises(UsageError) as refused:
        project.flows.create(name, tree())
    assert refused.value.code == "RS-7003"


def test_a_name_and_an_id_are_taken_once(project, tree):
    project.flows.create("Orders", tree())
    with pytest.raises(UsageError, match="already a flow 'Orders'") as refused:
        project.flows.create("Orders", tree("flow-2"))
    assert refused.value.code == "RS-7004"
    with pytest.raises(UsageError, match="'Orders' has the id 'flow-1'"):
        project.flows.create("Other", tree())


def test_a_stale_save_says_what_changed(project, tree):
    first = project.flows.create("Orders", tree()).value
    theirs = tree(records=20)
    theirs["pipelines"][0]["nodes"][1]["app_data"]["ui_data"]["label"] = "Look"
    project.flows.save("Orders", theirs, if_revision=first.revision)
    with pytest.raises(ConflictError) as conflict:
        project.flows.save("Orders", tree(records=5), if_revision=first.revision)
    assert "stage 'Rows' was changed, stage 'Peek' was renamed to 'Look'" in str(conflict.value)
    assert "Your changes are not saved" in str(conflict.value)
    assert project.flows.get("Orders").content == json.dumps(theirs, indent=2).encode() + b"\n"


def test_a_change_by_an_editor_is_compared_with_what_was_saved(project, tree):
    first = project.flows.create("Orders", tree()).value
    path = file_of(project, "Orders")
    path.write_text(path.read_text().replace('"records": 10', '"records": 11'))
    with pytest.raises(ConflictError, match="stage 'Rows' was changed"):
        project.flows.save("Orders", tree(records=5), if_revision=first.revision)


def test_a_flow_that_only_git_knows_is_compared_with_yours(project, tree):
    file_of(project, "Orders").write_text(json.dumps(tree()))
    read = project.flows.get("Orders")
    file_of(project, "Orders").write_text(json.dumps(tree(records=11)))
    with pytest.raises(ConflictError, match="compared with yours, stage 'Rows' was changed"):
        project.flows.save("Orders", tree(records=5), if_revision=read.revision)


def test_a_merge_gone_wrong_is_not_overwritten(project, tree):
    first = project.flows.create("Orders", tree()).value
    file_of(project, "Orders").write_text("<<<<<<< HEAD")
    with pytest.raises(ConflictError, match="cannot be read any more"):
        project.flows.save("Orders", tree(), if_revision=first.revision)
    with pytest.raises(DocumentError):
        project.flows.get("Orders")
    (record,) = project.flows.list()
    assert record.problem
    assert project.flows.delete("Orders").status == 204


def test_a_flow_that_was_removed_or_renamed_meanwhile(project, tree):
    first = project.flows.create("Orders", tree()).value
    project.flows.save("Orders", tree(), if_revision=first.revision, new_name="Sales")
    with pytest.raises(ConflictError, match="renamed to 'Sales'"):
        project.flows.save("Orders", tree(records=1), if_revision=first.revision)
    project.flows.delete("Sales")
    with pytest.raises(ConflictError, match="was deleted"):
        project.flows.save("Orders", tree(records=1), if_revision=first.revision)


def test_a_flow_is_renamed_with_its_history(project, tree):
    first = project.flows.create("Orders", tree()).value
    second = project.flows.save("Orders", tree(records=1), if_revision=first.revision, new_name="Sales").value
    assert [record.name for record in project.flows.list()] == ["Sales"]
    assert [version.revision for version in project.flows.history("Sales")] == [second.revision, first.revision]
    assert project.flows.get("Sales", revision=first.revision).content == first.content
    with pytest.raises(NotFoundError):
        project.flows.history("Orders")


def test_a_rename_to_a_taken_name_changes_nothing(project, tree):
    first = project.flows.create("Orders", tree()).value
    project.flows.create("Sales", tree("flow-2"))
    with pytest.raises(UsageError, match="already a flow 'Sales'"):
        project.flows.save("Orders", tree(records=1), if_revision=first.revision, new_name="Sales")
    assert project.flows.get("Orders").content == first.content


def test_copies_have_ids_of_their_own(project, tree):
    project.flows.create("Orders", tree())
    copies = project.flows.duplicate("Orders", ["A", "B"], "a copy")
    assert copies.status == 201
    assert [record.name for record in copies.value] == ["A", "B"]
    assert len({"flow-1", *(record.flow_id for record in copies.value)}) == 3
    assert [record.description for record in project.flows.list()] == ["a copy", "a copy", ""]
    with pytest.raises(UsageError, match="already a flow 'B'"):
        project.flows.duplicate("Orders", ["C", "B"])
    assert [record.name for record in project.flows.list()] == ["A", "B", "Orders"]


def test_a_file_that_was_copied_by_hand_is_noticed(project, tree):
    project.flows.create("Orders", tree())
    file_of(project, "Copy").write_bytes(file_of(project, "Orders").read_bytes())
    with pytest.raises(StoreError, match="Two flows have the id 'flow-1': 'Copy' and 'Orders'"):
        project.flows.get(flow_id="flow-1")
    assert project.flows.get("Copy").flow_id == "flow-1"


# Secrets.


def test_a_password_is_moved_to_the_secrets(project, tree):
    record = project.flows.create("Orders", tree(password=CANARY)).value
    assert b'"password": "secret:Orders/PG/password"' in record.content
    assert project.secrets.resolve("secret:Orders/PG/password") == CANARY
    assert list(record.changed.values()) == ["secret:Orders/PG/password"]
    assert CANARY.encode() not in all_files(project)
    assert CANARY not in repr(record)


def test_a_token_that_is_sent_back_keeps_the_secret(project, tree):
    first = project.flows.create("Orders", tree(password=CANARY)).value
    again = json.loads(first.content)
    second = project.flows.save("Orders", again, if_revision=first.revision).value
    assert second.revision == first.revision
    assert project.secrets.resolve("secret:Orders/PG/password") == CANARY


def test_a_new_password_replaces_the_secret_also_after_renames(project, tree):
    first = project.flows.create("Orders", tree(password="old")).value
    changed = tree(password="new")
    changed["pipelines"][0]["nodes"][2]["app_data"]["ui_data"]["label"] = "Source"
    second = project.flows.save("Orders", changed, if_revision=first.revision, new_name="Sales").value
    assert b"secret:Orders/PG/password" in second.content
    assert project.secrets.names() == ["Orders/PG/password"]
    assert project.secrets.resolve("secret:Orders/PG/password") == "new"


def test_a_copy_with_another_password_leaves_the_first_alone(project, tree):
    project.flows.create("Orders", tree(password="one"))
    (copy,) = project.flows.duplicate("Orders", ["Copy"]).value
    changed = json.loads(copy.content)
    changed["pipelines"][0]["nodes"][2]["connection"]["properties"]["password"] = "two"
    project.flows.save("Copy", changed, if_revision=copy.revision)
    assert project.secrets.resolve("secret:Orders/PG/password") == "one"
    assert project.secrets.resolve("secret:Copy/PG/password") == "two"


def test_a_new_flow_under_an_old_name_does_not_take_over_its_secrets(project, tree):
    first = project.flows.create("Orders", tree(password="one")).value
    project.flows.save("Orders", json.loads(first.content), if_revision=first.revision, new_name="Sales")
    second = project.flows.create("Orders", tree("flow-2", password="two")).value
    assert b"secret:Orders/PG/password/2" in second.content
    assert project.secrets.resolve("secret:Orders/PG/password") == "one"


def test_a_conflict_changes_no_secret(project, tree):
    first = project.flows.create("Orders", tree(password="one")).value
    project.flows.save("Orders", tree(password="one", records=3), if_revision=first.revision)
    with pytest.raises(ConflictError) as conflict:
        project.flows.save("Orders", tree(password=CANARY), if_revision=first.revision)
    assert project.secrets.resolve("secret:Orders/PG/password") == "one"
    assert CANARY not in str(conflict.value)


def test_a_save_that_fails_changes_no_secret(project, tree, monkeypatch):
    first = project.flows.create("Orders", tree(password="one")).value

    def full(*arguments, **options):
        raise StoreError("no space is left there", code="RS-7007")

    with monkeypatch.context() as patch:
        patch.setattr(type(project.assets), "put", full)
        with pytest.raises(StoreError):
            project.flows.save("Orders", tree(password=CANARY), if_revision=first.revision, new_name="Sales")
    assert project.secrets.resolve("secret:Orders/PG/password") == "one"
    assert [record.name for record in project.flows.list()] == ["Orders"]
    assert project.flows.get("Orders").revision == first.revision


def test_a_copy_has_secrets_of_its_own(project, tree):
    first = project.flows.create("Orders", tree(password="one")).value
    (copy,) = project.flows.duplicate("Orders", ["Copy"]).value
    assert b'"password": "secret:Copy/PG/password"' in copy.content
    changed = tree(password="two")
    changed["pipelines"] = json.loads(first.content)["pipelines"]
    changed["pipelines"][0]["nodes"][2]["connection"]["properties"]["password"] = "two"
    project.flows.save("Orders", changed, if_revision=first.revision)
    assert project.secrets.resolve("secret:Orders/PG/password") == "two"
    assert project.secrets.resolve("secret:Copy/PG/password") == "one"


def test_a_copy_of_a_flow_whose_secret_only_the_environment_knows(project, tree, environ):
    environ["RIVERSTAGE_SECRET_SHARED"] = CANARY
    project.flows.create("Orders", tree(password="secret:shared"))
    (copy,) = project.flows.duplicate("Orders", ["Copy"]).value
    assert b'"password": "secret:shared"' in copy.content
    assert CANARY.encode() not in all_files(project)


def test_a_deleted_flow_takes_its_secrets_along_unless_others_use_them(project, tree):
    project.flows.create("Orders", tree(password=CANARY))
    project.flows.create("Other", tree("flow-2", password="secret:Orders/PG/password"))
    project.flows.delete("Orders")
    assert project.secrets.resolve("secret:Orders/PG/password") == CANARY
    project.flows.create("Third", tree("flow-3", password="x"))
    project.flows.delete("Third")
    assert project.secrets.names() == ["Orders/PG/password"]
    project.flows.delete("Other")
    assert project.secrets.names() == []


def test_a_stage_that_is_removed_takes_its_secret_along_when_the_flow_is_saved(project, tree):
    first = project.flows.create("Orders", tree(password=CANARY)).value
    second = project.flows.save("Orders", tree(), if_revision=first.revision).value
    assert project.secrets.names() == []
    project.flows.create("Other", tree("flow-2", password="one"))
    project.flows.save("Orders", tree(password="secret:Other/PG/password"), if_revision=second.revision)
    project.flows.save("Orders", tree(), if_revision=ANY)
    assert project.secrets.names() == ["Other/PG/password"]


def test_a_secret_that_was_set_for_no_asset_is_never_forgotten(project, tree):
    project.secrets.set({"shared": "one"})
    first = project.flows.create("Orders", tree(password="secret:shared")).value
    project.flows.save("Orders", tree(), if_revision=first.revision)
    project.flows.delete("Orders")
    assert project.secrets.names() == ["shared"]


def test_a_flow_is_saved_and_deleted_where_its_secrets_cannot_be_opened(project, tree):
    first = project.flows.create("Orders", tree(password=CANARY)).value
    (project.record.folder / ".riverstage" / "key").unlink()
    project.flows.save("Orders", tree(), if_revision=first.revision)
    project.flows.delete("Orders")
    assert project.flows.list() == []


def test_encrypted_parameters_of_a_flow(project, tree):
    made = tree()
    made["parameters"] = {"local_parameters": [{"name": "pw", "type": "encrypted", "value": CANARY}]}
    record = project.flows.create("Orders", made).value
    assert b"secret:Orders/parameters/pw" in record.content
    assert CANARY.encode() not in all_files(project)


# Other writers.

SAVER = """
import json, sys
from riverstage.errors import ConflictError
from riverstage.operations import Workspace

workspace = Workspace(sys.argv[1])
flows = workspace.open(workspace.project("conf").project_id).flows
record = flows.get("Orders")
tree = json.loads(record.content)
tree["pipelines"][0]["nodes"][0]["parameters"]["records"] = int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
try:
    flows.save("Orders", tree, if_revision=record.revision)
    print("saved")
except ConflictError as conflict:
    print("conflict", conflict)
"""


def test_of_two_processes_that_save_one_flow_one_is_told(project, workspace, tree):
    project.flows.create("Orders", tree())
    started = [
        subprocess.Popen(
            [sys.executable, "-c", SAVER, str(workspace.path), str(records)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for records in (1, 2)
    ]
    for process in started:
        assert process.stdout.readline() == "ready\n"
    said = [process.communicate("go\n")[0] for process in started]
    assert sorted(text.split()[0] for text in said) == ["conflict", "saved"]
    assert any("stage 'Rows' was changed" in text for text in said)


def test_another_workspace_object_sees_the_change(project, workspace, tree):
    first = project.flows.create("Orders", tree()).value
    other = Workspace(workspace.path).open(project.record.project_id)
    other.flows.save("Orders", tree(records=3), if_revision=first.revision)
    assert project.flows.get("Orders").revision != first.revision
