"""Run what the documentation shows: fenced blocks, in order, a page in a folder of its own.

* ``python``: run in the page's one namespace. Lines with ``>>>`` are compared as doctests. A ``text`` block directly
  behind shows what the block prints. A block whose first line is ``# NAME.py`` is written to that file as well.
* ``console``: lines that begin with ``$`` are commands; what follows one is its output. No output shown: none compared.
* ``json``, ``csv``: written to the file that a line ``<!-- file: NAME -->`` before the block names, if there is one.

``...`` stands for any text, on one line or, alone on a line, over several. Other blocks are shown only.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"<!-- file: (\S+) -->\s*\Z")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line it begins on, the file it is for, what it prints."""

    language: str
    text: str
    line: int
    file: str | None
    output: str | None


def pages() -> list[Path]:
    """Return every page of documentation that is written by hand or generated."""
    named = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "THREAT_MODEL.md")
    return sorted([*(ROOT / name for name in named), *(ROOT / "docs").rglob("*.md")])


def blocks(text: str) -> Iterator[Block]:
    """Return the fenced blocks of a page."""
    found = list(_FENCE.finditer(text))
    for number, match in enumerate(found):
        language, body = match.groups()
        named = _FILE.search(text[: match.start()])
        file = named[1] if named else None
        if language == "python" and (first := re.match(r"# (\w+\.py)\n", body)):
            file = first[1]
        behind = found[number + 1] if number + 1 < len(found) else None
        output = None
        if behind is not None and behind[1] == "text" and not text[match.end() : behind.start()].strip():
            output = behind[2]
        yield Block(language, body, text.count("\n", 0, match.start()) + 1, file, output)


def is_run(text: str) -> bool:
    """Return whether a page has anything to run."""
    return any(block.language in ("python", "console") for block in blocks(text))


def run_page(path: Path, folder: Path) -> None:
    """Run the blocks of a page in a folder and compare what they show."""
    namespace: dict[str, Any] = {"__name__": "__page__"}
    for block in blocks(path.read_text("utf-8")):
        where = f"{path.relative_to(ROOT)}:{block.line}"
        if block.file is not None:
            (folder / block.file).write_text(block.text, "utf-8")
        if block.language == "python":
            _run_python(block, namespace, where)
        elif block.language == "console":
            _run_console(block.text, folder, where)


def _run_python(block: Block, namespace: dict[str, Any], where: str) -> None:
    if ">>>" in block.text:
        _run_doctest(block, namespace, where)
        return
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, where, "exec"), namespace)
    if block.output is not None:
        compare(block.output, printed.getvalue(), where)


def _run_doctest(block: Block, namespace: dict[str, Any], where: str) -> None:
    test = doctest.DocTestParser().get_doctest(block.text, namespace, where, where, block.line)
    test.globs = namespace  # the parser copies it, and what a page defines is for the page
    told = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL, verbose=False)
    runner.run(test, out=told.write, clear_globs=False)
    assert runner.failures == 0, told.getvalue()


def _run_console(text: str, folder: Path, where: str) -> None:
    for command, expected in _commands(text):
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=_environment(folder), capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"{where}: {command}\n{said}"
        if expected.strip():
            compare(expected, said, f"{where}: {command}")


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        count = 1
        while lines[count - 1].endswith("\\"):
            count += 1
        yield "\n".join(lines[:count]), "\n".join(lines[count:])


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RIVERSTAGE_", "PYTEST"))}
    beside = str(Path(sys.executable).parent)
    return {
        **kept,
        "PATH": f"{beside}{os.pathsep}{kept.get('PATH', '')}",
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }


def compare(expected: str, found: str, where: str) -> None:
    """Compare what is shown with what came; blanks at the ends of lines do not count."""
    want, got = _plain(expected), _plain(found)
    pattern = "".join(".*?" if part == "..." else re.escape(part) for part in re.split(r"(\.\.\.)", want))
    assert re.fullmatch(pattern, got, re.DOTALL), f"{where}\n--- shown\n{want}\n--- came\n{got}"


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
