"""``riverstage infer``: the columns and types that a file holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from riverstage.cli._flows import near_files
from riverstage.cli._options import json_option, write_json
from riverstage.errors import Place, UsageError
from riverstage.runs._terminal import pad, visible, wide, write

__all__ = ["command"]

_PATTERN = frozenset("*?[")
_TOLD_BY_NAME = (".jsonl", ".ndjson", ".parquet", ".ds", ".gz", ".gzip")
_BEGINS_JSON = (b"{", b"[", b"[{", b"[[")
_LONGEST_LINE = 1_000_000


@click.command("infer")
@click.argument("file", metavar="FILE")
@json_option("the columns")
def command(*, file: str, as_json: bool) -> None:
    """Show the columns and types that a file holds: delimited text, Parquet, JSON lines or a data set."""
    from riverstage.connectors._files import os_problem
    from riverstage.connectors.infer import infer
    from riverstage.document.fields import field_of

    path = Path(file)
    try:
        if not path.exists() and not _PATTERN & set(file):
            raise UsageError(
                f"There is no file {file}.",
                code="RS-8001",
                place=Place(file=file),
                mend=_near(path) or near_files(path),
            )
        row = infer(file, _json_lines(path))
    except OSError as error:  # a folder that may not be looked into
        raise os_problem(error, path, "Reading") from error
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


def _json_lines(path: Path) -> dict[str, str] | None:
    """Return that a file holds JSON lines, where it does and its name does not say so.

    Raises:
        UsageError: It is JSON over several lines, which would pass for delimited text.
    """
    if path.suffix.lower() in _TOLD_BY_NAME or not path.is_file():
        return None
    with path.open("rb") as file:
        first = file.readline(_LONGEST_LINE).strip()
    try:
        is_record = isinstance(json.loads(first), dict)
    except ValueError:
        is_record = False
    if is_record:
        return {"family": "json_lines"}
    if first in _BEGINS_JSON or (path.suffix.lower() == ".json" and first[:1] in (b"{", b"[")):
        raise UsageError(
            f"{path} holds JSON over several lines, or a list; what can be read is JSON lines.",
            code="RS-8012",
            place=Place(file=str(path)),
            mend="Write each record on a line of its own, as `jq -c '.[]'` does, to a file that ends with .jsonl.",
        )
    return None


def _near(path: Path) -> str:
    import difflib

    folder = path.parent if path.parent.is_dir() else Path()
    near = difflib.get_close_matches(path.name, [item.name for item in folder.iterdir() if item.is_file()], 1)
    return f"Did you mean {folder / near[0]}?" if near else ""
