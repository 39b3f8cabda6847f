"""``riverstage stages``: the catalogue."""

from __future__ import annotations

import sys
from itertools import groupby

import click

from riverstage.cli._exit import blaming_the_command
from riverstage.cli._options import json_option, write_json
from riverstage.errors import CatalogueError
from riverstage.runs._terminal import can_colour, cut, width, write

__all__ = ["command"]


# From here on all names have one column; in narrower terminals each category has its own.
_WIDE = 110


@click.command("stages")
@click.argument("name", required=False, metavar="[TYPE]")
@click.option("--running", is_flag=True, help="Only the types that this version runs.")
@json_option("the list, or the type,")
def command(*, name: str | None, running: bool, as_json: bool) -> None:
    """List the stage types by category, or describe one: its links and properties."""
    from riverstage.catalogue import find, stage_types
    from riverstage.catalogue.reference import as_dict, render
    from riverstage.stages import RUNNING

    if name is not None:
        with blaming_the_command(CatalogueError):
            spec = find(name)
        if as_json:
            write_json(as_dict(spec))
        else:
            write(render(spec).rstrip("\n"), paint=False)
        return
    listed = [info for info in stage_types() if not running or info.name in RUNNING]
    if as_json:
        told = [
            {"name": item.name, "category": item.category, "summary": item.summary, "runs": item.name in RUNNING}
            for item in listed
        ]
        write_json(told)
        return
    listed.sort(key=lambda item: item.category)
    columns = width(sys.stdout)
    bold, plain = ("\x1b[1m", "\x1b[0m") if can_colour(sys.stdout) else ("", "")
    for category, group in groupby(listed, key=lambda item: item.category):
        items = list(group)
        among = listed if columns is None or columns >= _WIDE else items
        column = max(len(item.name) for item in among)
        write(f"{bold}{category}{plain}", paint=False)
        for item in items:
            line = f"  {'●' if item.name in RUNNING else '○'} {item.name:<{column}}  {item.summary}"
            write(line if columns is None else cut(line, columns), paint=False)
        write("")
    write("● runs in this version   ○ can be drawn and saved\n`riverstage stages TYPE` describes one.")
