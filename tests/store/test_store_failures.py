"""Disks that are full, folders that cannot be read or written: a clear error, and nothing half-written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from riverstage.errors import NotFoundError, StoreError
from riverstage.store import ABSENT, FolderBackend, read_project
from riverstage.store._files import FileLock


@pytest.fixture
def backend(tmp_path):
    backend = FolderBackend(tmp_path)
    backend.put("flow", "x", b"old", if_revision=ABSENT)
    return backend


def refuse(monkeypatch, call, number):
    def refusing(*arguments, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, refusing)


@pytest.mark.parametrize(
    ("call", "number", "code", "words"),
    [
        ("write", errno.ENOSPC, "RS-7007", "no space is left"),
        ("write", errno.EDQUOT, "RS-7007", "no space is left"),
        ("fsync", errno.ENOSPC, "RS-7007", "no space is left"),
        ("write", errno.EIO, "RS-7000", "input/output error"),
    ],
)
def test_a_write_that_fails_changes_nothing(backend, monkeypatch, call, number, code, words):
    revision = backend.get("flow", "x").revision
    with monkeypatch.context() as patch:
        refuse(patch, call, number)
        with pytest.raises(StoreError, match=words) as refused:
            backend.put("flow", "x", b"new", if_revision=revision)
    assert refused.value.code == code
    assert refused.value.state == "Nothing was changed."
    assert os.listdir(backend.folder / "flows") == ["x.json"]
    assert backend.get("flow", "x").content == b"old"
    assert [version.revision for version in backend.history("flow", "x")] == [revision]


@pytest.mark.parametrize(("number", "words"), [(errno.EACCES, "permission was denied"), (errno.EROFS, "read-only")])
def test_a_folder_that_cannot_be_written(backend, monkeypatch, number, words):
    refuse(monkeypatch, "open", number)
    with pytest.raises(StoreError, match=words) as refused:
        backend.put("flow", "y", b"new", if_revision=ABSENT)
    assert refused.value.code == "RS-7008"


def test_a_file_that_cannot_be_read(backend, monkeypatch):
    def refusing(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refusing)
    with pytest.raises(StoreError, match=r"Could not read a file: permission was denied.*x\.json"):
        backend.get("flow", "x")


def test_a_folder_that_cannot_be_read(backend, monkeypatch):
    def refusing(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(StoreError, match="Could not read a folder"):
        backend.list("flow")


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "flows").write_text("not a folder")
    with pytest.raises(StoreError):
        FolderBackend(tmp_path).put("flow", "x", b"1", if_revision=ABSENT)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 kB, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a file system needs rights that this process does not have")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk):
    backend = FolderBackend(small_disk)
    revision = backend.put("flow", "x", b"old", if_revision=ABSENT)
    with pytest.raises(StoreError, match="no space is left") as refused:
        backend.put("flow", "x", os.urandom(400_000), if_revision=revision)
    assert refused.value.code == "RS-7007"
    assert backend.get("flow", "x").content == b"old"
    assert os.listdir(small_disk / "flows") == ["x.json"]
    assert backend.get("flow", "x").revision == backend.put("flow", "x", b"old", if_revision=revision)


def test_a_lock_that_somebody_keeps(tmp_path):
    times = iter(range(100))
    waits = []
    lock = FileLock(tmp_path / "lock", patience=5, clock=lambda: next(times), sleep=waits.append)
    holder = FileLock(tmp_path / "lock")
    with holder.hold(), pytest.raises(StoreError, match="for 5 seconds") as refused, lock.hold():
        pass
    assert refused.value.code == "RS-7011"
    assert waits
    with lock.hold() as is_outermost:
        assert is_outermost


def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path):
    path = tmp_path / "lock"
    holder = FileLock(path)
    waits = []

    def let_go(seconds):
        waits.append(seconds)
        path.unlink(missing_ok=True)

    with holder.hold(), FileLock(path, sleep=let_go).hold():
        assert waits
        assert path.exists()


def test_a_project_file_that_is_broken(tmp_path):
    (tmp_path / "riverstage.toml").write_text("[project\n")
    with pytest.raises(StoreError, match="cannot be read") as refused:
        read_project(tmp_path)
    assert refused.value.code == "RS-7016"


def test_the_state_of_a_newer_version_is_not_touched(backend):
    import sqlite3

    path = backend.folder / ".riverstage" / "state.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        backend.put("flow", "y", b"1", if_revision=ABSENT)
    assert [asset.name for asset in backend.list("flow")] == ["x"]


def test_a_damaged_state_is_said(backend):
    (backend.folder / ".riverstage" / "state.db").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        backend.put("flow", "y", b"1", if_revision=ABSENT)
    assert backend.get("flow", "x").content == b"old"
    with pytest.raises(NotFoundError):
        backend.get("flow", "y")


READER = """
import fcntl, os, sqlite3, sys
from pathlib import Path
from riverstage.errors import StoreError
from riverstage.store import FolderBackend
os.setuid(65534)
backend = FolderBackend(Path(sys.argv[1]))
assert backend.get("flow", "x").content == b"old"
assert len(backend.history("flow", "x")) == 1
try:
    backend.put("flow", "x", b"new", if_revision="any")
except StoreError as refused:
    assert refused.code == "RS-7008", refused
else:
    raise SystemExit("written")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_may_read_and_not_write(backend, tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", READER, str(tmp_path)], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
