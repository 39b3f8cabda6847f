"""``riverstage stages``: the catalogue."""

from __future__ import annotations

import json
from itertools import groupby

import click

__all__ = ["command"]


@click.command("stages")
@click.argument("name", required=False, metavar="[TYPE]")
@click.option("--running", is_flag=True, help="Only the types that this version runs.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(*, name: str | None, running: bool, as_json: bool) -> None:
    """List the stage types by category, or describe one: its links and properties."""
    from riverstage.catalogue import find, stage_types
    from riverstage.catalogue.reference import as_dict, render
    from riverstage.stages import RUNNING

    if name is not None:
        spec = find(name)
        click.echo(json.dumps(as_dict(spec), indent=2, ensure_ascii=False) if as_json else render(spec))
        return
    listed = [info for info in stage_types() if not running or info.name in RUNNING]
    if as_json:
        told = [
            {"name": item.name, "category": item.category, "summary": item.summary, "runs": item.name in RUNNING}
            for item in listed
        ]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    listed.sort(key=lambda item: item.category)
    wide = max(len(item.name) for item in listed)
    for category, items in groupby(listed, key=lambda item: item.category):
        click.secho(f"\n{category}", bold=True)
        for item in items:
            mark = "●" if item.name in RUNNING else "○"
            click.echo(f"  {mark} {item.name:<{wide}}  {item.summary}")
    click.echo("\n● runs in this version   ○ can be drawn and saved\nriverstage stages TYPE describes one.")
