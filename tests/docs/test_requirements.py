"""What is pinned for the demo is all that the package needs to run."""

from __future__ import annotations

import re
import tomllib

from .pages import ROOT


def _pinned(name: str) -> set[str]:
    lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
    return {re.split(r"[=<>! ]", line)[0].lower().replace("_", "-") for line in lines if line and line[0] not in "#-"}


def test_the_demo_and_the_tests_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[=<>!; ]", item)[0].lower() for item in project["dependencies"]}
    assert needed <= _pinned("demo.txt")
    assert needed <= _pinned("test.txt")


def test_the_tests_run_with_what_the_demo_runs_with() -> None:
    assert _pinned("demo.txt") <= _pinned("test.txt")
