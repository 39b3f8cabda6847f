"""``riverstage fmt``: canonical form, so that a diff shows what changed and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from riverstage.cli._exit import COMPLETED, FAILED
from riverstage.cli._flows import file_of
from riverstage.cli._options import json_option, write_json
from riverstage.errors import Place, RiverstageError, UsageError
from riverstage.runs._terminal import write

__all__ = ["command"]


@click.command("fmt")
@click.argument("flows", nargs=-1, required=True, metavar="FLOW.json…")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; leave with 1 where a file would change.")
@click.option("--stdout", is_flag=True, help="Print the canonical form instead of writing it.")
@json_option("which files changed")
def command(*, flows: tuple[str, ...], only_check: bool, stdout: bool, as_json: bool) -> int:
    """Write flows in canonical form: nothing is dropped, nothing added, order and ids are kept.

    A secret that stands in a file in clear is kept and warned of.
    """
    if stdout and (only_check or as_json):
        message = "--stdout prints the form alone: it goes with neither --check nor --json."
        raise click.UsageError(message, click.get_current_context())
    files = [_document_file(name) for name in flows]
    states = {str(path): _format(path, writes=not only_check, stdout=stdout) for path in files}
    if as_json:
        write_json([{"file": path, "state": state} for path, state in states.items()])
    elif not stdout:
        _say(states, "would change" if only_check else "changed")
    failed = "failed" in states.values() or (only_check and "changed" in states.values())
    return FAILED if failed else COMPLETED


def _document_file(name: str) -> Path:
    path, _ = file_of(name)
    if path.suffix == ".py":
        raise UsageError(f"{path} is Python; fmt formats flow documents.", code="RS-8007", place=Place(file=str(path)))
    return path


def _format(path: Path, *, writes: bool, stdout: bool) -> str:
    """Format one file; return ``changed``, ``canonical`` or ``failed``."""
    from riverstage.document import Document
    from riverstage.flow._saving import secrets_in
    from riverstage.store import write_file

    try:
        before = path.read_bytes()
        document = Document.loads(before, source=str(path))
        after = document.dumps()
        for secret in secrets_in(document):
            write(f"warning: {path} holds a secret in clear: {secret}.", error=True)
        if stdout:
            sys.stdout.flush()
            sys.stdout.buffer.write(after)
        elif after != before and writes:
            write_file(path, after, is_new=False)
    except RiverstageError as error:
        write(f"✗ {path}: {error}", error=True)
        return "failed"
    return "canonical" if after == before else "changed"


def _say(states: dict[str, str], word: str) -> None:
    changed = [path for path, state in states.items() if state == "changed"]
    for path in changed:
        write(f"! {path} {word}" if word != "changed" else f"✓ {path} {word}")
    same = sum(state == "canonical" for state in states.values())
    if same:
        write(f"✓ {same} {'file is' if same == 1 else 'files are'} in canonical form already")
