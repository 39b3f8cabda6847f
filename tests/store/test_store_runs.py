"""Records of runs."""

import pytest

from riverstage.errors import NotFoundError, UsageError
from riverstage.store import FolderBackend


@pytest.fixture
def runs(tmp_path):
    return FolderBackend(tmp_path).runs


def record(run_id, state="Completed", **more):
    return {"run_id": run_id, "state": state, **more}


def test_a_record_comes_back(runs):
    runs.put(record("1", flow_name="Orders", links=[{"name": "Link_1", "rows": 3}]))
    assert runs.get("1") == record("1", flow_name="Orders", links=[{"name": "Link_1", "rows": 3}])


def test_a_record_is_replaced_in_its_place(runs):
    runs.put(record("1", "Running"))
    runs.put(record("2", "Running"))
    runs.put(record("1", "Failed"))
    assert [(each["run_id"], each["state"]) for each in runs.list()] == [("2", "Running"), ("1", "Failed")]


def test_records_are_found_by_flow_job_and_state(runs):
    runs.put(record("1", flow_id="f", job_name="j"))
    runs.put(record("2", flow_id="g", job_name="j"))
    runs.put(record("3", "Failed", flow_id="f"))
    assert [each["run_id"] for each in runs.list(flow_id="f")] == ["3", "1"]
    assert [each["run_id"] for each in runs.list(job_name="j")] == ["2", "1"]
    assert [each["run_id"] for each in runs.list(flow_id="f", state="Failed")] == ["3"]
    assert [each["run_id"] for each in runs.list(limit=2)] == ["3", "2"]


def test_a_record_can_be_deleted(runs):
    runs.put(record("1"))
    runs.delete("1")
    with pytest.raises(NotFoundError):
        runs.get("1")
    with pytest.raises(NotFoundError):
        runs.delete("1")


def test_no_runs_yet(runs):
    assert list(runs.list()) == []
    with pytest.raises(NotFoundError, match="no run 'x'"):
        runs.get("x")


@pytest.mark.parametrize(
    "bad", [{}, {"run_id": "1"}, {"run_id": 1, "state": "x"}, record("1", at=object()), record("1", n=float("nan"))]
)
def test_what_is_no_record(runs, bad):
    with pytest.raises(UsageError):
        runs.put(bad)


def test_the_state_is_in_write_ahead_mode_and_has_its_form(tmp_path):
    import sqlite3

    FolderBackend(tmp_path).runs.put(record("1"))
    connection = sqlite3.connect(tmp_path / ".riverstage" / "state.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
