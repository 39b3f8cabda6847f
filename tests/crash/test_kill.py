"""Killed at any step of a commit of several targets, the next run finds all of them old or makes all of them new."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .scene import NEW, OLD, flow_of, litter, state

_FILE = ["begin", "begun", "written", "synced", "prepared", "before-rename", "renamed", "committed"]
BEFORE = [
    *(f"file.{step}*{time}" for step in _FILE[:5] for time in (1, 2, 3)),
    "data-set.begin",
    "data-set.written",
    "data-set.part-synced",
    "data-set.prepared",
    "journal.written",
]
AFTER = [
    "journal.durable",
    "commit.0",
    "commit.1",
    "commit.2",
    *(f"file.{step}*{time}" for step in _FILE[5:] for time in (1, 2, 3)),
    "data-set.committed",
    "commit.done",
]
STEPS = [*BEFORE, *AFTER]

Kill = Callable[[str, Path, str], int]


@pytest.fixture(scope="module")
def kill() -> Iterator[Kill]:
    """Return what runs the scene in a process of its own that dies at a step."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", ".", *sys.path])}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.kill_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def killed(step: str, folder: Path, mode: str = "overwrite") -> int:
            server.stdin.write(f"{step}\t{folder}\t{NEW}\t{mode}\n")  # type: ignore[union-attr]
            server.stdin.flush()  # type: ignore[union-attr]
            return int(server.stdout.readline())  # type: ignore[union-attr]

        yield killed
        server.stdin.close()


def recover(folder: Path) -> None:
    """Run another flow in the folder: it finishes what was left."""
    flow_of(1, ("other.csv",)).run(folder=folder, quiet=True)
    (folder / "other.csv").unlink()


@pytest.mark.parametrize("step", STEPS)
def test_all_old_or_all_new(step: str, kill: Kill, tmp_path: Path) -> None:
    flow_of(OLD).run(folder=tmp_path, quiet=True)
    assert state(tmp_path) == [OLD, OLD, OLD]
    assert kill(step, tmp_path, "overwrite") == 137
    recover(tmp_path)
    assert state(tmp_path) == ([NEW] * 3 if step in AFTER else [OLD] * 3)
    assert not (tmp_path / ".riverstage").exists()
    flow_of(NEW).run(folder=tmp_path, quiet=True)
    assert state(tmp_path) == [NEW, NEW, NEW]
    assert litter(tmp_path) == []


@pytest.mark.parametrize("step", ["file.half-joined*1", "file.joined*2", "journal.written", "commit.1", "commit.done"])
def test_rows_are_added_to_all_or_to_none(step: str, kill: Kill, tmp_path: Path) -> None:
    flow_of(OLD).run(folder=tmp_path, quiet=True)
    assert kill(step, tmp_path, "append") == 137
    recover(tmp_path)
    assert state(tmp_path) == ([OLD + NEW] * 3 if step in AFTER else [OLD] * 3)
    flow_of(NEW).run(folder=tmp_path, quiet=True)
    assert litter(tmp_path) == []


@pytest.mark.parametrize("step", ["file.begun*1", "file.prepared*3", "commit.1", "commit.2"])
def test_all_made_or_none(step: str, kill: Kill, tmp_path: Path) -> None:
    assert kill(step, tmp_path, "create") == 137
    recover(tmp_path)
    assert state(tmp_path) == ([NEW] * 3 if step in AFTER else [None] * 3)
    flow_of(NEW).run(folder=tmp_path, quiet=True)
    assert litter(tmp_path) == []


def test_control_without_a_journal_targets_differ(kill: Kill, tmp_path: Path) -> None:
    """The check sees what it is there for: with the journal lost, what is left is neither old nor new."""
    flow_of(OLD).run(folder=tmp_path, quiet=True)
    assert kill("commit.1", tmp_path, "overwrite") == 137
    for journal in (tmp_path / ".riverstage" / "commits").iterdir():
        journal.unlink()
    recover(tmp_path)
    assert state(tmp_path) == [NEW, OLD, OLD]


def test_control_targets_written_in_place_differ(tmp_path: Path) -> None:
    """A writer that writes where the target stands, killed half way, is caught by the same check."""
    script = (
        "import os\n"
        "for name in ('a.csv', 'b.csv', 'c.csv'):\n"
        "    with open(name, 'w') as file:\n"
        "        for number in range(5):\n"
        "            file.write(f'{number}\\n')\n"
        "            file.flush()\n"
        "            if name == 'b.csv' and number == 1:\n"
        "                os._exit(137)\n"
    )
    targets = ("a.csv", "b.csv", "c.csv")
    for name in targets:
        (tmp_path / name).write_text("0\n1\n2\n")
    assert subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False).returncode == 137
    assert state(tmp_path, targets) not in ([OLD] * 3, [NEW] * 3)
