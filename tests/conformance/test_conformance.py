"""Every stage against its table of cases, on every engine."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from . import cases as cases_package
from .case import Case
from .runner import check_case

ENGINES = ("duckdb",)


def _all_cases() -> list[tuple[str, Case]]:
    found = []
    for module in pkgutil.iter_modules(cases_package.__path__):
        for case in importlib.import_module(f"{cases_package.__name__}.{module.name}").CASES:
            found.append((module.name, case))
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("stage", "case"), [pytest.param(s, c, id=f"{s}: {c.name}") for s, c in _all_cases()])
def test_case(stage: str, case: Case, engine: str, tmp_path: Path) -> None:
    check_case(case, tmp_path, engine)
