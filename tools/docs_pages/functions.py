"""The page of functions: signature, what it gives, an example that is computed when the page is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from riverstage.expressions import functions as language
from riverstage.expressions.elaborate import elaborate
from riverstage.expressions.evaluate import evaluate, slots
from riverstage.expressions.functions import Function, Parameter
from riverstage.expressions.parser import parse
from riverstage.runs.peek import shown_value
from riverstage.types import DataType

__all__ = ["examples", "of_category", "page", "signature"]

CATEGORIES = {
    "string": "Texts",
    "null_handling": "Nulls",
    "logical": "Logic and bits",
    "mathematical": "Mathematics",
    "number": "Numbers",
    "date_time": "Dates and times",
    "type_conversion": "Conversions",
    "utility": "The run, checksums",
}
_EXAMPLES = Path(__file__).with_name("function_examples.txt")


def examples() -> dict[str, str]:
    """Return an example of each function that has one, by its name."""
    lines = [line for line in _EXAMPLES.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    return {line.partition("(")[0]: line for line in lines}


def of_category(category: str) -> list[Function]:
    """Return the functions of a category, sorted."""
    return [function for function in map(language.find, language.names()) if function.category == category]


def signature(function: Function) -> str:
    """Return a function's signature: what may be left out in brackets, what must be a constant with a mark."""
    shown = [_parameter(parameter) for parameter in function.parameters if not parameter.name.startswith("_")]
    required = [text for text, optional in shown if not optional]
    optional = [text for text, is_optional in shown if is_optional]
    joined = ", ".join(required)
    for text in optional:
        joined += f" [, {text}]" if joined else f"[{text}]"
    return f"{function.name}({joined})"


def _parameter(parameter: Parameter) -> tuple[str, bool]:
    kind = "" if parameter.accepts in ("any", "same") else f" {parameter.accepts}"
    return f"{parameter.name}{kind}{' …' if parameter.repeated else ''}", parameter.optional


def _result(function: Function) -> str:
    return str(function.returns) if isinstance(function.returns, DataType) else "by its arguments"


def value_of(expression: str) -> str:
    """Return what an expression gives, as a Peek would show it."""
    return shown_value(evaluate(elaborate(parse(expression), slots({}))))


def _example(function: Function, known: dict[str, str]) -> str:
    expression = known.get(function.name)
    if expression is None:
        return ""
    value = value_of(expression)
    return f"{_code(expression)} → {_code(value)}" if value else f"{_code(expression)} → an empty text"


def _code(text: str) -> str:
    said = text.replace("|", "\\|").replace("\t", "→")
    marks = "``" if "`" in said else "`"
    return f"{marks}{said}{marks}"


def _page() -> Iterator[str]:
    known = examples()
    names = language.names()
    yield "# Functions"
    yield ""
    yield (
        f"The {len(names)} functions of the Transformer language, with the {len(language.GAPS)} that there are not and "
        "why. [Expressions](expressions.md) has the language: operators, types, nulls, failures. "
        "[Engines](engines.md) says which functions are SQL on which engine."
    )
    yield ""
    yield (
        "Names are read without regard to case. What stands in square brackets may be left out. Arguments are "
        "converted to the type that is named behind them. Examples are computed when this page is built; try one with "
        "`riverstage eval`."
    )
    for category, title in CATEGORIES.items():
        yield from ("", f"## {title}", "", "| Function | Gives | Result | Example |", "|---|---|---|---|")
        for function in of_category(category):
            also = f" Also `{'`, `'.join(function.aliases)}`." if function.aliases else ""
            about = function.summary.replace("|", "\\|") + also
            yield f"| `{signature(function)}` | {about} | {_result(function)} | {_example(function, known)} |"
    yield from ("", "## Functions that there are not", "")
    yield "A flow that uses one of these is refused with the reason (`RS-3006`)."
    yield from ("", "| Function | Why not |", "|---|---|")
    for name, reason in sorted(language.GAPS.items(), key=lambda item: item[0].lower()):
        yield f"| `{name}` | {reason} |"


def page() -> str:
    """Return the page."""
    return "\n".join(_page())
