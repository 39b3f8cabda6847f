"""``riverstage infer``: the columns and types that a file holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

__all__ = ["command"]


@click.command("infer")
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the columns as JSON.")
def command(*, file: str, as_json: bool) -> None:
    """Show the columns and types that a file holds: delimited text, Parquet, JSON lines or a data set."""
    from riverstage.connectors.infer import infer
    from riverstage.document.fields import field_of

    row = infer(Path(file))
    if as_json:
        told = [
            {"name": item.name, "type": str(item.type), "nullable": item.nullable, "field": field_of(item)}
            for item in row
        ]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    wide = max((len(item.name) for item in row), default=0)
    for item in row:
        click.echo(f"{item.name:<{wide}}  {item.type}{'' if item.nullable else ' not null'}")
