"""Generated pages are as they are generated."""

from __future__ import annotations

import importlib.util
import re
import sys
from types import ModuleType

import pytest

from riverstage.catalogue import stage_types
from riverstage.expressions import functions
from riverstage.stages import RUNNING

from .pages import ROOT


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "tools" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    before = list(sys.path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_pages_are_current(builder: ModuleType) -> None:
    wanted = builder.pages()
    differing = [path.name for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    assert differing == [], "run: make docs"
    assert builder.stale(wanted) == []


def test_every_running_stage_has_a_page_and_every_type_stands_in_the_index(builder: ModuleType) -> None:
    names = {path.name for path in builder.pages()}
    assert len([name for name in names if name not in ("README.md", "functions.md", "engines.md")]) == len(RUNNING)
    index = (ROOT / "docs" / "stages" / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| [●○] \| (?:\[([^\]]+)\]\([^)]*\)|([^|]+?)) \|", index, re.MULTILINE)
    assert sorted(one or other for one, other in listed) == sorted(info.name for info in stage_types())


def test_every_function_has_an_example_that_is_computed() -> None:
    page = (ROOT / "docs" / "functions.md").read_text("utf-8")
    without = [name for name in functions.names() if functions.find(name).deterministic and f"| `{name}(" not in page]
    assert without == []
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count(" | ") == 3]
    bare = [row.partition("(")[0].removeprefix("| `") for row in rows if "→" not in row]
    assert all(not functions.find(name).deterministic for name in bare), bare
