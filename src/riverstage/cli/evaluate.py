"""``riverstage eval``: try an expression of the Transformer language."""

from __future__ import annotations

import json

import click

from riverstage.cli._exit import COMPLETED, FAILED
from riverstage.runs.peek import shown_value

__all__ = ["command"]


@click.command("eval")
@click.argument("expression")
@click.option(
    "-c",
    "--column",
    "columns",
    multiple=True,
    metavar="NAME:TYPE=VALUE",
    help="Give a column, e.g. amount:decimal(7,2)=12.50 (without =VALUE it is null).",
)
@click.option("--legacy-nulls", is_flag=True, help="The null rules before 8.5: a null in an expression fails the row.")
@click.option("--json", "as_json", is_flag=True, help="Print value, type and failure as JSON.")
def command(*, expression: str, columns: tuple[str, ...], legacy_nulls: bool, as_json: bool) -> int:
    """Evaluate an expression and show its value and type.

    \b
    riverstage eval 'UpCase(Trim(name))' --column 'name:string= ann '
    riverstage eval 'If amount > 10 Then "big" Else "small"' -c amount:int32=12
    """
    from riverstage.runs.expressions import try_expression

    tried = try_expression(expression, columns, legacy_nulls=legacy_nulls)
    if as_json:
        click.echo(json.dumps(tried.as_dict(), ensure_ascii=False))
    elif tried.failed:
        click.echo("The row would be rejected: the expression has no value for it.", err=True)
    else:
        click.echo(f"{shown_value(tried.value)}  ({tried.type})")
    return FAILED if tried.failed else COMPLETED
