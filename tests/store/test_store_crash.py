"""A writer that is killed at any step leaves the old content or the new, and its litter goes with the next write."""

import os
import signal
import subprocess
import sys

import pytest

from riverstage.store import ABSENT, FolderBackend

OLD = b"old " * 5000
NEW = b"new " * 7000

STEPS = ["recorded", "created", "part-written", "synced", "renamed", "folder-synced"]

WRITER = """
import os, signal, sys
from pathlib import Path
from riverstage.store import FolderBackend

def die(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

backend = FolderBackend(Path(sys.argv[1]), step=die)
if sys.argv[3] == "new":
    backend.put("flow", "x", b"new " * 7000, if_revision="absent")
elif sys.argv[3] == "rename":
    backend.rename("flow", "x", "y", if_revision="any")
else:
    backend.put("flow", "x", b"new " * 7000, if_revision=backend.get("flow", "x").revision)
"""

CARELESS = """
import os, signal, sys
with open(os.path.join(sys.argv[1], "flows", "x.json"), "wb") as file:
    file.write(b"new " * 100)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(code, *arguments):
    """Run a writer; return whether it was killed."""
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == -signal.SIGKILL


def found(folder):
    path = folder / "flows" / "x.json"
    return path.read_bytes() if path.exists() else None


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_save_leaves_old_or_new(tmp_path, step):
    FolderBackend(tmp_path).put("flow", "x", OLD, if_revision=ABSENT)
    assert killed(WRITER, tmp_path, step, "save")
    assert found(tmp_path) == (NEW if step in ("renamed", "folder-synced") else OLD)
    backend = FolderBackend(tmp_path)
    revision = backend.put("flow", "x", b"next", if_revision=backend.get("flow", "x").revision)
    assert backend.get("flow", "x").revision == revision
    assert os.listdir(tmp_path / "flows") == ["x.json"]


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_first_save_leaves_nothing_or_all(tmp_path, step):
    assert killed(WRITER, tmp_path, step, "new")
    assert found(tmp_path) == (NEW if step in ("renamed", "folder-synced") else None)
    FolderBackend(tmp_path).put("flow", "other", b"1", if_revision=ABSENT)
    left = ["other.json", "x.json"] if found(tmp_path) else ["other.json"]
    assert sorted(os.listdir(tmp_path / "flows")) == left


def test_a_killed_rename_keeps_the_asset(tmp_path):
    FolderBackend(tmp_path).put("flow", "x", OLD, if_revision=ABSENT)
    assert killed(WRITER, tmp_path, "renamed", "rename")
    assert [(asset.name, asset.content) for asset in FolderBackend(tmp_path).list("flow")] == [("y", OLD)]


def test_control_a_writer_that_is_not_killed_saves(tmp_path):
    FolderBackend(tmp_path).put("flow", "x", OLD, if_revision=ABSENT)
    assert not killed(WRITER, tmp_path, "never", "save")
    assert found(tmp_path) == NEW


def test_control_a_careless_writer_is_caught(tmp_path):
    FolderBackend(tmp_path).put("flow", "x", OLD, if_revision=ABSENT)
    assert killed(CARELESS, tmp_path)
    assert found(tmp_path) not in (OLD, NEW)
