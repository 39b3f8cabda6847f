"""``riverstage preview``: the first rows of a link."""

from __future__ import annotations

import sys

import click

from riverstage.cli._exit import blaming_the_command
from riverstage.cli._flows import blame_parameters, runtime_for
from riverstage.cli._options import flow_argument, flow_options, json_option, write_json
from riverstage.errors import CheckFailed, NotFoundError
from riverstage.runs._terminal import width, write

__all__ = ["command"]


@click.command("preview")
@flow_argument
@click.argument("link")
@click.option("-n", "--rows", default=10, show_default=True, type=click.IntRange(min=0), help="Rows at most.")
@flow_options
@json_option("the rows")
def command(
    *,
    flow: str,
    link: str,
    rows: int,
    parameters: tuple[str, ...],
    value_sets: tuple[str, ...],
    project: str | None,
    as_json: bool,
) -> None:
    """Show the first rows of a link with their types. Nothing is written, whatever the flow's targets are."""
    from riverstage.runs.preview import Preview

    runtime = runtime_for(flow, parameters=parameters, value_sets=value_sets, project=project).runtime
    try:
        with blaming_the_command(NotFoundError):
            shown = Preview(runtime.name, link, runtime.rows(link, rows))
    except CheckFailed as error:
        blame_parameters(error, parameters, value_sets)
        raise
    if as_json:
        write_json(shown.as_dict())
    else:
        write(shown.as_text(width(sys.stdout)), paint=False)
