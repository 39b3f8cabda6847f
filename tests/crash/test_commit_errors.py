"""A commit that fails without a crash, recovery that meets obstacles, and several that recover at once."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from riverstage.connectors import _atomic
from riverstage.errors import RiverstageError, RunCancelled, RunFailed
from riverstage.runs import _journal
from riverstage.runs._journal import Commit, recover_all

from .scene import NEW, OLD, TARGETS, flow_of, litter, state


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a folder in which every target has its old rows."""
    flow_of(OLD).run(folder=tmp_path, quiet=True)
    return tmp_path


def refusing(name: str, monkeypatch: pytest.MonkeyPatch, error: OSError | None = None) -> Callable[[], None]:
    """Let the system refuse to put a target in its place; return what lifts that."""
    plain = Path.replace

    def replace(self: Path, target: Any) -> Path:
        if Path(target).name == name:
            raise error or PermissionError(13, "Permission denied", str(target))
        return plain(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return lambda: monkeypatch.setattr(Path, "replace", plain)


def journals(folder: Path) -> list[Path]:
    return sorted((folder / ".riverstage" / "commits").glob("*"))


def test_the_first_target_fails_and_none_is_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing("a.csv", monkeypatch)
    with pytest.raises(RunFailed) as caught:
        flow_of(NEW).run(folder=old, quiet=True)
    assert caught.value.code == "RS-5005"
    assert state(old) == [OLD, OLD, OLD]
    assert litter(old) == []
    assert [target.committed for target in caught.value.result.targets] == [False] * 3


@pytest.mark.parametrize("name", ["b.csv", "c.ds"])
def test_a_later_target_fails_and_the_next_run_finishes(name: str, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow = refusing(name, monkeypatch)
    done = TARGETS.index(name)
    with pytest.raises(RunFailed) as caught:
        flow_of(NEW).run(folder=old, quiet=True)
    assert caught.value.code == "RS-6106"
    assert "Committed: " + ", ".join(TARGETS[:done]) + "." in caught.value.state
    assert [target.committed for target in caught.value.result.targets] == [index < done for index in range(3)]
    assert state(old) == [NEW if index < done else OLD for index in range(3)]

    with pytest.raises(RunFailed) as again:
        flow_of(1, ("other.csv",)).run(folder=old, quiet=True)
    assert again.value.code == "RS-6109"
    assert str(journals(old)[0]) in again.value.mend
    assert not (old / "other.csv").exists()

    allow()
    result = flow_of(1, ("other.csv",)).run(folder=old, quiet=True)
    assert [entry.stage for entry in result.log] == list(TARGETS)
    assert state(old) == [NEW, NEW, NEW]
    flow_of(NEW).run(folder=old, quiet=True)
    assert litter(old) == ["other.csv"]


def test_a_half_done_commit_may_be_given_up(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow = refusing("b.csv", monkeypatch)
    with pytest.raises(RunFailed):
        flow_of(NEW).run(folder=old, quiet=True)
    allow()
    journals(old)[0].unlink()
    flow_of(1, ("other.csv",)).run(folder=old, quiet=True)
    assert state(old) == [NEW, OLD, OLD]


def test_recovery_passes_over_what_was_put_in_place_already(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow = refusing("c.ds", monkeypatch)
    with pytest.raises(RunFailed):
        flow_of(NEW).run(folder=old, quiet=True)
    allow()
    saved = journals(old)[0].read_bytes()
    folder = journals(old)[0].parent
    assert recover_all(folder) == list(TARGETS)
    assert state(old) == [NEW, NEW, NEW]
    for _ in range(2):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "again.commit.json").write_bytes(saved)
        recover_all(folder)
        assert state(old) == [NEW, NEW, NEW]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"targets": [{"stage": "x"}]}',
        b'{"targets": 7}',
        b'{"targets": [{"stage": "x", "family": "no_such", "token": {}}]}',
        b'{"targets": [{"stage": "x", "family": "delimited", "token": {}}]}',
    ],
)
def test_a_journal_that_cannot_be_read_is_named(text: bytes, old: Path) -> None:
    folder = old / ".riverstage" / "commits"
    folder.mkdir(parents=True)
    journal = folder / "20260101T000000-x.commit.json"
    journal.write_bytes(text)
    with pytest.raises(RunFailed) as caught:
        flow_of(NEW).run(folder=old, quiet=True)
    assert caught.value.code == "RS-6109"
    assert str(journal) in caught.value.mend
    assert state(old) == [OLD, OLD, OLD]
    journal.unlink()
    flow_of(NEW).run(folder=old, quiet=True)
    assert litter(old) == []


