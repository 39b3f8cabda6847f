"""The page of engines: which stages run where, and which functions are SQL, Python or a gap on each."""

from __future__ import annotations

from collections.abc import Iterator

from docs_pages import functions as functions_page
from docs_pages.stages import module_of, unsupported
from riverstage import types
from riverstage.engines import ENGINES
from riverstage.engines.duckdb.lowering import _PARTIAL, needed_udfs
from riverstage.errors import RiverstageError
from riverstage.expressions import functions as language
from riverstage.expressions import nodes
from riverstage.expressions.functions import Function, Parameter
from riverstage.expressions.parser import parse
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.translate import translate
from riverstage.expressions.tree import FunctionCall
from riverstage.stages import RUNNING
from riverstage.types import DataType

__all__ = ["page"]

_KINDS: dict[str, DataType] = {
    "string": types.string(20),
    "integer": types.INT32,
    "number": types.decimal(10, 2),
    "float": types.FLOAT64,
    "decimal": types.decimal(10, 2),
    "date": types.DATE,
    "time": types.TIME,
    "timestamp": types.TIMESTAMP,
    "boolean": types.BOOLEAN,
    "binary": types.binary(20),
    "any": types.string(20),
    "same": types.string(20),
}
_SQL = "SQL"
_PYTHON = "Python"
_BOTH = "SQL or Python"
_NAMES = {"duckdb": "DuckDB"}
_KERNELS = {"Transformer": "stage variables that are computed from their own past run as a kernel, row by row"}


def _asked(function: Function) -> list[Parameter]:
    return [parameter for parameter in function.parameters if not parameter.name.startswith("_")]


def _is_sql(text: str, columns: dict[str, DataType]) -> bool:
    scope = Names({"L": {name: Bound(nodes.column(name), kind) for name, kind in columns.items()}})
    translated = translate(text, scope)
    trees = [tree for tree in (translated.value, translated.fails_when) if tree is not None]
    return not any(name.startswith("py_rs__") for tree in trees for name in needed_udfs(tree))


def _all_columns(function: Function) -> bool:
    """Return whether the function is SQL where every argument that must be there is a column."""
    return _with_columns(function, [parameter for parameter in _asked(function) if not parameter.optional])


def _with_columns(function: Function, given: list[Parameter]) -> bool:
    columns = {f"c{index}": _KINDS[parameter.accepts] for index, parameter in enumerate(given)}
    return _is_sql(f"{function.name}({', '.join(columns)})", columns)


def _one_column(function: Function, example: str) -> bool:
    """Return whether the function is SQL where one argument of its example is a column and the others stay."""
    call = parse(example)
    if not isinstance(call, FunctionCall):
        return False
    asked = _asked(function)
    least = sum(not parameter.optional for parameter in asked)
    for count in range(len(call.arguments), least - 1, -1):
        said = [example[argument.start : argument.end] for argument in call.arguments[:count]]
        for index, parameter in enumerate(asked[:count]):
            text = f"{function.name}({', '.join([*said[:index], 'c0', *said[index + 1 :]])})"
            try:
                if _is_sql(text, {"c0": _KINDS[parameter.accepts]}):
                    return True
            except RiverstageError:
                continue
    return False


def on_duckdb(function: Function, example: str | None) -> str:
    """Return how DuckDB runs a function."""
    name = function.name.lower()
    if name in _PARTIAL:
        return _BOTH
    everywhere = _all_columns(function)
    if everywhere and _with_columns(function, _asked(function)):
        return _SQL
    if example is None:
        return _SQL if everywhere else _PYTHON
    if everywhere or _one_column(function, example):
        return _BOTH
    return _PYTHON


def _stages() -> Iterator[str]:
    yield from ("", "## Stages", "", "| Stage | " + " | ".join(_NAMES[name] for name in ENGINES) + " | Remarks |")
    yield "|---|" + "---|" * len(ENGINES) + "---|"
    for name in RUNNING:
        said = unsupported(name)
        remark = _KERNELS.get(name, "")
        if said:
            what = "1 kind of setting is" if len(said) == 1 else f"{len(said)} kinds of settings are"
            remark += ("; " if remark else "") + f"[{what} refused](stages/{module_of(name)}.md#not-supported-yet)"
        yield f"| [{name}](stages/{module_of(name)}.md) | " + " | ".join("runs" for _ in ENGINES) + f" | {remark} |"
    yield ""
    yield "All other types of the catalogue can be drawn and saved; a run with one is refused (`RS-4011`)."


def _functions() -> Iterator[str]:
    known = functions_page.examples()
    yield from ("", "## Functions", "")
    yield (
        "*SQL*: the engine computes it. *Python*: the engine calls the function's Python reference, a batch of rows "
        "at a time, which is slower. *SQL or Python*: SQL where one argument is a column and the others are constants "
        "of the usual kind; Python for what SQL does not cover, such as formats or positions that come from columns. "
        "`riverstage explain` names the functions of a flow that run as Python. Both give the same values; the tests "
        "compare them."
    )
    yield ""
    yield (
        "No function is a gap on an engine: [what the language lacks](functions.md#functions-that-there-are-not) it "
        "lacks everywhere."
    )
    yield from ("", "| Function | " + " | ".join(_NAMES[name] for name in ENGINES) + " |")
    yield "|---|" + "---|" * len(ENGINES)
    for name in language.names():
        function = language.find(name)
        yield f"| `{name}` | {on_duckdb(function, known.get(name))} |"


def _counts() -> str:
    known = functions_page.examples()
    said = [on_duckdb(language.find(name), known.get(name)) for name in language.names()]
    sql, both, python = (said.count(way) for way in (_SQL, _BOTH, _PYTHON))
    return (
        f"Of the {len(said)} functions, {sql} are SQL on DuckDB, {both} are SQL or Python, and {python} run as Python."
    )


def page() -> str:
    """Return the page."""
    lines = ["# Engines", ""]
    lines.append(
        "A flow runs on DuckDB, in the process that asks for it; there is no other engine yet. "
        "A stage or function that an engine cannot run is listed here and refused before anything is read, never left "
        "out in silence."
    )
    lines += ["", _counts()]
    lines += [*_stages(), *_functions()]
    return "\n".join(lines)
