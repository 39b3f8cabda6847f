"""Assets as files in a folder."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.errors import ConflictError, NotFoundError, StoreError
from riverstage.store import ABSENT, ANY, FolderBackend
from riverstage.store._names import fold

from .backend_suite import BackendSuite


class TestFolderBackend(BackendSuite):
    @pytest.fixture
    def backend(self, tmp_path):
        return FolderBackend(tmp_path)


@pytest.fixture
def backend(tmp_path):
    return FolderBackend(tmp_path)


def test_an_asset_is_one_readable_file(backend, tmp_path):
    backend.put("flow", "My batch flow", b"{}\n", if_revision=ABSENT)
    backend.put("parameter_set", "ps", b"{}\n", if_revision=ABSENT)
    assert (tmp_path / "flows" / "My batch flow.json").read_bytes() == b"{}\n"
    assert (tmp_path / "parameter_sets" / "ps.json").read_bytes() == b"{}\n"


def test_git_is_told_to_ignore_the_state(backend, tmp_path):
    backend.put("flow", "x", b"{}", if_revision=ABSENT)
    assert (tmp_path / ".riverstage" / ".gitignore").read_text() == "*\n"


def test_reading_writes_nothing(backend, tmp_path):
    assert list(backend.list("flow")) == []
    assert list(backend.history("flow", "x")) == []
    with pytest.raises(NotFoundError):
        backend.get("flow", "x")
    assert list(tmp_path.iterdir()) == []


def test_a_change_by_an_editor_is_noticed_and_kept(backend, tmp_path):
    revision = backend.put("flow", "x", b"1", if_revision=ABSENT)
    (tmp_path / "flows" / "x.json").write_bytes(b"edited")
    with pytest.raises(ConflictError, match="changed since it was read"):
        backend.put("flow", "x", b"2", if_revision=revision)
    assert (tmp_path / "flows" / "x.json").read_bytes() == b"edited"
    newest = backend.history("flow", "x")[0]
    assert newest.is_outside
    assert newest.revision == backend.get("flow", "x").revision


def test_a_change_by_an_editor_during_the_write_is_noticed(tmp_path):
    path = tmp_path / "flows" / "x.json"

    def edit(step):
        if step == "synced":
            path.write_bytes(b"edited meanwhile")

    revision = FolderBackend(tmp_path).put("flow", "x", b"1", if_revision=ABSENT)
    with pytest.raises(ConflictError):
        FolderBackend(tmp_path, step=edit).put("flow", "x", b"2", if_revision=revision)
    assert path.read_bytes() == b"edited meanwhile"
    assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]
    assert [version.is_outside for version in FolderBackend(tmp_path).history("flow", "x")] == [True, False]


def test_a_file_that_comes_up_during_the_write_of_a_new_one_is_kept(tmp_path):
    path = tmp_path / "flows" / "x.json"
    backend = FolderBackend(tmp_path, step=lambda step: path.write_bytes(b"git") if step == "synced" else None)
    with pytest.raises(ConflictError):
        backend.put("flow", "x", b"2", if_revision=ABSENT)
    assert path.read_bytes() == b"git"


def test_a_file_that_somebody_put_there_is_an_asset(backend, tmp_path):
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "By Hand~2.json").write_bytes(b"{}")
    assert [asset.name for asset in backend.list("flow")] == ["By Hand~2"]
    backend.put("flow", "By Hand~2", b"{ }", if_revision=backend.get("flow", "By Hand~2").revision)
    assert os.listdir(tmp_path / "flows") == ["By Hand~2.json"]


def test_what_is_no_asset_is_passed_over(backend, tmp_path):
    flows = tmp_path / "flows"
    (flows / "folder.json").mkdir(parents=True)
    for name in ("README.md", ".hidden.json", ".riverstage-0.tmp"):
        (flows / name).write_bytes(b"x")
    assert list(backend.list("flow")) == []


def test_two_files_for_one_name_are_noticed(backend, tmp_path):
    backend.put("flow", "a", b"1", if_revision=ABSENT)
    (tmp_path / "flows" / "%61.json").write_bytes(b"2")
    with pytest.raises(StoreError, match=r"'%61\.json' and 'a\.json'"):
        backend.get("flow", "a")
    with pytest.raises(StoreError, match="Two files are both the flow 'a'"):
        backend.put("flow", "a", b"3", if_revision=ANY)
    assert [asset.content for asset in backend.list("flow")] == [b"2", b"1"]


def test_a_link_to_a_file_is_not_replaced(backend, tmp_path):
    backend.put("flow", "other", b"{}", if_revision=ABSENT)
    (tmp_path / "elsewhere.json").write_bytes(b"1")
    (tmp_path / "flows" / "x.json").symlink_to(tmp_path / "elsewhere.json")
    assert backend.get("flow", "x").content == b"1"
    with pytest.raises(StoreError, match="is a link to"):
        backend.put("flow", "x", b"2", if_revision=ANY)
    assert (tmp_path / "elsewhere.json").read_bytes() == b"1"


def test_a_replaced_file_keeps_its_permissions(backend, tmp_path):
    revision = backend.put("flow", "x", b"1", if_revision=ABSENT)
    (tmp_path / "flows" / "x.json").chmod(0o640)
    backend.put("flow", "x", b"2", if_revision=revision)
    assert (tmp_path / "flows" / "x.json").stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_gone_is_said(tmp_path):
    backend = FolderBackend(tmp_path / "gone")
    with pytest.raises(StoreError, match="folder is not there"):
        backend.put("flow", "x", b"1", if_revision=ABSENT)


def test_old_versions_go_after_a_hundred(backend):
    revision = ABSENT
    for number in range(105):
        revision = backend.put("flow", "x", str(number).encode(), if_revision=revision)
    assert len(backend.history("flow", "x")) == 100


_letters = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=12)
_twins = st.sampled_from(
    ["ss", "\u00df", "SS", "k", "K", "\u212a", "i", "I", "\u0131", "\u0130", "\ufb01", "fi", "\u00e9", "e\u0301"]
)


@settings(max_examples=40, deadline=None)
@given(names=st.sets(st.one_of(_letters, _twins, st.lists(_twins, max_size=3).map(lambda parts: "x" + "".join(parts)))))
def test_no_file_system_takes_one_file_for_another(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("names")
    backend = FolderBackend(folder)
    for name in names:
        backend.put("flow", name, name.encode(), if_revision=ABSENT)
    files = [path.name for path in (folder / "flows").iterdir()] if names else []
    assert len({fold(name) for name in files}) == len(names)
    assert {asset.name: asset.content for asset in backend.list("flow")} == {name: name.encode() for name in names}


def test_the_repr_shows_no_content(backend):
    backend.put("flow", "x", b"canary", if_revision=ABSENT)
    assert "canary" not in repr(backend.get("flow", "x"))
    assert repr(backend) == f"FolderBackend({str(Path(backend.folder))!r})"
