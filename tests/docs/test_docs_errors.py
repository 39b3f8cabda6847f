"""The page of errors has every code that the source raises, and a code belongs to one place."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from .pages import ROOT

SOURCE = ROOT / "src" / "riverstage"
_CODE = re.compile(r"RS-\d{4}")
_ROW = re.compile(r"^\| (RS-\d{4}) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)

# Codes that several rooms raise, and why their meaning is the same in each.
SHARED = {
    "RS-2004": "an object of another flow, given to the flow or to a run of it",
    "RS-2101": "an unknown stage type, by name or by class",
    "RS-3002": "Modify's conversions are functions under other names",
    "RS-3003": "as RS-3002",
    "RS-3005": "as RS-3002",
    "RS-3006": "as RS-3002",
    "RS-4020": "a column that nothing gives, found by whoever maps columns",
    "RS-4022": "a column whose type does not fit, found by whoever maps columns",
    "RS-5004": "a target's folder that is not there, found by the check or by the write",
    "RS-6113": "the system refused, seen by the engine or by the run",
    "RS-6201": "a column's value that does not fit, wherever columns are converted",
    "RS-6230": "a record that cannot be read or written, by whoever reads or writes it",
    "RS-7002": "nothing of that name in a project, at each level of the same call",
    "RS-7003": "names of assets, checked before and at the store",
    "RS-7004": "a name that is taken, found before or at the store",
    "RS-7009": "a folder that is not there",
    "RS-7013": "two files that claim to be one thing",
    "RS-7018": "arguments of calls on a project",
    "RS-7022": "a parameter set in order, before and while saving",
}


def _docstrings(tree: ast.AST) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


# Codes that shared code counts from a stage's own number: what is called with it, and how far it counts.
COUNTED = {"key_problems": range(5), "generator_problems": (2, 4)}


def _counted(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in COUNTED:
            base = node.args[-1]
            if isinstance(base, ast.Constant) and isinstance(base.value, int):
                yield from (f"RS-{base.value + offset}" for offset in COUNTED[node.func.id])


def codes() -> dict[str, set[Path]]:
    """Return every code that the source can raise, with the files that do."""
    found: dict[str, set[Path]] = defaultdict(set)
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        silent = _docstrings(tree)
        compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent | compared:
                for code in _CODE.findall(node.value):
                    found[code].add(path.relative_to(SOURCE))
        for code in _counted(tree):
            found[code].add(path.relative_to(SOURCE))
    return found


@pytest.fixture(scope="module")
def raised() -> dict[str, set[Path]]:
    return codes()


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str, str]]:
    return _ROW.findall((ROOT / "docs" / "errors.md").read_text("utf-8"))


def test_every_code_of_the_source_is_on_the_page(raised: dict[str, set[Path]], rows: list[tuple[str, ...]]) -> None:
    documented = {code for code, _, _ in rows}
    assert {code: sorted(map(str, raised[code])) for code in set(raised) - documented} == {}


def test_the_page_has_no_code_that_nothing_raises(raised: dict[str, set[Path]], rows: list[tuple[str, ...]]) -> None:
    assert {code for code, _, _ in rows} - set(raised) == set()


def test_a_code_stands_once_with_a_meaning_and_what_to_do(rows: list[tuple[str, ...]]) -> None:
    listed = [code for code, _, _ in rows]
    assert [code for code in listed if listed.count(code) > 1] == []
    assert all(meaning.strip() and mend.strip() for _, meaning, mend in rows)


def test_no_two_codes_have_the_same_meaning(rows: list[tuple[str, ...]]) -> None:
    meanings = [meaning.strip() for _, meaning, _ in rows]
    assert [meaning for meaning in meanings if meanings.count(meaning) > 1] == []


def test_no_other_code_is_put_together() -> None:
    made = [path.name for path in SOURCE.rglob("*.py") if 'f"RS-{' in path.read_text("utf-8")]
    assert sorted(made) == ["_generate.py", "_keys.py"], "let COUNTED know of it"


def test_a_code_is_raised_in_one_room(raised: dict[str, set[Path]]) -> None:
    rooms = {code: {path.parts[0] for path in paths if path.name != "errors.py"} for code, paths in raised.items()}
    several = {code for code, found in rooms.items() if len(found) > 1}
    assert several == set(SHARED)


def test_a_stage_raises_the_codes_of_its_own_block(raised: dict[str, set[Path]]) -> None:
    blocks = {
        "row_generator": 4200, "column_generator": 4220, "peek": 4240, "sequential_file": 4260, "data_set": 4280,
        "copy": 4300, "filter": 4320, "sort": 4340, "join": 4360, "lookup": 4380, "aggregator": 4400, "funnel": 4420,
        "remove_duplicates": 4440, "head": 4460, "tail": 4480, "modify": 4500, "switch": 4520, "transformer": 4540,
    }  # fmt: skip
    wrong = []
    for code, paths in raised.items():
        number = int(code[3:])
        for path in paths:
            if path.parent.name == "stages" and 4200 <= number < 5000 and path.stem in blocks:
                first = blocks[path.stem]
                if not first <= number < first + 20:
                    wrong.append((code, str(path)))
    assert wrong == []
