"""Signals: a command ends within two seconds, says that it was cancelled, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from riverstage import BatchFlow
from riverstage.cli._cancel import Cancel, cancel_on_signals

from .running import COMMAND, generated, run

_MANY = 2_000_000_000


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A folder to work in, and one for temporary files."""
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    return work, temporary


def interrupted(places: tuple[Path, Path], by: signal.Signals, *arguments: str, begun: int) -> tuple[int, str, str]:
    """Start the command, send it a signal once a folder has so many files, and return how it ended.

    Args:
        places: Where it runs, and where its temporary files are.
        by: The signal.
        arguments: The command line.
        begun: The number of entries in both places from which on it is at work.
    """
    work, temporary = places
    started = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    deadline = time.monotonic() + 60
    while started.poll() is None and _entries(places) < begun and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    started.send_signal(by)
    # Two seconds are promised; a machine that other tests share gets more.
    out, err = started.communicate(timeout=8)
    assert "Traceback" not in out + err, err
    assert "nanobind" not in err, err
    return started.returncode, out, err


def _entries(places: tuple[Path, Path]) -> int:
    return sum(len(list(place.iterdir())) for place in places)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_is_cancelled(places: tuple[Path, Path], by: signal.Signals) -> None:
    generated("long", _MANY, places[0], target="out.csv")
    code, out, err = interrupted(places, by, "run", "flow.json", begun=3)
    assert (code, out) == (130, "")
    assert err.startswith("■ long cancelled after ")
    assert err.endswith(". No target was changed.\n")
    assert [path.name for path in places[0].iterdir()] == ["flow.json"]
    assert list(places[1].iterdir()) == []


def test_the_old_target_stays(places: tuple[Path, Path]) -> None:
    generated("long", _MANY, places[0], target="out.csv")
    (places[0] / "out.csv").write_text("old\n")
    code, _, _ = interrupted(places, signal.SIGINT, "run", "flow.json", begun=4)
    assert code == 130
    assert (places[0] / "out.csv").read_text() == "old\n"
    assert sorted(path.name for path in places[0].iterdir()) == ["flow.json", "out.csv"]


def test_a_cancelled_run_is_a_record_as_json(places: tuple[Path, Path]) -> None:
    generated("long", _MANY, places[0], target="out.csv")
    code, out, err = interrupted(places, signal.SIGTERM, "run", "flow.json", "--json", begun=3)
    assert (code, err) == (130, "")
    assert '"status": "Canceled"' in out
    assert '"code": "RS-6102"' in out


def test_a_preview_is_cancelled(places: tuple[Path, Path]) -> None:
    generated("long", _MANY, places[0])
    code, out, err = interrupted(places, signal.SIGINT, "preview", "flow.json", "rows", "-n", str(_MANY), begun=2)
    assert (code, out, err.strip()) == (130, "", "■ cancelled")
    assert list(places[1].iterdir()) == []


def test_what_does_not_listen_is_left(places: tuple[Path, Path]) -> None:
    """An engine that cannot be stopped: the process goes all the same, and takes its files with it."""
    generated("long", _MANY, places[0], target="out.csv")
    (places[0] / "deaf.py").write_text(
        "from riverstage import BatchFlow\n"
        "from riverstage.engines.duckdb.engine import DuckDBEngine\n"
        "DuckDBEngine.cancel = lambda self: None\n"
        "flow = BatchFlow.load('flow.json')\n"
    )
    code, out, err = interrupted(places, signal.SIGINT, "run", "deaf.py", begun=4)
    assert (code, out, err) == (130, "", "■ cancelled. No target was changed.\n")
    shutil.rmtree(places[0] / "__pycache__", ignore_errors=True)
    assert sorted(path.name for path in places[0].iterdir()) == ["deaf.py", "flow.json"]
    assert list(places[1].iterdir()) == []


def test_a_python_file_that_swallows_the_interrupt_is_left(places: tuple[Path, Path]) -> None:
    (places[0] / "stuck.py").write_text(
        "import pathlib, time\n"
        "while True:\n"
        "    try:\n"
        "        pathlib.Path('begun').touch()\n"
        "        time.sleep(60)\n"
        "    except BaseException:\n"
        "        pass\n"
    )
    code, out, err = interrupted(places, signal.SIGINT, "run", "stuck.py", begun=2)
    assert (code, out, err) == (130, "", "■ cancelled\n")


def test_signals_that_were_ignored_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with cancel_on_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_commit_is_not_cancelled(capsys: pytest.CaptureFixture[str]) -> None:
    cancel = Cancel()
    cancel.commits()
    cancel.ask(signal.SIGINT, None)
    assert not cancel.is_asked
    assert "the run completes" in capsys.readouterr().err


def test_a_cancelled_run_is_in_the_history_of_its_project(places: tuple[Path, Path]) -> None:
    from riverstage.operations import Workspace

    work = places[0]
    assert run(work, "new", "shop").returncode == 0
    flow = BatchFlow.load(generated("long", _MANY, work / "shop" / "flows", target="out.csv", file="long.json"))
    assert flow.name == "long"
    before = _entries(places)
    code, _, _ = interrupted(places, signal.SIGINT, "run", "shop/flows/long.json", begun=before + 1)
    assert code == 130
    project = Workspace(work).project_of(work / "shop")
    assert project is not None
    assert [record["state"] for record in project.runs.list()] == ["Canceled"]
    assert not (work / "shop" / "out.csv").exists()
