"""Flows of a project, as people hold them."""

import json
import subprocess
import sys
import threading
import uuid

import pytest

from riverstage.client import BrokenFlowWarning, Platform
from riverstage.errors import ConflictError, NotFoundError, StoreError, UsageError
from riverstage.flow import BatchFlow, FlowType

CANARY = "canary-55aa-hunter2"


@pytest.fixture
def flow(project):
    flow = project.create_flow("Orders", description="of the shop", flow_type="batch")
    rows = flow.add_stage("Row Generator", "Row_Generator")
    rows.connect_output_to(flow.add_stage("Peek", "Peek"))
    project.update_flow(flow)
    return flow


def test_a_flow_is_made_saved_and_read(project, flow):
    response = project.update_flow(flow)
    assert repr(response) == "<Response [201]>"
    assert (response.status_code, response.ok, response.reason) == (201, True, "Created")
    assert response.json()["metadata"] == {
        "asset_id": flow.flow_id,
        "name": "Orders",
        "project_id": project.project_id,
        "description": "of the shop",
    }
    assert response.headers["ETag"].strip('"') == response.json()["revision"]
    response.raise_for_status()
    read = project.flows.get(name="Orders")
    assert (read.name, read.description, read.flow_id) == ("Orders", "of the shop", flow.flow_id)
    assert [stage.label for stage in read.stages] == ["Row_Generator", "Peek"]


def test_a_new_flow_has_an_id_and_a_file(project):
    flow = project.create_flow("Orders")
    assert uuid.UUID(flow.flow_id)
    assert json.loads((project.path / "flows" / "Orders.json").read_bytes())["id"] == flow.flow_id


def test_saving_again_and_again_writes_the_same_bytes(project, flow):
    path = project.path / "flows" / "Orders.json"
    before = path.read_bytes(), path.stat().st_mtime_ns
    for _ in range(3):
        assert project.update_flow(flow).status_code == 201
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    flow.stages.get(label="Row_Generator").configuration.records = 5
    assert project.update_flow(flow).status_code == 201
    assert project.update_flow(flow).status_code == 201


def test_reading_and_saving_changes_no_byte(project, flow):
    path = project.path / "flows" / "Orders.json"
    before = path.read_bytes()
    project.update_flow(project.flows.get(name="Orders"))
    assert path.read_bytes() == before


def test_a_stale_flow_is_told_what_changed(project, flow):
    mine, theirs = project.flows.get(name="Orders"), project.flows.get(name="Orders")
    theirs.add_stage("Sort", "Sort")
    project.update_flow(theirs)
    mine.stages.get(label="Row_Generator").configuration.records = 3
    for _ in range(2):
        with pytest.raises(ConflictError, match="stage 'Sort' was added"):
            project.update_flow(mine)
    with pytest.raises(ConflictError):
        project.delete_flow(mine)


def test_a_renamed_flow_keeps_its_id(project, flow):
    flow.name = "Sales"
    assert project.update_flow(flow).json()["metadata"]["name"] == "Sales"
    assert [found.name for found in project.flows] == ["Sales"]
    assert project.flows.get(flow_id=flow.flow_id).name == "Sales"
    assert project.update_flow(flow).status_code == 201


def test_a_file_that_was_renamed_is_the_flow_of_that_name(project, flow):
    (project.path / "flows" / "Orders.json").rename(project.path / "flows" / "Sales.json")
    read = project.flows.get(name="Sales")
    assert read.name == "Sales"
    assert project.update_flow(read).status_code == 201
    assert [found.name for found in project.flows] == ["Sales"]
    with pytest.raises(ConflictError, match="renamed to 'Sales'"):
        project.update_flow(flow)


def test_flows_can_be_counted_indexed_and_filtered(project, flow):
    project.create_flow("Another", description="of the shop")
    assert len(project.flows) == 2
    assert [found.name for found in project.flows] == ["Another", "Orders"]
    assert (project.flows[0].name, project.flows[-1].name) == ("Another", "Orders")
    assert [found.name for found in project.flows[:1]] == ["Another"]
    assert [found.name for found in project.flows.get_all()] == ["Another", "Orders"]
    assert [found.name for found in project.flows.get_all(description="of the shop", flow_type="batch")] == [
        "Another",
        "Orders",
    ]
    assert project.flows.get_all(name="Orders").get(rcp=False).name == "Orders"
    assert project.flows.get_all(name="none") == []


