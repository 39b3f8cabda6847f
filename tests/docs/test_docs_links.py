"""What pages point to is there: files, headings, lines of evidence, packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from .pages import ROOT, pages

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_EVIDENCE = re.compile(r"`(src/[\w/]+\.py):(\d+)` `(\w+)`")
_NEAR = 80


def _prose(path: Path) -> str:
    return _FENCED.sub("", path.read_text("utf-8"))


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(path), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()])
def test_links(page: Path) -> None:
    broken = []
    for target in _LINK.findall(_prose(page)):
        name, _, anchor = target.partition("#")
        if name.startswith(("http:", "https:", "mailto:")):
            continue
        found = (page.parent / name).resolve() if name else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in _anchors(found)):
            broken.append(target)
    assert broken == []


def test_evidence_is_where_it_is_said_to_be() -> None:
    wrong = []
    found = _EVIDENCE.findall((ROOT / "THREAT_MODEL.md").read_text("utf-8"))
    assert len(found) > 20
    for name, number, word in found:
        path = ROOT / name
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        near = lines[max(int(number) - _NEAR, 0) : int(number) + _NEAR]
        if not any(re.search(rf"(def |class |^\s*){word}\b", line) for line in near):
            wrong.append((name, number, word))
    assert wrong == [], "run: make docs"


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8").lower()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    said = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        said += [line for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    names = {re.split(r"[<>=!~\[; ]", line)[0].lower() for line in said}
    assert sorted(name for name in names if not re.search(rf"\b{re.escape(name)}\b", page)) == []


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for page in pages() for word in re.findall(r"\bmake ([a-z]+)\b", _code(page.read_text("utf-8")))}
    assert named - targets == set()


def _code(text: str) -> str:
    return "\n".join([*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S)])
