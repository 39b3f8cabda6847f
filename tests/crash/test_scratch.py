"""Intermediate rows of a run that was killed are removed by the next; those of one at work are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riverstage.engines.duckdb._scratch import Scratch

from .scene import OLD, flow_of

_RUN = """
import sys
from pathlib import Path
from riverstage.engines.duckdb._scratch import Scratch
held = Scratch(sys.argv[1])
held.spill.mkdir()
(held.spill / "rows.tmp").write_text("rows")
print("ready", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_run_left_goes_and_what_is_in_use_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temp, folder = tmp_path / "temp", tmp_path / "run"
    temp.mkdir()
    folder.mkdir()
    monkeypatch.setenv("RIVERSTAGE_TEMP", str(temp))
    (temp / "riverstage-of-somebody").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", _RUN, str(temp)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        flow_of(OLD).run(folder=folder, quiet=True)
        assert len(list(temp.glob("riverstage-*/spill/rows.tmp"))) == 1
        other.send_signal(signal.SIGKILL)
    flow_of(OLD).run(folder=folder, quiet=True)
    assert [path.name for path in temp.iterdir()] == ["riverstage-of-somebody"]


def test_several_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    held = [Scratch(str(tmp_path)) for _ in range(3)]
    assert len(list(tmp_path.iterdir())) == 3
    for each in held:
        each.remove()
    assert list(tmp_path.iterdir()) == []
