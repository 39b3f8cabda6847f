"""Mistakes of users: what happened, where, what to do next; exit codes; never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riverstage import BatchFlow, Platform

from .running import copying, generated, process, run


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("1 / 0\n", "broken.py raised ZeroDivisionError: division by zero."),
        ("def f(:\n", "broken.py cannot be read: invalid syntax."),
        ("import sys\nsys.exit(3)\n", "broken.py left (sys.exit) before it was read to its end."),
        ("x = 1\n", "broken.py builds no flow."),
        ("from riverstage import BatchFlow as B\na = B('a')\nb = B('b')\n", "broken.py builds 2 flows: a, b."),
        ("from riverstage import BatchFlow as B\nB('a').add_stage('Pek')\n", 'Invalid stage type string: "Pek"'),
    ],
)
def test_python_files_that_build_no_flow(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "broken.py").write_text(source)
    done = run(tmp_path, "check", "broken.py") if "Pek" not in source else run(tmp_path, "explain", "broken.py")
    assert done.returncode in (1, 2)
    assert said in done.stderr + done.stdout


def test_the_line_of_the_users_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("from riverstage import BatchFlow\n\nBatchFlow('a').add_stage('Pek')\n")
    done = run(tmp_path, "run", "broken.py")
    assert done.stderr.splitlines() == [
        '✗ error RS-2101: Invalid stage type string: "Pek". Did you mean "Peek"?',
        "  in broken.py, line 3: BatchFlow('a').add_stage('Pek')",
    ]
    (tmp_path / "broken.py").write_text("x = 1\n\n1 / 0\n")
    assert "broken.py', line 3" in run(tmp_path, "run", "broken.py").stderr


def test_modules_beside_a_python_file_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "beside_it.py").write_text("NAME = 'beside'\n")
    (tmp_path / "flows" / "made.py").write_text(
        "import sys\nimport beside_it\nfrom riverstage import BatchFlow\nflow = BatchFlow(beside_it.NAME)\n"
        "assert sys.argv == ['flows/made.py'], sys.argv\n"
    )
    done = process(tmp_path, "check", "flows/made.py")
    assert done.stdout.startswith("✗ beside: 1 error\n  ✗ RS-4005  The flow has no stages."), done


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "shop"], "Did you mean shop/flows/hello.json?"),
        (["run", "shop/flows/helo.json"], "Did you mean shop/flows/hello.json?"),
        (["infer", "shop/riverstag.toml"], "Did you mean shop/riverstage.toml?"),
        (["run", "shop/flows/hello.json", "--warning-ok"], "Did you mean '--warnings-ok'?"),
        (["run", "shop/flows/hello.json", "--memory", "lots"], "--memory takes a size"),
        (["run", "shop/flows/hello.json", "--threads", "0"], "x>=1"),
        (["run", "shop/flows/hello.json", "--value-set", "x"], "--value-set takes NAME=VALUE"),
        (["fmt", "--stdout", "--check", "shop/flows/hello.json"], "--stdout prints the form alone"),
        (["run", "shop/flows/hello.json", "--project", "nowhere"], "There is no folder nowhere."),
        (["chek", "x"], "Did you mean 'check'?"),
    ],
)
def test_what_is_near_is_named(shop: Path, arguments: list[str], said: str) -> None:
    done = run(shop, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_python_is_not_formatted(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text("x = 1\n")
    done = run(tmp_path, "fmt", "flow.py")
    assert (done.returncode, "RS-8007" in done.stderr) == (2, True)


def test_a_failed_run_says_where_and_what_state_the_data_is_in(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\n")
    (tmp_path / "out.csv").mkdir()
    done = run(tmp_path, "run", "flow.json")
    assert done.returncode == 1
    assert done.stderr.startswith("✗ ")
    assert "out.csv' is a folder" in done.stderr
    assert "flow 'copying', stage 'Write'" in done.stderr
    assert "The target is as it was." in done.stderr


def test_a_source_that_is_not_there_stops_the_check(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\n")
    (tmp_path / "in.csv").unlink()
    for command in ("check", "run"):
        done = run(tmp_path, command, "flow.json")
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert "RS-5001  stage 'Read'" in said
        assert "in.csv' does not exist" in said


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    flow = BatchFlow("wrong")
    for label in ("A", "B", "C"):
        flow.add_stage("Peek", label)
    flow.save(tmp_path / "wrong.json")
    done = run(tmp_path, "run", "wrong.json")
    assert done.returncode == 1
    assert [f"stage '{label}'" in done.stderr for label in "ABC"] == [True, True, True]
    assert done.stderr.startswith("✗ wrong: 3 errors\n")
    assert done.stderr.endswith("\nNothing was read or written.\n")


def test_quiet_is_not_silent_about_warnings(tmp_path: Path) -> None:
    copying(tmp_path, "id,name\n1,Ada\nx,Ben\n")
    done = run(tmp_path, "run", "flow.json", "--quiet")
    assert (done.returncode, done.stdout) == (3, "")
    assert "  ! Read: 1 " in done.stderr


def test_a_mistake_of_our_own_is_owned_up_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from riverstage.runs.runtime import Runtime

    def broken(*_: object, **__: object) -> None:
        message = "a cog is missing"
        raise LookupError(message)

    monkeypatch.setattr(Runtime, "check", broken)
    generated("short", 1, tmp_path)
    done = run(tmp_path, "check", "flow.json")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "✗ error RS-8009: This is a mistake in Riverstage, please report it. LookupError: a cog is missing\n"
    )
    assert "RIVERSTAGE_TRACEBACK=1" in done.stderr


def test_a_secret_in_clear_is_kept_and_warned_of(tmp_path: Path) -> None:
    flow = BatchFlow("s")
    stage = flow.add_stage("PostgreSQL", "Database")
    stage.configuration.password = "hunter-22-secret"
    with pytest.warns(UserWarning, match="secrets in clear"):
        flow.save(tmp_path / "s.json")
    before = (tmp_path / "s.json").read_bytes()
    done = run(tmp_path, "fmt", "s.json")
    assert done.returncode == 0
    assert done.stderr == "warning: s.json holds a secret in clear: password of 'Database'.\n"
    assert (tmp_path / "s.json").read_bytes() == before
    assert "hunter-22-secret" not in done.stdout + run(tmp_path, "check", "s.json").stdout


def test_parameter_sets_are_found_in_the_project(shop: Path) -> None:
    project = Platform(path=shop).projects.get(name="shop")
    limits = project.create_parameter_set("limits")
    limits.add_parameter("integer", "least", value=70)
    limits.add_value_set({"name": "low", "values": [{"name": "least", "value": 0}]})
    project.update_parameter_set(limits)
    path = shop / "shop" / "flows" / "hello.json"
    flow = BatchFlow.load(path)
    flow.use_parameter_set("limits")
    flow.links.get(name="large").constraint = "orders.amount >= limits.least"
    flow.save(path)

    def large(*more: str) -> int:
        record = json.loads(run(shop, "run", "shop/flows/hello.json", "--json", *more).stdout)
        return next(link["rows"] for link in record["links"] if link["name"] == "large")

    assert large() == 4
    assert large("--value-set", "limits=low") == 20
    assert large("--param", "limits.least=1000") == 0

    elsewhere = shop / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "hello.json").write_bytes(path.read_bytes())
    assert run(elsewhere, "check", "hello.json").returncode == 1
    assert run(elsewhere, "check", "hello.json", "--project", "../shop").returncode == 0


def test_runs_of_a_project_are_kept(shop: Path) -> None:
    from riverstage.operations import Workspace

    assert run(shop, "run", "shop/flows/hello.json").returncode == 0
    project = Workspace(shop).project_of(shop / "shop")
    assert project is not None
    assert [(record["state"], record["flow_name"]) for record in project.runs.list()] == [("Completed", "hello")]


def test_a_warning_of_python_code_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(
        "import warnings\nfrom riverstage import BatchFlow\n"
        "warnings.warn('old form', UserWarning)\nflow = BatchFlow('made')\n"
    )
    done = process(tmp_path, "check", "made.py", "--json")
    assert done.stderr == "warning: UserWarning: old form\n"
    assert json.loads(done.stdout)[0]["flow"] == "made"


_PRINTING = """
import os
from riverstage import BatchFlow
print("printed")
os.system("echo by another program")
flow = BatchFlow("printing")
flow.add_stage("Row Generator", "Make").connect_output_to(flow.add_stage("Peek", "Look"), name="rows").create_schema()\\
    .add_field("INTEGER", "id")
