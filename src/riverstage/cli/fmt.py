"""``riverstage fmt``: canonical form, so that a diff shows what changed and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from riverstage.cli._exit import COMPLETED, FAILED

__all__ = ["command"]


@click.command("fmt")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW.json…")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; leave with 1 where a file would change.")
@click.option("--stdout", is_flag=True, help="Print the canonical form instead of writing it.")
def command(*, flows: tuple[str, ...], only_check: bool, stdout: bool) -> int:
    """Write flows in canonical form: nothing is dropped, nothing added, order and ids are kept."""
    from riverstage.document import Document
    from riverstage.store import write_file

    changed = []
    for name in flows:
        path = Path(name)
        if not path.is_file():
            message = f"There is no file {path}."
            raise click.UsageError(message)
        before = path.read_bytes()
        after = Document.loads(before, source=str(path)).dumps()
        if stdout:
            sys.stdout.buffer.write(after)
        elif after != before:
            changed.append(path)
            if not only_check:
                write_file(path, after, is_new=False)
    if not stdout:
        word = "would be changed" if only_check else "changed"
        for path in changed:
            click.echo(f"{path} {word}")
        if not changed:
            click.echo(f"{len(flows)} {'file is' if len(flows) == 1 else 'files are'} in canonical form already")
    return FAILED if only_check and changed else COMPLETED
