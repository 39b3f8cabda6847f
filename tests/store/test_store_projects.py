"""Folders as projects."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverstage.errors import StoreError, UsageError
from riverstage.store import (
    ABSENT,
    FolderBackend,
    ProjectFile,
    create_project_folder,
    delete_project_folder,
    find_project,
    project_folders,
    read_project,
    write_project,
)

PROJECT = ProjectFile("id-1", "conf", "what for", ("a", "b"), True)


def test_a_project_is_a_folder_with_its_file(tmp_path):
    folder = create_project_folder(tmp_path, PROJECT)
    assert folder == tmp_path / "conf"
    assert sorted(path.name for path in folder.iterdir()) == [
        "connections",
        "flows",
        "jobs",
        "parameter_sets",
        "riverstage.toml",
    ]
    assert (folder / "riverstage.toml").read_text() == (
        "format = 1\n\n[project]\n"
        'id = "id-1"\nname = "conf"\ndescription = "what for"\ntags = ["a", "b"]\npublic = true\n'
    )
    assert read_project(folder) == PROJECT
    assert project_folders(tmp_path) == [(folder, PROJECT)]


@settings(deadline=None)
@given(
    text=st.text(alphabet=st.characters(codec="utf-8"), min_size=1),
    more=st.lists(st.text(alphabet=st.characters(codec="utf-8"))),
)
def test_any_text_comes_back_from_the_file(tmp_path_factory, text, more):
    folder = tmp_path_factory.mktemp("project")
    project = ProjectFile(text, text, text, tuple(more))
    write_project(folder, project, is_new=True)
    assert read_project(folder) == project
    changed = ProjectFile(text, text + "!", "", (*more, text), True)
    write_project(folder, changed, is_new=False)
    assert read_project(folder) == changed


def test_what_people_wrote_in_the_file_stays(tmp_path):
    path = tmp_path / "riverstage.toml"
    path.write_text(
        '# ours\n[project]\nid = "1"   # never change\nname = "old"\nowner = "x"\n\n[run]\nengine = "duckdb" # fast\n'
    )
    write_project(tmp_path, ProjectFile("1", "new", tags=("t",)), is_new=False)
    assert path.read_text() == (
        '# ours\n[project]\nid = "1"   # never change\nname = "new"\nowner = "x"\n'
        'description = ""\ntags = ["t"]\npublic = false\n\n[run]\nengine = "duckdb" # fast\n'
    )
    assert tomllib.loads(path.read_text())["run"] == {"engine": "duckdb"}


def test_a_value_over_several_lines_is_left_to_people(tmp_path):
    path = tmp_path / "riverstage.toml"
    path.write_text('[project]\nid = "1"\nname = "n"\ntags = [\n  "a",\n]\n')
    with pytest.raises(StoreError, match="several lines"):
        write_project(tmp_path, ProjectFile("1", "n", tags=("b",)), is_new=False)
    assert '"a"' in path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[project]\nname = 'x'",
        "[project]\nid = 'x'",
        "[project]\nid = 1\nname = 'x'",
        "[project]\nid='1'\nname='x'\ntags=[1]",
    ],
)
def test_files_that_do_not_say_enough(tmp_path, text):
    (tmp_path / "riverstage.toml").write_text(text)
    with pytest.raises(StoreError) as refused:
        read_project(tmp_path)
    assert refused.value.code == "RS-7016"


def test_the_project_that_a_file_lies_in(tmp_path):
    folder = create_project_folder(tmp_path, PROJECT)
    assert find_project(folder / "flows" / "x.json") == folder
    assert find_project(folder) == folder
    assert find_project(tmp_path) is None


def test_a_folder_that_is_a_project_is_a_workspace_of_it_alone(tmp_path):
    folder = create_project_folder(tmp_path, PROJECT)
    assert project_folders(folder) == [(folder, PROJECT)]
    with pytest.raises(UsageError, match="cannot lie in another"):
        create_project_folder(folder, ProjectFile("2", "inner"))


def test_a_workspace_that_is_not_there_is_empty(tmp_path):
    assert project_folders(tmp_path / "none") == []
    create_project_folder(tmp_path / "none" / "yet", PROJECT)
    assert [project.name for _, project in project_folders(tmp_path / "none" / "yet")] == ["conf"]


def test_names_of_projects_that_look_alike(tmp_path):
    create_project_folder(tmp_path, ProjectFile("1", "Conf"))
    create_project_folder(tmp_path, ProjectFile("2", "conf"))
    folders = [folder.name for folder, _ in project_folders(tmp_path)]
    assert len({name.casefold() for name in folders}) == 2


def test_a_folder_that_is_taken_is_not_adopted(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "data.csv").write_text("1")
    with pytest.raises(UsageError, match="already something called 'conf'"):
        create_project_folder(tmp_path, PROJECT)
    assert create_project_folder(tmp_path, PROJECT, tmp_path / "conf") == tmp_path / "conf"


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "conf").mkdir()
    assert create_project_folder(tmp_path, PROJECT) == tmp_path / "conf"


def test_delete_removes_what_was_written(tmp_path):
    folder = create_project_folder(tmp_path, PROJECT)
    backend = FolderBackend(folder)
    backend.put("flow", "x", b"{}", if_revision=ABSENT)
    backend.runs.put({"run_id": "1", "state": "Completed"})
    (folder / "flows" / ".riverstage-0123.tmp").write_bytes(b"litter")
    delete_project_folder(folder)
    assert list(tmp_path.iterdir()) == []


def test_delete_refuses_when_other_files_lie_there_and_names_them(tmp_path):
    folder = create_project_folder(tmp_path, PROJECT)
    FolderBackend(folder).put("flow", "x", b"{}", if_revision=ABSENT)
    (folder / "data").mkdir()
    (folder / "flows" / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"'data', 'flows/notes\.txt'") as refused:
        delete_project_folder(folder)
    assert refused.value.code == "RS-7005"
    assert (folder / "flows" / "x.json").exists()
    assert read_project(folder) == PROJECT


def test_delete_names_ten_files_at_most(tmp_path):
    folder = create_project_folder(tmp_path, PROJECT)
    for number in range(13):
        (folder / f"file {number:02}").write_text("")
    with pytest.raises(StoreError, match="'file 09' and 3 more"):
        delete_project_folder(folder)