def test_flows_that_cannot_be_found(project, flow):
    with pytest.raises(NotFoundError, match=r"no flow with name='Order'.*Did you mean 'Orders'"):
        project.flows.get(name="Order")
    with pytest.raises(ValueError, match="Cannot filter on label"):
        project.flows.get(label="x")


def test_one_broken_file_does_not_hide_the_others(project, flow):
    (project.path / "flows" / "broken.json").write_text("{")
    assert project.flows.get(name="Orders").flow_id == flow.flow_id
    assert project.flows.get(flow_id=flow.flow_id).name == "Orders"
    assert len(project.flows) == 2
    with pytest.raises(ValueError, match="not JSON"):
        project.flows.get(name="broken")
    with pytest.raises(ValueError, match="not JSON"):
        project.flows.get_all(name="broken")
    with pytest.raises(ValueError, match="not JSON"):
        _ = project.flows[1]
    with pytest.warns(BrokenFlowWarning, match="'broken' cannot be read and is passed over: This is not JSON"):
        assert [one.name for one in project.flows] == ["Orders"]
    with pytest.warns(BrokenFlowWarning) as told:
        assert project.flows.get_all(rcp=False)[0].name == "Orders"
    assert len(told) == 1
    (project.path / "flows" / "broken.json").write_text('{"pipelines": 3}')
    with pytest.warns(BrokenFlowWarning, match="broken"):
        assert len(list(project.flows)) == 1


def test_a_project_that_was_deleted_says_so(platform, project, flow):
    platform.delete_project(project)
    for ask in (lambda: list(project.flows), lambda: project.flows, lambda: list(project.parameter_sets)):
        with pytest.raises(StoreError, match="folder is not there"):
            repr(ask())
    with pytest.raises(StoreError, match="folder is not there"):
        project.flows.get(name="Orders")
    with pytest.raises(StoreError, match="folder is not there"):
        project.update_flow(flow)


@pytest.mark.parametrize("flow_type", ["streaming", "zzz", None, FlowType.STREAMING])
def test_only_batch_flows(project, flow_type):
    with pytest.raises(ValueError, match="no flow type"):
        project.create_flow("x", flow_type=flow_type)
    if flow_type:
        with pytest.raises(ValueError, match="no flow type"):
            project.flows.get_all(flow_type=flow_type)


def test_a_batch_flow_has_no_environment(project):
    with pytest.raises(UsageError, match="environment"):
        project.create_flow("x", environment="spark")
    assert project.create_flow("x", environment=None).name == "x"


def test_a_flow_is_made_of_name_description_and_type(project):
    made = project.create_flow("G", "what for", "batch")
    assert (made.name, made.description) == ("G", "what for")
    assert project.flows.get(name="G").description == "what for"
    assert project.create_flow("H", "", FlowType.BATCH).description == ""


def test_a_name_is_taken_once(project, flow):
    with pytest.raises(ValueError, match="already a flow 'Orders'"):
        project.create_flow("Orders")
    other = project.create_flow("Other")
    other.name = "Orders"
    with pytest.raises(ValueError, match="already a flow 'Orders'"):
        project.update_flow(other)
    other.name = "Others"
    assert project.update_flow(other).status_code == 201


def test_a_flow_is_removed(project, flow):
    response = project.delete_flow(flow)
    assert repr(response) == "<Response [204]>"
    assert response.text == ""
    assert len(project.flows) == 0
    with pytest.raises(NotFoundError):
        project.delete_flow(flow)
    with pytest.raises(ConflictError, match="was deleted"):
        project.update_flow(flow)


def test_copies(project, flow):
    copy = project.duplicate_flow(flow, "Copy", "a copy")
    assert (copy.name, copy.description) == ("Copy", "a copy")
    assert copy.flow_id != flow.flow_id
    assert project.update_flow(copy).status_code == 201
    first = project.duplicate_flow(flow, "More", number_of_copies=3)
    assert first.name == "More"
    assert [found.name for found in project.flows] == ["Copy", "More", "More_2", "More_3", "Orders"]
    assert first.description == "of the shop"
    for number in (0, -1, True, "2"):
        with pytest.raises(UsageError):
            project.duplicate_flow(flow, "x", number_of_copies=number)


