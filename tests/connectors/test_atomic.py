"""The commit protocol: killed at any step, a target has the old content or the new, and litter goes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from riverstage.connectors import _atomic, load
from riverstage.connectors._atomic import Replacement
from riverstage.errors import ConnectorError
from riverstage.plan import WriteRequest
from riverstage.types import INT32, Column, RowType

ROW = RowType((Column("a", INT32),))
OLD, NEW = "old\n", "1\n2\n"

STEPS = [
    "file.begin", "file.begun", "file.written", "file.synced", "file.prepared", "file.before-rename", "file.renamed",
    "file.committed",
]  # fmt: skip
APPEND_STEPS = [*STEPS, "file.half-joined", "file.joined"]

WRITER = """
import json, sys
import pyarrow as pa
from riverstage.connectors import load
from riverstage.plan import WriteRequest
from riverstage.types import INT32, Column, RowType

path, mode, control = sys.argv[1:4]
if control == "control":
    from riverstage._failpoints import failpoint
    with open(path, "w") as file:   # a target that is written where it stands
        file.write("1\\n")
        file.flush()
        failpoint("file.written")
        file.write("2\\n")
    failpoint("file.committed")
else:
    session = load("delimited").begin_write(
        WriteRequest("delimited", {"path": path, "mode": mode}, RowType((Column("a", INT32),))), folder=".", run_id="r"
    )
    session.write(pa.record_batch({"a": pa.array([1, 2], pa.int32())}))
    session.prepare()
    print(json.dumps(dict(session.token)), flush=True)
    session.commit()
