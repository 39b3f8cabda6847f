"""Several processes that write to one project."""

import subprocess
import sys

from riverstage.store import ABSENT, FolderBackend

WRITER = """
import sys
from pathlib import Path
from riverstage.errors import ConflictError
from riverstage.store import FolderBackend

backend = FolderBackend(Path(sys.argv[1]))
sys.stdin.readline()
if sys.argv[2] == "same":
    try:
        backend.put("flow", "x", sys.argv[3].encode(), if_revision=sys.argv[4])
        print("saved")
    except ConflictError:
        print("conflict")
else:
    revision = "absent"
    for number in range(20):
        revision = backend.put("flow", sys.argv[3], f"{sys.argv[3]} {number}".encode(), if_revision=revision)
    print("saved")
"""


def run_together(*commands):
    """Start processes, let them go at once, and return what each said."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = []
    for process in started:
        out, errors = process.communicate()
        assert process.returncode == 0, errors
        said.append(out.strip())
    return said


def test_processes_that_save_different_flows_all_save(tmp_path):
    assert run_together((tmp_path, "own", "a"), (tmp_path, "own", "b"), (tmp_path, "own", "c")) == ["saved"] * 3
    backend = FolderBackend(tmp_path)
    assert [asset.content for asset in backend.list("flow")] == [b"a 19", b"b 19", b"c 19"]
    assert len(backend.history("flow", "b")) == 20


def test_of_processes_that_save_the_same_flow_one_saves(tmp_path):
    backend = FolderBackend(tmp_path)
    revision = backend.put("flow", "x", b"0", if_revision=ABSENT)
    said = run_together((tmp_path, "same", "one", revision), (tmp_path, "same", "two", revision))
    assert sorted(said) == ["conflict", "saved"]
    assert backend.get("flow", "x").content == (b"one" if said[0] == "saved" else b"two")
