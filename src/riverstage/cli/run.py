"""``riverstage run``: run a flow and leave with a code that says how it went."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import click

from riverstage.cli._exit import COMPLETED, WARNINGS
from riverstage.cli._flows import runtime_for

__all__ = ["command"]


@click.command("run")
@click.argument("flow", metavar="FLOW.json|FILE.py[:NAME]")
@click.option("-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Give a parameter a value.")
@click.option(
    "--value-set", "value_sets", multiple=True, metavar="SET=NAME", help="Choose a parameter set's value set."
)
@click.option("--engine", default="duckdb", show_default=True, help="The engine that runs it.")
@click.option("--project", metavar="FOLDER", help="The project whose parameter sets and connections are used.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads at most.")
@click.option("--memory", metavar="SIZE", help="Memory at most, as 512MB or 4GB.")
@click.option(
    "--ledger",
    type=click.Choice(["exact", "basic"]),
    default="exact",
    show_default=True,
    help="Count every link, or only what is free.",
)
@click.option("--warnings-ok", is_flag=True, help="Leave with 0 where the run completed with warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print the run's record as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing unless something is wrong.")
def command(
    *,
    flow: str,
    parameters: tuple[str, ...],
    value_sets: tuple[str, ...],
    engine: str,
    project: str | None,
    threads: int | None,
    memory: str | None,
    ledger: str,
    warnings_ok: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run a flow.

    Relative file names in the flow start from its project's folder, or from the current folder where it lies in none.
    Rows on a linked reject port are no warning. Running again gives the same targets.

    \b
    Exit codes: 0 completed, 3 completed with warnings (0 with --warnings-ok),
    1 failed, 2 the command line was wrong, 130 cancelled.
    """
    from riverstage.runs.console import Console
    from riverstage.runs.runtime import default_options

    # A scheduler stops a job with SIGTERM: it is a cancel like Ctrl-C, so that nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    _, _, runtime = runtime_for(flow, parameters=parameters, value_sets=value_sets, project=project)
    options = default_options(threads=threads, memory_limit=memory, ledger=ledger)
    with Console(runtime, quiet=quiet or as_json) as console:
        result = runtime.run(engine=engine, options=options, listener=console.listen)
    _keep(runtime.folder, result)
    if as_json:
        click.echo(json.dumps(result.as_dict(), indent=2, ensure_ascii=False))
    elif not quiet:
        click.echo(repr(result))
    return COMPLETED if result.status == "Completed" or warnings_ok else WARNINGS


def _keep(folder: Path, result: Any) -> None:
    """Write the run to the project's history, where the flow lies in a project."""
    from riverstage.cli._project import project_around

    project_around(folder, required=False).keep_run(result)
