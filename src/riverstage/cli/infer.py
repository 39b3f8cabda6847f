"""``riverstage infer``: the columns and types that a file holds."""

from __future__ import annotations

from pathlib import Path

import click

from riverstage.cli._flows import near_files
from riverstage.cli._options import json_option, write_json
from riverstage.errors import Place, UsageError
from riverstage.runs._terminal import pad, visible, wide, write

__all__ = ["command"]

_PATTERN = frozenset("*?[")


@click.command("infer")
@click.argument("file", metavar="FILE")
@json_option("the columns")
def command(*, file: str, as_json: bool) -> None:
    """Show the columns and types that a file holds: delimited text, Parquet, JSON lines or a data set."""
    from riverstage.connectors.infer import infer
    from riverstage.document.fields import field_of

    path = Path(file)
    if not path.exists() and not _PATTERN & set(file):
        raise UsageError(
            f"There is no file {file}.", code="RS-8001", place=Place(file=file), mend=_near(path) or near_files(path)
        )
    row = infer(file)
    if as_json:
        write_json(
            [
                {"name": item.name, "type": str(item.type), "nullable": item.nullable, "field": field_of(item)}
                for item in row
            ]
        )
        return
    column = max((wide(visible(item.name)) for item in row), default=0)
    lines = [f"{pad(visible(item.name), column)}  {item.type}{'' if item.nullable else ' not null'}" for item in row]
    write("\n".join(lines) if lines else "It holds no columns.", paint=False)


def _near(path: Path) -> str:
    import difflib

    folder = path.parent if path.parent.is_dir() else Path()
    near = difflib.get_close_matches(path.name, [item.name for item in folder.iterdir() if item.is_file()], 1)
    return f"Did you mean {folder / near[0]}?" if near else ""
