"""``riverstage preview``: the first rows of a link."""

from __future__ import annotations

import json

import click

from riverstage.cli._flows import runtime_for

__all__ = ["command"]


@click.command("preview")
@click.argument("flow", metavar="FLOW.json|FILE.py[:NAME]")
@click.argument("link")
@click.option("-n", "--rows", default=10, show_default=True, type=click.IntRange(min=0), help="Rows at most.")
@click.option("-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Give a parameter a value.")
@click.option(
    "--value-set", "value_sets", multiple=True, metavar="SET=NAME", help="Choose a parameter set's value set."
)
@click.option("--project", metavar="FOLDER", help="The project whose parameter sets and connections are used.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
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

    _, _, runtime = runtime_for(flow, parameters=parameters, value_sets=value_sets, project=project)
    shown = Preview(runtime.name, link, runtime.rows(link, rows))
    click.echo(json.dumps(shown.as_dict(), indent=2, ensure_ascii=False) if as_json else repr(shown))
