"""``riverstage eval``: try an expression of the Transformer language."""

from __future__ import annotations

import json
import re

import click

from riverstage.cli._exit import COMPLETED, FAILED, USAGE
from riverstage.cli._options import json_option, write_json
from riverstage.errors import ExpressionError
from riverstage.runs._terminal import visible, write
from riverstage.runs.peek import shown_value

__all__ = ["command"]


# Options: by their names, or a column right behind its own (-cname:type).
_OPTION = re.compile(r"-[ch]|--[A-Za-z].*|-c[^\s:()]+:\w.*", re.DOTALL)


class _Expressions(click.Command):
    """A command whose argument may begin with a minus sign."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _expression_last(args))


def _expression_last(args: list[str]) -> list[str]:
    """Return arguments in which one that begins with a minus sign and is no option stands at the end, behind ``--``."""
    is_value = False
    for index, text in enumerate(args):
        if is_value:
            is_value = False
        elif text == "--":
            break
        elif text.startswith("-") and not _OPTION.fullmatch(text):
            return [*args[:index], *args[index + 1 :], "--", text]
        else:
            is_value = text in ("-c", "--column")
    return args


@click.command("eval", cls=_Expressions)
@click.argument("expression")
@click.option(
    "-c",
    "--column",
    "columns",
    multiple=True,
    metavar="NAME:TYPE=VALUE",
    help="Give a column, as amount:decimal(7,2)=12.50 or orders.amount:INTEGER=3; without =VALUE it is null.",
)
@click.option("--legacy-nulls", is_flag=True, help="The null rules before 8.5: a null in an expression fails the row.")
@json_option("value, type and failure")
def command(*, expression: str, columns: tuple[str, ...], legacy_nulls: bool, as_json: bool) -> int:
    """Evaluate an expression and show its value and type.

    \b
    riverstage eval 'UpCase(Trim(name))' --column 'name:string= ann '
    riverstage eval 'If amount > 10 Then "big" Else "small"' -c amount:int32=12
    riverstage eval '-5 / 2'
    """
    from riverstage.runs.expressions import try_expression

    try:
        tried = try_expression(expression, columns, legacy_nulls=legacy_nulls)
    except ExpressionError as error:
        return _wrong(expression, error, as_json=as_json)
    if as_json:
        write_json(tried.as_dict())
    elif tried.failed:
        reason = f" {visible(tried.reason)}" if tried.reason else ""
        write(f"✗ The expression has no value here:{reason}\n  A Transformer rejects such a row.", error=True)
    else:
        # A text is quoted, so that blanks are seen.
        shown = json.dumps(tried.value, ensure_ascii=False) if isinstance(tried.value, str) else None
        write(f"{shown_value(tried.value) if shown is None else shown}  {tried.type}", paint=False)
    return FAILED if tried.failed else COMPLETED


def _wrong(expression: str, first: ExpressionError, *, as_json: bool) -> int:
    """Show every problem of an expression with a caret under its place."""
    from riverstage.expressions.problems import problems
    from riverstage.runs.expressions import pointed

    found = {(error.place.position, error.code): error for error in (first, *problems(expression))}
    ordered = sorted(found.values(), key=lambda error: error.place.position or 0)
    if as_json:
        write_json({"error": first.as_dict(), "errors": [error.as_dict() for error in ordered]})
        return USAGE
    for error in ordered:
        lines = [f"✗ error {error.code}: {error.message}", *(f"    {line}" for line in pointed(expression, error))]
        write("\n".join([*lines, f"  → {error.mend}"] if error.mend else lines), error=True)
    return USAGE
