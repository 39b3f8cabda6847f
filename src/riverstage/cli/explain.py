"""``riverstage explain``: how a flow would run."""

from __future__ import annotations

import json

import click

from riverstage.cli._flows import runtime_for

__all__ = ["command"]


@click.command("explain")
@click.argument("flow", metavar="FLOW.json|FILE.py[:NAME]")
@click.option("-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Give a parameter a value.")
@click.option(
    "--value-set", "value_sets", multiple=True, metavar="SET=NAME", help="Choose a parameter set's value set."
)
@click.option("--engine", default="duckdb", show_default=True, help="The engine.")
@click.option("--project", metavar="FOLDER", help="The project whose parameter sets and connections are used.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
def command(
    *,
    flow: str,
    parameters: tuple[str, ...],
    value_sets: tuple[str, ...],
    engine: str,
    project: str | None,
    as_json: bool,
) -> None:
    """Show how a flow would run: its SQL in rounds, code between them, and how rows are counted."""
    from riverstage.runs.compiled import explain_text

    _, _, runtime = runtime_for(flow, parameters=parameters, value_sets=value_sets, project=project)
    plan = runtime.explain(engine=engine)
    click.echo(json.dumps(plan, indent=2, ensure_ascii=False) if as_json else explain_text(plan))
