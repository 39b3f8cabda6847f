"""Intermediate rows of a run that was killed are removed by the next; those of one at work are left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riverstage._scratch import Scratch
from riverstage.connectors._files import _Copies
from riverstage.errors import RunFailed

from .scene import OLD, flow_of

_RUN = """
import sys
from pathlib import Path
from riverstage._scratch import Scratch
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


_RECODE = """
import sys
from pathlib import Path
from riverstage.connectors._files import recoded
print(recoded(Path(sys.argv[1]), {"encoding": "latin-1"}), flush=True)
sys.stdin.read()
"""


def test_a_copy_of_a_file_in_another_character_set_goes_with_its_process_or_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp, file = tmp_path / "temp", tmp_path / "in.csv"
    temp.mkdir()
    file.write_bytes("Zoë\n".encode("latin-1"))
    monkeypatch.setenv("RIVERSTAGE_TEMP", str(temp))
    for way in (signal.SIGKILL, None):
        with subprocess.Popen(
            [sys.executable, "-c", _RECODE, str(file)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", *sys.path])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            copy = Path(other.stdout.readline().strip())
            assert copy.read_text(encoding="utf-8") == "Zoë\n"
            assert copy.is_relative_to(temp)
            if way is not None:
                other.send_signal(way)
        if way is not None:
            assert copy.exists()
            flow_of(OLD).run(folder=tmp_path, quiet=True)
        assert list(temp.iterdir()) == []


def test_a_file_is_copied_once_as_long_as_it_stays_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIVERSTAGE_TEMP", str(tmp_path))
    file, options = tmp_path / "in.csv", {"encoding": "latin-1"}
    file.write_bytes("Zoë\n".encode("latin-1"))
    copies = _Copies()
    first = copies.of(file, options)
    assert copies.of(file, options) == first
    file.write_bytes("Chloë\n".encode("latin-1"))
    second = copies.of(file, options)
    assert second.read_text(encoding="utf-8") == "Chloë\n"
    assert not first.exists()
    copies._remove()
    assert not second.parent.exists()


@pytest.mark.parametrize(("name", "said"), [("nope", "does not exist"), ("file", "is no folder")])
def test_a_folder_for_rows_that_cannot_be_used_is_named_with_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RIVERSTAGE_TEMP", str(tmp_path / name))
    with pytest.raises(RunFailed, match=rf"The folder for intermediate rows, '.*{name}', {said}\.") as caught:
        flow_of(OLD).run(folder=tmp_path, quiet=True)
    assert caught.value.code == "RS-6114"
    assert caught.value.mend == "Make it, or let RIVERSTAGE_TEMP name a folder that can be written to."


def test_several_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    held = [Scratch(str(tmp_path)) for _ in range(3)]
    assert len(list(tmp_path.iterdir())) == 3
    for each in held:
        each.remove()
    assert list(tmp_path.iterdir()) == []
