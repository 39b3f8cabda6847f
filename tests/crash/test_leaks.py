"""A run leaves no thread, no open file and no temporary file, however often there are runs."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest

from riverstage.errors import RiverstageError
from riverstage.flow import BatchFlow
from riverstage.runs.runtime import Runtime

from .scene import OLD, flow_of, litter, state
from .test_cancel import computing

_SOAK = bool(os.environ.get("RIVERSTAGE_SOAK"))
_RUNS = 200 if _SOAK else 40


def _open_files() -> list[str]:
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except FileNotFoundError:
            continue
    return sorted(name for name in found if not name.endswith("/fd"))


def _memory() -> int:
    """Return the bytes of memory that are resident."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _tasks() -> int:
    return len(os.listdir("/proc/self/task"))


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "spill"
    folder.mkdir()
    monkeypatch.setenv("RIVERSTAGE_TEMP", str(folder))
    return folder


def _failing() -> BatchFlow:
    flow = flow_of(OLD, ("a.csv",))
    flow.add_stage("Sequential file", "missing").configuration["file"] = ["missing.csv"]
    (copy,) = flow.stages.get_all(type="Copy")
    flow.stages.get(label="missing").connect_output_to(flow.add_stage("Peek", "peek"))
    del copy
    return flow


def _some_runs(folder: Path, number: int) -> None:
    flow_of(OLD).run(folder=folder, quiet=True)
    if number % 5 == 0:
        with pytest.raises(RiverstageError):
            _failing().run(folder=folder, quiet=True)
    if number % 5 == 1:
        flow = computing(folder)
        flow.stages.get(label="source").configuration.records = 100
        Runtime(flow.document, flow.name, folder=folder).run()


def test_nothing_is_left_of_many_runs(tmp_path: Path, temp: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for number in range(10):
        _some_runs(folder, number)
    gc.collect()
    files, threads, tasks, memory = _open_files(), threading.active_count(), _tasks(), _memory()
    for number in range(_RUNS):
        _some_runs(folder, number)
    gc.collect()
    assert _open_files() == files
    assert threading.active_count() == threads
    assert _tasks() <= tasks
    # A leak of one run's database or document would be megabytes a run.
    assert _memory() - memory < (40 << 20)
    assert list(temp.iterdir()) == []
    assert state(folder) == [OLD] * 3
    assert litter(folder) == ["out.csv"]