"""


def kill_at(step: str, path: Path, mode: str = "overwrite", control: str = "") -> subprocess.CompletedProcess[str]:
    """Write in a process of its own that ends, as if killed, at a step."""
    environment = {**os.environ, "RIVERSTAGE_FAILPOINT": step, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path), mode, control],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def litter(folder: Path) -> list[str]:
    return sorted(name for name in os.listdir(folder) if ".riverstage-" in name)


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_replacing_there_is_the_old_or_the_new(step: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text(OLD)
    done = kill_at(step, target)
    assert done.returncode == 137, done.stderr
    expected = NEW if step in ("file.renamed", "file.committed") else OLD
    assert target.read_text() == expected
    Replacement("out.csv", folder=str(tmp_path), mode="overwrite", run_id="next").abort()
    assert litter(tmp_path) == []
    assert target.read_text() == expected


@pytest.mark.parametrize("step", APPEND_STEPS)
def test_killed_while_adding_there_is_all_or_nothing_of_the_new(step: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text(OLD)
    assert kill_at(step, target, "append").returncode == 137
    assert target.read_text() == (OLD + NEW if step in ("file.renamed", "file.committed") else OLD)
    Replacement("out.csv", folder=str(tmp_path), mode="append", run_id="next").abort()
    assert litter(tmp_path) == []


@pytest.mark.parametrize("step", STEPS)
def test_killed_while_making_there_is_nothing_or_the_whole(step: str, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    assert kill_at(step, target, "create").returncode == 137
    assert (target.read_text() if target.exists() else "") == (
        NEW if step in ("file.renamed", "file.committed") else ""
    )


def test_control_a_target_written_in_place_is_caught(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text(OLD)
    assert kill_at("file.written", target, control="control").returncode == 137
    assert target.read_text() not in (OLD, NEW)


@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("step", ["file.before-rename", "file.renamed"])
def test_recovery_finishes_or_undoes_any_number_of_times(step: str, committed: bool, tmp_path: Path) -> None:
    import json

    target = tmp_path / "out.csv"
    target.write_text(OLD)
    token = json.loads(kill_at(step, target).stdout)
    for _ in range(3):
        load("delimited").recover(token, committed=committed)
        assert target.read_text() == (NEW if committed or step == "file.renamed" else OLD)
        assert litter(tmp_path) == []


def test_litter_of_a_living_process_stays(tmp_path: Path) -> None:
    first = Replacement("out.csv", folder=str(tmp_path), mode="overwrite", run_id="a")
    second = Replacement("out.csv", folder=str(tmp_path), mode="overwrite", run_id="b")
    assert first.content.exists()
    first.content.write_text("first\n")
    second.content.write_text("second\n")
    for session in (first, second):
        session.prepare()
        session.commit()
        session.commit()
    assert (tmp_path / "out.csv").read_text() == "second\n"


def test_litter_of_other_targets_and_other_machines_stays(tmp_path: Path) -> None:
    mine = _atomic.temporary_path(tmp_path / "other.csv", "r").name
    gone = [
        mine.replace(f"-{os.getpid()}-", "-999999999-"),
        _atomic.temporary_path(tmp_path / "out.csv", "r").name.replace(f"{_atomic._host()}-", "00000000-"),
    ]
    for name in gone:
        (tmp_path / name).touch()
    assert _atomic.sweep(tmp_path / "out.csv") == []
    old = tmp_path / gone[1]
    os.utime(old, (0, 0))
    assert _atomic.sweep(tmp_path / "out.csv") == [old]


def test_rights_of_the_replaced_file_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text(OLD)
    target.chmod(0o640)
    session = Replacement("out.csv", folder=str(tmp_path), mode="overwrite", run_id="r")
    assert stat.S_IMODE(session.content.stat().st_mode) == 0o640
    session.prepare()
    session.commit()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_what_a_link_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file.csv").write_text(OLD)
    (tmp_path / "link.csv").symlink_to("real/file.csv")
    session = Replacement("link.csv", folder=str(tmp_path), mode="overwrite", run_id="r")
    session.content.write_text(NEW)
    session.prepare()
    session.commit()
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real" / "file.csv").read_text() == NEW


def refused(code: str, tmp_path: Path, path: str, mode: _atomic.Mode = "overwrite") -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        Replacement(path, folder=str(tmp_path), mode=mode, run_id="r")
    assert raised.value.code == code
    assert raised.value.place.file
    assert raised.value.state == "The target is as it was."
    assert raised.value.mend
    return raised.value


def test_what_cannot_be_a_target_is_said(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text(OLD)
    os.mkfifo(tmp_path / "pipe")
    refused("RS-5003", tmp_path, ".")
    refused("RS-5003", tmp_path, "pipe")
    refused("RS-5004", tmp_path, "no/such/folder.csv")
    refused("RS-5004", tmp_path, "there.csv/below.csv")
    refused("RS-5007", tmp_path, "there.csv", "create")
    assert litter(tmp_path) == []


def test_a_name_that_is_as_long_as_can_be(tmp_path: Path) -> None:
    name = "ä" * 127
    for _ in range(2):
        session = Replacement(name, folder=str(tmp_path), mode="overwrite", run_id="r")
        session.prepare()
        session.commit()
    assert os.listdir(tmp_path) == [name]


def test_a_file_made_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    session = Replacement("out.csv", folder=str(tmp_path), mode="create", run_id="r")
    session.prepare()
    (tmp_path / "out.csv").write_text(OLD)
    with pytest.raises(ConnectorError, match="exists already"):
        session.commit()
    session.abort()
    assert (tmp_path / "out.csv").read_text() == OLD
    assert litter(tmp_path) == []


def test_a_file_changed_meanwhile_is_not_lost(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text(OLD)
    session = Replacement("out.csv", folder=str(tmp_path), mode="append", run_id="r")
    session.content.write_text(NEW)
    session.prepare()
    target.write_text("somebody else's\n")
    with pytest.raises(ConnectorError) as raised:
        session.commit()
    assert raised.value.code == "RS-5008"
    session.abort()
    assert target.read_text() == "somebody else's\n"


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out.csv").write_text(OLD)
    session = load("delimited").begin_write(
        WriteRequest("delimited", {"path": "out.csv"}, ROW), folder=str(tmp_path), run_id="r"
    )
    monkeypatch.setenv("RIVERSTAGE_FAILPOINT", "file.written:error")
    with pytest.raises(ConnectorError) as raised:
        session.prepare()
    assert raised.value.code == "RS-5006"
    monkeypatch.delenv("RIVERSTAGE_FAILPOINT")
    session.abort()
    session.abort()
    assert (tmp_path / "out.csv").read_text() == OLD
    assert litter(tmp_path) == []


def test_a_folder_without_rights_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", denied)
    refused("RS-5005", tmp_path, "out.csv")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the system has no /proc")
def test_a_folder_that_takes_no_files_is_not_said_to_be_missing() -> None:
    refused("RS-5005", Path("/proc"), "out.csv")
