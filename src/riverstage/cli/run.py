"""``riverstage run``: run a flow and leave with a code that says how it went."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from riverstage.cli._cancel import Cancel
from riverstage.cli._exit import COMPLETED, WARNINGS
from riverstage.cli._flows import Loaded, blame_parameters, runtime_for
from riverstage.cli._options import flow_argument, flow_options, json_option, write_json
from riverstage.cli._refused import tell_refused
from riverstage.errors import CheckFailed, RunError
from riverstage.runs._terminal import flush

if TYPE_CHECKING:
    from riverstage.engines import Options
    from riverstage.plan.events import Event
    from riverstage.runs.console import Console
    from riverstage.runs.result import RunResult

__all__ = ["command"]

_SIZE = re.compile(r"\d+(\.\d+)?\s*(B|KB|MB|GB|TB|KIB|MIB|GIB|TIB)", re.IGNORECASE)


def _size(context: click.Context, _: click.Parameter, value: str | None) -> str | None:
    if value is not None and _SIZE.fullmatch(value.strip()) is None:
        message = f"--memory takes a size such as 512MB or 4GB, and '{value}' is none."
        raise click.UsageError(message, context)
    return value


@click.command("run")
@flow_argument
@flow_options
@click.option("--engine", default="duckdb", show_default=True, help="The engine that runs it.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads at most.")
@click.option("--memory", metavar="SIZE", callback=_size, help="Memory at most, as 512MB or 4GB.")
@click.option(
    "--ledger",
    type=click.Choice(["exact", "basic"]),
    default="exact",
    show_default=True,
    help="Count every link, or only what is free.",
)
@click.option("--warnings-ok", is_flag=True, help="Leave with 0 where the run completed with warnings.")
@json_option("the run's record")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing unless something is wrong.")
@click.pass_obj
def command(
    cancel: Cancel,
    /,
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

    loaded = runtime_for(flow, parameters=parameters, value_sets=value_sets, project=project)
    options = default_options(threads=threads, memory_limit=memory, ledger=ledger)
    console = Console(loaded.runtime, quiet=quiet, shows_rows=not as_json)
    try:
        with console:
            result = _run(loaded, engine, options, console, cancel)
    except CheckFailed as error:
        blame_parameters(error, parameters, value_sets)
        raise
    except RunError as error:
        if (failed := getattr(error, "result", None)) is not None:
            loaded.around.keep_run(failed)
        raise
    loaded.around.keep_run(result)
    try:
        if console.refused is not None:
            raise console.refused
        _show(result, as_json=as_json, quiet=quiet, after_rows=console.has_written)
        flush()
    except OSError as error:
        # The targets are what they are to be: a run that is called failed would be run again, or looked into.
        tell_refused(error, _state(result))
    return COMPLETED if result.status == "Completed" or warnings_ok else WARNINGS


def _state(result: RunResult) -> str:
    from riverstage.runs.present import many

    written = [f"{many(target.rows)} written to {target.shown}" for target in result.targets if target.committed]
    return f"The run completed all the same{': ' if written else ''}{', '.join(written)}."


def _run(loaded: Loaded, engine: str, options: Options, console: Console, cancel: Cancel) -> RunResult:
    from riverstage.plan.events import Finished

    def listen(event: Event) -> None:
        if isinstance(event, Finished):
            cancel.commits()
        console.listen(event)

    return loaded.runtime.run(engine=engine, options=options, listener=listen, on_engine=cancel.watch)


def _show(result: RunResult, *, as_json: bool, quiet: bool, after_rows: bool) -> None:
    from riverstage.runs._terminal import width, write
    from riverstage.runs.present import result_text

    if as_json:
        write_json(result.as_dict())
        return
    if quiet and result.status == "Completed":
        return
    text = result_text(result, width(sys.stderr if quiet else sys.stdout))
    write(f"\n{text}" if after_rows else text, error=quiet)
