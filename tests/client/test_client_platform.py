"""The platform and its projects."""

import subprocess
import sys
from datetime import datetime

import pytest

from riverstage.client import Parameter, Platform, ValueSet
from riverstage.errors import NotFoundError, StoreError, UsageError


def test_a_project_is_made_found_and_shown(platform):
    project = platform.create_project("conf", "what for", ["a"], public=True)
    assert repr(project) == f"Project(name='conf', project_id='{project.project_id}')"
    assert platform.projects.get(name="conf") == project
    assert platform.projects[0] == project
    assert len(platform.projects) == 1
    assert [found.description for found in platform.projects] == ["what for"]
    assert platform.projects.get_all(public=True) == [project]
    assert platform.projects.get_all(public=False) == []
    assert repr(platform.projects) == f"[{project!r}]"
    assert project.path == platform.path / "conf"


def test_a_project_is_changed(platform, project):
    project.name, project.description, project.tags = "new", "other", ["x"]
    response = platform.update_project(project)
    assert repr(response) == "<Response [200]>"
    found = Platform(path=platform.path).projects.get(name="new")
    assert (found.project_id, found.description, found.tags) == (project.project_id, "other", ["x"])


def test_a_project_is_removed(platform, project):
    assert repr(platform.delete_project(project)) == "<Response [204]>"
    assert list(platform.projects) == []
    with pytest.raises(NotFoundError):
        platform.delete_project(project)
    with pytest.raises(StoreError):
        project.create_parameter_set("x")


def test_other_files_are_not_removed(platform, project):
    (project.path / "data.csv").write_text("1")
    with pytest.raises(StoreError, match=r"'data\.csv'"):
        platform.delete_project(project)
    assert platform.projects.get(name="conf") == project


def test_a_mistyped_attribute_is_refused(platform, project):
    kept = project.create_parameter_set("ps", parameters=[Parameter("a")], value_sets=[ValueSet("v")])
    reach = project.create_connection("pg", "postgresql")
    for thing, typo, near in [
        (platform, "paht", "path"),
        (project, "naem", "name"),
        (project, "flws", "flows"),
        (reach, "propertis", "properties"),
        (kept, "descripton", "description"),
        (kept.parameters[0], "promt", "prompt"),
        (kept.value_sets[0], "valus", "values"),
    ]:
        with pytest.raises(AttributeError, match=f"has no attribute '{typo}'. Did you mean '{near}'"):
            setattr(thing, typo, "x")
        with pytest.raises(AttributeError, match=f"Did you mean '{near}'"):
            getattr(thing, typo)


def test_what_cannot_be_found(platform, project):
    with pytest.raises(ValueError, match="Did you mean 'conf'"):
        platform.projects.get(name="cnf")
    with pytest.raises(ValueError, match=r"Cannot filter on nmae. Did you mean 'name'"):
        platform.projects.get(nmae="conf")
    with pytest.raises(ValueError, match="Cannot filter on nmae"):
        platform.projects.get_all(nmae="conf")
    with pytest.raises(IndexError):
        platform.projects[3]


def test_a_service_is_not_reached_by_this_version():
    with pytest.raises(StoreError, match="no client for a service") as refused:
        Platform(base_url="https://example.org")
    assert refused.value.code == "RS-7006"


def test_a_folder_is_given_by_name(tmp_path):
    with pytest.raises(UsageError, match="path="):
        Platform(str(tmp_path))


def test_the_current_directory_is_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = Platform().create_project("conf")
    assert project.path == tmp_path / "conf"
    assert repr(Platform()) == f"Platform(path='{tmp_path}')"


def test_a_folder_with_files_can_become_a_project(platform, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "data.csv").write_text("1")
    assert platform.create_project("conf", folder=tmp_path / "mine").path == tmp_path / "mine"


def test_only_projects_are_projects(platform):
    for change in (platform.update_project, platform.delete_project):
        with pytest.raises(UsageError, match="no project"):
            change("conf")


def test_importing_the_client_loads_nothing_heavy():
    code = "import sys, riverstage.client; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.split()
    heavy = {"duckdb", "sqlglot", "pyarrow", "rich", "click", "cryptography", "sqlite3", "tomllib"}
    assert heavy.isdisjoint(loaded)


def test_a_broken_project_does_not_hide_the_others(platform, project):
    (platform.path / "broken").mkdir()
    (platform.path / "broken" / "riverstage.toml").write_text("<<<<<<< HEAD")
    assert platform.projects.get(name="conf") == project
    assert platform.projects.get(project_id=project.project_id) == project
    assert platform.create_project("more").name == "more"
    assert repr(platform.update_project(project)) == "<Response [200]>"
    for look in (lambda: list(platform.projects), platform.projects.get_all, lambda: platform.projects.get(name="x")):
        with pytest.raises(StoreError, match="broken"):
            look()


def test_what_is_known_of_a_project_besides(platform, project):
    assert (project.type, project.creator) == ("folder", project.path.owner())
    known = project.metadata
    assert (known["guid"], known["url"]) == (project.project_id, project.path.as_uri())
    assert datetime.fromisoformat(known["updated_at"]).tzinfo is not None
    platform.delete_project(project)
    assert (project.creator, project.metadata["updated_at"]) == (None, None)