"""


@pytest.mark.parametrize(
    "arguments", [["run"], ["check"], ["explain"], ["preview", "rows"]], ids=["run", "check", "explain", "preview"]
)
def test_what_a_flows_file_prints_is_kept_out_of_json(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "flow.py").write_text(_PRINTING.replace("\\\\", "\\"))
    command, *more = arguments
    done = process(tmp_path, command, "flow.py", *more, "--json")
    json.loads(done.stdout)
    assert done.stderr.splitlines()[:2] == ["printed", "by another program"]
    assert done.returncode == 0
    assert "printed\n" in process(tmp_path, command, "flow.py", *more).stdout


@pytest.mark.parametrize("command", [["run"], ["check"], ["explain"], ["preview", "large"]], ids=lambda given: given[0])
@pytest.mark.parametrize("option", [("--value-set", "nope=1"), ("--param", "nope=1")], ids=lambda given: given[0])
def test_what_an_option_names_and_is_not_there_is_an_error_of_the_command_line(
    shop: Path, command: list[str], option: tuple[str, str]
) -> None:
    name, *more = command
    assert run(shop, name, "shop/flows/hello.json", *more, *option).returncode == 2


def test_a_project_needs_a_name_and_a_folder_that_is_there(tmp_path: Path) -> None:
    done = run(tmp_path, "new", "")
    assert (done.returncode, done.stderr) == (2, "✗ error RS-7003: The name of a project cannot be empty.\n")
    done = run(tmp_path, "new", "x", "--in", "nope")
    assert done.returncode == 2
    assert done.stderr == "✗ error RS-8004: There is no folder nope.\n  → Make it, or name another.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 8)
    done = run(tmp_path, "infer", "x.bin")
    assert done.returncode == 1
    assert done.stderr.startswith("✗ error RS-5020: ")
    assert done.stdout == ""