def test_a_flow_of_another_project(platform, project, flow):
    other = platform.create_project("other")
    for act in (other.update_flow, other.delete_flow, lambda flow: other.duplicate_flow(flow, "x")):
        with pytest.raises(UsageError, match="belongs to the project 'conf', not to 'other'"):
            act(flow)
    assert len(other.flows) == 0


def test_a_flow_of_no_project_is_added(project):
    flow = BatchFlow("Loose")
    flow.add_stage("Peek", "Peek")
    with pytest.raises(UsageError, match="in no project yet"):
        project.delete_flow(flow)
    assert repr(project.update_flow(flow)) == "<Response [201]>"
    assert project.update_flow(flow).status_code == 201
    second = BatchFlow("Loose")
    second.name = "Loose too"
    project.update_flow(second)
    assert len({found.flow_id for found in project.flows}) == 2
    assert second.flow_id != flow.flow_id


def test_only_flows_are_flows(project):
    for act in (project.update_flow, project.delete_flow):
        with pytest.raises(UsageError, match="is no flow"):
            act("Orders")


# Secrets.


def test_a_password_is_in_no_file_no_repr_and_no_error(project, flow):
    database = flow.add_stage("PostgreSQL", "PG")
    database.configuration.connection.password = CANARY
    project.update_flow(flow)
    files = [path for path in project.path.rglob("*") if path.is_file()]
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]
    assert CANARY not in json.dumps(flow.document.tree)
    assert "secret:Orders/PG/password" in json.dumps(flow.document.tree)
    assert project._operations.secrets.resolve("secret:Orders/PG/password") == CANARY
    for shown in (flow, project, flow.stages, database, database.configuration):
        assert CANARY not in repr(shown)


def test_a_token_that_comes_back_keeps_the_secret_and_a_new_password_replaces_it(project, flow):
    database = flow.add_stage("PostgreSQL", "PG")
    database.configuration.connection.password = CANARY
    project.update_flow(flow)
    read = project.flows.get(name="Orders")
    read.description = "changed"
    project.update_flow(read)
    assert project._operations.secrets.resolve("secret:Orders/PG/password") == CANARY
    read.stages.get(label="PG").configuration.connection.password = "new"
    project.update_flow(read)
    assert project._operations.secrets.names() == ["Orders/PG/password"]
    assert project._operations.secrets.resolve("secret:Orders/PG/password") == "new"


# Other writers.

BUILDER = """
import sys
from riverstage.client import Platform

project = Platform(path=sys.argv[1]).projects.get(name="conf")
flow = project.create_flow(sys.argv[2])
for number in range(5):
    flow.add_stage("Peek", f"Peek {number}")
    project.update_flow(flow)
"""


def test_two_processes_save_different_flows(platform, project):
    started = [
        subprocess.Popen([sys.executable, "-c", BUILDER, str(platform.path), name], stderr=subprocess.PIPE)
        for name in ("a", "b")
    ]
    for process in started:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert [(flow.name, len(flow.stages)) for flow in project.flows] == [("a", 5), ("b", 5)]


def test_of_many_threads_that_save_one_flow_one_wins(platform, project, flow):
    start = threading.Barrier(4)
    said = []

    def save(number):
        own = Platform(path=platform.path).projects.get(name="conf")
        mine = own.flows.get(name="Orders")
        mine.stages.get(label="Row_Generator").configuration.records = number
        start.wait()
        try:
            said.append(own.update_flow(mine).status_code)
        except ConflictError:
            said.append("conflict")

    threads = [threading.Thread(target=save, args=(number,)) for number in range(100, 104)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == ["201", "conflict", "conflict", "conflict"]


def test_a_flow_type_may_be_a_member(project):
    assert project.create_flow("Orders", flow_type=FlowType.BATCH).name == "Orders"
    assert project.flows.get(flow_type=FlowType.BATCH).name == "Orders"