@pytest.mark.parametrize("place", ["journal.written:error", "file.begin*2:error"])
def test_a_full_disk_while_getting_ready_changes_nothing(
    place: str, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverstage._failpoints._reached", {})
    monkeypatch.setenv("RIVERSTAGE_FAILPOINT", place)
    with pytest.raises(RiverstageError) as caught:
        flow_of(NEW).run(folder=old, quiet=True)
    assert "was changed" in caught.value.state or "as it was" in caught.value.state
    assert state(old) == [OLD, OLD, OLD]
    monkeypatch.delenv("RIVERSTAGE_FAILPOINT")
    assert litter(old) == []


@pytest.mark.parametrize("step", ["file.begin", "file.written", "data-set.begin", "data-set.part-synced"])
def test_a_full_disk_anywhere_before_the_commit_changes_nothing(
    step: str, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverstage._failpoints._reached", {})
    monkeypatch.setenv("RIVERSTAGE_FAILPOINT", f"{step}:error")
    with pytest.raises(RiverstageError):
        flow_of(NEW).run(folder=old, quiet=True)
    assert state(old) == [OLD, OLD, OLD]
    assert litter(old) == []


def test_drafts_of_journals_go_and_those_at_work_stay(tmp_path: Path) -> None:
    folder = tmp_path / ".riverstage" / "commits"
    folder.mkdir(parents=True)
    (folder / "dead.commit.tmp").touch()
    with (folder / "alive.commit.tmp").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        recover_all(folder)
        assert [path.name for path in folder.iterdir()] == ["alive.commit.tmp"]
    recover_all(folder)
    assert not folder.exists()
    assert not folder.parent.exists()


class Session:
    """A target that notes what becomes of it."""

    def __init__(self, name: str, log: list[str], act: Callable[[], None] | None = None) -> None:
        self.name, self.log, self.act = name, log, act

    @property
    def token(self) -> dict[str, str]:
        return {"name": self.name}

    def commit(self) -> None:
        if self.act is not None:
            self.act()
        self.log.append(self.name)


def committing(folder: Path, *sessions: Session) -> Commit:
    return Commit(folder / ".riverstage" / "commits", "run", [(each.name, "delimited", each) for each in sessions])  # type: ignore[misc]


def test_one_interrupt_waits_for_the_end_of_the_commit(tmp_path: Path) -> None:
    log: list[str] = []
    commit = committing(tmp_path, Session("a", log, lambda: signal.raise_signal(signal.SIGINT)), Session("b", log))
    commit.run()
    assert (log, commit.was_interrupted) == (["a", "b"], True)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not (tmp_path / ".riverstage").exists()


def test_two_interrupts_leave_the_rest_to_the_next_run(tmp_path: Path) -> None:
    log: list[str] = []

    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    commit = committing(tmp_path, Session("a", log), Session("b", log, twice))
    with pytest.raises(KeyboardInterrupt):
        commit.run()
    assert (log, commit.committed, commit.is_left_to_the_next_run) == (["a"], ["a"], True)
    assert len(journals(tmp_path)) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_during_the_commit_of_a_run_comes_too_late(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = _atomic.Replacement.commit

    def commit(self: Any) -> None:
        if self.target.name == "b.csv":
            signal.raise_signal(signal.SIGINT)
        plain(self)

    monkeypatch.setattr(_atomic.Replacement, "commit", commit)
    result = flow_of(NEW).run(folder=old, quiet=True)
    assert state(old) == [NEW, NEW, NEW]
    assert any("too late" in line for line in result.logs())


def test_two_interrupts_during_the_commit_say_what_was_committed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = _atomic.Replacement.commit

    def commit(self: Any) -> None:
        if self.target.name == "b.csv":
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        plain(self)

    with monkeypatch.context() as patch:
        patch.setattr(_atomic.Replacement, "commit", commit)
        with pytest.raises(RunCancelled) as caught:
            flow_of(NEW).run(folder=old, quiet=True)
    assert caught.value.state.startswith("Committed: a.csv.")
    flow_of(1, ("other.csv",)).run(folder=old, quiet=True)
    assert state(old) == [NEW, NEW, NEW]


def test_who_finds_a_commit_at_work_waits_for_its_end(tmp_path: Path) -> None:
    folder = tmp_path / ".riverstage" / "commits"
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        leave.wait(30)

    log: list[str] = []
    commit = committing(tmp_path, Session("a", log), Session("b", log, hold))
    worker = threading.Thread(target=commit.run)
    worker.start()
    assert entered.wait(30)
    found: list[list[str]] = []
    other = threading.Thread(target=lambda: found.append(recover_all(folder)))
    other.start()
    assert other.is_alive()
    leave.set()
    worker.join(30)
    other.join(30)
    assert (found, log) == ([[]], ["a", "b"])


def test_who_waits_for_a_commit_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_journal, "_PATIENCE", 0.0)
    folder = tmp_path / "commits"
    folder.mkdir()
    with (folder / "run.commit.json").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(RunFailed) as caught:
            recover_all(folder)
    assert caught.value.code == "RS-6108"


def test_without_locks_a_living_process_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    folder = tmp_path / "commits"
    folder.mkdir()
    mine = {"pid": os.getpid(), "started": _journal._process_start(os.getpid()), "targets": []}
    (folder / "mine.commit.json").write_text(json.dumps(mine))
    (folder / "gone.commit.json").write_text(json.dumps({**mine, "started": "1"}))
    recover_all(folder)
    assert [path.name for path in folder.iterdir()] == ["mine.commit.json"]


RECOVER = """
import sys
from pathlib import Path
from tests.crash.scene import flow_of
sys.stdin.read(1)
flow_of(1, (sys.argv[2],)).run(folder=Path(sys.argv[1]), quiet=True)
"""


@pytest.fixture
def recoverers(old: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Return processes that wait for a byte and then run in the folder, each a flow of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", ".", *sys.path])}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", RECOVER, str(old), f"other{number}.csv"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for number in range(3)
    ]
    yield started
    for process in started:
        process.kill()
        process.communicate()


def test_several_processes_recover_at_once(
    old: Path, recoverers: list[subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow = refusing("b.csv", monkeypatch)
    with pytest.raises(RunFailed):
        flow_of(NEW).run(folder=old, quiet=True)
    allow()
    for process in recoverers:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    for process in recoverers:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert state(old) == [NEW, NEW, NEW]
    assert litter(old) == ["other0.csv", "other1.csv", "other2.csv"]


def test_threads_recover_at_once(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow = refusing("b.csv", monkeypatch)
    with pytest.raises(RunFailed):
        flow_of(NEW).run(folder=old, quiet=True)
    allow()
    folder = old / ".riverstage" / "commits"
    start = threading.Barrier(8)
    found: list[list[str]] = []

    def work() -> None:
        start.wait(30)
        found.append(recover_all(folder))

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(found) == [[]] * 7 + [list(TARGETS)]
    assert state(old) == [NEW, NEW, NEW]
