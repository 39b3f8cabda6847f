"""``riverstage explain``: how a flow would run."""

from __future__ import annotations

import sys

import click

from riverstage.cli._flows import blame_parameters, runtime_for
from riverstage.cli._options import flow_argument, flow_options, json_option, write_json
from riverstage.errors import CheckFailed
from riverstage.runs._terminal import width, write

__all__ = ["command"]

_COLUMNS = 110


@click.command("explain")
@flow_argument
@flow_options
@click.option("--engine", default="duckdb", show_default=True, help="The engine.")
@json_option("the explanation")
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

    runtime = runtime_for(flow, parameters=parameters, value_sets=value_sets, project=project).runtime
    try:
        plan = runtime.explain(engine=engine)
    except CheckFailed as error:
        blame_parameters(error, parameters, value_sets)
        raise
    if as_json:
        write_json(plan)
    else:
        write(explain_text(plan, max(60, width(sys.stdout) or _COLUMNS)), paint=False)
