"""Help texts, and how little is loaded to show them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from riverstage.cli._main import _COMMANDS

from .running import run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("command", list(_COMMANDS))
def test_every_option_has_help_and_is_on_the_page(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command, "--help", COLUMNS="100")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: riverstage {command} [OPTIONS]")
    assert [line for line in done.stdout.splitlines() if len(line) > 100] == []
    section = re.search(rf"^## riverstage {command}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", done.stdout, re.MULTILINE)
    assert [name for name in options if name != "--help" and name not in section[1]] == []
    assert re.findall(r"^  (?:-\w, )?--[\w-]+(?: [\w.:=|\[\]]+)*$(?!\n {10})", done.stdout, re.MULTILINE) == []


def test_the_commands_are_listed_with_what_they_do(tmp_path: Path) -> None:
    text = run(tmp_path, "--help").stdout
    assert [name for name, (_, summary) in _COMMANDS.items() if f"{name}" not in text or summary not in text] == []
    assert "130 cancelled" in text
    assert run(tmp_path, "-h").stdout == text
    assert re.fullmatch(r"riverstage \d+\.\d+\.\d+\S*\n", run(tmp_path, "--version").stdout)


def test_no_command_shows_help(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: riverstage [OPTIONS] COMMAND [ARGS]...\n")
    assert "Commands:" in done.stderr
    assert (done.stdout, "✗" in done.stderr) == ("", False)


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["--help"], ["duckdb", "sqlglot", "pyarrow", "rich", "sqlite3", "riverstage.flow", "riverstage.compiler"]),
        (["run", "--help"], ["duckdb", "sqlglot", "pyarrow", "riverstage.flow"]),
        (["stages"], ["duckdb", "sqlglot", "pyarrow", "riverstage.flow", "riverstage.compiler"]),
        (["stages", "Peek"], ["duckdb", "sqlglot", "pyarrow"]),
        (["eval", "1 + 1"], ["duckdb", "sqlglot", "pyarrow", "riverstage.flow", "riverstage.compiler"]),
        (["fmt", "--check", "flow.json"], ["duckdb", "sqlglot", "pyarrow", "riverstage.compiler"]),
    ],
)
def test_nothing_heavy_is_loaded_in_vain(tmp_path: Path, arguments: list[str], spared: list[str]) -> None:
    (tmp_path / "flow.json").write_text('{"doc_type": "pipeline"}')
    code = (
        "import sys, json\n"
        "from riverstage.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    print('\\n' + json.dumps(list(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in spared if name in loaded] == []


def test_the_completion_of_a_shell_knows_the_commands(tmp_path: Path) -> None:
    done = run(tmp_path, _RIVERSTAGE_COMPLETE="bash_complete", COMP_WORDS="riverstage ", COMP_CWORD="1")
    assert set(re.findall(r"plain,(\w+)", done.stdout)) == set(_COMMANDS)
