"""The pages of stages: one a running type, from the catalogue, its module's docstring and its cases; and the index."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from riverstage.catalogue import find, stage_types
from riverstage.catalogue.reference import render
from riverstage.runs.peek import shown_value
from riverstage.stages import RUNNING, load
from tests.conformance.case import Case, Rows

__all__ = ["module_of", "pages", "unsupported"]

_MOST_ROWS = 8
_EXAMPLES = 2
_FOLDER = Path(str(importlib.import_module("riverstage.stages").__file__)).parent


def module_of(name: str) -> str:
    """Return the module, and so the page, of a stage type."""
    module = load(name)
    if module is None:
        message = f"{name} does not run"
        raise LookupError(message)
    return module.__name__.rpartition(".")[2]


# What it decides.


def _decisions(name: str) -> str:
    module = load(name)
    text = (module.__doc__ if module is not None else "") or ""
    return re.sub(r"``([^`]+)``", r"`\1`", text.strip())


# What it refuses.


@cache
def _parts(path: Path) -> dict[str, ast.stmt]:
    """Return what a module defines, by name."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(path.read_text("utf-8")).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found.update({target.id: statement for target in targets if isinstance(target, ast.Name)})
    return found


def _used(path: Path, names: Iterable[str]) -> list[ast.stmt]:
    """Return the parts of a module that those names need, directly or through others."""
    parts, ahead, seen = _parts(path), list(names), dict[str, ast.stmt]()
    while ahead:
        name = ahead.pop()
        if name in parts and name not in seen:
            seen[name] = parts[name]
            ahead += [node.id for node in ast.walk(parts[name]) if isinstance(node, ast.Name)]
    return list(seen.values())


def _refusals(statements: Iterable[ast.stmt]) -> list[str]:
    """Return the sentences that say that something is not supported."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [_text(node) for node in nodes if id(node) not in docstrings]
    return [text.rstrip(".") for text in texts if text is not None and "not supported" in text and len(text) < 200]


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def unsupported(name: str) -> list[str]:
    """Return what a running stage type refuses, as its findings say it."""
    own = _FOLDER / f"{module_of(name)}.py"
    tree = ast.parse(own.read_text("utf-8"))
    found = _refusals(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("riverstage.stages._"):
            names = [alias.name for alias in node.names]
            found += _refusals(_used(_FOLDER / f"{str(node.module).rpartition('.')[2]}.py", names))
    whole = [text for text in dict.fromkeys(found) if not any(text != other and text in other for other in found)]
    return [text for text in whole if text[:1].isupper()]


# What it does, shown.


def _cases(name: str) -> list[Case]:
    module = importlib.import_module(f"tests.conformance.cases.{module_of(name)}")
    return [case for case in module.CASES if _is_short(case)]


def _is_short(case: Case) -> bool:
    links = [*case.inputs.values(), *case.outputs.values()]
    quiet = not (case.problems or case.fails)
    shows = any(rows.rows for rows in links) and (bool(case.outputs) or bool(case.written) or bool(case.log))
    said = any(callable(value) or isinstance(value, bytes) for value in (*case.files.values(), *case.written.values()))
    return quiet and shows and not said and all(len(rows.rows) <= _MOST_ROWS for rows in links)


def _examples(name: str) -> Iterator[str]:
    chosen = _cases(name)[:_EXAMPLES]
    if not chosen:
        return
    yield from ("## Examples", "", "From the cases that the tests run.", "")
    for case in chosen:
        yield from _example(case)


def _example(case: Case) -> Iterator[str]:
    yield from (f"**{case.name[:1].upper()}{case.name[1:]}**", "")
    if case.configuration:
        settings = "\n".join(f"stage.configuration.{key} = {value!r}" for key, value in case.configuration.items())
        yield from ("```text", settings, "```", "")
    for file, content in case.files.items():
        yield from (f"The file `{file}`:", "", "```text", str(content).rstrip("\n"), "```", "")
    for link, rows in case.inputs.items():
        yield from _rows(f"Into `{link}`", rows)
    for link, rows in case.outputs.items():
        yield from _rows(f"Out of `{link}`", rows)
    if case.log:
        yield from ("In the job log:", "", "```text", *case.log, "```", "")
    for file, content in case.written.items():
        yield from (f"The file `{file}` afterwards:", "", "```text", str(content).rstrip("\n"), "```", "")


def _rows(title: str, rows: Rows) -> Iterator[str]:
    from tests.conformance.runner import row_of, value_of

    kind = "" if rows.kind == "primary" else f" ({rows.kind})"
    yield from (f"{title}{kind}:", "")
    for text in _said(rows.output):
        yield from (text, "")
    columns = list(row_of(rows))
    if not columns:
        return
    yield "| " + " | ".join(f"`{column.name}` {column.type}" for column in columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows.rows:
        cells = [_cell(value_of(value, column.type)) for value, column in zip(row, columns, strict=True)]
        yield "| " + " | ".join(cells) + " |"
    yield ""


def _said(output: Mapping[str, Any]) -> Iterator[str]:
    derivations = output.get("valueDerivation")
    if isinstance(derivations, list) and derivations:
        said = [f"`{one.get('columnName')}` = `{one.get('parsedExpression')}`" for one in derivations]
        yield f"Derivations: {', '.join(said)}"
    if output.get("TransformerConstraint"):
        yield f"Constraint: `{output['TransformerConstraint']}`"


def _cell(value: Any) -> str:
    if value is None:
        return "*null*"
    text = shown_value(value).replace("|", "\\|").replace("\n", "⏎")
    return text if text.strip() == text and text else f"`{text or ' '}`"


# The pages.


def _page(name: str) -> str:
    head, _, properties = render(find(name)).partition("\n## ")
    lines = [head.rstrip(), "", "Runs in this version, on DuckDB. [All stages](README.md)", ""]
    lines += ["## How it runs", "", _decisions(name), ""]
    refused = unsupported(name)
    if refused:
        lines += ["## Not supported yet", "", "A flow that asks for one of these is refused by the check.", ""]
        lines += [*(f"* {text}." for text in refused), ""]
    lines += list(_examples(name))
    return "\n".join(lines) + "\n## " + properties


def _index() -> Iterator[str]:
    listed = sorted(stage_types(), key=lambda info: (info.category, info.name.lower()))
    yield "# Stages"
    yield ""
    yield (
        f"The catalogue has {len(listed)} stage types. ● runs in this version ({len(RUNNING)}); ○ can be drawn, "
        "configured and saved, and keeps all of its settings, but a run with it is refused (`RS-4011`). "
        "`riverstage stages TYPE` describes any of them."
    )
    for category, infos in groupby(listed, key=lambda info: info.category):
        yield from ("", f"## {category}", "", "| | Type | What it does |", "|---|---|---|")
        for info in infos:
            runs = info.name in RUNNING
            shown = f"[{info.name}]({module_of(info.name)}.md)" if runs else info.name
            yield f"| {'●' if runs else '○'} | {shown} | {info.summary} |"


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    found = {"README.md": "\n".join(_index())}
    found.update({f"{module_of(name)}.md": _page(name) for name in RUNNING})
    return found
